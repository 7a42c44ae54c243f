// SPDX-License-Identifier: Apache-2.0
//
// Where fixpipe reads and writes, against a reference that places every element by its indices; the
// numbers themselves are the quantiser's (tests/pipe/quantise_test.cpp).
#include "models/pipe/fixpipe.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <map>
#include <set>

#include "models/arch/number.h"
#include "models/program/program.h"
#include "tests/program/random_instruction.h"

namespace vitruvian::models {
namespace {

constexpr tb::Seed seed{0xf1c5};
constexpr std::uint64_t unit_scale = std::uint64_t{0x3f800000} | std::uint64_t{1}
                                                                     << 46;  // 1.0, signed

// A column's scale word: the result is value * factor, for 8 bits with an offset.
struct ColumnScale {
  int factor, offset;
};

struct Machine {
  Machine() : chip{tests::small_chip()}, gm{chip.gm.size}, state{chip, gm} {}
  std::span<std::uint8_t> bytes(Space space) {
    return space == Space::GM ? gm.at(GmAddress{0}, chip.gm.size) : state.buffer(space).bytes();
  }
  std::span<std::uint8_t> gm_bytes() { return bytes(Space::GM); }
  // L0C: small whole numbers, exact in every output type: fp32 or s32. FB: a scale word every 8 B,
  // with bits that mean nothing.
  void fill(DataType acc, tb::RandomStream& random) {
    for (std::uint64_t at = 0; at < chip.l0c.value(); at += 4) {
      const auto value = static_cast<int>(random.between(-100, 100));
      const auto real = static_cast<float>(value);
      std::memcpy(
          &state.l0c.bytes()[at],
          acc == DataType::f32 ? static_cast<const void*>(&real) : static_cast<const void*>(&value),
          4);
    }
    scales.clear();
    for (std::uint64_t at = 0; at < chip.fb.value(); at += 8) {
      constexpr int factors[] = {-4, -1, 0, 1, 2, 8};
      const ColumnScale scale{random.pick(factors), static_cast<int>(random.between(-256, 255))};
      scales.push_back(scale);
      const std::uint64_t word = std::bit_cast<std::uint32_t>(static_cast<float>(scale.factor)) |
                                 (static_cast<std::uint64_t>(scale.offset) & 0x1ff) << 37 |
                                 std::uint64_t{1} << 46 | random.below(1 << 17) << 47;
      std::memcpy(&state.fb.bytes()[at], &word, 8);
    }
    for (const Space space : {Space::GM, Space::L1}) {
      for (std::uint8_t& byte : bytes(space)) byte = static_cast<std::uint8_t>(random.draw());
    }
  }

