// SPDX-License-Identifier: Apache-2.0
//
// docs/timing.md, M1-M3 and G1-G5: the movers MTE1, MTE2 and FIX, alone and behind each other.
#include <gtest/gtest.h>

#include "tests/core/timed.h"

namespace vitruvian::tests {
namespace {

using systemc::State;

const ChipConfig& chip() {
  static const ChipConfig config = timing_chip();
  return config;
}

// MTE1's laws are those of the measured 910B1 tables.
std::uint64_t start_to_start(const Instruction& i, const ChipConfig& on = chip()) {
  const Timed t{on, {i, i}};
  return t.start(1) - t.start(0);
}
std::uint64_t start_to_end(const Instruction& i, const ChipConfig& on = chip()) {
  const Timed t{on, {i}};
  return t.end(0) - t.start(0);
}

CopyGmL1 copy(std::uint64_t from, int blocks_of_32) {
  return {.src = GmAddress{from}, .block_length = static_cast<std::uint16_t>(blocks_of_32)};
}

TEST(Mte1Timing, M1L1ToL0aTakesTwoCyclesAFractalAndOneAnInstructionAtLeastFour) {
  for (const int n : {1, 2, 3, 16, 128}) {
    EXPECT_EQ(start_to_start(load(L0Buffer::L0A, n)), std::max(4, 2 * n + 1)) << n;
  }
}

TEST(Mte1Timing, M1L1ToL0bTakesFourCyclesAFractalAndOneAnInstruction) {
  for (const int n : {1, 2, 3, 16, 128})
    EXPECT_EQ(start_to_start(load(L0Buffer::L0B, n)), 4u * n + 1) << n;
}

TEST(Mte1Timing, M1L1ToBtMoves32BytesACycleAtLeastThreeCycles) {
  for (const int units : {1, 2, 4, 16}) {  // of 64 B
    EXPECT_EQ(start_to_start(CopyL1Bt{.length = static_cast<std::uint16_t>(units)}),
              std::max(3, 2 * units));
  }
}

TEST(Mte1Timing, M1TransposingLoadsCostTheirFractals) {
  const auto of = [](DataType type) {
    return start_to_start(
        Load2dTranspose{.to = L0Buffer::L0A, .repeat = 3, .dst_gap = 1, .dtype = type});
  };
  EXPECT_EQ(of(DataType::f16), 2u * 3 + 1);
  EXPECT_EQ(of(DataType::s8), 2u * 6 + 1);
  EXPECT_EQ(of(DataType::f32), 2u * 6 + 1);
}

TEST(Mte1Timing, M1LooksAtTheInstructionBefore) {
  const Timed t{chip(),
                {load(L0Buffer::L0B, 10), load(L0Buffer::L0A, 1), CopyL1Bt{.length = 1},
                 load(L0Buffer::L0A, 1)}};
  EXPECT_EQ(t.start(1) - t.start(0), 41u);
  EXPECT_EQ(t.start(2) - t.start(1), 4u);
  EXPECT_EQ(t.start(3) - t.start(2), 3u);
}

TEST(Mte1Timing, M2DataMoveALatencyAfterTheStart) {
  EXPECT_EQ(start_to_end(load(L0Buffer::L0A, 1)), 36u + 2 - 1);
  EXPECT_EQ(start_to_end(load(L0Buffer::L0B, 5)), 36u + 20 - 1);
  EXPECT_EQ(start_to_end(CopyL1Bt{.length = 4}), 36u + 8 - 1);
}

TEST(Mte2Timing, G1ACopyOccupiesThePortForItsSectors) {
  // 4 cycles of request, 128 B sectors at 160 B a cycle, then 160 cycles of latency.
  EXPECT_EQ(start_to_end(copy(0, 4)), 4u + 1 + 160);    // 0.8 cycles
  EXPECT_EQ(start_to_end(copy(0, 1)), 4u + 1 + 160);    // 32 B cost their sector
  EXPECT_EQ(start_to_end(copy(0, 32)), 4u + 7 + 160);   // 6.4
  EXPECT_EQ(start_to_end(copy(96, 4)), 4u + 2 + 160);   // two sectors, 1.6
  EXPECT_EQ(start_to_end(copy(0, 20)), 4u + 5 + 160);   // five: 4.0, but the line before went in 4
  EXPECT_EQ(start_to_end(copy(32, 20)), 4u + 5 + 160);  // six: 4.8
}

TEST(Mte2Timing, G1EachPieceIsCutForItself) {
  CopyGmL1 pieces = copy(64, 2);  // four times 64 B, the second half of a sector each
  pieces.block_count = 4;
  pieces.src_gap = 2;
  EXPECT_EQ(start_to_end(pieces), 4u + 4 + 160);  // four sectors: 3.2
  pieces.src_gap = 0;  // contiguous, but still four pieces: 64, 128, 192, 256
  EXPECT_EQ(start_to_end(pieces), 4u + 4 + 160);
  EXPECT_EQ(start_to_end(copy(64, 8)), 4u + 3 + 160);  // three sectors: 2.4
}

TEST(Mte2Timing, G1RowsOfAMatrixArePieces) {
  CopyGmL1Nd2nz rows{.src = GmAddress{0},
                     .n_value = 10,
                     .d_value = 100,
                     .src_d_value = 128,
                     .dst_c0_stride = 16,
                     .dtype = DataType::f16};
  EXPECT_EQ(start_to_end(rows), 4u + 16 + 160);  // 200 B: two sectors a row, 16.0
  rows.src = GmAddress{120};
  EXPECT_EQ(start_to_end(rows), 4u + 25 + 160);  // three: 24.0, but one was held by the one before
}

TEST(Mte2Timing, G2ThePortKeepsFractionsBetweenCopies) {
  // Two copies whose port times are 6.4 cycles each; the second's request comes when the first has
  // left.
  const ChipConfig quick = chip_with({"mte2.setup=1", "mte2.request=1"});
  const Timed t{quick, {copy(0, 32), copy(0, 32)}};
  EXPECT_EQ(t.end(0) - t.start(0), 8u + 160);
  EXPECT_EQ(t.start(1) - t.start(0), 8u);
  EXPECT_EQ(t.end(1) - t.start(1), 8u + 160);
}

TEST(Mte2Timing, G3StartsAfterTheSetupOrWhenThePortIsFree) {
  EXPECT_EQ(start_to_start(copy(0, 1)), 20u);
  EXPECT_EQ(start_to_start(copy(0, 80)), 20u);       // 4 + 16
  EXPECT_EQ(start_to_start(copy(0, 84)), 21u);       // 4 + 16.8
  EXPECT_EQ(start_to_start(copy(0, 512)), 4u + 103);  // 102.4
}

TEST(Mte2Timing, G3HoldsNoMoreInFlightThanItIsTold) {
  const ChipConfig two = chip_with({"mte2.in_flight=2"});
  const Timed t{two, {copy(0, 1), copy(0, 1), copy(0, 1)}};
  EXPECT_EQ(t.start(1), t.start(0) + 20);
  EXPECT_EQ(t.start(2), t.end(0) + 1);
  EXPECT_EQ(t.state(Pipe::MTE2, t.end(0)), State::memory);
}

TEST(Mte2Timing, ACopyOfNothingEndsAsItStarts) {
  CopyGmL1Nd2nz nothing{.nd_num = 0,
                        .n_value = 1,
                        .d_value = 1,
                        .src_d_value = 1,
                        .dst_c0_stride = 1,
                        .dtype = DataType::f16};
  EXPECT_EQ(start_to_end(nothing), 0u);
  EXPECT_EQ(start_to_start(nothing), 1u);
}

TEST(Mte2Timing, SerialisedCopiesPayRequestPortAndLatencyEachTime) {
  const Timed t{chip(), {copy(0, 32), PipeBarrier{Pipe::MTE2}, copy(0, 32)}};
  EXPECT_EQ(t.start(2) - t.start(0), 4u + 7 + 160 + 2);
}

TEST(FixTiming, M1StartsAreTheSetupApartOrNineCyclesAFractal) {
  for (const int fractals : {1, 9, 10, 32}) {
    EXPECT_EQ(start_to_start(fixpipe(16, 16 * fractals)), std::max(86, 9 * fractals)) << fractals;
  }
  EXPECT_EQ(start_to_start(fixpipe(17, 160)), 9u * 20);  // partial fractals are whole ones
}

// From the start to the acknowledgement: the first read, nine cycles from read to read, fourteen from
// the last read to the last output cycle.
std::uint64_t whole(std::uint64_t fractals) { return 24 + 9 * (fractals - 1) + 14 + 60; }

TEST(FixTiming, G4EndsWhenItsLastFractalIsAcknowledged) {
  EXPECT_EQ(start_to_end(fixpipe(16, 16)), whole(1));
  EXPECT_EQ(start_to_end(fixpipe(64, 64)), whole(16));
}

TEST(FixTiming, G4NarrowOutputTakesNoLessTime) {
  Fixpipe f = fixpipe(32, 32);
  f.quant = Quant::F322F16;
  EXPECT_EQ(start_to_end(f), whole(4));
  f.nz2nd = 1;
  EXPECT_EQ(start_to_end(f), whole(4));
  EXPECT_EQ(start_to_end(fixpipe(2, 16)), whole(1));
}

TEST(FixTiming, EightBitColumnsTakeNoLessTime) {
  Fixpipe f = fixpipe(16, 64);
  f.acc = DataType::s32;
  f.quant = Quant::REQ8;
  EXPECT_EQ(start_to_end(f), whole(4));
}

}  // namespace
}  // namespace vitruvian::tests
