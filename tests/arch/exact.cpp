// SPDX-License-Identifier: Apache-2.0
#include "tests/arch/exact.h"

#include <bit>
#include <cmath>

namespace vitruvian::tests {
namespace {

// Patterns of positive finite numbers are 0 .. infinity - 1, in the order of their values; the next
// one stands, for rounding, for the power of two it would be.
Exact positive_value(DataType type, std::uint32_t pattern) {
  const std::uint32_t infinity = type == DataType::f16    ? 0x7c00
                                 : type == DataType::bf16 ? 0x7f80
                                                          : 0x7f800000;
  const int overflow = type == DataType::f16 ? 16 : 128;
  return pattern == infinity ? exact(std::ldexp(1.0, overflow)) : exact(type, pattern);
}

}  // namespace

double value_of(DataType type, std::uint32_t bits) {
  switch (type) {
    case DataType::f16: {
      const int field = static_cast<int>(bits >> 10 & 31), fraction = static_cast<int>(bits & 1023);
      const double sign = (bits & 0x8000) != 0 ? -1 : 1;
      if (field == 31) return fraction == 0 ? sign * INFINITY : NAN;
      return sign * std::ldexp((field == 0 ? 0 : 1024) + fraction, std::max(field, 1) - 25);
    }
    case DataType::bf16:
      return std::bit_cast<float>(bits << 16);
    case DataType::f32:
      return std::bit_cast<float>(bits);
    case DataType::s8:
      return static_cast<std::int8_t>(bits);
    case DataType::s32:
      return static_cast<std::int32_t>(bits);
    case DataType::s4:
      return static_cast<int>(bits % 16) - (bits % 16 < 8 ? 0 : 16);
  }
  return NAN;
}

Exact exact(double value) {
  int exponent = 0;
  const double fraction = std::frexp(value, &exponent);
  const Exact significand = static_cast<std::int64_t>(std::ldexp(fraction, 53));
  const int shift = exponent - 53 + exact_places;
  return shift >= 0 ? Exact{significand << shift} : Exact{significand / (Exact{1} << -shift)};
}

Exact exact(DataType type, std::uint32_t bits) { return exact(value_of(type, bits)); }

Exact product(const Exact& x, const Exact& y) { return x * y / (Exact{1} << exact_places); }

int exponent_of(const Exact& x) { return static_cast<int>(msb(abs(x))) - exact_places; }

Exact truncated(const Exact& x, int place) {
  const Exact unit = Exact{1} << (exact_places + place);
  return x / unit * unit;  // division truncates
}

std::uint32_t nearest(DataType type, const Exact& x) {
  const Exact magnitude = abs(x);
  std::uint32_t low = 0;
  std::uint32_t high = type == DataType::f16    ? 0x7c00
                       : type == DataType::bf16 ? 0x7f80
                                                : 0x7f800000;
  const std::uint32_t sign = x < 0 ? (type == DataType::f32 ? 0x80000000 : 0x8000) : 0;
  if (magnitude >= positive_value(type, high)) return sign | high;
  while (high - low > 1) {
    const std::uint32_t middle = low + (high - low) / 2;
    (positive_value(type, middle) <= magnitude ? low : high) = middle;
  }
  const Exact below = magnitude - positive_value(type, low);
  const Exact above = positive_value(type, high) - magnitude;
  if (below != above) return sign | (below < above ? low : high);
  return sign | (low % 2 == 0 ? low : high);
}

std::uint32_t nearest_hf32(std::uint32_t f32_bits, Ties ties) {
  const double value = value_of(DataType::f32, f32_bits);
  if (std::isnan(value)) return 0x7fc00000;
  if (std::isinf(value) || value == 0) return f32_bits;
  const Exact x = abs(exact(value));
  const int place = std::max(exponent_of(x), -126) - 11;  // of the last bit that stays
  const Exact unit = Exact{1} << (exact_places + place);
  const Exact below = x / unit, lost = x % unit;
  const bool up = ties == Ties::to_even ? 2 * lost > unit || (2 * lost == unit && below % 2 == 1)
                                        : 2 * lost > unit;
  const std::uint32_t sign = std::signbit(value) ? 0x80000000 : 0;
  return sign | nearest(DataType::f32, (up ? below + 1 : below) * unit);
}

Exact nearest_integer(const Exact& x) {
  const Exact one = Exact{1} << exact_places;
  const Exact down = x >= 0 ? Exact{x / one} : Exact{-((-x + one - 1) / one)};
  const Exact twice = 2 * (x - down * one);
  if (twice != one) return twice < one ? down : Exact{down + 1};
  return down % 2 == 0 ? down : Exact{down + 1};
}

}  // namespace vitruvian::tests
