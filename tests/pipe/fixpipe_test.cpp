// SPDX-License-Identifier: Apache-2.0
//
// Where fixpipe reads and writes, against a reference that places every element by its indices; the
// numbers themselves are the quantiser's (tests/pipe/quantise_test.cpp).
#include "models/pipe/fixpipe.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

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

struct Machine {
  Machine() : chip{tests::small_chip()}, gm{chip.gm.size}, state{chip, gm} {}
  std::span<std::uint8_t> gm_bytes() { return gm.at(GmAddress{0}, chip.gm.size); }
  // Small whole numbers, exact in every output type: fp32 or s32.
  void fill(DataType acc, tb::RandomStream& random) {
    for (std::uint64_t at = 0; at < chip.l0c.value(); at += 4) {
      const auto value = static_cast<int>(random.between(-100, 100));
      const auto real = static_cast<float>(value);
      std::memcpy(
          &state.l0c.bytes()[at],
          acc == DataType::f32 ? static_cast<const void*>(&real) : static_cast<const void*>(&value),
          4);
    }
    for (std::uint8_t& byte : gm_bytes()) byte = static_cast<std::uint8_t>(random.draw());
  }

  ChipConfig chip;
  Memory gm;
  CoreState state;
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

// Element (r, c) of matrix i in GM, as docs/isa.md places it.
std::uint64_t place(const Fixpipe& f, std::uint64_t size, std::uint64_t i, std::uint64_t r,
                    std::uint64_t c) {
  if (f.nz2nd) return f.dst.value() + (i * f.dst_nd_stride + r * f.dst_stride + c) * size;
  const std::uint64_t wide = size == 1 ? 32 : 16;
  const bool last_half = c / wide * wide + wide > f.n;
  return f.dst.value() + c / wide * f.dst_stride * 32 +
         (r * (last_half ? 16 : wide) + c % wide) * size;
}

using Image = std::map<std::uint64_t, std::uint8_t>;

Image expected(const Fixpipe& f, const Machine& m) {
  const DataType type = f.quant == Quant::none       ? f.acc
                        : f.quant == Quant::F322BF16 ? DataType::bf16
                        : f.quant == Quant::REQ8     ? DataType::s8
                                                     : DataType::f16;
  const auto size = static_cast<std::uint64_t>(element_size(type));
  Image image;
  for (std::uint64_t i = 0; i < f.nd_num; ++i) {
    for (std::uint64_t r = 0; r < f.m; ++r) {
      for (std::uint64_t c = 0; c < f.n; ++c) {
        const std::uint64_t word = f.src.value() + i * f.src_nd_stride * 1024 +
                                   (c / 16 * f.src_stride + r) * 64 + c % 16 * 4;
        const int value = number(m, f.acc, word);
        const std::uint32_t out = bits(type, f.relu ? std::max(value, 0) : value);
        for (std::uint64_t b = 0; b < size; ++b) {
          image[place(f, size, i, r, c) + b] = static_cast<std::uint8_t>(out >> (8 * b));
        }
      }
    }
  }
  return image;
}

void expect_image(Machine& m, const std::vector<std::uint8_t>& before, const Image& image) {
  const std::span<const std::uint8_t> after = m.gm_bytes();
  for (std::uint64_t at = 0; at < before.size(); ++at) {
    const auto found = image.find(at);
    ASSERT_EQ(after[at], found == image.end() ? before[at] : found->second)
        << "byte " << at << (found == image.end() ? ", not to be written" : "");
  }
}

void check(const Fixpipe& f, Machine& m, tb::RandomStream& random) {
  m.fill(f.acc, random);
  const std::vector<std::uint8_t> before(m.gm_bytes().begin(), m.gm_bytes().end());
  fixpipe(f, m.state);
  expect_image(m, before, expected(f, m));
}

Fixpipe random_fixpipe(const ChipConfig& chip, tb::RandomStream& random) {
  const auto row = static_cast<int>(Instruction{Fixpipe{}}.index());
  auto f = std::get<Fixpipe>(tests::legal_instruction(row, chip, random));
  f.scale = unit_scale;
  return f;
}

TEST(Fixpipe, PlacesEveryElementOfRandomInstructions) {
  Machine m;
  tb::RandomStream random = seed.stream("random");
  for (int n = 0; n < 400 && !HasFatalFailure(); ++n) {
    const Fixpipe f = random_fixpipe(m.chip, random);
    SCOPED_TRACE(fmt::format("seed {} case {}", seed.text(), n));
    check(f, m, random);
  }
}

TEST(Fixpipe, EveryConversionInBothLayoutsAtTheEdges) {
  struct Kind {
    DataType acc;
    Quant quant;
  };
  constexpr Kind kinds[] = {{DataType::f32, Quant::none},     {DataType::f32, Quant::F322F16},
                            {DataType::f32, Quant::F322BF16}, {DataType::s32, Quant::none},
                            {DataType::s32, Quant::DEQF16},   {DataType::s32, Quant::REQ8}};
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
                        .nz2nd = nz2nd},
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

TEST(Fixpipe, FractalsInAnyOrderMakeTheWhole) {
  Machine m;
  tb::RandomStream random = seed.stream("fractals");
  for (int n = 0; n < 100; ++n) {
    const Fixpipe f = random_fixpipe(m.chip, random);
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
