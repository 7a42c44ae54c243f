// SPDX-License-Identifier: Apache-2.0
//
// Number formats as bits: decoding, exact widening, correctly rounded narrowing.
// Everything is integer arithmetic, so it holds whatever the host's floating-point unit does.
#pragma once

#include <cstdint>

namespace vitruvian {

// Element types of buffers and operands. The values are the instruction table's encoding.
enum class DataType : std::uint8_t { f16 = 0, bf16 = 1, f32 = 2, s8 = 3, s32 = 4, s4 = 5 };

// Bits of one element.
constexpr int element_bits(DataType type) {
  constexpr int bits[] = {16, 16, 32, 8, 32, 4};
  return bits[static_cast<int>(type)];
}

// Bytes of one element; 0 for s4, which has no byte address of its own.
constexpr int element_size(DataType type) { return element_bits(type) / 8; }

constexpr bool is_floating(DataType type) { return type <= DataType::f32; }

// Elements in the 32 bytes of one fractal row: the vendor's C0.
constexpr int elements_per_block(DataType type) { return 256 / element_bits(type); }

// Bytes of `count` elements that stand one after the other; a last half byte counts whole.
constexpr std::uint64_t bytes_of(DataType type, std::uint64_t count) {
  return (count * static_cast<std::uint64_t>(element_bits(type)) + 7) / 8;
}

// An IEEE-754 binary interchange layout: sign, exponent, fraction.
struct FloatFormat {
  int exponent_bits;
  int fraction_bits;

  constexpr int bias() const { return (1 << (exponent_bits - 1)) - 1; }
  constexpr int min_exponent() const { return 1 - bias(); }  // of normal numbers
  constexpr int max_exponent() const { return bias(); }
  constexpr std::uint32_t sign_bit() const { return 1u << (exponent_bits + fraction_bits); }
  constexpr std::uint32_t infinity() const { return ((1u << exponent_bits) - 1) << fraction_bits; }
  // Positive, quiet, no payload: 0x7e00, 0x7fc0, 0x7fc00000.
  constexpr std::uint32_t canonical_nan() const { return infinity() | (1u << (fraction_bits - 1)); }
};

// Layout of a floating type (`is_floating`).
constexpr FloatFormat float_format(DataType type) {
  constexpr FloatFormat formats[] = {{5, 10}, {8, 7}, {8, 23}};
  return formats[static_cast<int>(type)];
}

inline constexpr std::uint32_t canonical_nan = float_format(DataType::f32).canonical_nan();

enum class NumberClass : std::uint8_t { zero, finite, infinite, nan };

// A number taken apart. For `finite` the value is (-1)^negative * significand * 2^(exponent -
// fraction_bits) with 2^fraction_bits <= significand < 2^(fraction_bits + 1): subnormals are
// normalised too. Other classes leave exponent and significand 0.
struct Decoded {
  NumberClass kind = NumberClass::zero;
  bool negative = false;
  int exponent = 0;
  std::uint32_t significand = 0;
};

// Takes apart the low `element_size` bytes of `bits`; `type` is floating.
Decoded decode(DataType type, std::uint32_t bits);

// Rounds (-1)^negative * magnitude * 2^exponent to the nearest number of a floating type, ties to
// even, into subnormals; overflow gives infinity, zero keeps its sign.
std::uint32_t round_to(DataType type, bool negative, std::uint64_t magnitude, int exponent);

// The nearest integer to magnitude / 2^shift, ties to even. A negative shift multiplies; the result
// must then fit 64 bits.
std::uint64_t round_shift(std::uint64_t magnitude, int shift);

// The fp32 bits of a number of any floating type: exact; NaN becomes canonical.
std::uint32_t widen(DataType type, std::uint32_t bits);

// The number of a floating type nearest to an fp32 value, ties to even; NaN becomes canonical.
std::uint32_t narrow(DataType type, std::uint32_t f32_bits);

// Which of two equally near numbers rounding takes: the even one, or the one closer to zero.
enum class Ties : std::uint8_t { to_even, to_zero };

// V220's hf32 is fp32 with 11 fraction bits (docs/numerics.md, "hf32").
inline constexpr int hf32_fraction_bits = 11;

// The hf32 number nearest to an fp32 value, as fp32 bits; beyond the largest infinity, NaN becomes
// canonical.
std::uint32_t to_hf32(std::uint32_t f32_bits, Ties ties);

// The value of an integer type's low `element_bits`.
std::int32_t to_integer(DataType type, std::uint32_t bits);

// The host float with the value of `bits`: exact.
float to_float(DataType type, std::uint32_t bits);

}  // namespace vitruvian
