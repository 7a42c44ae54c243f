// SPDX-License-Identifier: Apache-2.0
//
// docs/timing.md, G1-G3 and G6: MTE2. The port by itself: tests/memory/memory_timing_test.cpp.
#include <gtest/gtest.h>

#include "tests/core/timed.h"

namespace vitruvian::tests {
namespace {

using systemc::GmPort;
using systemc::Port;
using systemc::State;

const ChipConfig& chip() {
  static const ChipConfig config = timing_chip();
  return config;
}
std::uint64_t start_to_start(const Instruction& i) { return tests::start_to_start(chip(), i); }
std::uint64_t start_to_end(const Instruction& i) { return tests::start_to_end(chip(), i); }

CopyGmL1Nd2nz matrix(int rows, int columns, int pitch) {
  return {.n_value = static_cast<std::uint16_t>(rows),
          .d_value = static_cast<std::uint16_t>(columns),
          .src_d_value = static_cast<std::uint16_t>(pitch),
          .dst_c0_stride = static_cast<std::uint16_t>(rows),
          .dtype = DataType::f16};
}

TEST(Mte2Timing, G1ACopyOccupiesThePortForItsGrains) {
  // 4 cycles of request, grains of 128 B at 160 B a cycle, then 160 cycles of latency.
  EXPECT_EQ(start_to_end(copy(0, 4)), 4u + 1 + 160);    // 0.8 cycles
  EXPECT_EQ(start_to_end(copy(0, 1)), 4u + 1 + 160);    // 32 B cost their grain
  EXPECT_EQ(start_to_end(copy(0, 32)), 4u + 7 + 160);   // 6.4
  EXPECT_EQ(start_to_end(copy(96, 4)), 4u + 2 + 160);   // two grains, 1.6
  EXPECT_EQ(start_to_end(copy(0, 20)), 4u + 5 + 160);   // five: 4.0, but the line before went in 4
  EXPECT_EQ(start_to_end(copy(32, 20)), 4u + 5 + 160);  // six: 4.8
}

TEST(Mte2Timing, G1EachPieceIsCutForItself) {
  CopyGmL1 pieces = copy(64, 2);  // four times 64 B, the second half of a grain each
  pieces.block_count = 4;
  pieces.src_gap = 2;
  EXPECT_EQ(start_to_end(pieces), 4u + 4 + 160);  // four grains: 3.2
  pieces.src_gap = 0;  // contiguous, but still four pieces: 64, 128, 192, 256
  EXPECT_EQ(start_to_end(pieces), 4u + 4 + 160);
  EXPECT_EQ(start_to_end(copy(64, 8)), 4u + 3 + 160);  // three grains: 2.4
  const Timed t{chip(), {pieces}};
  EXPECT_EQ(t.beats(Port::gm_read_mte2).size(), 4u);
}

TEST(Mte2Timing, G1RowsOfAMatrixAndFractalsArePieces) {
  CopyGmL1Nd2nz rows = matrix(10, 100, 128);
  EXPECT_EQ(start_to_end(rows), 4u + 16 + 160);  // 200 B: two grains a row, 16.0
  rows.src = GmAddress{120};
  EXPECT_EQ(start_to_end(rows), 4u + 25 + 160);  // three: 24.0, but one was held by the one before
  const Load2dGm fractals{.to = L0Buffer::L0A, .src = GmAddress{256}, .repeat = 2};
  EXPECT_EQ(start_to_end(fractals), 4u + 7 + 160);  // 256 + 256 B each: 6.4
}

TEST(Mte2Timing, G1ThePortKeepsFractionsBetweenCopies) {
  // Two copies whose port times are 6.4 cycles each; the second's request comes when the first has
  // left.
  const ChipConfig quick = chip_with({"mte2.setup=1", "mte2.request=1"});
  const Timed t{quick, {copy(0, 32), copy(0, 32)}};
  EXPECT_EQ(t.end(0) - t.start(0), 8u + 160);
  EXPECT_EQ(t.start(1) - t.start(0), 8u);
  EXPECT_EQ(t.end(1) - t.start(1), 8u + 160);
}

TEST(Mte2Timing, G1NoMoreBurstsAreOutstandingThanTold) {
  const ChipConfig two = chip_with({"mte2.outstanding=2"});
  const Timed t{two, {copy(0, 48)}};  // three lines: 3.2, 6.4, 9.6
  const std::uint64_t from = 1 + 4;
  EXPECT_EQ(t.cycles(Port::gm_read_mte2),
            (std::vector<std::uint64_t>{from + 4, from + 7, from + 4 + 160 + 1}));
}

TEST(Mte2Timing, G1WhatMemoryLetsWaitIsTakenLater) {
  const Answers late{chip(), GmPort::mte2_read, {0, 9, 0}, {160}};
  const Timed t{chip(), {copy(0, 48)}, late};
  const std::uint64_t from = 1 + 4;
  // The third has its 3.2 cycles from the cycle the second was taken in.
  EXPECT_EQ(t.cycles(Port::gm_read_mte2),
            (std::vector<std::uint64_t>{from + 4, from + 16, from + 20}));
  EXPECT_EQ(t.end(0), from + 20 + 160);
}

TEST(Mte2Timing, G2ABeatIsWrittenInTheCycleItComes) {
  CopyGmL1 i = copy(128, 16);  // 512 B from 128 on: bursts of 384 and 128 B, beats of 128, 256, 128
  i.dst = L1Address{64};
  const Timed t{chip(), {i}};
  const std::uint64_t first = 1 + 4 + 3 + 160, second = 1 + 4 + 4 + 160;  // 2.4, 3.2
  EXPECT_EQ(t.cycles(Port::l1_write_mte2),
            (std::vector<std::uint64_t>{first - 1, first, second}));
  EXPECT_EQ(t.end(0), second);
  const auto& beats = t.beats(Port::l1_write_mte2);
  EXPECT_EQ(beats[0].rows[0].address, 64u);
  EXPECT_EQ(beats[0].rows[0].size, 128u);
  EXPECT_EQ(beats[1].rows[0].address, 64u + 128);
  EXPECT_EQ(beats[1].rows[0].size, 256u);
  EXPECT_EQ(beats[2].rows[0].address, 64u + 384);
}

TEST(Mte2Timing, G2DataComeInOrderOneBeatACycle) {
  const Answers swift_later{chip(), GmPort::mte2_read, {0}, {160, 2}};
  const Timed t{chip(), {copy(0, 48)}, swift_later};
  const std::uint64_t first = 1 + 4 + 4 + 160;
  EXPECT_EQ(t.cycles(Port::l1_write_mte2), from_to(first - 1, first + 4));
  EXPECT_EQ(t.end(0), first + 4);
}

TEST(Mte2Timing, G2TheEndOfARowBringsTheZerosOfItsBlock) {
  const Timed t{chip(), {matrix(2, 20, 32)}};  // 40 B a row: a block, and a quarter of one
  const auto& beats = t.beats(Port::l1_write_mte2);
  ASSERT_EQ(beats.size(), 2u);
  ASSERT_EQ(beats[1].rows.size(), 2u);
  EXPECT_EQ(beats[1].rows[0].address, 32u);
  EXPECT_EQ(beats[1].rows[1].address, 2u * 32 + 32);
  EXPECT_EQ(beats[1].rows[1].size, 32u);
}

TEST(Mte2Timing, G3StartsAfterTheSetupOrWhenTheLastBurstIsTaken) {
  EXPECT_EQ(start_to_start(copy(0, 1)), 20u);
  EXPECT_EQ(start_to_start(copy(0, 80)), 20u);       // 4 + 16
  EXPECT_EQ(start_to_start(copy(0, 84)), 21u);       // 4 + 16.8
  EXPECT_EQ(start_to_start(copy(0, 512)), 4u + 103);  // 102.4
  const Answers late{chip(), GmPort::mte2_read, {30, 0}, {160}};
  const Timed t{chip(), {copy(0, 1), copy(0, 1)}, late};
  EXPECT_EQ(t.start(1) - t.start(0), 4u + 1 + 30);
}

TEST(Mte2Timing, G3HoldsNoMoreInFlightThanItIsTold) {
  const ChipConfig two = chip_with({"mte2.in_flight=2"});
  const Timed t{two, {copy(0, 1), copy(0, 1), copy(0, 1)}};
  EXPECT_EQ(t.start(1), t.start(0) + 20);
  EXPECT_EQ(t.start(2), t.end(0) + 1);
  EXPECT_EQ(t.state(Pipe::MTE2, t.end(0)), State::memory);
}

TEST(Mte2Timing, ACopyOfNothingEndsAsItStartsUnderTheRulesOfAnyOther) {
  CopyGmL1Nd2nz nothing = matrix(1, 1, 1);
  nothing.nd_num = 0;
  EXPECT_EQ(start_to_end(nothing), 0u);
  EXPECT_EQ(start_to_start(nothing), 1u);
  const ChipConfig one = chip_with({"mte2.in_flight=1"});
  EXPECT_EQ(Timed(chip(), {copy(0, 1), nothing}).start(1), 1u + 20);   // M1; M5 does not hold it
  const Timed held{one, {copy(0, 1), nothing}};
  EXPECT_EQ(held.start(1), held.end(0) + 1);
}

TEST(Mte2Timing, SerialisedCopiesPayRequestPortAndLatencyEachTime) {
  const Timed t{chip(), {copy(0, 32), PipeBarrier{Pipe::MTE2}, copy(0, 32)}};
  EXPECT_EQ(t.start(2) - t.start(0), 4u + 7 + 160 + 2);
}

FillL1 fill(int repeat, int blocks_of_32) {
  return {.repeat = static_cast<std::uint16_t>(repeat),
          .block_length = static_cast<std::uint16_t>(blocks_of_32)};
}

TEST(Mte2Timing, G6AFillWrites256BytesOfABlockACycle) {
  const Timed t{chip(), {fill(2, 17)}};  // 544 B: 256, 256, 32
  EXPECT_EQ(t.cycles(Port::l1_write_mte2), from_to(1 + 4, 1 + 4 + 5));
  EXPECT_EQ(t.end(0), 1u + 4 + 5);
  EXPECT_EQ(t.beats(Port::l1_write_mte2)[2].rows[0].size, 32u);
  EXPECT_EQ(t.beats(Port::l1_write_mte2)[3].rows[0].address, 544u);
  EXPECT_EQ(t.state(Pipe::MTE2, t.end(0)), State::busy);
}

TEST(Mte2Timing, G6NextAfterTheSetupOrInTheCycleAfterItsEnd) {
  EXPECT_EQ(start_to_start(fill(1, 8)), 20u);
  EXPECT_EQ(start_to_start(fill(1, 8 * 16)), 20u);     // writes in 4 .. 19
  EXPECT_EQ(start_to_start(fill(1, 8 * 17)), 21u);
}

TEST(Mte2Timing, G6AFillWaitsForTheEndOfAllBefore) {
  const Timed t{chip(), {copy(0, 1), copy(0, 8), fill(1, 8), copy(0, 1)}};
  EXPECT_EQ(t.start(2), t.end(1) + 1);
  EXPECT_EQ(t.state(Pipe::MTE2, t.start(1) + 19), State::busy);    // M1
  EXPECT_EQ(t.state(Pipe::MTE2, t.start(1) + 20), State::memory);
  EXPECT_EQ(t.state(Pipe::MTE2, t.end(1)), State::memory);
  EXPECT_EQ(t.start(3), t.start(2) + 20);
}

TEST(Mte2Timing, StateIsBusyUntilTheLastBurstIsTakenThenMemory) {
  const Timed t{chip(), {copy(0, 32)}};
  EXPECT_EQ(t.state(Pipe::MTE2, 1), State::busy);
  EXPECT_EQ(t.state(Pipe::MTE2, 1 + 4 + 7), State::busy);
  EXPECT_EQ(t.state(Pipe::MTE2, 1 + 4 + 8), State::memory);
  EXPECT_EQ(t.state(Pipe::MTE2, t.end(0)), State::memory);
}

}  // namespace
}  // namespace vitruvian::tests
