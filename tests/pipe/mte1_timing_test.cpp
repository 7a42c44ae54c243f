// SPDX-License-Identifier: Apache-2.0
//
// docs/timing.md, M1, M2 and M4 of MTE1. Its laws are those of the measured 910B1 tables.
#include <gtest/gtest.h>

#include "tests/core/timed.h"

namespace vitruvian::tests {
namespace {

using systemc::Port;

const ChipConfig& chip() {
  static const ChipConfig config = timing_chip();
  return config;
}
std::uint64_t start_to_start(const Instruction& i) { return tests::start_to_start(chip(), i); }
std::uint64_t start_to_end(const Instruction& i) { return tests::start_to_end(chip(), i); }

// A window of 32 x 2 fractals' worth of columns: m1 = 2, k1 = 3.
Load3d img2col(L0Buffer to) {
  return {.to = to,
          .l1_h = 6,
          .l1_w = 8,
          .channel_size = 16,
          .m_extension = 32,
          .k_extension = 48,
          .filter_w = 3,
          .filter_h = 3,
          .pad_left = 1,
          .pad_right = 1,
          .pad_top = 1,
          .pad_bottom = 1,
          .dtype = DataType::f16};
}

TEST(Mte1Timing, M1L1ToL0aTakesTwoCyclesAFractalAndOneAnInstructionAtLeastFour) {
  for (const int n : {1, 2, 3, 16, 128}) {
    EXPECT_EQ(start_to_start(load(L0Buffer::L0A, n)), std::max(4, 2 * n + 1)) << n;
  }
}

TEST(Mte1Timing, M1L1ToL0bTakesFourCyclesAFractalAndOneAnInstruction) {
  for (const int n : {1, 2, 3, 16, 128}) {
    EXPECT_EQ(start_to_start(load(L0Buffer::L0B, n)), 4u * n + 1) << n;
  }
}

TEST(Mte1Timing, M1L1ToBtMoves32BytesACycleAtLeastThreeCycles) {
  for (const int units : {1, 2, 4, 16}) {  // of 64 B
    EXPECT_EQ(start_to_start(CopyL1Bt{.length = static_cast<std::uint16_t>(units)}),
              std::max(3, 2 * units));
  }
}

TEST(Mte1Timing, M1TransposingLoadsCostTheirFractals) {
  const auto of = [](DataType type, std::uint16_t gap) {
    return start_to_start(
        Load2dTranspose{.to = L0Buffer::L0A, .repeat = 3, .dst_gap = gap, .dtype = type});
  };
  EXPECT_EQ(of(DataType::f16, 0), 2u * 3 + 1);
  EXPECT_EQ(of(DataType::s8, 1), 2u * 6 + 1);
  EXPECT_EQ(of(DataType::f32, 1), 2u * 6 + 1);
  EXPECT_EQ(of(DataType::s4, 3), 2u * 12 + 1);
}

TEST(Mte1Timing, M1Load3dAndFillsCostTheirFractals) {
  EXPECT_EQ(start_to_start(img2col(L0Buffer::L0A)), 2u * 6 + 1);
  EXPECT_EQ(start_to_start(img2col(L0Buffer::L0B)), 4u * 6 + 1);
  const FillL0 fill{.to = L0Buffer::L0B, .repeat = 2, .block_length = 5, .dst_gap = 3};
  EXPECT_EQ(start_to_start(fill), 4u * 10 + 1);
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

TEST(Mte1Timing, M2AndM4ABeatIsWritten20CyclesAfterItIsRead) {
  const Timed a{chip(), {load(L0Buffer::L0A, 3)}};
  EXPECT_EQ(a.cycles(Port::l0a_write_mte1), from_to(1 + 36, 1 + 36 + 5));
  EXPECT_EQ(a.cycles(Port::l1_read_mte1), from_to(1 + 16, 1 + 16 + 5));
  const Timed bt{chip(), {CopyL1Bt{.length = 2}}};
  EXPECT_EQ(bt.cycles(Port::bt_write), from_to(1 + 36, 1 + 36 + 3));
  EXPECT_EQ(bt.cycles(Port::l1_read_mte1), from_to(1 + 16, 1 + 16 + 3));
  const Timed fill{chip(), {FillL0{.to = L0Buffer::L0A, .block_length = 2}}};
  EXPECT_EQ(fill.cycles(Port::l0a_write_mte1), from_to(1 + 36, 1 + 36 + 3));
  EXPECT_TRUE(fill.beats(Port::l1_read_mte1).empty());
}

// A block of s8 is 32 rows of 32 B; its two fractals in L0 are apart.
TEST(Mte1Timing, BeatsFollowTheDestinationFractalsAndReadTheBlockInOrder) {
  Load2dTranspose i{.to = L0Buffer::L0B, .repeat = 1, .dst_frac_gap = 2, .dtype = DataType::s8};
  i.src = L1Address{4096};
  const Timed t{chip(), {i}};
  const auto &writes = t.beats(Port::l0b_write_mte1), &reads = t.beats(Port::l1_read_mte1);
  ASSERT_EQ(writes.size(), 8u);
  ASSERT_EQ(reads.size(), 8u);
  for (std::size_t b = 0; b < 8; ++b) {
    ASSERT_EQ(writes[b].rows.size(), 1u);
    EXPECT_EQ(writes[b].rows[0].address, b < 4 ? 128 * b : 3 * 512 + 128 * (b - 4));
    EXPECT_EQ(reads[b].rows[0].address, 4096 + 128 * b);
    EXPECT_EQ(reads[b].rows[0].size, 128u);
  }
}

TEST(Mte1Timing, Load3dReadsRowsOfTheMapAndNoneOfPadding) {
  const Timed t{chip(), {img2col(L0Buffer::L0A)}};
  const auto& reads = t.beats(Port::l1_read_mte1);
  // The first fractal is tap (0, 0): pixels of output row 0 see padding above, so its first beat of
  // eight rows reads nothing; the second is output row 1: all but its first pixel, which sees
  // padding on the left, from map row 0 on.
  ASSERT_FALSE(reads.empty());
  EXPECT_EQ(reads[0].cycle, 1u + 16 + 1);
  ASSERT_EQ(reads[0].rows.size(), 1u);
  EXPECT_EQ(reads[0].rows[0].address, 0u);
  EXPECT_EQ(reads[0].rows[0].size, 7u * 32);
  EXPECT_EQ(t.cycles(Port::l0a_write_mte1), from_to(1 + 36, 1 + 36 + 11));
}

}  // namespace
}  // namespace vitruvian::tests
