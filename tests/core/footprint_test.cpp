// SPDX-License-Identifier: Apache-2.0
//
// The footprint of an instruction against what executing it does: which bytes change, and which
// bytes change what it leaves. Nothing here knows a layout.
#include "models/program/footprint.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <vector>

#include "models/core/core.h"
#include "models/program/fixpipe_view.h"
#include "tests/program/random_instruction.h"

namespace vitruvian::models {
namespace {

constexpr tb::Seed seed{0xf007};
constexpr std::uint64_t unit_scale = std::uint64_t{0x3f800000} | std::uint64_t{1}
                                                                     << 46;  // 1.0, signed
constexpr Space spaces[] = {Space::GM,  Space::L1, Space::L0A, Space::L0B,
                            Space::L0C, Space::BT, Space::FB};

// The contents of every memory; after a run also what left through the response port.
using Image = std::vector<std::vector<std::uint8_t>>;
// Every byte of every memory: does the footprint hold it?
using Mask = std::vector<std::vector<bool>>;

struct Machine {
  Machine() : chip{tests::small_chip()}, gm{chip.gm.size}, state{chip, gm} {}
  std::span<std::uint8_t> bytes(Space space) {
    return space == Space::GM ? gm.at(GmAddress{0}, chip.gm.size) : state.buffer(space).bytes();
  }
  Image run(const Instruction& instruction, const Image& before) {
    for (const Space space : spaces)
      std::ranges::copy(before[static_cast<int>(space)], bytes(space).begin());
    state.responses.clear();
    execute(instruction, state, chip, Numerics::dot24);
    Image after;
    for (const Space space : spaces) after.emplace_back(bytes(space).begin(), bytes(space).end());
    auto& responses = after.emplace_back();
    for (const std::uint64_t value : state.responses) {
      for (int b = 0; b < 8; ++b) responses.push_back(static_cast<std::uint8_t>(value >> (8 * b)));
    }
    return after;
  }

