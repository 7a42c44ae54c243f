// SPDX-License-Identifier: Apache-2.0
//
// The convolution kernel against the operator's definition, on models::run. Layouts are made here, element by element, from
// docs/kernels/conv.md.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <random>

#include "models/arch/bound.h"
#include "models/arch/error.h"
#include "models/core/core.h"
#include "models/kernels/conv.h"
#include "models/ops/conv.h"
#include "models/ops/gemm.h"

namespace vitruvian::tests {
namespace {

using namespace models;

constexpr std::uint8_t gap_pattern = 0xa5;

std::uint32_t draw_bits(DataType type, std::mt19937_64& random) {
  if (type == DataType::s8) return static_cast<std::uint8_t>(random());
  const float number = std::uniform_real_distribution<float>{-1, 1}(random);
  std::uint32_t bits;
  std::memcpy(&bits, &number, 4);
  return narrow(type, bits);
}

double number_at(const std::uint8_t* at, DataType type) { return row_major(at, type, 1, 1).at(0, 0); }

class ConvBench {
 public:
  ConvBench(const ConvProblem& p, const ChipConfig& chip, std::uint64_t seed) : p_{p}, chip_{chip}, random_{seed}, gm_{chip.gm.size} {
    const ConvSizes sizes = conv_sizes(p);
    t_ = {place(sizes.x), place(sizes.w), {}, {}};
    t_.bias = place(sizes.bias);
    t_.y = place(sizes.y);
    end_ += 64;
    fill();
    ProgramBuilder builder{"conv", chip};
    add_conv(builder, p, choose_conv_tiles(p, chip), t_, chip);
    program_ = builder.take();
  }

  // Worst error over bound of all elements.
  double run() {
    CoreState state{chip_, gm_};
    for (const Space space : {Space::L1, Space::L0A, Space::L0B, Space::L0C, Space::BT, Space::FB}) {
      std::ranges::fill(state.buffer(space).bytes(), std::uint8_t{0xff});  // NaN, if ever read
    }
    models::run(program_, state, chip_, Numerics::dot24);
    double worst = 0;
    const ConvInputs in{x_, w_, bias_, {p_.stride, p_.stride}, {p_.dilation, p_.dilation}, {p_.pad, p_.pad}, p_.relu};
    for (std::uint64_t n = 0; n < p_.n; ++n) {
      for (std::uint64_t k = 0; k < p_.k; ++k) {
        for (std::uint64_t row = 0; row < p_.out_h(); ++row) {
          for (std::uint64_t column = 0; column < p_.out_w(); ++column) worst = std::max(worst, judge(in, {n, k, row, column}));
        }
      }
    }
    return worst;
  }

  // Bytes outside Y that changed.
  std::uint64_t damaged() const {
    const auto now = gm_.at(GmAddress{0}, Bytes{end_});
    const std::uint64_t first = t_.y.value(), past = first + conv_sizes(p_).y.value();
    std::uint64_t count = 0;
    for (std::uint64_t i = 0; i < end_; ++i) count += (i < first || i >= past) && now[i] != before_[i];
    return count;
  }

 private:
  GmAddress place(Bytes size) {
    const GmAddress at{round_up(end_ + 32, 32)};
    end_ = at.value() + size.value();
    return at;
  }

  void put(GmAddress base, std::uint64_t element, DataType type, std::uint32_t bits) {
    const auto size = static_cast<std::uint64_t>(element_size(type));
    std::memcpy(gm_.at(base + Bytes{element * size}, Bytes{size}).data(), &bits, size);
  }