  ChipConfig chip;
  Memory gm;
  CoreState state;
  std::vector<ColumnScale> scales;
};

// The whole number at a word of L0C.
int number(const Machine& m, DataType acc, std::uint64_t at) {
  float real;
  std::int32_t whole;
  std::memcpy(&real, &m.state.l0c.bytes()[at], 4);
  std::memcpy(&whole, &m.state.l0c.bytes()[at], 4);
  return acc == DataType::f32 ? static_cast<int>(real) : whole;
}

// Its bits in an output type.
std::uint32_t bits(DataType type, int value) {
  if (!is_floating(type)) return static_cast<std::uint32_t>(value);
  return round_to(type, value < 0, static_cast<std::uint64_t>(std::abs(value)), 0);
}

// Element (r, c) of matrix i in the destination, as docs/isa.md places it.
std::uint64_t place(const FixpipeView& f, std::uint64_t size, std::uint64_t i, std::uint64_t r,
                    std::uint64_t c) {
  if (f.nz2nd) return f.dst + (i * f.dst_nd_stride + r * f.dst_stride + c) * size;
  const std::uint64_t wide = f.split ? 8 : size == 1 ? 32 : 16;
  const bool last_half = size == 1 && c / wide * wide + wide > f.n;
  return f.dst + c / wide * f.dst_stride * 32 + (r * (last_half ? 16 : wide) + c % wide) * size;
}

using Image = std::map<std::uint64_t, std::uint8_t>;

DataType type_of(const FixpipeView& f) {
  switch (f.quant) {
    case Quant::none:
      return f.acc;
    case Quant::F322BF16:
      return DataType::bf16;
    case Quant::F322F16:
    case Quant::DEQF16:
    case Quant::VDEQF16:
      return DataType::f16;
    default:
      return DataType::s8;
  }
}

// What becomes of a whole number in column c; instructions have unit_scale.
int converted(const FixpipeView& f, const Machine& m, int value, std::uint64_t c) {
  const bool per_column =
      f.quant == Quant::VREQ8 || f.quant == Quant::VDEQF16 || f.quant == Quant::VQF322B8;
  const ColumnScale scale = per_column ? m.scales[f.fb / 8 + c] : ColumnScale{1, 0};
  const int product = (f.relu ? std::max(value, 0) : value) * scale.factor;
  if (type_of(f) != DataType::s8) return product;
  return std::clamp(std::clamp(product, -256, 255) + scale.offset, -128, 127);
}

Image expected(const FixpipeView& f, const Machine& m) {
  const DataType type = type_of(f);
  const auto size = static_cast<std::uint64_t>(element_size(type));
  Image image;
  for (std::uint64_t i = 0; i < f.nd_num; ++i) {
    for (std::uint64_t r = 0; r < f.m; ++r) {
      for (std::uint64_t c = 0; c < f.n; ++c) {
        const std::uint64_t word =
            f.src + i * f.src_nd_stride * 1024 + (c / 16 * f.src_stride + r) * 64 + c % 16 * 4;
        const std::uint32_t out = bits(type, converted(f, m, number(m, f.acc, word), c));
        for (std::uint64_t b = 0; b < size; ++b) {
          image[place(f, size, i, r, c) + b] = static_cast<std::uint8_t>(out >> (8 * b));
        }
      }
    }
  }
  return image;
}

void expect_image(std::span<const std::uint8_t> after, const std::vector<std::uint8_t>& before,
                  const Image& image) {
  for (std::uint64_t at = 0; at < before.size(); ++at) {
    const auto found = image.find(at);
    ASSERT_EQ(after[at], found == image.end() ? before[at] : found->second)
        << "byte " << at << (found == image.end() ? ", not to be written" : "");
  }
}

std::vector<std::uint8_t> copy_of(std::span<const std::uint8_t> bytes) {
  return {bytes.begin(), bytes.end()};
}

void check(const FixpipeView& f, Machine& m, tb::RandomStream& random) {
  m.fill(f.acc, random);
  const std::vector<std::uint8_t> gm = copy_of(m.bytes(Space::GM)),
                                  l1 = copy_of(m.bytes(Space::L1));
  fixpipe(f, m.state);
  expect_image(m.bytes(Space::GM), gm, f.to == Space::GM ? expected(f, m) : Image{});
  expect_image(m.bytes(Space::L1), l1, f.to == Space::L1 ? expected(f, m) : Image{});
}

template <class F>
F random_of(const ChipConfig& chip, tb::RandomStream& random) {
  const auto row = static_cast<int>(Instruction{F{}}.index());
  auto f = std::get<F>(tests::legal_instruction(row, chip, random));
  f.scale = unit_scale;
  return f;
}

TEST(Fixpipe, PlacesEveryElementOfRandomInstructions) {
  Machine m;
  tb::RandomStream random = seed.stream("random");
  for (int n = 0; n < 400 && !HasFatalFailure(); ++n) {
    const Fixpipe f = random_of<Fixpipe>(m.chip, random);
    SCOPED_TRACE(fmt::format("seed {} case {}", seed.text(), n));
    check(f, m, random);
  }
}

TEST(FixpipeL1, PlacesEveryElementOfRandomInstructions) {
  Machine m;
  tb::RandomStream random = seed.stream("random l1");
  for (int n = 0; n < 400 && !HasFatalFailure(); ++n) {
    const auto f = random_of<FixpipeL1>(m.chip, random);
    SCOPED_TRACE(fmt::format("seed {} case {}", seed.text(), n));
    check(f, m, random);
  }
}

TEST(FixpipeL1, LeavesWhatFixpipeLeavesInGm) {
  Machine m;
  tb::RandomStream random = seed.stream("both");
  m.fill(DataType::s32, random);
  const FixpipeL1 to_l1{.m = 20,
                        .n = 48,
                        .src_stride = 32,
                        .dst_stride = 40,
                        .acc = DataType::s32,
                        .quant = Quant::VDEQF16,
                        .relu = 1,
                        .fb = FbAddress{64}};
  const Fixpipe to_gm{.m = 20,
                      .n = 48,
                      .src_stride = 32,
                      .dst_stride = 40,
                      .acc = DataType::s32,
                      .quant = Quant::VDEQF16,
                      .relu = 1,
                      .fb = FbAddress{64}};
  std::ranges::fill(m.bytes(Space::GM), 0);
  std::ranges::fill(m.bytes(Space::L1), 0);
  fixpipe(to_l1, m.state);
  fixpipe(to_gm, m.state);
  EXPECT_TRUE(std::ranges::equal(m.bytes(Space::L1), m.bytes(Space::GM).first(32 << 10)));
}

TEST(Fixpipe, EveryConversionInBothLayoutsAtTheEdges) {
  struct Kind {
    DataType acc;
    Quant quant;
  };
  constexpr Kind kinds[] = {{DataType::f32, Quant::none},     {DataType::f32, Quant::F322F16},
                            {DataType::f32, Quant::F322BF16}, {DataType::f32, Quant::QF322B8},
                            {DataType::f32, Quant::VQF322B8}, {DataType::s32, Quant::none},
                            {DataType::s32, Quant::DEQF16},   {DataType::s32, Quant::VDEQF16},
                            {DataType::s32, Quant::REQ8},     {DataType::s32, Quant::VREQ8}};
  Machine m;
  tb::RandomStream random = seed.stream("edges");
  for (const Kind& kind : kinds) {
    for (const std::uint16_t rows : {1, 15, 16, 17}) {
      for (const std::uint16_t n : {1, 15, 16, 17, 32, 48}) {
        for (const bool nz2nd : {false, true}) {
          if (!nz2nd && n % 16 != 0) continue;
          SCOPED_TRACE(fmt::format("{} {} m {} n {} nz2nd {}", name(kind.acc), name(kind.quant),
                                   rows, n, nz2nd));
          check(Fixpipe{.dst = GmAddress{64},
                        .src = L0cAddress{1024},
                        .m = rows,
                        .n = n,
                        .src_stride = 32,
                        .dst_stride = nz2nd ? n + 3u : 40u,
                        .acc = kind.acc,
                        .quant = kind.quant,
                        .scale = unit_scale,
                        .relu = static_cast<std::uint8_t>(n % 2),
                        .nz2nd = nz2nd,
                        .fb = FbAddress{192}},
                m, random);
        }
      }
    }
  }
}

TEST(Fixpipe, S8ColumnsAreMergedByTwoAndAnOddLastOneStays16Wide) {
  Machine m;
  for (int c = 0; c < 48; ++c) {  // row 1: the column's number
    m.state.l0c.bytes()[c / 16 * 2048 + 64 + c % 16 * 4] = static_cast<std::uint8_t>(c);
  }
  fixpipe(Fixpipe{.m = 32,
                  .n = 48,
                  .src_stride = 32,
                  .dst_stride = 32,
                  .acc = DataType::s32,
                  .quant = Quant::REQ8,
                  .scale = unit_scale},
          m.state);
  for (int c = 0; c < 32; ++c) EXPECT_EQ(m.gm_bytes()[32 + c], c);
  for (int c = 32; c < 48; ++c) EXPECT_EQ(m.gm_bytes()[32 * 32 + 16 + c - 32], c);
}

TEST(Fixpipe, SplitMakesColumnsOfEightAndAnOddEightOneAtTheEnd) {
  Machine m;
  for (int c = 0; c < 24; ++c) {  // row 1: the column's number
    m.state.l0c.bytes()[c / 16 * 2048 + 64 + c % 16 * 4] = static_cast<std::uint8_t>(c);
  }
  fixpipe(
      Fixpipe{
          .m = 32, .n = 24, .src_stride = 32, .dst_stride = 40, .acc = DataType::f32, .split = 1},
      m.state);
  for (int c = 0; c < 24; ++c) EXPECT_EQ(m.gm_bytes()[c / 8 * 40 * 32 + 32 + c % 8 * 4], c);
  Machine all;
  tb::RandomStream random = seed.stream("split");
  for (const std::uint16_t n : {8, 16, 24, 40}) {
    for (const std::uint16_t rows : {1, 16, 17}) {
      SCOPED_TRACE(fmt::format("m {} n {}", rows, n));
      check(Fixpipe{.dst = GmAddress{64},
                    .m = rows,
                    .n = n,
                    .src_stride = 32,
                    .dst_stride = 17,
                    .acc = DataType::f32,
                    .relu = 1,
                    .split = 1},
            all, random);
    }
  }
}

TEST(Fixpipe, AFractalSaysWhereItsRowsGo) {
  const auto target = [](const FixpipeView& f, FixpipeFractal fractal) {
    const FixpipeTarget t = fractal_target(f, fractal);
    return std::tuple{t.start, t.pitch, t.rows, t.size, t.halves, t.step};
  };
  using Target = std::tuple<std::uint64_t, std::uint64_t, std::uint32_t, std::uint32_t,
                            std::uint32_t, std::uint64_t>;
  Fixpipe f{.dst = GmAddress{0x1000},
            .m = 20,
            .n = 24,
            .src_stride = 32,
            .dst_stride = 30,
            .acc = DataType::f32};
  f.split = 1;
  EXPECT_EQ(target(f, {0, 0, 1}), (Target{0x1000 + 16 * 32, 32, 4, 32, 2, 30 * 32}));
  EXPECT_EQ(target(f, {0, 1, 0}), (Target{0x1000 + 2 * 30 * 32, 32, 16, 32, 1, 30 * 32}));
  f.split = 0, f.nz2nd = 1;
  EXPECT_EQ(target(f, {0, 1, 1}), (Target{0x1000 + (16 * 30 + 16) * 4, 120, 4, 32, 1, 0}));
  f.nz2nd = 0, f.n = 48, f.quant = Quant::QF322B8;
  EXPECT_EQ(target(f, {0, 1, 1}), (Target{0x1000 + 16 * 32 + 16, 32, 4, 16, 1, 0}));
  EXPECT_EQ(target(f, {0, 2, 1}), (Target{0x1000 + 30 * 32 + 16 * 16, 16, 4, 16, 1, 0}));
}

TEST(CopyL1Fb, MovesUnitsOf64Bytes) {
  Machine m;
  tb::RandomStream random = seed.stream("copy_l1_fb");
  for (const std::uint16_t length : {1, 3, 112}) {
    m.fill(DataType::f32, random);
    const CopyL1Fb i{
        .dst = FbAddress{length == 112 ? 0u : 128u}, .src = L1Address{4064}, .length = length};
    const std::vector<std::uint8_t> before = copy_of(m.bytes(Space::FB));
    copy_l1_fb(i, m.state);
    Image image;
    for (std::uint64_t b = 0; b < length * 64u; ++b) {
      image[i.dst.value() + b] = m.bytes(Space::L1)[4064 + b];
    }
    expect_image(m.bytes(Space::FB), before, image);
  }
}

TEST(Fixpipe, FractalsInAnyOrderMakeTheWhole) {
  Machine m;
  tb::RandomStream random = seed.stream("fractals");
  for (int n = 0; n < 100; ++n) {
    const Fixpipe f = random_of<Fixpipe>(m.chip, random);
    m.fill(f.acc, random);
    const std::vector<std::uint8_t> before(m.gm_bytes().begin(), m.gm_bytes().end());
    fixpipe(f, m.state);
    const std::vector<std::uint8_t> whole(m.gm_bytes().begin(), m.gm_bytes().end());
    std::ranges::copy(before, m.gm_bytes().begin());
    for (std::uint64_t i = fractal_count(f); i-- > 0;)
      fixpipe_fractal(f, fractal_at(f, i), m.state);
    ASSERT_TRUE(std::ranges::equal(whole, m.gm_bytes())) << "seed " << seed.text() << " case " << n;
  }
}

TEST(Fixpipe, FractalsGoNFirstWithNz2ndAndChannelMergeElseMFirst) {
  Fixpipe f{.m = 40, .n = 32, .src_stride = 48, .dst_stride = 80, .acc = DataType::f32};
  ASSERT_EQ(fractal_count(f), 6u);
  EXPECT_EQ(fractal_at(f, 1), (FixpipeFractal{0, 0, 1}));
  EXPECT_EQ(fractal_at(f, 3), (FixpipeFractal{0, 1, 0}));
  f.nz2nd = 1;
  f.nd_num = 2;
  ASSERT_EQ(fractal_count(f), 12u);
  EXPECT_EQ(fractal_at(f, 1), (FixpipeFractal{0, 1, 0}));
  EXPECT_EQ(fractal_at(f, 2), (FixpipeFractal{0, 0, 1}));
  EXPECT_EQ(fractal_at(f, 7), (FixpipeFractal{1, 1, 0}));
  f = {.m = 40,
       .n = 32,
       .src_stride = 48,
       .dst_stride = 40,
       .acc = DataType::s32,
       .quant = Quant::REQ8};
  EXPECT_EQ(fractal_at(f, 1), (FixpipeFractal{0, 1, 0}));
  f.acc = DataType::f32, f.quant = Quant::VQF322B8;
  EXPECT_EQ(fractal_at(f, 1), (FixpipeFractal{0, 1, 0}));
  f.quant = Quant::none, f.split = 1;
  EXPECT_EQ(fractal_at(f, 1), (FixpipeFractal{0, 0, 1}));
}

TEST(Fixpipe, EveryFractalComesOnceAndStandsWhereItIsRead) {
  const Fixpipe f{.src = L0cAddress{2048},
                  .m = 33,
                  .n = 20,
                  .src_stride = 64,
                  .dst_stride = 20,
                  .acc = DataType::f32,
                  .nz2nd = 1,
                  .nd_num = 2,
                  .src_nd_stride = 16};
  std::set<std::uint32_t> starts;
  for (std::uint64_t i = 0; i < fractal_count(f); ++i)
    starts.insert(fractal_source(f, fractal_at(f, i)));
  EXPECT_EQ(starts, (std::set<std::uint32_t>{2048, 3072, 4096, 6144, 7168, 8192, 18432, 19456,
                                             20480, 22528, 23552, 24576}));
}

}  // namespace
}  // namespace vitruvian::models
