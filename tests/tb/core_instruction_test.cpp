// SPDX-License-Identifier: Apache-2.0
//
// Random instructions are legal, stay in their ranges, and come in every kind.
#include "tb/random/core_instruction.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "models/arch/error.h"
#include "models/program/fixpipe_view.h"
#include "models/program/footprint.h"
#include "models/program/img2col.h"
#include "models/program/program.h"

namespace vitruvian::tb {
namespace {

using namespace models;

constexpr Seed seed{0xd2a4};
constexpr int rows = static_cast<int>(std::size(instruction_table));

// Does everything the instruction touches lie inside the ranges?
bool stays_inside(const Instruction& i, const Ranges& ranges) {
  return std::ranges::all_of(footprint(i), [&](const Extent& e) {
    const Range& range = ranges[e.space];
    return e.start >= range.start && e.end() <= range.start + range.size;
  });
}

// Somewhere in each memory, as narrow as the header allows, or wider.
Ranges narrow_ranges(RandomStream& random, const ChipConfig& chip) {
  constexpr std::uint64_t least[space_count] = {4096, 4096, 1024, 1024, 1024, 64, 128};
  Ranges ranges = whole(chip);
  for (int s = 0; s < space_count; ++s) {
    Range& range = ranges.of[s];
    const std::uint64_t size = std::min(least[s] << random.below(5), range.size);
    const std::uint64_t grain = least[s];
    range.start = random.below((range.size - size) / grain + 1) * grain;
    range.size = size;
  }
  return ranges;
}

TEST(CoreInstruction, EveryOneIsLegalAndStaysInItsRanges) {
  const ChipConfig chip = load_chip("ascend910b1");
  RandomStream random = seed.stream("ranges");
  for (int n = 0; n < 150; ++n) {
    for (int row = 0; row < rows; ++row) {
      const Ranges ranges = narrow_ranges(random, chip);
      const Instruction i = draw(row, random, chip, ranges);
      ASSERT_NO_THROW(check_instruction(i, chip)) << "seed " << seed.text();
      ASSERT_TRUE(stays_inside(i, ranges)) << instruction_table[row].name << " case " << n;
    }
  }
}

TEST(CoreInstruction, OperandsMeetBothEndsOfTheirRanges) {
  const ChipConfig chip = load_chip("ascend910b1");
  RandomStream random = seed.stream("ends");
  Ranges ranges = whole(chip);
  ranges[Space::L1] = {8192, 32768};
  int at_start = 0, at_end = 0;
  for (int n = 0; n < 300; ++n) {
    for (const Extent& e : footprint(draw<FillL1>(random, chip, ranges))) {
      at_start += e.start == 8192;
      at_end += e.end() == 8192 + 32768;
    }
  }
  EXPECT_GT(at_start, 20);
  EXPECT_GT(at_end, 20);
}

TEST(CoreInstruction, RangesTooNarrowAreSaidToBe) {
  const ChipConfig chip = load_chip("ascend910b1");
  RandomStream random = seed.stream("narrow");
  Ranges ranges = whole(chip);
  ranges[Space::L1] = {64, 31};
  EXPECT_THROW(draw<FillL1>(random, chip, ranges), InternalError);
  ranges[Space::L1] = {64, 32};
  EXPECT_EQ(draw<FillL1>(random, chip, ranges).dst, L1Address{64});
}

TEST(CoreInstruction, PinnedFieldsStay) {
  const ChipConfig chip = load_chip("ascend910b1");
  RandomStream random = seed.stream("pin");
  for (int n = 0; n < 50; ++n) {
    const auto load = draw<Load2d>(random, chip, whole(chip), [](Load2d& i) {
      i.to = L0Buffer::L0B;
      i.dtype = DataType::s8, i.transpose = 0;
    });
    EXPECT_EQ(load.to, L0Buffer::L0B);
    EXPECT_EQ(load.dtype, DataType::s8);
  }
}

// What came up, as words.
void note(const Instruction& i, std::set<std::string>& seen) {
  if (const auto* load = std::get_if<Load3d>(&i)) {
    const Img2col x{*load};
    const auto add = [&](bool holds, std::string_view what) {
      if (holds) seen.insert(fmt::format("load3d {}", what));
    };
    add(load->transpose, "turned");
    add(load->to == L0Buffer::L0B, "to L0B");
    add(load->m_start >= x.rows(), "beyond M");
    add(load->m_start < x.rows() && load->m_start + load->m_extension > x.rows(), "across M");
    add(load->k_start + load->k_extension == x.column_blocks() * x.c0(), "up to K");
    add(load->pad_top == 255, "wide padding");
    seen.insert(fmt::format("load3d {}", name(load->dtype)));
  }
  if (const auto* fix = std::get_if<Fixpipe>(&i)) {
    seen.insert(fmt::format("fixpipe {} {}", name(fix->quant), fix->nz2nd ? "nd" : "nz"));
    if (fix->split) seen.insert(fix->n % 16 == 0 ? "fixpipe split" : "fixpipe split odd");
    if (output_size(fix->quant) == 1 && fix->n % 32 == 16) seen.insert("fixpipe alone");
    if (fix->nd_num > 1) seen.insert("fixpipe matrices");
  }
  if (const auto* fix = std::get_if<FixpipeL1>(&i)) {
    seen.insert(fmt::format("fixpipe_l1 {}", name(fix->quant)));
  }
  if (const auto* mmad = std::get_if<Mmad>(&i)) {
    seen.insert(fmt::format("mmad {} {}", name(mmad->dtype), name(mmad->hf32)));
    if (mmad->m == 1) seen.insert(mmad->no_gemv ? "mmad one row" : "mmad gemv");
    if (mmad->m == 0 || mmad->n == 0 || mmad->k == 0) seen.insert("mmad empty");
  }
  if (const auto* copy = std::get_if<CopyGmL1Nd2nz>(&i)) {
    if (copy->nd_num == 0) seen.insert("nd2nz empty");
    if (copy->src_d_value < copy->d_value) seen.insert("nd2nz overlapping");
    if (copy->dst_n_stride > copy->dst_c0_stride) seen.insert("nd2nz rows apart");
  }
  if (const auto* load = std::get_if<Load2dTranspose>(&i)) {
    seen.insert(fmt::format("load2d_transpose {}", name(load->dtype)));
  }
}

TEST(CoreInstruction, EveryKindComesUp) {
  const ChipConfig chip = load_chip("ascend910b1");
  RandomStream random = seed.stream("kinds");
  std::set<std::string> seen;
  for (int n = 0; n < 800; ++n) {
    for (int row = 0; row < rows; ++row) note(draw(row, random, chip, whole(chip)), seen);
  }
  std::set<std::string> wanted{"load3d turned",
                               "load3d to L0B",
                               "load3d beyond M",
                               "load3d across M",
                               "load3d up to K",
                               "load3d wide padding",
                               "fixpipe split",
                               "fixpipe split odd",
                               "fixpipe alone",
                               "fixpipe matrices",
                               "mmad gemv",
                               "mmad one row",
                               "mmad empty",
                               "nd2nz empty",
                               "nd2nz overlapping",
                               "nd2nz rows apart",
                               "mmad f32 nearest_even",
                               "mmad f32 nearest_zero"};
  for (const EnumValue& quant : Quant_values) {
    wanted.insert(fmt::format("fixpipe {} nd", quant.name));
    wanted.insert(fmt::format("fixpipe {} nz", quant.name));
    wanted.insert(fmt::format("fixpipe_l1 {}", quant.name));
  }
  for (const DataType type :
       {DataType::f16, DataType::bf16, DataType::f32, DataType::s8, DataType::s4}) {
    wanted.insert(fmt::format("load3d {}", name(type)));
    wanted.insert(fmt::format("load2d_transpose {}", name(type)));
    wanted.insert(fmt::format("mmad {} off", name(type)));
  }
  for (const std::string& kind : wanted) EXPECT_TRUE(seen.contains(kind)) << kind;
}

// The fractals of L0C an instruction touches.
std::set<std::uint64_t> fractals_of(const Instruction& i) {
  std::set<std::uint64_t> fractals;
  for (const Extent& e : footprint(i)) {
    if (e.space != Space::L0C) continue;
    for (std::uint64_t n = 0; n < e.count; ++n) {
      const std::uint64_t start = e.start + n * e.stride;
      for (std::uint64_t f = start / 1024; f <= (start + e.size - 1) / 1024; ++f)
        fractals.insert(f);
    }
  }
  return fractals;
}

TEST(CoreInstruction, AnMmadAndAFixpipeOfABlockTouchTheSameFractals) {
  const ChipConfig chip = load_chip("ascend910b1");
  RandomStream random = seed.stream("blocks");
  for (int n = 0; n < 300; ++n) {
    const OutputBlock block{.start = L0cAddress{random.below(20) * 1024},
                            .m = static_cast<std::uint16_t>(1 + random.below(80)),
                            .n = static_cast<std::uint16_t>(1 + random.below(60)),
                            .acc = random.chance(1, 2) ? DataType::f32 : DataType::s32};
    const Mmad mmad = draw_mmad(random, chip, whole(chip), block);
    EXPECT_EQ(mmad.m, block.m);
    EXPECT_EQ(mmad.n, block.n);
    EXPECT_EQ(mmad.c, block.start);
    EXPECT_EQ(is_floating(mmad.dtype), block.acc == DataType::f32);
    EXPECT_EQ(fractals_of(draw_fixpipe(random, chip, whole(chip), block)), fractals_of(mmad));
    EXPECT_EQ(fractals_of(draw_fixpipe_l1(random, chip, whole(chip), block)), fractals_of(mmad));
  }
}

}  // namespace
}  // namespace vitruvian::tb