  void fill() {
    std::ranges::fill(gm_.at(GmAddress{0}, Bytes{end_}), gap_pattern);
    const ConvSizes sizes = conv_sizes(p_);
    for (const auto& [at, size] : {std::pair{t_.x, sizes.x}, {t_.w, sizes.w}, {t_.bias, sizes.bias}}) {
      if (size.value() > 0) std::ranges::fill(gm_.at(at, size), std::uint8_t{0});
    }
    const std::uint64_t c0 = p_.c0();
    x_ = {{p_.n, p_.c, p_.h, p_.w}, {}};
    for (std::uint64_t n = 0; n < p_.n; ++n) {
      for (std::uint64_t c = 0; c < p_.c; ++c) {
        for (std::uint64_t i = 0; i < p_.h * p_.w; ++i) {
          const std::uint32_t bits = draw_bits(p_.dtype, random_);
          put(t_.x, ((n * p_.c1() + c / c0) * p_.h * p_.w + i) * c0 + c % c0, p_.dtype, bits);
          x_.numbers.push_back(value_of(bits));
        }
      }
    }
    w_ = {{p_.k, p_.c, p_.r, p_.s}, {}};
    for (std::uint64_t k = 0; k < p_.k; ++k) {
      for (std::uint64_t c = 0; c < p_.c; ++c) {
        for (std::uint64_t i = 0; i < p_.r * p_.s; ++i) {
          const std::uint32_t bits = draw_bits(p_.dtype, random_);
          const std::uint64_t k1 = c / c0 * p_.r * p_.s + i;
          put(t_.w, ((k1 * (p_.padded_k() / 16) + k / 16) * 16 + k % 16) * c0 + c % c0, p_.dtype, bits);
          w_.numbers.push_back(value_of(bits));
        }
      }
    }
    for (std::uint64_t k = 0; p_.bias && k < p_.k; ++k) {
      const std::uint32_t bits = p_.dtype == DataType::s8 ? static_cast<std::uint32_t>(static_cast<std::int32_t>(random_()) >> 12)
                                                          : draw_bits(DataType::f32, random_);
      put(t_.bias, k, p_.accumulator(), bits);
      bias_.push_back(number_at(reinterpret_cast<const std::uint8_t*>(&bits), p_.accumulator()));
    }
    const auto all = gm_.at(GmAddress{0}, Bytes{end_});
    before_.assign(all.begin(), all.end());
  }

  double value_of(std::uint32_t bits) const { return number_at(reinterpret_cast<const std::uint8_t*>(&bits), p_.dtype); }

  double judge(const ConvInputs& in, const ConvPoint& at) const {
    const ConvValue want = conv(in, at);
    const std::uint64_t width = p_.out_c0(), plane = p_.out_h() * p_.out_w();
    const std::uint64_t element =
        ((at.image * (p_.padded_k() / width) + at.channel / width) * plane + at.row * p_.out_w() + at.column) * width + at.channel % width;
    const auto size = static_cast<std::uint64_t>(element_size(p_.out));
    const double got = number_at(gm_.at(t_.y + Bytes{element * size}, Bytes{size}).data(), p_.out);
    if (p_.dtype == DataType::s8) return got == integer_result(want.value) ? 0 : 1e9;
    const double bound = error_bound({.type = p_.dtype,
                                      .output = p_.out,
                                      .k = static_cast<std::int64_t>(p_.c1() * p_.c0() * p_.r * p_.s),
                                      .depth = tile_depth(p_.dtype, {16, 16, 16}),
                                      .magnitude = want.magnitude,
                                      .has_start = p_.bias,
                                      .result = want.value});
    return std::isnan(got) ? 1e9 : std::abs(got - want.value) / bound;
  }

  double integer_result(double sum) const {
    if (p_.out == DataType::s32) return sum;
    return std::clamp(std::nearbyint(sum * p_.scale), -128.0, 127.0);
  }

