// SPDX-License-Identifier: Apache-2.0
//
// The rules of MTE1's instructions (docs/isa.md) stand in the RTL as assertions: each fires on an instruction that
// breaks it by the least, and not on its neighbour that keeps it.
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "tests/pipe/mte1_rtl_run.h"

namespace vitruvian::tests {
namespace {

using models::CopyL1Bt;
using models::FillL0;
using models::Instruction;
using models::L0Buffer;
using models::Load2d;
using models::Load2dTranspose;
using models::Load3d;

// What the block says of an instruction that starts; empty: nothing.
std::string verdict_on(const Instruction& instruction) {
  MoverUnderTest mover{mte1_library(mte1_standard), {{"setup", 3}, {"load_tail", 1}, {"latency", 36}}};
  try {
    mover.cycle(&instruction, {}, {});
    mover.cycle(nullptr, {}, {});
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return {};
}

struct Rule {
  const char* assertion;
  Instruction kept, broken;
};

template <class T>
Rule rule(const char* assertion, T at_the_limit, auto break_it) {
  T broken = at_the_limit;
  break_it(broken);
  return {assertion, at_the_limit, broken};
}

// To the last byte of every memory it touches.
Load2d plain() {
  Load2d load;
  load.dtype = DataType::f16;
  load.repeat = 3, load.src_stride = 2, load.dst_gap = 1;
  load.src = L1Address{(512 << 10) - 5 * 512}, load.dst = L0Address{(64 << 10) - 5 * 512};
  load.transpose = 1;
  return load;
}
Load2dTranspose block() {
  Load2dTranspose load;
  load.dtype = DataType::s4;
  load.repeat = 2, load.src_stride = 3, load.dst_gap = 3;
  load.src = L1Address{(512 << 10) - 4 * 2048}, load.dst = L0Address{(64 << 10) - 8 * 512};
  return load;
}
CopyL1Bt bias() { return {.dst = BtAddress{1024 - 128}, .src = L1Address{(512 << 10) - 128}, .length = 2}; }
FillL0 fill() { return {.to = L0Buffer::L0B, .dst = L0Address{(64 << 10) - 7 * 512}, .repeat = 2, .block_length = 3, .dst_gap = 1}; }
// A 3x5 filter on a map of 5x4, one of padding around it: one output pixel a row; three planes to the end of L1.
Load3d map() {
  Load3d load;
  load.dtype = DataType::bf16;
  load.l1_h = 5, load.l1_w = 4, load.channel_size = 48;
  load.filter_h = 3, load.filter_w = 5, load.dilation_h = 3;
  load.pad_top = load.pad_bottom = load.pad_left = 1;
  load.m_extension = 32, load.k_start = 16 * 43, load.k_extension = 32;
  load.src = L1Address{(512 << 10) - 3 * 20 * 32}, load.dst = L0Address{(64 << 10) - 4 * 512};
  load.transpose = 1;
  return load;
}
Load3d plain_map(DataType type) {
  Load3d load = map();
  load.transpose = 0, load.dtype = type, load.channel_size = 256, load.k_start = 64, load.k_extension = 64, load.src = L1Address{0}, load.dst = L0Address{0};
  return load;
}

std::vector<Rule> rules() {
  return {
      rule("LoadIsAligned_A", plain(), [](Load2d& i) { i.src = L1Address{i.src.value() - 16}; }),
      rule("DestinationIsAligned_A", plain(), [](Load2d& i) { i.dst = L0Address{i.dst.value() - 256}; }),
      rule("LoadKnowsTheType_A", plain(), [](Load2d& i) { i.transpose = 0, i.dtype = DataType::s32; }),
      rule("LoadTurnsSixteenBits_A", plain(), [](Load2d& i) { i.dtype = DataType::f32; }),
      rule("LoadMovesSomething_A", plain(), [](Load2d& i) { i.repeat = 0; }),
      rule("LoadStaysInside_A", plain(), [](Load2d& i) { i.src = L1Address{i.src.value() + 32}; }),
      rule("LoadStaysInside_A", plain(), [](Load2d& i) { i.dst = L0Address{i.dst.value() + 512}; }),
      rule("BlockIsAligned_A", block(), [](Load2dTranspose& i) { i.src = L1Address{i.src.value() - 16}; }),
      rule("DestinationIsAligned_A", block(), [](Load2dTranspose& i) { i.dst = L0Address{i.dst.value() - 256}; }),
      rule("BlockKnowsTheType_A", block(), [](Load2dTranspose& i) { i.dtype = DataType::s32; }),
      rule("BlockMovesSomething_A", block(), [](Load2dTranspose& i) { i.repeat = 0; }),
      rule("BlockStaysInside_A", block(), [](Load2dTranspose& i) { i.src = L1Address{i.src.value() + 32}; }),
      rule("BlockStaysInside_A", block(), [](Load2dTranspose& i) { i.dst_frac_gap = 1; }),
      rule("BiasIsAligned_A", bias(), [](CopyL1Bt& i) { i.dst = BtAddress{i.dst.value() - 32}; }),
      rule("BiasIsAligned_A", bias(), [](CopyL1Bt& i) { i.src = L1Address{i.src.value() - 16}; }),
      rule("BiasMovesSomething_A", bias(), [](CopyL1Bt& i) { i.length = 0; }),
      rule("BiasStaysInside_A", bias(), [](CopyL1Bt& i) { i.dst = BtAddress{i.dst.value() + 64}; }),
      rule("BiasStaysInside_A", bias(), [](CopyL1Bt& i) { i.src = L1Address{i.src.value() + 32}; }),
      rule("DestinationIsAligned_A", fill(), [](FillL0& i) { i.dst = L0Address{i.dst.value() - 256}; }),
      rule("FillMovesSomething_A", fill(), [](FillL0& i) { i.repeat = 0; }),
      rule("FillMovesSomething_A", fill(), [](FillL0& i) { i.block_length = 0; }),
      rule("FillStaysInside_A", fill(), [](FillL0& i) { i.dst_gap = 2; }),
      rule("MapKnowsTheType_A", plain_map(DataType::s8), [](Load3d& i) { i.dtype = DataType::s32; }),
      rule("MapIsAligned_A", map(), [](Load3d& i) { i.src = L1Address{i.src.value() - 16}; }),
      rule("MapIsAligned_A", plain_map(DataType::s4), [](Load3d& i) { i.channel_size += 32; }),
      rule("MapIsThere_A", map(), [](Load3d& i) { i.channel_size = 0; }),
      rule("StepsAreNotZero_A", map(), [](Load3d& i) { i.stride_w = 0; }),
      rule("StepsAreNotZero_A", map(), [](Load3d& i) { i.dilation_h = 0; }),
      rule("FilterFitsTheMap_A", map(), [](Load3d& i) { i.pad_left = 0; }),
      rule("FilterFitsTheMap_A", map(), [](Load3d& i) { i.pad_bottom = 0; }),
      rule("WindowIsOfFractals_A", map(), [](Load3d& i) { i.m_start = 8; }),
      rule("WindowIsOfFractals_A", map(), [](Load3d& i) { i.m_extension = 24; }),
      rule("WindowIsOfFractals_A", map(), [](Load3d& i) { i.k_start -= 8; }),
      rule("WindowIsOfFractals_A", plain_map(DataType::s4), [](Load3d& i) { i.k_extension = 32; }),
      rule("WindowIsThere_A", map(), [](Load3d& i) { i.m_extension = 0; }),
      rule("WindowIsThere_A", map(), [](Load3d& i) { i.k_extension = 0; }),
      rule("WindowIsInsideX_A", map(), [](Load3d& i) { i.k_start += 16; }),
      rule("MapTurnsSixteenBitsForL0a_A", map(), [](Load3d& i) { i.to = L0Buffer::L0B; }),
      rule("MapTurnsSixteenBitsForL0a_A", plain_map(DataType::f32), [](Load3d& i) { i.transpose = 1; }),
      rule("MapStaysInside_A", map(), [](Load3d& i) { i.src = L1Address{i.src.value() + 32}; }),
      rule("WindowStaysInside_A", map(), [](Load3d& i) { i.m_extension += 16; }),
      rule("InstructionIsOfThisPipe_A", Instruction{bias()}, [](Instruction& i) { i = models::CopyGmL1{}; }),
  };
}

TEST(Mte1RtlRules, AreAssertedByTheLeast) {
  for (const Rule& rule : rules()) {
    SCOPED_TRACE(rule.assertion);
    EXPECT_EQ(verdict_on(rule.kept), "");
    const std::string verdict = verdict_on(rule.broken);
    EXPECT_NE(verdict.find(rule.assertion), std::string::npos) << verdict;
  }
}

}  // namespace
}  // namespace vitruvian::tests
