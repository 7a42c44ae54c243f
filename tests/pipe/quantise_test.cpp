// SPDX-License-Identifier: Apache-2.0
//
// FIX's conversions against exact arithmetic and worked examples.
#include "models/pipe/quantise.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstring>

#include "models/arch/error.h"
#include "tests/arch/exact.h"
#include "tests/arch/testfloat.h"
#include "tests/pipe/cube_cases.h"

namespace vitruvian::models {
namespace {

using tests::Operands;

std::uint32_t bits_of(float x) { return std::bit_cast<std::uint32_t>(x); }
std::uint32_t word_of(int x) { return static_cast<std::uint32_t>(x); }

// A quantisation word, built field by field from the vendor's layout.
std::uint64_t quantisation_bits(float scale, int offset, bool is_signed, int shift = 0) {
  std::uint64_t word = bits_of(scale);
  if (shift > 0) word |= std::uint64_t(shift - 1) << 32 | std::uint64_t{1} << 36;
  word |= (static_cast<std::uint64_t>(offset) & 0x1ff) << 37;
  return word | (is_signed ? std::uint64_t{1} << 46 : 0);
}

Quantisation of(Quant quant, std::uint64_t word, bool relu = false) {
  const bool integer = quant == Quant::DEQF16 || quant == Quant::REQ8 || quant == Quant::VDEQF16 ||
                       quant == Quant::VREQ8;
  return {integer ? DataType::s32 : DataType::f32, quant, quantisation_word(word), relu};
}

int req8(int x, float scale, int offset, bool is_signed, bool relu = false, int shift = 0) {
  const auto q = of(Quant::REQ8, quantisation_bits(scale, offset, is_signed, shift), relu);
  const std::uint32_t bits = quantise(q, word_of(x));
  EXPECT_LT(bits, 256u);
  return is_signed ? static_cast<std::int8_t>(bits) : static_cast<int>(bits);
}

int qf322b8(float x, float scale, int offset, bool is_signed, bool relu = false, int shift = 0) {
  const auto q = of(Quant::QF322B8, quantisation_bits(scale, offset, is_signed, shift), relu);
  const std::uint32_t bits = quantise(q, bits_of(x));
  EXPECT_LT(bits, 256u);
  return is_signed ? static_cast<std::int8_t>(bits) : static_cast<int>(bits);
}

float deqf16(int x, float scale, bool relu = false, int shift = 0) {
  const auto q = of(Quant::DEQF16, quantisation_bits(scale, 77, true, shift), relu);
  return to_float(DataType::f16, quantise(q, word_of(x)));
}

TEST(QuantisationWord, FieldsStandWhereTheVendorPutsThem) {
  const QuantisationWord w = quantisation_word(quantisation_bits(1.5f, -256, true, 16));
  EXPECT_EQ(w.scale, bits_of(1.5f));
  EXPECT_EQ(w.shift, 16);
  EXPECT_TRUE(w.shifts);
  EXPECT_EQ(w.offset, -256);
  EXPECT_TRUE(w.is_signed);
  EXPECT_EQ(quantisation_word(quantisation_bits(1, 255, false)).offset, 255);
  EXPECT_FALSE(quantisation_word(quantisation_bits(1, 255, false)).shifts);
}

TEST(QuantisationWord, OnlyTenFractionBitsOfTheScaleCount) {
  EXPECT_EQ(quantisation_word(bits_of(1.0f) | 0x1fff).scale, bits_of(1.0f));
  EXPECT_EQ(quantisation_word(bits_of(1.0f) | 0x2000).scale, bits_of(1.0f) | 0x2000);
}

TEST(Quantise, NarrowingEqualsTestFloat) {
  const auto q = of(Quant::F322F16, 0);
  for (const auto& line : tests::testfloat("f32_to_f16_near_even")) {
    const bool nan = (line[1] & 0x7fff) > 0x7c00;
    ASSERT_EQ(quantise(q, line[0]), nan ? 0x7e00u : line[1]) << std::hex << line[0];
  }
}

TEST(Quantise, NarrowingEqualsExactArithmetic) {
  tests::OperandSource source{0xf322};
  for (const auto& [quant, type] :
       {std::pair{Quant::F322F16, DataType::f16}, {Quant::F322BF16, DataType::bf16}}) {
    // Around every pattern of the narrow type: where its rounding, subnormals and overflow begin.
    for (std::uint32_t pattern = 0; pattern < float_format(type).sign_bit(); ++pattern) {
      for (const std::uint32_t below :
           {0u, 1u, 0xfffu, 0x1000u, 0x1001u, 0x7fffu, 0x8000u, 0x8001u}) {
        const std::uint32_t x = widen(type, pattern) + below;
        ASSERT_EQ(quantise(of(quant, 0), x), narrow(type, x)) << std::hex << x;
      }
    }
    for (const Operands kind : tests::finite_operands) {
      for (int i = 0; i < 3000; ++i) {
        const std::uint32_t x = source.draw(DataType::f32, kind);
        ASSERT_EQ(quantise(of(quant, 0), x),
                  tests::nearest(type, tests::exact(DataType::f32, x)) | (x >> 16 & 0x8000))
            << std::hex << x;
      }
    }
  }
}

// Rounds, clamps and offsets in the order of docs/numerics.md, on the exact product.
std::uint32_t exact_s8(const tests::Exact& product, int offset, bool is_signed) {
  const tests::Exact rounded = tests::nearest_integer(product);
  const int s9 = rounded < -256 ? -256 : rounded > 255 ? 255 : static_cast<int>(rounded);
  const int sum = s9 + offset;
  return word_of(is_signed ? std::clamp(sum, -128, 127) : std::clamp(sum, 0, 255)) & 0xff;
}

std::uint32_t exact_req8(std::int32_t x, float scale, int offset, bool is_signed, bool relu) {
  return exact_s8(tests::exact(scale) * (relu && x < 0 ? 0 : x), offset, is_signed);
}

// Bits of |x|.
int size_of(std::int32_t x) {
  const std::uint32_t magnitude = x < 0 ? 0 - word_of(x) : word_of(x);
  return static_cast<int>(std::bit_width(magnitude));
}

// A scale of eleven significant bits somewhere between 2^low and 2^high.
float draw_scale(tests::OperandSource& source, int low, int high) {
  const auto significand = static_cast<float>(1024 + source.below(1024));
  const int exponent = low + static_cast<int>(source.below(static_cast<std::uint32_t>(high - low)));
  return std::ldexp(source.below(4) == 0 ? -significand : significand, exponent - 10);
}

TEST(Quantise, Req8EqualsExactArithmetic) {
  const std::uint64_t seed = 0x4e9;
  tests::OperandSource source{seed};
  for (int i = 0; i < 40000; ++i) {
    const auto kind = i % 4 == 0   ? Operands::boundary
                      : i % 4 == 1 ? Operands::any
                                   : Operands::normal;
    const auto x = static_cast<std::int32_t>(source.draw(DataType::s32, kind));
    // Scales that bring most products near the range of the result, ties among them.
    const int size = size_of(x);
    const float scale =
        i % 3 == 0 ? std::ldexp(1.0f, 7 - size) : draw_scale(source, 4 - size, 12 - size);
    const int offset = static_cast<int>(source.below(512)) - 256;
    const bool is_signed = source.below(2) != 0, relu = source.below(4) == 0;
    const auto q = of(Quant::REQ8, quantisation_bits(scale, offset, is_signed), relu);
    ASSERT_EQ(quantise(q, word_of(x)), exact_req8(x, scale, offset, is_signed, relu))
        << "seed " << seed << " case " << i << ": " << x << " * " << scale << " + " << offset;
  }
}

TEST(Quantise, Qf322b8EqualsExactArithmetic) {
  const std::uint64_t seed = 0x8322;
  tests::OperandSource source{seed};
  for (int i = 0; i < 60000; ++i) {
    const std::uint32_t bits = source.draw(DataType::f32, tests::finite_operands[i % 13]);
    const double x = tests::value_of(DataType::f32, bits);
    // Scales that bring most products near the range of the result, ties among them.
    const int size = x == 0 ? 0 : std::clamp(std::ilogb(x) + 1, -110, 120);
    const float scale =
        i % 3 == 0 ? std::ldexp(1.0f, 7 - size) : draw_scale(source, 2 - size, 12 - size);
    const int offset = static_cast<int>(source.below(512)) - 256;
    const bool is_signed = source.below(2) != 0, relu = source.below(4) == 0;
    const auto q = of(Quant::QF322B8, quantisation_bits(scale, offset, is_signed), relu);
    const tests::Exact product =
        tests::product(tests::exact(scale), tests::exact(relu && x < 0 ? 0 : x));
    ASSERT_EQ(quantise(q, bits), exact_s8(product, offset, is_signed))
        << "seed " << seed << " case " << i << ": " << x << " * " << scale << " + " << offset;
  }
}

TEST(Quantise, Deqf16EqualsExactArithmetic) {
  const std::uint64_t seed = 0xde9;
  tests::OperandSource source{seed};
  for (int i = 0; i < 40000; ++i) {
    const auto kind = i % 3 == 0   ? Operands::boundary
                      : i % 3 == 1 ? Operands::any
                                   : Operands::normal;
    const auto x = static_cast<std::int32_t>(source.draw(DataType::s32, kind));
    const int size = size_of(x);
    const float scale = draw_scale(source, -27 - size, 18 - size);  // subnormal halves to overflow
    const std::uint32_t got =
        quantise(of(Quant::DEQF16, quantisation_bits(scale, 5, true)), word_of(x));
    ASSERT_EQ(got, tests::nearest(DataType::f16, tests::exact(scale) * x))
        << "seed " << seed << " case " << i << ": " << x << " * " << scale;
  }
}

TEST(Quantise, Req8RoundsSaturatesToNineBitsOffsetsAndSaturates) {
  EXPECT_EQ(req8(5, 0.5f, 0, true), 2);  // 2.5, to even
  EXPECT_EQ(req8(7, 0.5f, 0, true), 4);  // 3.5, to even
  EXPECT_EQ(req8(-5, 0.5f, 0, true), -2);
  EXPECT_EQ(req8(1000, 1, -200, true), 55);   // 255 - 200
  EXPECT_EQ(req8(-1000, 1, 200, true), -56);  // -256 + 200
  EXPECT_EQ(req8(200, 1, 0, true), 127);
  EXPECT_EQ(req8(-200, 1, 0, true), -128);
  EXPECT_EQ(req8(200, 1, 0, false), 200);
  EXPECT_EQ(req8(-1, 1, 0, false), 0);
  EXPECT_EQ(req8(255, 1, 255, false), 255);
}

TEST(Quantise, Qf322b8RoundsOnceToEvenAndSaturates) {
  EXPECT_EQ(qf322b8(2.5f, 1, 0, true), 2);
  EXPECT_EQ(qf322b8(3.5f, 1, 0, true), 4);
  EXPECT_EQ(qf322b8(-2.5f, 1, 0, true), -2);
  EXPECT_EQ(qf322b8(std::nextafter(2.5f, 3.0f), 1, 0, true),
            3);  // the product is not rounded first
  EXPECT_EQ(qf322b8(std::nextafter(0.5f, 1.0f), 1, 0, true), 1);
  EXPECT_EQ(qf322b8(0x1p-149f, 0x1p-120f, 3, true), 3);
  EXPECT_EQ(qf322b8(0x1p127f, 0x1p120f, -200, true), 55);   // 255 - 200
  EXPECT_EQ(qf322b8(-0x1p127f, 0x1p120f, 200, true), -56);  // -256 + 200
  EXPECT_EQ(qf322b8(200, 1, 0, false), 200);
  EXPECT_EQ(qf322b8(-3, 1, 0, false), 0);
  EXPECT_EQ(qf322b8(-50, 1, 30, true, true), 30);
  EXPECT_EQ(qf322b8(64, 1, 0, true, false, 4), 64);  // the shift is for s32
}

TEST(Quantise, Qf322b8OfNonFiniteNumbersIsAsDocumented) {
  const float inf = INFINITY;
  EXPECT_EQ(qf322b8(NAN, 1, 9, true), 9);
  EXPECT_EQ(qf322b8(NAN, 1, 9, true, true), 9);
  EXPECT_EQ(qf322b8(3, NAN, 9, true), 9);
  EXPECT_EQ(qf322b8(inf, 0, 9, true), 9);
  EXPECT_EQ(qf322b8(0, inf, 9, true), 9);
  EXPECT_EQ(qf322b8(inf, 1, -100, true), 127);
  EXPECT_EQ(qf322b8(inf, -1, 100, true), -128);
  EXPECT_EQ(qf322b8(-inf, 1, 200, true), -56);
  EXPECT_EQ(qf322b8(-inf, 1, 9, true, true), 9);
  EXPECT_EQ(qf322b8(-3, inf, 0, false), 0);
  EXPECT_EQ(qf322b8(1e-40f, inf, 0, false), 255);
}

TEST(Quantise, ReluComesBeforeTheOffset) {
  EXPECT_EQ(req8(-50, 1, 30, true, true), 30);
  EXPECT_EQ(req8(50, 1, -100, true, true), -50);
  EXPECT_EQ(deqf16(-50, 1, true), 0);
  EXPECT_EQ(deqf16(50, 1, true), 50);
}

TEST(Quantise, ShiftModeRoundsDownAndSaturatesToSixteenBits) {
  EXPECT_EQ(req8(7, 1, 0, true, false, 1), 3);
  EXPECT_EQ(req8(-7, 1, 0, true, false, 1), -4);
  EXPECT_EQ(deqf16(0x7fffffff, 1, false, 1), 32768.0f);  // 32767 rounds to the nearest half
  EXPECT_EQ(deqf16(static_cast<int>(0x80000000u), 1, false, 16), -32768.0f);
}

TEST(Quantise, NonFiniteScalesAreAsDocumented) {
  const float inf = INFINITY;
  EXPECT_EQ(deqf16(3, inf), inf);
  EXPECT_EQ(deqf16(-3, inf), -inf);
  EXPECT_TRUE(std::isnan(deqf16(0, inf)));
  EXPECT_TRUE(std::isnan(deqf16(3, NAN)));
  EXPECT_EQ(deqf16(0, -2), 0);
  EXPECT_FALSE(std::signbit(deqf16(0, -2)));
  EXPECT_EQ(req8(3, inf, -100, true), 127);
  EXPECT_EQ(req8(0, inf, 9, true), 9);
  EXPECT_EQ(req8(3, NAN, 9, true), 9);
}

TEST(Quantise, ReluOfFp32ClearsEverythingBelowZeroAndKeepsNan) {
  for (const Quant quant : {Quant::none, Quant::F322F16, Quant::F322BF16}) {
    const auto q = of(quant, 0, true);
    for (const float x : {-1.0f, -0.0f, -INFINITY, -1e-40f})
      EXPECT_EQ(quantise(q, bits_of(x)), 0u) << x;
  }
  EXPECT_EQ(quantise(of(Quant::none, 0, true), bits_of(3)), bits_of(3));
  EXPECT_EQ(quantise(of(Quant::F322F16, 0, true), 0xffc00000), 0x7e00u);
  EXPECT_EQ(quantise(of(Quant::F322BF16, 0, true), canonical_nan), 0x7fc0u);
}

TEST(Quantise, WithoutConversionWordsPass) {
  const Quantisation f32_words{DataType::f32, Quant::none, {}, false};
  const Quantisation s32_words{DataType::s32, Quant::none, {}, false};
  const Quantisation s32_relu{DataType::s32, Quant::none, {}, true};
  EXPECT_EQ(quantise(f32_words, 0x80000000u), 0x80000000u);
  EXPECT_EQ(quantise(s32_words, 0xfffffff0u), 0xfffffff0u);
  EXPECT_EQ(quantise(s32_relu, 0xfffffff0u), 0u);
  EXPECT_EQ(quantise(s32_relu, 17u), 17u);
}

TEST(Quantise, EachConversionTakesAndGivesItsTypes) {
  EXPECT_EQ(output_type(Quant::none, DataType::s32), DataType::s32);
  EXPECT_EQ(output_type(Quant::F322F16, DataType::f32), DataType::f16);
  EXPECT_EQ(output_type(Quant::REQ8, DataType::s32), DataType::s8);
  EXPECT_EQ(output_type(Quant::VREQ8, DataType::s32), DataType::s8);
  EXPECT_EQ(output_type(Quant::QF322B8, DataType::f32), DataType::s8);
  EXPECT_EQ(output_type(Quant::VQF322B8, DataType::f32), DataType::s8);
  EXPECT_EQ(output_type(Quant::VDEQF16, DataType::s32), DataType::f16);
  EXPECT_FALSE(accepts(Quant::DEQF16, DataType::f32));
  EXPECT_FALSE(accepts(Quant::VREQ8, DataType::f32));
  EXPECT_FALSE(accepts(Quant::QF322B8, DataType::s32));
  EXPECT_FALSE(accepts(Quant::F322BF16, DataType::s32));
  EXPECT_THROW(output_type(Quant::REQ8, DataType::f32), InternalError);
}

TEST(Quantise, ARowIsItsWordsOneByOne) {
  tests::OperandSource source{0x20e};
  for (const Quant quant :
       {Quant::none, Quant::F322F16, Quant::F322BF16, Quant::DEQF16, Quant::REQ8, Quant::QF322B8}) {
    for (const bool relu : {false, true}) {
      const auto q = of(quant, quantisation_bits(0.0371f, -3, true), relu);
      for (const Operands kind : tests::all_operands) {
        for (std::size_t count = 0; count < 70; ++count) {
          const auto words = source.draw(q.acc, kind, count);
          const auto size = static_cast<std::size_t>(element_size(output_type(quant, q.acc)));
          std::vector<std::uint8_t> out(count * size + 1, 0xa5);
          quantise(q, words, std::span{out}.first(count * size));
          for (std::size_t i = 0; i < count; ++i) {
            std::uint32_t bits = 0;
            std::memcpy(&bits, &out[i * size], size);
            ASSERT_EQ(bits, quantise(q, words[i]))
                << std::hex << words[i] << std::dec << " at " << i << " of " << count;
          }
          ASSERT_EQ(out.back(), 0xa5) << "wrote beyond the row";
        }
      }
    }
  }
}

TEST(Quantise, AVConversionIsThePlainOneWithTheWordOfEachColumn) {
  tests::OperandSource source{0xc01};
  for (const auto& [v, plain] : {std::pair{Quant::VREQ8, Quant::REQ8},
                                 {Quant::VDEQF16, Quant::DEQF16},
                                 {Quant::VQF322B8, Quant::QF322B8}}) {
    const auto size = static_cast<std::size_t>(element_size(output_type(plain, of(plain, 0).acc)));
    for (int n = 0; n < 200; ++n) {
      const auto q = of(v, ~std::uint64_t{0} >> 17, n % 2 != 0);
      const auto words = source.draw(q.acc, tests::all_operands[n % 15], 16);
      std::vector<QuantisationWord> columns;
      for (int c = 0; c < 16; ++c) {
        columns.push_back(quantisation_word(
            quantisation_bits(draw_scale(source, -20, 20), c * 7 - 50, c % 2 != 0, c % 5)));
      }
      std::vector<std::uint8_t> out(16 * size);
      quantise(q, columns, words, out);
      for (std::size_t c = 0; c < 16; ++c) {
        std::uint32_t bits = 0;
        std::memcpy(&bits, &out[c * size], size);
        ASSERT_EQ(bits, quantise({q.acc, plain, columns[c], q.relu}, words[c]))
            << std::hex << words[c] << " in column " << c;
      }
    }
  }
}

}  // namespace
}  // namespace vitruvian::models