  ChipConfig chip;
  Memory gm;
  CoreState state;
};

Mask mask_of(const Instruction& instruction, const ChipConfig& chip, bool write) {
  Mask mask;
  for (const Space space : spaces) mask.emplace_back(chip.size_of(space).value());
  for (const Extent& extent : footprint(instruction)) {
    if (extent.write != write) continue;
    for (std::uint64_t i = 0; i < extent.count; ++i) {
      for (std::uint64_t b = 0; b < extent.size; ++b) {
        mask[static_cast<int>(extent.space)].at(extent.start + i * extent.stride + b) = true;
      }
    }
  }
  return mask;
}

// The memories an instruction's operands stand in, by its rows of the table; L0A and L0B by `to`.
bool has_space(const Mask& mask, Space space) {
  const auto& bits = mask[static_cast<int>(space)];
  return std::ranges::find(bits, true) != bits.end();
}

std::optional<FixpipeView> fixpipe_of(const Instruction& instruction) {
  if (const auto* fix = std::get_if<Fixpipe>(&instruction)) return *fix;
  if (const auto* fix = std::get_if<FixpipeL1>(&instruction)) return *fix;
  return std::nullopt;
}

// Bytes of what an instruction reads there at a time.
std::size_t element_in(Space space, const Instruction& instruction) {
  if (space == Space::FB) return 8;
  if (space == Space::L0C || space == Space::BT) return 4;
  const auto* mmad = std::get_if<Mmad>(&instruction);
  return mmad == nullptr ? 1 : static_cast<std::size_t>(std::max(element_size(mmad->dtype), 1));
}

// Numbers whose every change shows in what is computed of them: small, positive, never -1. s4: two
// of them.
std::uint32_t small_number(DataType type, tb::RandomStream& random) {
  const std::uint64_t value = 1 + random.below(3);
  if (type == DataType::s4) return static_cast<std::uint32_t>(value << 4 | (1 + random.below(3)));
  return is_floating(type) ? round_to(type, false, value, 0) : static_cast<std::uint32_t>(value);
}

void fill_numbers(std::vector<std::uint8_t>& bytes, DataType type, tb::RandomStream& random) {
  const auto size = static_cast<std::size_t>(std::max(element_size(type), 1));
  for (std::size_t at = 0; at + size <= bytes.size(); at += size) {
    const std::uint32_t value = small_number(type, random);
    std::memcpy(&bytes[at], &value, size);
  }
}

Image random_image(const Instruction& instruction, const ChipConfig& chip,
                   tb::RandomStream& random) {
  Image image;
  for (const Space space : spaces) {
    auto& bytes = image.emplace_back(chip.size_of(space).value());
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random.draw());
  }
  if (const auto* mmad = std::get_if<Mmad>(&instruction)) {
    const DataType word = is_floating(mmad->dtype) ? DataType::f32 : DataType::s32;
    for (const Space s : {Space::L0A, Space::L0B})
      fill_numbers(image[static_cast<int>(s)], mmad->dtype, random);
    for (const Space s : {Space::L0C, Space::BT})
      fill_numbers(image[static_cast<int>(s)], word, random);
  }
  if (const auto fix = fixpipe_of(instruction)) {
    fill_numbers(image[static_cast<int>(Space::L0C)], fix->acc, random);
    auto& fb = image[static_cast<int>(Space::FB)];
    for (std::size_t at = 0; at < fb.size(); at += 8) std::memcpy(&fb[at], &unit_scale, 8);
  }
  return image;
}

// A random legal instruction of a row whose numbers pass through visibly.
Instruction draw(int row, const ChipConfig& chip, tb::RandomStream& random) {
  Instruction instruction = tests::legal_instruction(row, chip, random);
  if (auto* fix = std::get_if<Fixpipe>(&instruction)) fix->scale = unit_scale;
  if (auto* fix = std::get_if<FixpipeL1>(&instruction)) fix->scale = unit_scale;
  return instruction;
}

class Footprint : public testing::TestWithParam<int> {
 protected:
  Machine machine_;
  tb::RandomStream random_ = seed.stream(instruction_table[GetParam()].name);
};

// Twice from memories that differ in every byte not read: what is equal afterwards was written. (A
// byte that is both read and written, as of an accumulating mmad, is left to the next test.)
TEST_P(Footprint, HoldsExactlyTheBytesWritten) {
  for (int n = 0; n < 60; ++n) {
    const Instruction instruction = draw(GetParam(), machine_.chip, random_);
    const Mask reads = mask_of(instruction, machine_.chip, false),
               writes = mask_of(instruction, machine_.chip, true);
    const Image first = random_image(instruction, machine_.chip, random_);
    Image second = first;
    for (std::size_t s = 0; s < second.size(); ++s) {
      for (std::size_t b = 0; b < second[s].size(); ++b) {
        if (!reads[s][b]) second[s][b] = static_cast<std::uint8_t>(~second[s][b]);
      }
    }
    const Image one = machine_.run(instruction, first), two = machine_.run(instruction, second);
    for (std::size_t s = 0; s < first.size(); ++s) {
      for (std::size_t b = 0; b < first[s].size(); ++b) {
        const bool written = one[s][b] == two[s][b] && !reads[s][b];
        const bool changed = one[s][b] != first[s][b] || two[s][b] != second[s][b];
        ASSERT_TRUE(reads[s][b] || written == writes[s][b])
            << "case " << n << ' ' << name(spaces[s]) << " byte " << b << ", seed " << seed.text();
        ASSERT_TRUE(!changed || writes[s][b]) << "case " << n << ' ' << name(spaces[s]) << " byte "
                                              << b << " changes, seed " << seed.text();
      }
    }
  }
}

// An element spoilt (all ones: NaN, or -1) inside the footprint shows in the result; outside,
// never.
TEST_P(Footprint, HoldsExactlyTheBytesThatMatter) {
  for (int n = 0; n < 40; ++n) {
    const Instruction instruction = draw(GetParam(), machine_.chip, random_);
    const Mask reads = mask_of(instruction, machine_.chip, false),
               writes = mask_of(instruction, machine_.chip, true);
    const Image before = random_image(instruction, machine_.chip, random_);
    const Image after = machine_.run(instruction, before);
    for (const Space space : spaces) {
      const auto s = static_cast<std::size_t>(space);
      if (!has_space(reads, space)) continue;
      const std::size_t size = element_in(space, instruction);
      for (int spoilt = 0; spoilt < 12; ++spoilt) {
        std::size_t at = random_.below(before[s].size() / size) * size;
        // Half the time an element inside, so that small footprints are met too.
        while (spoilt % 2 == 0 && !reads[s][at]) at = (at + size) % before[s].size();
        Image spoiled = before;
        for (std::size_t b = at; b < at + size; ++b)
          spoiled[s][b] = before[s][b] == 0xff ? 0 : 0xff;
        const Image result = machine_.run(instruction, spoiled);
        bool shows = result.back() != after.back();
        for (std::size_t t = 0; t < writes.size() && !shows; ++t) {
          for (std::size_t b = 0; b < result[t].size() && !shows; ++b) {
            shows = writes[t][b] && result[t][b] != after[t][b];
          }
        }
        ASSERT_EQ(shows, reads[s][at])
            << "case " << n << ' ' << name(space) << " byte " << at << ", seed " << seed.text();
      }
    }
  }
}

// Of two strided dimensions the shorter is walked: here at most 4 matrices or rows of fractals, 10
// columns of 32 B, 5 of 16. load3d has one for each output row in each column of its up to 16
// fractals, at worst one a row of 32 B.
TEST_P(Footprint, TakesFewExtents) {
  constexpr std::pair<std::string_view, std::size_t> most[] = {{"mmad", 3 + 4 + 2 + 1 + 2 + 2},
                                                               {"load2d", 2},
                                                               {"load2d_transpose", 1 + 2},
                                                               {"copy_l1_bt", 2},
                                                               {"copy_gm_l1", 2},
                                                               {"copy_gm_l1_nd2nz", 4 + 4 * 10},
                                                               {"load_scalar", 1},
                                                               {"load3d", 1 + 16 * 16},
                                                               {"fill_l0", 1},
                                                               {"load2d_gm", 2},
                                                               {"fill_l1", 1},
                                                               {"copy_l1_gm", 2},
                                                               {"fixpipe_l1", 2 + 1 + 2},
                                                               {"copy_l1_fb", 2},
                                                               {"fixpipe", 2 * 3 + 1 + 5 + 1}};
  const std::string_view name = instruction_table[GetParam()].name;
  const auto* limit =
      std::ranges::find(most, name, &std::pair<std::string_view, std::size_t>::first);
  for (int n = 0; n < 300; ++n) {
    const Instruction instruction = draw(GetParam(), machine_.chip, random_);
    EXPECT_LE(footprint(instruction).size(), limit == std::end(most) ? 0 : limit->second);
  }
}

INSTANTIATE_TEST_SUITE_P(Table, Footprint, testing::Range(0, tests::instruction_rows),
                         [](const auto& info) {
                           return std::string{instruction_table[info.param].name};
                         });

using Extents = std::vector<
    std::tuple<Space, bool, std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t>>;

Extents listed(const Instruction& instruction) {
  Extents list;
  for (const Extent& e : footprint(instruction)) {
    list.emplace_back(e.space, e.write, e.start, e.size, e.count > 1 ? e.stride : 0, e.count);
  }
  return list;
}

TEST(FootprintExamples, AFullMmadIsOneExtentAnOperand) {
  EXPECT_EQ(listed(Mmad{.m = 64, .n = 32, .k = 48, .init = Init::zero}),
            (Extents{{Space::L0A, false, 0, 64 * 48 * 2, 0, 1},
                     {Space::L0B, false, 0, 32 * 48 * 2, 0, 1},
                     {Space::L0C, true, 0, 64 * 32 * 4, 0, 1}}));
}

TEST(FootprintExamples, ARaggedMmadReadsAndWritesOnlyItsElements) {
  EXPECT_EQ(listed(Mmad{.m = 18, .n = 17, .k = 20, .init = Init::zero}),
            (Extents{{Space::L0A, false, 0, 512, 0, 1},       // rows 0-15, k 0-15
                     {Space::L0A, false, 1024, 64, 0, 1},     // rows 16-17, k 0-15
                     {Space::L0A, false, 512, 8, 32, 16},     // rows 0-15, k 16-19
                     {Space::L0A, false, 1536, 8, 32, 2},     // rows 16-17, k 16-19
                     {Space::L0B, false, 0, 17 * 32, 0, 1},   // k 0-15
                     {Space::L0B, false, 1024, 8, 32, 17},    // k 16-19
                     {Space::L0C, true, 0, 18 * 64, 0, 1},    // columns 0-15
                     {Space::L0C, true, 2048, 4, 64, 18}}));  // column 16
}

TEST(FootprintExamples, AGemvReadsAPlainRow) {
  EXPECT_EQ(listed(Mmad{.a = L0aAddress{512}, .m = 1, .n = 16, .k = 100, .init = Init::zero})[0],
            (Extents::value_type{Space::L0A, false, 512, 200, 0, 1}));
}

TEST(FootprintExamples, ALoad3dReadsTheRowsOfTheMapItsWindowMeets) {
  const Load3d same{.to = L0Buffer::L0B,
                    .dst = L0Address{512},
                    .src = L1Address{0x1000},
                    .l1_h = 4,
                    .l1_w = 8,
                    .channel_size = 32,
                    .m_extension = 16,  // two rows of the output
                    .k_start = 144,     // second channel block, kh = kw = 0
                    .k_extension = 32,  // and kw = 1
                    .filter_w = 3,
                    .filter_h = 3,
                    .pad_left = 1,
                    .pad_right = 1,
                    .pad_top = 1,
                    .pad_bottom = 1};
  const std::uint64_t c1 = 0x1000 + 4 * 8 * 32;
  EXPECT_EQ(listed(same), (Extents{{Space::L0B, true, 512, 1024, 0, 1},
                                   {Space::L1, false, c1, 7 * 32, 0, 1},     // output row 1, kw 0
                                   {Space::L1, false, c1, 8 * 32, 0, 1}}));  // output row 1, kw 1
  Load3d strided = same;
  strided.stride_w = 3, strided.pad_top = 0,
  strided.pad_bottom = 2;  // columns -1, 2, 5: three wide
  strided.m_extension = 16, strided.k_extension = 16;
  EXPECT_EQ(listed(strided), (Extents{{Space::L0B, true, 512, 512, 0, 1},
                                      {Space::L1, false, c1 + 2 * 32, 32, 96, 2},
                                      {Space::L1, false, c1 + (8 + 2) * 32, 32, 96, 2},
                                      {Space::L1, false, c1 + (16 + 2) * 32, 32, 96, 2},
                                      {Space::L1, false, c1 + (24 + 2) * 32, 32, 96, 2}}));
}

TEST(FootprintExamples, AFixpipeWithScalesOfItsOwnReadsOneAColumn) {
  const FixpipeL1 i{.dst = L1Address{64},
                    .m = 16,
                    .n = 48,
                    .src_stride = 16,
                    .dst_stride = 32,
                    .acc = DataType::s32,
                    .quant = Quant::VREQ8,
                    .fb = FbAddress{128}};
  EXPECT_EQ(listed(i), (Extents{{Space::L0C, false, 0, 48 * 64, 0, 1},
                                {Space::FB, false, 128, 48 * 8, 0, 1},
                                {Space::L1, true, 64, 16 * 32, 0, 1},
                                {Space::L1, true, 64 + 32 * 32, 16 * 16, 0, 1}}));
}

TEST(FootprintExamples, ChannelSplitLeavesColumnsOfEightWords) {
  const Fixpipe i{
      .m = 5, .n = 24, .src_stride = 16, .dst_stride = 8, .acc = DataType::f32, .split = 1};
  EXPECT_EQ(listed(i), (Extents{{Space::L0C, false, 0, 5 * 64, 0, 1},  // columns 0-15
                                {Space::L0C, false, 1024, 32, 64, 5},  // columns 16-23
                                {Space::GM, true, 0, 5 * 32, 8 * 32, 3}}));
}

TEST(FootprintExamples, KAlignMovesTheRowsOfFractalsOfAApart) {
  const Mmad plain{.m = 32, .n = 16, .k = 8, .dtype = DataType::f32, .init = Init::zero};
  Mmad aligned = plain;
  aligned.k_align = 1;
  EXPECT_EQ(listed(plain)[0], (Extents::value_type{Space::L0A, false, 0, 1024, 0, 1}));
  EXPECT_EQ(listed(aligned)[0], (Extents::value_type{Space::L0A, false, 0, 512, 1024, 2}));
}

TEST(FootprintExamples, AnMmadOfNibblesReadsHalfAByteEach) {
  const Mmad i{.m = 1, .n = 2, .k = 67, .dtype = DataType::s4, .init = Init::zero, .no_gemv = 1};
  EXPECT_EQ(listed(i), (Extents{{Space::L0A, false, 0, 32, 0, 1},
                                {Space::L0A, false, 512, 2, 0, 1},
                                {Space::L0B, false, 0, 64, 0, 1},
                                {Space::L0B, false, 512, 2, 32, 2},
                                {Space::L0C, true, 0, 8, 0, 1}}));
}

TEST(FootprintExamples, NothingToDoTouchesNothing) {
  EXPECT_TRUE(footprint(Mmad{.m = 0, .n = 16, .k = 16}).empty());
  EXPECT_TRUE(
      footprint(CopyGmL1Nd2nz{
                    .nd_num = 0, .n_value = 1, .d_value = 1, .src_d_value = 1, .dst_c0_stride = 1})
          .empty());
  EXPECT_TRUE(footprint(SetFlag{}).empty());
  EXPECT_TRUE(footprint(PipeBarrier{.on = Pipe::ALL}).empty());
}

TEST(FootprintExamples, L0AddressesAreThoseOfTheBufferNamed) {
  EXPECT_EQ(
      listed(Load2d{.to = L0Buffer::L0B, .dst = L0Address{512}, .repeat = 4, .src_stride = 2})[1],
      (Extents::value_type{Space::L0B, true, 512, 2048, 0, 1}));
}

}  // namespace
}  // namespace vitruvian::models
