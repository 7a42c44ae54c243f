// SPDX-License-Identifier: Apache-2.0
//
// The error bound of docs/numerics.md: never exceeded, and reached by sums made to reach it.
#include "models/arch/bound.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <functional>
#include <random>

#include "models/pipe/cube.h"

namespace vitruvian {
namespace {

using models::Cube;
using models::CubeShape;

constexpr Numerics all_numerics[] = {Numerics::dot24, Numerics::fused24, Numerics::tree};

// A type of operands; hf32: fp32 numbers of 11 fraction bits.
struct Operand {
  DataType type;
  bool hf32 = false;
};
constexpr Operand floating[] = {
    {DataType::f16}, {DataType::bf16}, {DataType::f32}, {DataType::f32, true}};

std::uint32_t bits_of(Operand operand, double x) {
  const auto f32 = std::bit_cast<std::uint32_t>(static_cast<float>(x));
  return operand.hf32 ? to_hf32(f32, Ties::to_even) : narrow(operand.type, f32);
}

// One element, as the chain of tiles of the scalar definition.
struct Sum {
  Operand type;
  std::vector<double> a, b;  // numbers of `type`
  double start = 0;
};

double computed(Numerics numerics, const Sum& sum, int depth) {
  auto acc = bits_of({DataType::f32}, sum.start);
  for (std::size_t first = 0; first < sum.a.size(); first += static_cast<std::size_t>(depth)) {
    std::vector<std::uint32_t> a(static_cast<std::size_t>(depth)), b(a.size());
    for (std::size_t k = first; k < std::min(sum.a.size(), first + a.size()); ++k) {
      a[k - first] = bits_of(sum.type, sum.a[k]);
      b[k - first] = bits_of(sum.type, sum.b[k]);
    }
    acc = models::dot(numerics, sum.type.type, a, b, acc);
  }
  return std::bit_cast<float>(acc);
}

ProductElement described(Numerics numerics, const Sum& sum, int depth) {
  ProductElement e{
      .numerics = numerics, .type = sum.type.type, .hf32 = sum.type.hf32, .depth = depth};
  e.k = static_cast<std::int64_t>(sum.a.size());
  e.magnitude = std::abs(sum.start);
  e.has_start = sum.start != 0;
  e.result = sum.start;
  for (std::size_t k = 0; k < sum.a.size(); ++k) {
    e.result += sum.a[k] * sum.b[k];
    e.magnitude += std::abs(sum.a[k] * sum.b[k]);
  }
  return e;
}

// Error over bound of one sum.
double used(Numerics numerics, const Sum& sum, int depth) {
  const ProductElement e = described(numerics, sum, depth);
  const double error = std::abs(computed(numerics, sum, depth) - e.result);
  return error == 0 ? 0 : error / error_bound(e);
}

using Draw = std::function<double(std::mt19937_64&)>;

Sum draw(Operand type, int k, const Draw& number, std::mt19937_64& random) {
  Sum sum{type, {}, {}};
  const auto rounded = [&](double x) { return double{to_float(type.type, bits_of(type, x))}; };
  for (int i = 0; i < k; ++i) {
    sum.a.push_back(rounded(number(random)));
    sum.b.push_back(rounded(number(random)));
  }
  if (random() % 2 != 0) sum.start = static_cast<float>(number(random) * k / 4);
  return sum;
}

double uniform(std::mt19937_64& random) { return std::uniform_real_distribution<>{0, 1}(random); }
double bell(std::mt19937_64& random) { return std::normal_distribution<>{}(random); }
double wide(std::mt19937_64& random) {
  return std::ldexp(bell(random), static_cast<int>(random() % 24) - 12);
}

TEST(ErrorBound, IsNotExceededByAThousandRandomSumsOfAnyKind) {
  const std::uint64_t seed = 0xb0d;
  for (const Operand type : floating) {
    for (const Numerics numerics : all_numerics) {
      std::mt19937_64 random{seed};
      double worst = 0;
      for (int i = 0; i < 1000; ++i) {
        const Draw numbers[] = {uniform, bell, wide};
        const int depth = models::tile_depth(type.type, CubeShape{16, 8 << i % 3, 16});
        const Sum sum = draw(type, 1 + static_cast<int>(random() % 300), numbers[i % 3], random);
        const double ratio = used(numerics, sum, depth);
        ASSERT_LE(ratio, 1) << "seed " << seed << " case " << i;
        worst = std::max(worst, ratio);
      }
      RecordProperty(std::string{numerics_names[static_cast<int>(numerics)]} +
                         std::to_string(static_cast<int>(type.type)) + (type.hf32 ? "h" : ""),
                     std::to_string(worst));
      EXPECT_GT(worst, 0.02) << "a bound fifty times the worst error needs an explanation";
    }
  }
}

// A power of two, and terms that are lost beside it: just below `unit` of it, a product of two
// numbers.
constexpr double unit = 0x1p-24;
constexpr double almost = 1 + 127 / 128.0;  // below two, a number of every type

struct Loss {
  Numerics numerics;
  const char* what;
  double share;  // of the bound
  Sum (*make)(Operand type, int depth);
};

// A tile of 1 and terms cut to nothing.
Sum cut_terms(Operand type, int depth) {
  Sum sum{type, std::vector<double>(static_cast<std::size_t>(depth), almost * 0x1p-12), {}};
  sum.b.assign(sum.a.size(), 0x1p-13);
  sum.a[0] = sum.b[0] = 1;
  return sum;
}
// 1 in the accumulator, then 256 tiles of less than half its last place.
Sum lost_tiles(Operand type, int depth) {
  const auto k = static_cast<std::size_t>(depth * 256);
  Sum sum{type, std::vector<double>(k, 0), std::vector<double>(k, 0), 1};
  for (std::size_t first = 0; first < k; first += static_cast<std::size_t>(depth)) {
    sum.a[first] = almost * 0x1p-12;
    sum.b[first] = 0x1p-13;
  }
  return sum;
}
// 1 in the accumulator, then 16 tiles full of terms cut to nothing.
Sum cut_tiles(Operand type, int depth) {
  Sum sum{type, std::vector<double>(static_cast<std::size_t>(depth * 16), almost * 0x1p-12), {}, 1};
  sum.b.assign(sum.a.size(), 0x1p-13);
  return sum;
}
// 1, and at every level of the tree a term less than half its last place.
Sum lost_levels(Operand type, int depth) {
  Sum sum{type, std::vector<double>(static_cast<std::size_t>(depth), 0), {}};
  sum.b.assign(sum.a.size(), 0x1p-13);
  for (int lane = 1; lane < depth; lane *= 2)
    sum.a[static_cast<std::size_t>(lane)] = almost * 0x1p-12;
  sum.a[0] = sum.b[0] = 1;
  return sum;
}

TEST(ErrorBound, IsReachedBySumsMadeToLoseAllTheyCan) {
  constexpr Loss losses[] = {
      {Numerics::dot24, "terms cut in one tile", 0.75, cut_terms},
      {Numerics::dot24, "tiles lost in a long chain", 0.75, lost_tiles},
      {Numerics::fused24, "terms cut in every tile", 0.75, cut_tiles},
      {Numerics::tree, "a term lost at every level", 0.7, lost_levels},
      {Numerics::tree, "tiles lost in a long chain", 0.75, lost_tiles},
  };
  for (const Operand type : floating) {
    for (const Loss& loss : losses) {
      const int depth = models::tile_depth(type.type, {});
      const double ratio = used(loss.numerics, loss.make(type, depth), depth);
      EXPECT_LE(ratio, 1) << loss.what;
      EXPECT_GE(ratio, loss.share) 
          << loss.what << ", type " << static_cast<int>(type.type) << type.hf32;
    }
  }
}

TEST(ErrorBound, HoldsForNarrowOutputs) {
  std::mt19937_64 random{0xf16};
  for (const DataType output : {DataType::f16, DataType::bf16}) {
    double worst = 0;
    for (int i = 0; i < 2000; ++i) {
      const Sum sum = draw({DataType::f16}, 40, i % 2 != 0 ? Draw{wide} : Draw{bell}, random);
      ProductElement e = described(Numerics::dot24, sum, 16);
      e.output = output;
      const auto f32 =
          std::bit_cast<std::uint32_t>(static_cast<float>(computed(Numerics::dot24, sum, 16)));
      const double error = std::abs(to_float(output, narrow(output, f32)) - e.result);
      if (std::isinf(error_bound(e))) continue;
      ASSERT_LE(error, error_bound(e)) << "case " << i;
      worst = std::max(worst, error / error_bound(e));
    }
    EXPECT_GT(worst, 0.5);
  }
}

TEST(ErrorBound, PromisesNothingWhereSomethingMayOverflow) {
  ProductElement e{.k = 16, .magnitude = 1e38, .result = 1};
  EXPECT_TRUE(std::isfinite(error_bound(e)));
  e.magnitude = 4e38;
  EXPECT_TRUE(std::isinf(error_bound(e)));
  e = {.output = DataType::f16, .k = 16, .magnitude = 70000, .result = 65519.95};
  EXPECT_TRUE(std::isinf(error_bound(e)));
  e.result = 65500;
  EXPECT_TRUE(std::isfinite(error_bound(e)));
}

TEST(ErrorBound, IntegersAreExactUntilTheyMaySaturate) {
  ProductElement e{.type = DataType::s8,
                   .output = DataType::s32,
                   .k = 100,
                   .depth = 32,
                   .magnitude = 2147483647.0};
  EXPECT_EQ(error_bound(e), 0);
  e.magnitude += 1;
  EXPECT_TRUE(std::isinf(error_bound(e)));
  e = {.type = DataType::s4, .output = DataType::s32, .k = 100, .depth = 64, .magnitude = 6400};
  EXPECT_EQ(error_bound(e), 0);
  e = {.type = DataType::s8,
       .output = DataType::f16,
       .k = 100,
       .depth = 32,
       .magnitude = 1e6,
       .result = 100};
  EXPECT_EQ(error_bound(e), 100 * 0x1p-11);
}

// docs/numerics.md states these figures.
TEST(ErrorBound, Fused24BiasesLongSumsAndDot24DoesNot) {
  const auto mean_error = [](Numerics numerics) {
    std::mt19937_64 random{8192};
    double mean = 0;
    constexpr int sums = 200;
    for (int i = 0; i < sums; ++i) {
      Sum sum = draw({DataType::f16}, 8192, uniform, random);
      sum.start = 0;
      const ProductElement e = described(numerics, sum, 16);
      mean += (computed(numerics, sum, 16) - e.result) / e.result / unit / sums;
    }
    return mean;
  };
  EXPECT_NEAR(mean_error(Numerics::fused24), -1350, 50);
  EXPECT_NEAR(mean_error(Numerics::dot24), 0, 5);
}

}  // namespace
}  // namespace vitruvian
