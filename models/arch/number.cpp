// SPDX-License-Identifier: Apache-2.0
#include "models/arch/number.h"

#include <algorithm>
#include <bit>

namespace vitruvian {
namespace {

std::uint32_t with_sign(FloatFormat format, bool negative, std::uint32_t magnitude_bits) {
  return (negative ? format.sign_bit() : 0u) | magnitude_bits;
}

// The value of one floating type in another: rounds where the target is narrower.
std::uint32_t convert(DataType from, DataType to, std::uint32_t bits) {
  const FloatFormat target = float_format(to);
  const Decoded number = decode(from, bits);
  switch (number.kind) {
    case NumberClass::zero:
      return with_sign(target, number.negative, 0);
    case NumberClass::infinite:
      return with_sign(target, number.negative, target.infinity());
    case NumberClass::nan:
      return target.canonical_nan();
    case NumberClass::finite:
      break;
  }
  return round_to(to, number.negative, number.significand,
                  number.exponent - float_format(from).fraction_bits);
}

}  // namespace

Decoded decode(DataType type, std::uint32_t bits) {
  const FloatFormat format = float_format(type);
  const std::uint32_t magnitude = bits & (format.sign_bit() - 1);
  const bool negative = (bits & format.sign_bit()) != 0;
  if (magnitude == 0) return {NumberClass::zero, negative};
  if (magnitude == format.infinity()) return {NumberClass::infinite, negative};
  if (magnitude > format.infinity()) return {NumberClass::nan, negative};

  const int biased = static_cast<int>(magnitude >> format.fraction_bits);
  const std::uint32_t one = 1u << format.fraction_bits;
  const std::uint32_t fraction = magnitude & (one - 1);
  if (biased != 0) return {NumberClass::finite, negative, biased - format.bias(), fraction | one};
  const int shift = format.fraction_bits + 1 - static_cast<int>(std::bit_width(fraction));
  return {NumberClass::finite, negative, format.min_exponent() - shift, fraction << shift};
}

std::uint64_t round_shift(std::uint64_t magnitude, int shift) {
  if (shift <= 0) return magnitude << -shift;
  if (shift > 64) return 0;
  const std::uint64_t half = std::uint64_t{1} << (shift - 1);
  const std::uint64_t lost = magnitude & (half | (half - 1));
  const std::uint64_t kept = shift == 64 ? 0 : magnitude >> shift;
  return kept + (lost > half || (lost == half && (kept & 1) != 0));
}

std::uint32_t round_to(DataType type, bool negative, std::uint64_t magnitude, int exponent) {
  const FloatFormat format = float_format(type);
  if (magnitude == 0) return with_sign(format, negative, 0);
  const int leading = exponent + static_cast<int>(std::bit_width(magnitude)) - 1;
  const int top = std::max(leading, format.min_exponent());
  if (top > format.max_exponent()) return with_sign(format, negative, format.infinity());

  // `kept` counts units in the last place and holds the leading one, which lifts the exponent field
  // from its value less one; a carry out of the fraction lifts it once more, up to infinity.
  const std::uint64_t kept = round_shift(magnitude, top - format.fraction_bits - exponent);
  const auto field = static_cast<std::uint32_t>(top - format.min_exponent());
  return with_sign(format, negative,
                   (field << format.fraction_bits) + static_cast<std::uint32_t>(kept));
}

std::uint32_t widen(DataType type, std::uint32_t bits) {
  return convert(type, DataType::f32, bits);
}

std::uint32_t narrow(DataType type, std::uint32_t f32_bits) {
  return convert(DataType::f32, type, f32_bits);
}

std::uint32_t to_hf32(std::uint32_t f32_bits, Ties ties) {
  constexpr FloatFormat f32 = float_format(DataType::f32);
  constexpr std::uint32_t unit = 1u << (f32.fraction_bits - hf32_fraction_bits);
  const std::uint32_t sign = f32_bits & f32.sign_bit();
  const std::uint32_t magnitude = f32_bits ^ sign;
  if (magnitude > f32.infinity()) return canonical_nan;
  // A carry out of the fraction goes on into the exponent, up to infinity.
  const std::uint32_t lost = magnitude % unit, kept = magnitude - lost;
  const bool tie_goes_up = ties == Ties::to_even && (kept & unit) != 0;
  const bool up = lost > unit / 2 || (lost == unit / 2 && tie_goes_up);
  return sign | (kept + (up ? unit : 0));
}

std::int32_t to_integer(DataType type, std::uint32_t bits) {
  const int above = 32 - element_bits(type);
  return static_cast<std::int32_t>(bits << above) >> above;
}

float to_float(DataType type, std::uint32_t bits) {
  return std::bit_cast<float>(widen(type, bits));
}

}  // namespace vitruvian