  ConvProblem p_;
  ChipConfig chip_;
  std::mt19937_64 random_;
  Memory gm_;
  std::uint64_t end_ = 0;
  ConvTensors t_;
  Tensor4 x_, w_;
  std::vector<double> bias_;
  std::vector<std::uint8_t> before_;
  Program program_;
};

struct Case {
  const char* name;
  ConvProblem problem;
};

class Conv : public testing::TestWithParam<Case> {};

TEST_P(Conv, IsWithinTheBoundAndWritesNothingElse) {
  for (const char* chip : {"ascend910b1"}) {
    ConvBench bench{GetParam().problem, load_chip(chip), 7};
    EXPECT_LE(bench.run(), 1.0);
    EXPECT_EQ(bench.damaged(), 0u);
  }
}

TEST_P(Conv, FitsBuffersAnEighthOfTheUsual) {
  ChipConfig chip = load_chip("ascend910b1");
  for (const char* key : {"buffers.l1=65536", "buffers.l0a=8192", "buffers.l0b=8192", "buffers.l0c=16384"}) set_chip_key(chip, key);
  ConvBench bench{GetParam().problem, chip, 8};
  EXPECT_LE(bench.run(), 1.0);
}

constexpr DataType f16 = DataType::f16, bf16 = DataType::bf16, f32 = DataType::f32, s8 = DataType::s8, s32 = DataType::s32;
INSTANTIATE_TEST_SUITE_P(
    Shapes, Conv,
    testing::Values(
        Case{"OnePixelOneChannel", {}}, Case{"PointwiseOfRaggedChannels", {.n = 2, .c = 19, .h = 5, .w = 7, .k = 21}},
        Case{"ThreeByThreePadded", {.c = 16, .h = 14, .w = 14, .k = 32, .r = 3, .s = 3, .pad = 1, .out = f16}},
        Case{"SevenBySevenStrideTwo", {.c = 3, .h = 29, .w = 31, .k = 64, .r = 7, .s = 7, .stride = 2, .pad = 3, .out = f16, .relu = true}},
        Case{"Dilated", {.c = 33, .h = 17, .w = 13, .k = 17, .r = 3, .s = 3, .pad = 2, .dilation = 2}},
        Case{"StrideLeavesAnEdgeUnread", {.c = 16, .h = 10, .w = 10, .k = 16, .r = 2, .s = 2, .stride = 3}},
        Case{"FilterAsLargeAsTheMap", {.c = 32, .h = 5, .w = 6, .k = 48, .r = 5, .s = 6, .bias = true}},
        Case{"TallFilter", {.c = 5, .h = 40, .w = 4, .k = 16, .r = 9, .s = 1, .dilation = 3, .dtype = bf16, .out = bf16}},
        Case{"RowWiderThanASmallL0c", {.c = 16, .h = 3, .w = 400, .k = 32, .r = 3, .s = 3, .pad = 1, .out = f16}},
        Case{"Fp32WithBias", {.c = 12, .h = 9, .w = 9, .k = 24, .r = 3, .s = 3, .pad = 1, .dtype = f32, .bias = true}},
        Case{"Int8ToInt32", {.c = 40, .h = 8, .w = 11, .k = 20, .r = 3, .s = 3, .stride = 2, .pad = 1, .dtype = s8, .out = s32, .bias = true}},
        Case{"Int8ToInt8", {.n = 2, .c = 64, .h = 8, .w = 8, .k = 70, .r = 3, .s = 3, .pad = 1, .dtype = s8, .out = s8, .relu = true, .scale = 0.0009765625f}},
        Case{"ManyChannels", {.c = 520, .h = 7, .w = 7, .k = 300, .r = 3, .s = 3, .pad = 1, .out = f16, .bias = true}}),
    [](const auto& info) { return info.param.name; });

TEST(ConvRandom, ShapesAreWithinTheBound) {
  const std::uint64_t seed = 20241;
  std::mt19937_64 random{seed};
  const auto pick = [&](std::uint64_t least, std::uint64_t most) { return std::uniform_int_distribution<std::uint64_t>{least, most}(random); };
  for (int i = 0; i < 60; ++i) {
    ConvProblem p{.n = pick(1, 2), .c = pick(1, 50), .h = pick(1, 20), .w = pick(1, 40), .k = pick(1, 50), .r = pick(1, 4), .s = pick(1, 4),
                  .stride = pick(1, 3), .pad = pick(0, 2), .dilation = pick(1, 2), .dtype = static_cast<DataType>(pick(0, 3)),
                  .bias = pick(0, 1) == 1, .relu = pick(0, 1) == 1};
    p.out = p.accumulator();
    if (pick(0, 1) == 1 && p.dtype != s8) p.out = pick(0, 1) ? f16 : bf16;
    try {
      check_conv(p);
    } catch (const InputError&) {
      continue;
    }
    ConvBench bench{p, load_chip("ascend910b1"), seed + static_cast<std::uint64_t>(i)};
    ASSERT_LE(bench.run(), 1.0) << "seed " << seed << " case " << i;
    ASSERT_EQ(bench.damaged(), 0u) << "seed " << seed << " case " << i;
  }
}

TEST(ConvLimits, ArePrintedByName) {
  const auto message = [](ConvProblem p) -> std::string {
    try {
      check_conv(p);
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(message({.h = 5, .w = 5, .r = 3, .s = 3, .stride = 64}), "conv2d: stride=64: load3d takes at most 63");
  EXPECT_EQ(message({.h = 2, .w = 5, .r = 3, .s = 3}), "conv2d: R=3: the filter reaches over 3 rows, the padded map has 2");
  EXPECT_EQ(message({.h = 5, .w = 5, .pad = 1}),
            "conv2d: pad=1: more than the filter's reach less one, 0: some outputs would see nothing but padding");
}

}  // namespace
}  // namespace vitruvian::tests
