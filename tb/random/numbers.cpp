// SPDX-License-Identifier: Apache-2.0
#include "tb/random/numbers.h"

#include <algorithm>
#include <cstring>

namespace vitruvian::tb {
namespace {

constexpr MixInfo mixes[mix_count] = {
    {"normal", "exponents -3..3, any fraction; integers: all bits random"},
    {"wide", "every finite exponent alike; integers: every magnitude (bit length) alike"},
    {"subnormal", "subnormals beside numbers that bring their products back into range"},
    {"special", "one in 24 an infinity or NaN, one in 12 a zero; integers: one in 4 the smallest or largest"},
    {"zeros", "three in four a zero of either sign"},
    {"cancel", "few magnitudes, both signs: sums cancel to zero or to the last bits"},
    {"integers", "whole numbers -8..8: every sum is exact"},
    {"extreme", "magnitudes close to overflow; integers: close to both ends"},
    {"raw", "any bits at all"},
    {"ties", "as normal, but fp32 half way between two hf32 numbers, or next to it"},
};

// Sign, exponent field and fraction of one float.
std::uint32_t assemble(const FloatFormat& format, bool negative, int exponent_field,
                       std::uint64_t fraction) {
  const auto mask = (1u << format.fraction_bits) - 1;
  return (negative ? format.sign_bit() : 0u) |
         static_cast<std::uint32_t>(exponent_field) << format.fraction_bits |
         (static_cast<std::uint32_t>(fraction) & mask);
}

// A finite number whose unbiased exponent lies in [low, high]. One fraction in four is mostly zero
// or mostly one: ties and carries.
std::uint32_t finite(RandomStream& stream, const FloatFormat& format, int low, int high) {
  const int last = (1 << format.exponent_bits) - 2;
  const auto exponent = std::clamp<std::int64_t>(stream.between(low, high) + format.bias(), 1, last);
  std::uint64_t fraction = stream.draw();
  const auto shape = stream.below(8);
  if (shape == 0) fraction = 1ull << stream.below(format.fraction_bits);
  if (shape == 1) fraction = ~(1ull << stream.below(format.fraction_bits));
  return assemble(format, stream.chance(1, 2), static_cast<int>(exponent), fraction);
}

std::uint32_t near_tie(RandomStream& stream, const FloatFormat& format) {
  const std::uint32_t bits = finite(stream, format, -3, 3);
  constexpr int shorter = hf32_fraction_bits;
  if (format.fraction_bits <= shorter) return bits;
  const std::uint32_t half = 1u << (format.fraction_bits - shorter - 1);
  const std::uint32_t lows[] = {half, half, half - 1, half + 1};
  return (bits & ~(2 * half - 1)) | stream.pick(lows);
}

std::uint32_t zero(RandomStream& stream, const FloatFormat& format) {
  return assemble(format, stream.chance(1, 2), 0, 0);
}

std::uint32_t subnormal(RandomStream& stream, const FloatFormat& format) {
  const auto width = 1 + stream.below(format.fraction_bits);  // every leading-zero count alike
  const auto fraction = (1ull << (width - 1)) | (stream.draw() & ((1ull << (width - 1)) - 1));
  return assemble(format, stream.chance(1, 2), 0, fraction);
}

std::uint32_t special(RandomStream& stream, const FloatFormat& format) {
  const bool negative = stream.chance(1, 2);
  const int field = (1 << format.exponent_bits) - 1;
  if (stream.chance(1, 2)) return assemble(format, negative, field, 0);
  return assemble(format, negative, field, 1 + stream.below((1u << format.fraction_bits) - 1));
}

std::uint32_t draw_float(RandomStream& stream, Mix mix, DataType type) {
  const FloatFormat format = float_format(type);
  const int low = format.min_exponent(), high = format.max_exponent();
  switch (mix) {
    case Mix::normal: return finite(stream, format, -3, 3);
    case Mix::wide: return finite(stream, format, low, high);
    case Mix::subnormal:
      if (stream.chance(1, 2)) return subnormal(stream, format);
      // fp16 subnormals times anything stay normal in fp32; with 8 exponent bits a partner of either
      // size brings the product just below, or just above, fp32's smallest normal number.
      return stream.chance(1, 2) ? finite(stream, format, -24, 3) : finite(stream, format, low, low + 12);
    case Mix::special:
      if (stream.chance(1, 12)) return zero(stream, format);
      return stream.chance(1, 24) ? special(stream, format) : finite(stream, format, -3, 3);
    case Mix::zeros: return stream.chance(3, 4) ? zero(stream, format) : finite(stream, format, -3, 3);
    case Mix::cancel: {
      const int exponent = format.bias() + static_cast<int>(stream.below(2));
      return assemble(format, stream.chance(1, 2), exponent, stream.below(2) ? 0 : 1);
    }
    case Mix::integers: {
      const std::int64_t value = stream.between(-8, 8);
      return round_to(type, value < 0, static_cast<std::uint64_t>(std::abs(value)), 0);
    }
    case Mix::extreme: return finite(stream, format, high / 2 - 2, stream.chance(1, 8) ? high : high / 2 + 1);
    case Mix::ties: return near_tie(stream, format);
    case Mix::raw: break;
  }
  return static_cast<std::uint32_t>(stream.draw()) & (format.sign_bit() | (format.sign_bit() - 1));
}

std::uint32_t draw_integer(RandomStream& stream, Mix mix, int bits) {
  const std::int64_t largest = (1ll << (bits - 1)) - 1, smallest = -largest - 1;
  const auto word = static_cast<std::int64_t>(stream.draw());
  const std::int64_t any = word >> (64 - bits);
  switch (mix) {
    case Mix::wide: return static_cast<std::uint32_t>(any >> stream.below(bits));
    case Mix::special:
      if (!stream.chance(1, 4)) return static_cast<std::uint32_t>(any);
      return static_cast<std::uint32_t>(stream.chance(1, 2) ? largest : smallest);
    case Mix::zeros: return stream.chance(3, 4) ? 0u : static_cast<std::uint32_t>(any);
    case Mix::cancel: return static_cast<std::uint32_t>(stream.chance(1, 2) ? 1 : -1);
    case Mix::subnormal:
    case Mix::integers: return static_cast<std::uint32_t>(std::min(stream.between(-8, 8), largest));
    case Mix::extreme: {
      const auto distance = static_cast<std::int64_t>(stream.below(1ull << (bits / 2)));
      return static_cast<std::uint32_t>(stream.chance(1, 2) ? largest - distance : smallest + distance);
    }
    case Mix::normal:
    case Mix::ties:
    case Mix::raw: break;
  }
  return static_cast<std::uint32_t>(any);
}

}  // namespace

const MixInfo& info(Mix mix) { return mixes[static_cast<int>(mix)]; }

std::uint32_t draw_number(RandomStream& stream, Mix mix, DataType type) {
  if (is_floating(type)) return draw_float(stream, mix, type);
  const int bits = element_bits(type);
  return draw_integer(stream, mix, bits) & static_cast<std::uint32_t>((1ull << bits) - 1);
}

void fill_numbers(std::span<std::uint8_t> bytes, RandomStream stream, Mix mix, DataType type) {
  if (type == DataType::s4) {
    for (std::uint8_t& byte : bytes) {
      const std::uint32_t low = draw_number(stream, mix, type);
      byte = static_cast<std::uint8_t>(draw_number(stream, mix, type) << 4 | low);
    }
    return;
  }
  const auto size = static_cast<std::size_t>(element_size(type));
  for (std::size_t at = 0; at + size <= bytes.size(); at += size) {
    const std::uint32_t bits = draw_number(stream, mix, type);
    std::memcpy(&bytes[at], &bits, size);  // little-endian hosts only, as everything here
  }
}

}  // namespace vitruvian::tb
