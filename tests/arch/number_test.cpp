// SPDX-License-Identifier: Apache-2.0
#include "models/arch/number.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <random>

#include "tests/arch/exact.h"
#include "tests/arch/testfloat.h"

namespace vitruvian {
namespace {

constexpr DataType floating[] = {DataType::f16, DataType::bf16, DataType::f32};

bool is_nan(DataType type, std::uint32_t bits) { return std::isnan(tests::value_of(type, bits)); }

// What a vector of TestFloat asks for: NaN stands for the canonical one.
std::uint32_t expected(DataType type, std::uint32_t bits) {
  return is_nan(type, bits) ? float_format(type).canonical_nan() : bits;
}

TEST(Number, WideningF16EqualsTestFloat) {
  for (const auto& line : tests::testfloat("f16_to_f32")) {
    ASSERT_EQ(widen(DataType::f16, line[0]), expected(DataType::f32, line[1]))
        << std::hex << line[0];
  }
}

TEST(Number, NarrowingToF16EqualsTestFloat) {
  for (const auto& line : tests::testfloat("f32_to_f16_near_even")) {
    ASSERT_EQ(narrow(DataType::f16, line[0]), expected(DataType::f16, line[1]))
        << std::hex << line[0];
  }
}

TEST(Number, EveryHalfAndBfloatSurvivesWideningAndNarrowing) {
  for (const DataType type : {DataType::f16, DataType::bf16}) {
    for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
      ASSERT_EQ(narrow(type, widen(type, bits)), expected(type, bits)) << std::hex << bits;
      if (is_nan(type, bits)) continue;
      ASSERT_EQ(to_float(type, bits), tests::value_of(type, bits)) << std::hex << bits;
    }
  }
}

TEST(Number, DecodingNormalisesEveryFiniteNumber) {
  for (const DataType type : floating) {
    const FloatFormat format = float_format(type);
    const std::uint32_t step = type == DataType::f32 ? 65521 : 1;  // a prime: all classes, quickly
    for (std::uint64_t bits = 0; bits < (std::uint64_t{format.sign_bit()} << 1); bits += step) {
      const Decoded number = decode(type, static_cast<std::uint32_t>(bits));
      const double value = tests::value_of(type, static_cast<std::uint32_t>(bits));
      ASSERT_EQ(number.kind == NumberClass::nan, std::isnan(value)) << std::hex << bits;
      ASSERT_EQ(number.kind == NumberClass::infinite, std::isinf(value)) << std::hex << bits;
      ASSERT_EQ(number.kind == NumberClass::zero, value == 0) << std::hex << bits;
      if (!std::isnan(value)) {
        ASSERT_EQ(number.negative, std::signbit(value)) << std::hex << bits;
      }
      if (number.kind != NumberClass::finite) continue;
      ASSERT_EQ(number.exponent, std::ilogb(value)) << std::hex << bits;
      ASSERT_EQ(std::ldexp(number.significand, number.exponent - format.fraction_bits),
                std::abs(value))
          << std::hex << bits;
    }
  }
}

// Numbers around every pattern: the pattern's value, halfway to the next, and a little to each
// side.
TEST(Number, NarrowingRoundsToTheNearestAroundEveryPattern) {
  for (const DataType type : {DataType::f16, DataType::bf16}) {
    for (std::uint32_t pattern = 0; pattern < float_format(type).infinity(); ++pattern) {
      const double low = tests::value_of(type, pattern);
      const double high = pattern + 1 == float_format(type).infinity()
                              ? std::ldexp(1.0, float_format(type).max_exponent() + 1)
                              : tests::value_of(type, pattern + 1);
      const auto halfway = static_cast<float>((low + high) / 2);
      for (const float x :
           {halfway, std::nextafter(halfway, 0.0f), std::nextafter(halfway, INFINITY)}) {
        const auto bits = std::bit_cast<std::uint32_t>(x);
        ASSERT_EQ(narrow(type, bits), tests::nearest(type, tests::exact(x))) << x;
      }
    }
  }
}

TEST(Number, RoundingEqualsExactArithmetic) {
  const std::uint64_t seed = 0x726f756e64;
  std::mt19937_64 random{seed};
  for (int i = 0; i < 60000; ++i) {
    const DataType type = floating[i % 3];
    const int width = static_cast<int>(random() % 64) + 1;
    std::uint64_t magnitude = random() >> (64 - width);
    if (i % 4 == 0) magnitude = (std::uint64_t{1} << (width - 1)) + random() % 3 - 1;
    if (i % 5 == 0)
      magnitude &= ~std::uint64_t{0} << random() % static_cast<unsigned>(width);  // ties
    const int range = type == DataType::f16 ? 60 : 320;
    const int exponent =
        static_cast<int>(random() % static_cast<unsigned>(range)) - range / 2 - width / 2;
    const bool negative = random() % 2 != 0;
    tests::Exact x = tests::Exact{magnitude} << (exponent + tests::exact_places);
    const auto sign = negative ? float_format(type).sign_bit() : 0u;
    ASSERT_EQ(round_to(type, negative, magnitude, exponent), sign | tests::nearest(type, x))
        << "seed " << seed << " case " << i << ": " << magnitude << " * 2^" << exponent;
  }
}

// Every hf32 number, with what lies on both sides of it, of halfway and of the next one.
TEST(Number, ShorteningToHf32RoundsToTheNearestAroundEveryPattern) {
  constexpr std::uint32_t lows[] = {0, 1, 0x7ff, 0x800, 0x801, 0xfff};
  for (std::uint32_t high = 0; high < 1u << 20; ++high) {
    // All fractions at some exponents, some fractions at all.
    const bool every = (high & 0x7ff) % 64 < 2 || (high & 0x7ff) > 0x7fd || (high >> 11 & 63) < 2;
    if (!every) continue;
    for (const std::uint32_t low : lows) {
      const std::uint32_t bits = high << 12 | low;
      for (const Ties ties : {Ties::to_even, Ties::to_zero}) {
        ASSERT_EQ(to_hf32(bits, ties), tests::nearest_hf32(bits, ties)) << std::hex << bits;
      }
    }
  }
}

TEST(Number, TiesAndEndsOfHf32) {
  const auto even = [](std::uint32_t bits) { return to_hf32(bits, Ties::to_even); };
  const auto zero = [](std::uint32_t bits) { return to_hf32(bits, Ties::to_zero); };
  EXPECT_EQ(even(0x3f800800), 0x3f800000u);  // between an even number and an odd one
  EXPECT_EQ(zero(0x3f800800), 0x3f800000u);
  EXPECT_EQ(even(0xbf801800), 0xbf802000u);  // between an odd number and an even one
  EXPECT_EQ(zero(0xbf801800), 0xbf801000u);
  EXPECT_EQ(zero(0x3f801801), 0x3f802000u);
  EXPECT_EQ(even(0x7f7ff800), 0x7f800000u);  // 2^128 is the even one
  EXPECT_EQ(zero(0x7f7ff800), 0x7f7ff000u);
  EXPECT_EQ(zero(0x7f7ff801), 0x7f800000u);
  EXPECT_EQ(even(0x80000800), 0x80000000u);  // a subnormal that is lost keeps its sign
  EXPECT_EQ(even(0x00000801), 0x00001000u);
  EXPECT_EQ(even(0x007fffff), 0x00800000u);
  EXPECT_EQ(even(0x7f800001), canonical_nan);  // not an infinity
  EXPECT_EQ(zero(0xff800000), 0xff800000u);
}

TEST(Number, IntegersAreTheirLowBitsWithASign) {
  EXPECT_EQ(to_integer(DataType::s4, 0xf7), 7);
  EXPECT_EQ(to_integer(DataType::s4, 0x78), -8);
  EXPECT_EQ(to_integer(DataType::s8, 0x17f), 127);
  EXPECT_EQ(to_integer(DataType::s8, 0x80), -128);
  EXPECT_EQ(to_integer(DataType::s32, 0x80000000), INT32_MIN);
}

TEST(Number, RoundShiftEqualsExactArithmetic) {
  std::mt19937_64 random{0x7368696674};
  for (int i = 0; i < 20000; ++i) {
    const int shift = static_cast<int>(random() % 80) - 8;
    std::uint64_t magnitude = random() >> (shift < 0 ? 8 : random() % 64);
    if (i % 2 == 0) magnitude &= ~std::uint64_t{0} << random() % 64;
    const tests::Exact x = tests::Exact{magnitude} << (tests::exact_places - shift);
    ASSERT_EQ(round_shift(magnitude, shift), tests::nearest_integer(x))
        << magnitude << " >> " << shift;
  }
}

TEST(Number, RoundShiftEqualsTestFloatsConversionToIntegers) {
  for (const auto& line : tests::testfloat("f32_to_i32_near_even")) {
    const Decoded number = decode(DataType::f32, line[0]);
    if ((line[2] & 0x10) != 0 || number.kind != NumberClass::finite) continue;  // out of range
    const auto magnitude =
        static_cast<std::int64_t>(round_shift(number.significand, 23 - number.exponent));
    ASSERT_EQ(number.negative ? -magnitude : magnitude, static_cast<std::int32_t>(line[1]))
        << std::hex << line[0];
  }
}

}  // namespace
}  // namespace vitruvian
