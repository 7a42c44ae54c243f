// SPDX-License-Identifier: Apache-2.0
//
// The scalar definition of the cube against exact arithmetic, TestFloat and worked examples; and
// the mmad's reading of its buffers.
#include "models/pipe/cube.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstring>

#include "models/arch/error.h"
#include "tests/arch/exact.h"
#include "tests/arch/testfloat.h"
#include "tests/pipe/cube_cases.h"
#include "tests/pipe/cube_oracle.h"

namespace vitruvian::models {
namespace {

using tests::Operands;

std::uint32_t bits_of(float x) { return std::bit_cast<std::uint32_t>(x); }
std::uint32_t half(float x) { return narrow(DataType::f16, bits_of(x)); }

constexpr Numerics all_numerics[] = {Numerics::dot24, Numerics::fused24, Numerics::tree};
constexpr DataType floating[] = {DataType::f16, DataType::bf16, DataType::f32};

// One fp16 tile of K0 = 16 with the products given; the rest zero.
struct Pair {
  float a, b;
};
float tile(Numerics numerics, std::initializer_list<Pair> pairs, float acc) {
  std::vector<std::uint32_t> a(16, 0), b(16, 0);
  std::size_t k = 0;
  for (const Pair& pair : pairs) {
    a[k] = half(pair.a);
    b[k++] = half(pair.b);
  }
  return std::bit_cast<float>(dot(numerics, DataType::f16, a, b, bits_of(acc)));
}

// ---- The rules, by example

TEST(CubeDot, Dot24CutsProductsTwentyFourPlacesBelowTheLargest) {
  // E = 0. A product of 2^-25 is cut to nothing, one of 2^-24 is kept; both are lost in fp32
  // beside 1, so 1 is taken away again by another product.
  const float tiny = std::ldexp(1.0f, -12), half_as_tiny = std::ldexp(1.0f, -13);
  EXPECT_EQ(tile(Numerics::dot24, {{1, 1}, {tiny, tiny}, {-1, 1}}, 0), std::ldexp(1.0f, -24));
  EXPECT_EQ(tile(Numerics::dot24, {{1, 1}, {tiny, half_as_tiny}, {-1, 1}}, 0), 0);
  EXPECT_EQ(tile(Numerics::dot24, {{1, 1}, {-tiny, half_as_tiny}, {-1, 1}}, 0),
            0);  // magnitudes are cut
}

TEST(CubeDot, Dot24AddsTheAccumulatorAfterwards) {
  // 2^24 + 1 + 1: the tile's 2 is added at once; a chain of single adds would lose both ones.
  EXPECT_EQ(tile(Numerics::dot24, {{1, 1}, {1, 1}}, 16777216.0f), 16777218.0f);
  // The accumulator does not take part in the alignment: beside 2^30 the tile is still exact.
  EXPECT_EQ(tile(Numerics::dot24, {{1, 1}}, 1073741824.0f), 1073741824.0f);
}

TEST(CubeDot, Fused24CutsTheProductsAgainstALargeAccumulator) {
  // Sixteen products of 15/16 beside 2^24: each is cut to whole units of 1, so to nothing.
  std::vector<std::uint32_t> a(16, half(0.9375f)), b(16, half(1.0f));
  const auto of = [&](Numerics numerics) {
    return std::bit_cast<float>(dot(numerics, DataType::f16, a, b, bits_of(16777216.0f)));
  };
  EXPECT_EQ(of(Numerics::fused24), 16777216.0f);
  EXPECT_EQ(of(Numerics::dot24), 16777216.0f + 16.0f);  // 15 rounds to 16, a multiple of two
}

TEST(CubeDot, TreeJoinsNeighboursAndTheAccumulatorLast) {
  // (big + small) + (-big + 0): small is lost in the first pair. In the same pair big cancels
  // first.
  const Pair big{4096, 4096}, small{1, 0.5f}, minus{-4096, 4096}, zero{0, 0};
  EXPECT_EQ(tile(Numerics::tree, {big, small, minus, zero}, 0), 0);
  EXPECT_EQ(tile(Numerics::tree, {big, minus, small, zero}, 0), 0.5f);
}

TEST(CubeDot, ZeroResultsArePlusZero) {
  for (const Numerics numerics : all_numerics) {
    for (const float acc : {0.0f, -0.0f}) {
      EXPECT_FALSE(std::signbit(tile(numerics, {{-0.0f, 1}, {0, -1}}, acc)));
      EXPECT_FALSE(std::signbit(tile(numerics, {{1, 1}, {-1, 1}}, acc)));
    }
    EXPECT_FALSE(std::signbit(tile(numerics, {{-1, 1}}, 1.0f)));
  }
}

TEST(CubeDot, InfinitiesAndNanFollowTheRules) {
  const float inf = INFINITY;
  for (const Numerics numerics : all_numerics) {
    EXPECT_EQ(tile(numerics, {{inf, 2}, {-3, 5}}, 7), inf);
    EXPECT_EQ(tile(numerics, {{-inf, 2}, {-3, 5}}, 7), -inf);
    EXPECT_EQ(tile(numerics, {{1, 2}}, -inf), -inf);
    const float nans[] = {tile(numerics, {{inf, 0}}, 0), tile(numerics, {{inf, 1}, {-inf, 1}}, 0),
                          tile(numerics, {{inf, 1}}, -inf), tile(numerics, {{NAN, 0}}, 1),
                          tile(numerics, {{1, 1}}, -NAN)};
    for (const float nan : nans) EXPECT_EQ(bits_of(nan), canonical_nan);
  }
}

TEST(CubeDot, AFiniteProductThatOverflowsDoesNotCancelAnInfiniteOne) {
  const std::uint32_t inf = bits_of(INFINITY), huge = bits_of(1e38f), minus = bits_of(-1e38f);
  const std::uint32_t a[] = {inf, huge}, b[] = {bits_of(1), minus};
  for (const Numerics numerics : all_numerics)
    EXPECT_EQ(dot(numerics, DataType::f32, a, b, 0), inf);
  // Without the infinite operand two overflowing products of both signs do cancel to NaN in a tree.
  const std::uint32_t both_a[] = {huge, huge}, both_b[] = {huge, minus};
  EXPECT_EQ(dot(Numerics::tree, DataType::f32, both_a, both_b, 0), canonical_nan);
  EXPECT_EQ(dot(Numerics::dot24, DataType::f32, both_a, both_b, 0), 0u);
}

TEST(CubeDot, IntegersSaturateAfterEveryTile) {
  std::vector<std::uint32_t> a(32, 127), b(32, 127), minus(32, 0x81);
  const std::uint32_t top = 0x7fffffff;
  EXPECT_EQ(dot(Numerics::dot24, DataType::s8, a, b, top - 5), top);
  EXPECT_EQ(dot(Numerics::dot24, DataType::s8, a, minus, 0x80000003u), 0x80000000u);
  EXPECT_EQ(dot(Numerics::dot24, DataType::s8, a, minus, top), top - 32 * 127 * 127);
}

TEST(CubeDot, S4SumsSixtyFourProductsExactly) {
  std::vector<std::uint32_t> a(64, 8), b(64, 8), seven(64, 7);  // -8 and 7
  EXPECT_EQ(dot(Numerics::dot24, DataType::s4, a, b, 5), 64u * 64 + 5);
  EXPECT_EQ(dot(Numerics::dot24, DataType::s4, a, seven, 0), static_cast<std::uint32_t>(-64 * 56));
  EXPECT_EQ(dot(Numerics::tree, DataType::s4, a, b, 0x7ffffff0), 0x7fffffffu);
  EXPECT_EQ(dot(Numerics::fused24, DataType::s4, a, seven, 0x80000001), 0x80000000u);
}

// ---- The rules, against exact arithmetic

using Shorten = std::uint32_t (*)(std::uint32_t, Ties);

// What the multipliers see of `bits`.
std::vector<std::uint32_t> shortened(std::vector<std::uint32_t> bits, Hf32 hf32, Shorten shorten) {
  if (hf32 == Hf32::off) return bits;
  const Ties ties = hf32 == Hf32::nearest_even ? Ties::to_even : Ties::to_zero;
  for (std::uint32_t& x : bits) x = shorten(x, ties);
  return bits;
}

class CubeDotExact : public testing::TestWithParam<std::tuple<tests::OperandType, Numerics>> {};

TEST_P(CubeDotExact, EqualsExactArithmetic) {
  const auto [operand, numerics] = GetParam();
  const auto [type, hf32] = operand;
  for (const Operands kind : tests::all_operands) {
    const std::uint64_t seed = 0xd0700000u + static_cast<std::uint64_t>(kind);
    tests::OperandSource source{seed};
    for (int i = 0; i < 1000; ++i) {
      const std::size_t depths[] = {2, 4, 8, 16, 32, 64};
      const std::size_t depth = depths[source.below(type == DataType::s4 ? 6 : 5)];
      const auto a = source.draw(operand, kind, depth);
      auto b = source.draw(operand, kind, depth);
      if (i % 8 == 0) {  // a sum that cancels up to its last products
        for (std::size_t k = 1; k < depth; k += 2) {
          b[k] = b[k - 1] ^ (is_floating(type) ? float_format(type).sign_bit() : 0);
        }
      }
      const Operands of = i % 2 != 0 ? kind : Operands::any;
      std::uint32_t acc = source.draw_accumulator(type, of);
      for (int chain = 0; chain < 2; ++chain) {
        const std::uint32_t got =
            dot(numerics, type, shortened(a, hf32, to_hf32), shortened(b, hf32, to_hf32), acc);
        ASSERT_EQ(got, tests::exact_dot(numerics, type, shortened(a, hf32, tests::nearest_hf32),
                                        shortened(b, hf32, tests::nearest_hf32), acc))
            << "operands " << static_cast<int>(kind) << " seed " << seed << " case " << i << " K0 "
            << depth << " acc " << std::hex << acc;
        acc = got;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, CubeDotExact,
                         testing::Combine(testing::ValuesIn(tests::all_types),
                                          testing::ValuesIn(all_numerics)),
                         [](const auto& info) { return std::apply(tests::case_name, info.param); });

// Two products and an accumulator at every distance from each other, significands at their ends.
TEST(CubeDot, EveryAlignmentDistanceEqualsExactArithmetic) {
  const std::uint32_t fractions[] = {0, 1, 0x400000, 0x7fffff};
  for (const Numerics numerics : all_numerics) {
    for (std::uint32_t distance = 0; distance < 70; ++distance) {
      for (const std::uint32_t f : fractions) {
        for (const std::uint32_t g : fractions) {
          const std::uint32_t a[] = {100u << 23 | f, (100 + distance) << 23 | g};
          const std::uint32_t b[] = {127u << 23 | g, 127u << 23 | f};
          for (const std::uint32_t acc : {90u << 23 | f, (90 + distance) << 23 | g, f}) {
            for (const std::uint32_t sign : {0u, 0x80000000u}) {
              const std::uint32_t signed_a[] = {a[0] ^ sign, a[1]};
              ASSERT_EQ(dot(numerics, DataType::f32, signed_a, b, acc),
                        tests::exact_dot(numerics, DataType::f32, signed_a, b, acc))
                  << "distance " << distance << std::hex << " " << f << " " << g << " acc " << acc;
            }
          }
        }
      }
    }
  }
}

// ---- add() and products, against TestFloat

// The file's result as the cube gives it: canonical NaN, no -0 sum.
std::uint32_t as_cube(std::uint32_t f32) {
  if (std::isnan(std::bit_cast<float>(f32))) return canonical_nan;
  return f32 == 0x80000000 ? 0 : f32;
}

TEST(CubeAdd, EqualsTestFloat) {
  for (const auto& line : tests::testfloat("f32_add")) {
    ASSERT_EQ(add(line[0], line[1]), as_cube(line[2])) << std::hex << line[0] << " + " << line[1];
  }
  for (const auto& line : tests::testfloat("f32_sub")) {
    const std::uint32_t minus = line[1] ^ 0x80000000;
    ASSERT_EQ(add(line[0], minus), as_cube(line[2])) << std::hex << line[0] << " - " << line[1];
  }
}

TEST(CubeAdd, EqualsExactArithmetic) {
  tests::OperandSource source{0xadd};
  for (const Operands kind : tests::all_operands) {
    for (int i = 0; i < 8000; ++i) {
      const auto x = source.draw(DataType::f32, kind), y = source.draw(DataType::f32, kind);
      ASSERT_EQ(add(x, y), tests::exact_add(x, y)) << std::hex << x << " + " << y;
    }
  }
}

TEST(CubeDot, TreeOfOneProductEqualsTestFloatsMultiplication) {
  for (const auto& line : tests::testfloat("f32_mul")) {
    ASSERT_EQ(dot(Numerics::tree, DataType::f32, {&line[0], 1}, {&line[1], 1}, 0), as_cube(line[2]))
        << std::hex << line[0] << " * " << line[1];
  }
}

TEST(CubeDot, EveryRuleMultipliesHalvesExactly) {
  // A product of halves is an fp32 number, so narrowing it is TestFloat's multiplication.
  for (const auto& line : tests::testfloat("f16_mul")) {
    for (const Numerics numerics : all_numerics) {
      const std::uint32_t product = dot(numerics, DataType::f16, {&line[0], 1}, {&line[1], 1}, 0);
      std::uint32_t want = as_cube(widen(DataType::f16, line[2]));
      if (product == 0) want = 0;
      ASSERT_EQ(widen(DataType::f16, narrow(DataType::f16, product)),
                want == 0 ? want | (product & 0x80000000) : want)
          << std::hex << line[0] << " * " << line[1];
    }
  }
}

TEST(Numerics, NamesAreTheDocumentedOnes) {
  for (const Numerics numerics : all_numerics) {
    EXPECT_EQ(numerics_from_name(numerics_names[static_cast<std::size_t>(numerics)]), numerics);
  }
  EXPECT_EQ(numerics_from_name("dot25"), std::nullopt);
}

TEST(Numerics, TileDepthScalesWithTheCubesLanes) {
  EXPECT_EQ(tile_depth(DataType::f16, {16, 16, 16}), 16);
  EXPECT_EQ(tile_depth(DataType::f32, {16, 16, 16}), 8);
  EXPECT_EQ(tile_depth(DataType::s8, {16, 16, 16}), 32);
  EXPECT_EQ(tile_depth(DataType::s4, {16, 16, 16}), 64);
  EXPECT_EQ(tile_depth(DataType::s4, {8, 8, 8}), 32);
  EXPECT_EQ(tile_depth(DataType::bf16, {8, 8, 8}), 8);
  EXPECT_EQ(tile_depth(DataType::s8, {32, 16, 16}), 32);
}

// ---- The mmad's buffers

// A 20 x 18 product of depth 17 with one non-zero in each operand: it must come out at its place.
TEST(Cube, FindsEveryElementWhereTheLayoutPutsIt) {
  constexpr int m = 20, n = 18, k = 17;
  const MmadArgs shape{DataType::f16, m, n, k, Init::zero, {}, {}, {}};
  std::vector<std::uint8_t> a(mmad_a_bytes(shape)), b(mmad_b_bytes(shape));
  ASSERT_EQ(a.size(), 4u * 512);
  ASSERT_EQ(b.size(), 4u * 512);
  // A(17, 16): fractal (1, 1) of 2 x 2 row-major, row 1, lane 0. B(16, 3): fractal (1, 0),
  // column 3.
  const std::uint16_t two = 0x4000, three = 0x4200;
  std::memcpy(&a[3 * 512 + 32], &two, 2);
  std::memcpy(&b[2 * 512 + 3 * 32], &three, 2);
  std::vector<std::uint8_t> c(mmad_c_bytes(m, n), 0xff);
  Cube cube{Numerics::dot24, {}};
  cube.mmad({DataType::f16, m, n, k, Init::zero, a, b, {}}, c);
  // C(17, 3): fractal column 0, fractal row 1, row 1, column 3.
  float got = 0;
  std::memcpy(&got, &c[1024 + 64 + 12], 4);
  EXPECT_EQ(got, 6.0f);
  // C(17, 17) is zero, C(17, 18) is beyond n, C(20, 0) beyond m.
  const auto word = [&](std::size_t at) {
    std::uint32_t w = 0;
    std::memcpy(&w, &c[at], 4);
    return w;
  };
  EXPECT_EQ(word(3 * 1024 + 64 + 4), 0u);
  EXPECT_EQ(word(3 * 1024 + 64 + 8), 0xffffffffu);
  EXPECT_EQ(word(1024 + 4 * 64), 0xffffffffu);
}

float float_at(const std::vector<std::uint8_t>& bytes, std::size_t at) {
  float x = 0;
  std::memcpy(&x, &bytes.at(at), sizeof x);
  return x;
}

// 17 x 1 of depth 8: with k_align the second row of fractals begins two fractals behind the first.
TEST(Cube, KAlignPutsTheNextRowsOfABehindAnEvenNumberOfFractals) {
  MmadArgs args{DataType::f32, 17, 1, 8, Init::zero, {}, {}, {}};
  const float one = 1, two = 2, three = 3;
  std::vector<std::uint8_t> a(4 * 512), b(512), c(2 * 1024);
  std::memcpy(&a[512], &two, 4);       // row 16 without
  std::memcpy(&a[2 * 512], &three, 4);  // and with k_align
  std::memcpy(&b[0], &one, 4);
  EXPECT_EQ(mmad_a_bytes(args), 2u * 512);
  args.a = a;
  args.b = b;
  Cube cube{Numerics::dot24, {}};
  cube.mmad(args, c);
  EXPECT_EQ(float_at(c, 1024), 2);
  args.k_align = true;
  EXPECT_EQ(mmad_a_bytes(args), 3u * 512);  // the fourth fractal holds nothing
  cube.mmad(args, c);
  EXPECT_EQ(float_at(c, 1024), 3);
  args.k = 16;  // an even number by itself
  EXPECT_EQ(mmad_a_bytes(args), 4u * 512);
  args.k_align = false;
  EXPECT_EQ(mmad_a_bytes(args), 4u * 512);
}

TEST(Cube, ASingleRowIsPlainUnlessNoGemv) {
  MmadArgs args{DataType::f16, 1, 1, 17, Init::zero, {}, {}, {}};
  const std::uint16_t one = 0x3c00, two = 0x4000, three = 0x4200;
  std::vector<std::uint8_t> a(2 * 512), b(2 * 512), c(1024);
  std::memcpy(&a[32], &two, 2);    // element 16 of a plain row
  std::memcpy(&a[512], &three, 2);  // and of row 0 of fractals
  std::memcpy(&b[512], &one, 2);
  args.a = a;
  args.b = b;
  EXPECT_EQ(mmad_a_bytes(args), 64u);
  Cube cube{Numerics::dot24, {}};
  cube.mmad(args, c);
  EXPECT_EQ(float_at(c, 0), 2);
  args.no_gemv = true;
  EXPECT_EQ(mmad_a_bytes(args), 2u * 512);
  cube.mmad(args, c);
  EXPECT_EQ(float_at(c, 0), 3);
}

TEST(Cube, S4StandsWithTheLowerKInTheLowNibble) {
  MmadArgs args{DataType::s4, 1, 1, 3, Init::zero, {}, {}, {}};
  std::vector<std::uint8_t> a(512), b(512), c(1024);
  a[0] = 0x83;  // 3, -8
  a[1] = 0x55;  // 5; the other is beyond k
  b[0] = 0x72;  // 2, 7
  b[1] = 0x9f;  // -1
  args.a = a;
  args.b = b;
  Cube cube{Numerics::dot24, {}};
  cube.mmad(args, c);
  std::int32_t got = 0;
  std::memcpy(&got, c.data(), 4);
  EXPECT_EQ(got, 3 * 2 - 8 * 7 - 5);
}

TEST(Cube, AnEmptyShapeChangesNothing) {
  std::vector<std::uint8_t> c(1024, 0xa5);
  const auto before = c;
  Cube cube{Numerics::dot24, {}};
  cube.mmad({DataType::f16, 0, 16, 16, Init::zero, {}, {}, {}}, c);
  cube.mmad({DataType::f16, 16, 0, 16, Init::zero, {}, {}, {}}, c);
  cube.mmad({DataType::f16, 16, 16, 0, Init::zero, {}, {}, {}}, c);
  EXPECT_EQ(c, before);
}

// With and without an infinity, which sends its row to the scalar definition.
TEST(Cube, OperandsMayChangeOnceAnInstructionHasStarted) {
  for (const std::uint16_t last : {std::uint16_t{0x3c00}, std::uint16_t{0x7c00}}) {
    std::vector<std::uint8_t> a(512, 0), b(512, 0), c(1024, 0);
    const std::uint16_t one = 0x3c00;
    for (std::size_t row = 0; row < 16; ++row)
      std::memcpy(&a[row * 32], row == 15 ? &last : &one, 2);
    for (std::size_t row = 0; row < 16; ++row) std::memcpy(&b[row * 32], &one, 2);
    Cube cube{Numerics::dot24, {}};
    cube.start({DataType::f16, 16, 16, 16, Init::zero, a, b, {}});
    a.assign(a.size(), 0);
    b.assign(b.size(), 0);
    cube.compute(c);
    float got = 0;
    std::memcpy(&got, &c[1020], 4);
    EXPECT_EQ(got, to_float(DataType::f16, last));
  }
}

TEST(Cube, SpansThatAreTooShortAreOurMistake) {
  std::vector<std::uint8_t> one_fractal(512), c(1024);
  Cube cube{Numerics::dot24, {}};
  const MmadArgs two_deep{DataType::f16, 16, 16, 17, Init::zero, one_fractal, one_fractal, {}};
  EXPECT_THROW(cube.mmad(two_deep, c), InternalError);
  const MmadArgs no_bias{DataType::f16, 16, 16, 16, Init::bias, one_fractal, one_fractal, {}};
  EXPECT_THROW(cube.mmad(no_bias, c), InternalError);
}

}  // namespace
}  // namespace vitruvian::models
