// SPDX-License-Identifier: Apache-2.0
//
// docs/pipe/cube.md, "Timing", and docs/timing.md L1-L3, rule by rule; all together at random:
// tests/core/cycle_model_test.cpp.
#include <gtest/gtest.h>

#include "systemc/pipe/errors.h"
#include "tests/core/timed.h"

namespace vitruvian::tests {
namespace {

using systemc::State;

const ChipConfig& chip() {
  static const ChipConfig config = timing_chip();
  return config;
}

std::uint64_t back_to_back(const Mmad& m, const ChipConfig& on = chip()) {
  const Timed t{on, {m, m}};
  return t.start(1) - t.start(0);
}

// Start to start with a barrier in between.
std::uint64_t isolated(const Mmad& m, const ChipConfig& on = chip()) {
  const Timed t{on, {m, PipeBarrier{Pipe::M}, m}};
  return t.start(2) - t.start(0);
}

Mmad of_type(Mmad m, DataType type) {
  m.dtype = type;
  return m;
}
Mmad with(Mmad m, UnitFlag flag) {
  m.unit_flag = flag;
  return m;
}
Fixpipe with(Fixpipe f, UnitFlag flag) {
  f.unit_flag = flag;
  return f;
}

// The law of 910B1: m = 32, k = 16, tiles 2 to 120.
TEST(CubeTiming, BackToBackMmadsTakeTilesPlus2) {
  for (const int n : {2, 4, 8, 16, 20, 60})
    EXPECT_EQ(back_to_back(mmad(32, 16 * n, 16)), 2u * n + 2);
}

TEST(CubeTiming, AStepTakesOneCycleMoreThanItsColumnOfAAtLeast) {
  EXPECT_EQ(back_to_back(mmad(32, 16, 16)), 2u + 1 + 2);
  EXPECT_EQ(back_to_back(mmad(16, 16, 16)), 1u + 1 + 2);
  EXPECT_EQ(back_to_back(mmad(160, 16, 16)), 10u + 1 + 2);
  EXPECT_EQ(back_to_back(mmad(160, 32, 16)), 20u + 2);
}

// The law of 910B3: m = 16, k = 16, tiles 17 to 113, and 25 at one tile.
TEST(CubeTiming, IsolatedMmadsTakeTilesPlus23) {
  for (const int n : {17, 33, 60, 113}) EXPECT_EQ(isolated(mmad(16, 16 * n, 16)), n + 23u);
  EXPECT_EQ(isolated(mmad(16, 16, 16)), 25u);
}

TEST(CubeTiming, AnMmadEnds20CyclesAfterItsLastSlot) {
  const Timed t{chip(), {mmad(64, 64, 16)}};
  EXPECT_EQ(t.end(0) - t.start(0), 1u + 16 + 20);
}

TEST(CubeTiming, AnOutputTileIsRevisitedAfter10CyclesAtTheSoonest) {
  EXPECT_EQ(back_to_back(mmad(32, 64, 48)), 10u + 10 + 8 + 2);  // 8 tiles a step
  EXPECT_EQ(back_to_back(mmad(48, 48, 48)), 10u + 10 + 9 + 2);
  EXPECT_EQ(back_to_back(mmad(16, 160, 48)), 3u * 10 + 2);
  EXPECT_EQ(back_to_back(mmad(16, 176, 48)), 3u * 11 + 2);
  const ChipConfig slow = chip_with({"cube.revisit=30"});
  EXPECT_EQ(back_to_back(mmad(16, 176, 48), slow), 30u + 30 + 11 + 2);
}

TEST(CubeTiming, TheDepthOfATileDependsOnTheType) {
  const Mmad m = mmad(64, 64, 96);
  EXPECT_EQ(back_to_back(m), 6u * 16 + 2);
  EXPECT_EQ(back_to_back(of_type(m, DataType::bf16)), 6u * 16 + 2);
  EXPECT_EQ(back_to_back(of_type(m, DataType::s8)), 3u * 16 + 2);
  EXPECT_EQ(back_to_back(of_type(m, DataType::f32)), 12u * 2 * 16 + 2);  // two cycles a tile
  EXPECT_EQ(back_to_back(of_type(m, DataType::s4)), 2u * 16 + 2);
}

Mmad shortened(Mmad m, Hf32 hf32) {
  m.dtype = DataType::f32;
  m.hf32 = hf32;
  return m;
}

TEST(CubeTiming, Hf32IsAsDeepAsFp32AndTakesOneCycleATile) {
  for (const Hf32 mode : {Hf32::nearest_even, Hf32::nearest_zero}) {
    EXPECT_EQ(back_to_back(shortened(mmad(64, 64, 96), mode)), 12u * 16 + 2);
    EXPECT_EQ(back_to_back(shortened(mmad(64, 64, 97), mode)), 13u * 16 + 2);
    EXPECT_EQ(back_to_back(shortened(mmad(32, 32, 24), mode)), 10u + 10 + 4 + 2);
  }
}

TEST(CubeTiming, AnS4TileIsSixtyFourDeep) {
  EXPECT_EQ(back_to_back(of_type(mmad(64, 64, 64), DataType::s4)), 16u + 2);
  EXPECT_EQ(back_to_back(of_type(mmad(64, 64, 65), DataType::s4)), 2u * 16 + 2);
}

TEST(CubeTiming, WhereTheFractalsOfAStandChangesNoCycle) {
  Mmad m = of_type(mmad(64, 64, 72), DataType::f32);  // nine fractals in k, ten with k_align
  const auto packed = back_to_back(m);
  m.k_align = true;
  EXPECT_EQ(back_to_back(m), packed);
  Mmad row = mmad(1, 320, 32);
  row.no_gemv = true;
  EXPECT_EQ(back_to_back(row), back_to_back(mmad(1, 320, 32)));
}

TEST(CubeTiming, PartialTilesCostWholeOnes) {
  for (const int less : {0, 1, 15}) {
    EXPECT_EQ(back_to_back(mmad(48 - less, 80 - less, 64 - less)), 4u * 15 + 2);
  }
  EXPECT_EQ(back_to_back(mmad(49, 80, 64)), 4u * 20 + 2);
}

TEST(CubeTiming, OneRowCostsARowOfTiles) {
  EXPECT_EQ(back_to_back(mmad(1, 320, 32)), 2u * 20 + 2);
}

TEST(CubeTiming, TheOrderOfTilesChangesNoCycle) {
  Mmad m = mmad(48, 80, 64);
  m.order = Order::n_first;
  EXPECT_EQ(back_to_back(m), back_to_back(mmad(48, 80, 64)));
}

TEST(CubeTiming, OtherCubesHaveOtherTiles) {
  const ChipConfig small = chip_with({"cube.m=8", "cube.k=8", "cube.n=8"});
  const ChipConfig tall = chip_with({"cube.m=32"});
  EXPECT_EQ(back_to_back(mmad(32, 32, 16), small), 2u * 16 + 2);
  EXPECT_EQ(back_to_back(mmad(128, 64, 16), tall), 16u + 2);
  EXPECT_EQ(back_to_back(mmad(96, 16, 16), tall), 3u + 1 + 2);
}

TEST(CubeTiming, AnEmptyMmadEndsAsItStarts) {
  const Timed t{
      chip(),
      {mmad(0, 16, 16), mmad(16, 0, 16), mmad(16, 16, 0), mmad(16, 16, 16), mmad(16, 0, 16)}};
  for (const std::size_t i : {0u, 1u, 2u}) EXPECT_EQ(t.at(i), (Times{i, i + 1, i + 1}));
  EXPECT_EQ(t.start(3), 4u);
  EXPECT_EQ(t.start(4), 4u + 4);
  EXPECT_EQ(t.end(4), t.start(4));
}

// An mmad of 64 tiles that reads L0C in every slot if it accumulates, and a fixpipe of one fractal
// whose first read lies in the middle of it.
std::vector<Instruction> crossing(Init init, DataType type = DataType::f16) {
  return {of_type(mmad(128, 128, 16, init), type), fixpipe(16, 16)};
}
constexpr std::uint64_t first_read = 2 + 24;  // the fixpipe starts in 2
constexpr std::uint64_t read_to_end = 7 + 7 + 60;

TEST(L0cSharing, L1AStepThatAddsToNothingLeavesThePortToFix) {
  const Timed t{chip(), crossing(Init::zero)};
  EXPECT_EQ(t.end(1), first_read + read_to_end);
  EXPECT_EQ(t.cycles_in(Pipe::FIX, State::bank), 0u);
}

TEST(L0cSharing, L1LaterStepsReadWhateverTheFirstStartedFrom) {
  const Timed t{chip(),
                {mmad(128, 16, 48), fixpipe(16, 16)}};  // steps of 10 slots, 8 of them tiles
  // Slots 20 to 27 of the mmad (start 1) are cycles 23 to 30.
  EXPECT_EQ(t.end(1), 31 + read_to_end);
  EXPECT_EQ(t.cycles_in(Pipe::FIX, State::bank), 31 - first_read);
}

TEST(L0cSharing, L2FixIsRefusedPatienceTimesThenTakesACycleOfM) {
  const Timed t{chip(), crossing(Init::accumulate)};
  EXPECT_EQ(t.end(1), first_read + 8 + read_to_end);
  EXPECT_EQ(t.cycles_in(Pipe::FIX, State::bank), 8u);
  EXPECT_EQ(t.state(Pipe::FIX, first_read), State::bank);
  EXPECT_EQ(t.state(Pipe::FIX, first_read + 8), State::busy);
  EXPECT_EQ(t.state(Pipe::M, first_read + 8), State::bank);
  EXPECT_EQ(t.cycles_in(Pipe::M, State::bank), 1u);
  EXPECT_EQ(t.end(0), 1u + 1 + 64 + 20 + 1);  // one cycle later than alone
  EXPECT_EQ(t.result().mmads_stalled_by_bank, 1u);
  const Timed hasty{chip_with({"fix.patience=1"}), crossing(Init::accumulate)};
  EXPECT_EQ(hasty.end(1), first_read + 1 + read_to_end);
}

// Cycles of one tile are 3 + t. The fixpipe's read meets the last of them, or comes one later.
TEST(L0cSharing, L2FixGoesInTheFirstCycleMLeavesFree) {
  const auto end = [](int tiles) {
    return Timed{chip(), {mmad(16, 16 * tiles, 16, Init::accumulate), fixpipe(16, 16)}}.end(1);
  };
  EXPECT_EQ(end(23), first_read + read_to_end);      // the last tile in cycle 25
  EXPECT_EQ(end(24), first_read + 1 + read_to_end);  // in 26
}

TEST(L0cSharing, L2AnFp32MmadLeavesEveryOtherCycleFree) {
  const Timed t{chip(), crossing(Init::accumulate, DataType::f32)};
  EXPECT_EQ(t.cycles_in(Pipe::M, State::bank), 0u);
  // Tiles are in odd cycles: the first read goes at once, the next, an odd number of cycles later,
  // not.
  EXPECT_EQ(t.end(1), first_read + read_to_end);
  const Timed two{chip(),
                  {of_type(mmad(128, 128, 16, Init::accumulate), DataType::f32), fixpipe(32, 16)}};
  EXPECT_EQ(two.end(1), first_read + 9 + 1 + read_to_end);
}

TEST(L0cSharing, L2AnHf32MmadLeavesNoCycleFree) {
  auto program = crossing(Init::accumulate, DataType::f32);
  std::get<Mmad>(program[0]).hf32 = Hf32::nearest_even;
  std::get<Mmad>(program[0]).k = 8;
  const Timed t{chip(), program};
  EXPECT_EQ(t.end(1), first_read + 8 + read_to_end);
  EXPECT_EQ(t.cycles_in(Pipe::M, State::bank), 1u);
}

TEST(UnitFlag, L3FixReadsInTheCycleAfterTheLastStage) {
  const ChipConfig quick = chip_with({"fix.latency=5"});
  const Timed t{
      quick, {with(mmad(16, 16, 16), UnitFlag::toggle), with(fixpipe(16, 16), UnitFlag::toggle)}};
  // The tile issues in 3 and raises in 23; the fixpipe, started in 2, asks from 7 on.
  EXPECT_EQ(t.state(Pipe::FIX, 6), State::busy);
  EXPECT_EQ(t.state(Pipe::FIX, 7), State::unit_flag);
  EXPECT_EQ(t.state(Pipe::FIX, 23), State::unit_flag);
  EXPECT_EQ(t.state(Pipe::FIX, 24), State::busy);
  EXPECT_EQ(t.end(1), 24 + read_to_end);
}

TEST(UnitFlag, L3AnFp32TileRaisesFromItsSecondSlot) {
  const Timed t{chip_with({"fix.latency=5"}),
                {with(of_type(mmad(16, 16, 8), DataType::f32), UnitFlag::toggle),
                 with(fixpipe(16, 16), UnitFlag::toggle)}};
  EXPECT_EQ(t.end(1), 25 + read_to_end);
}

TEST(UnitFlag, L3AnHf32TileRaisesFromItsOnlySlot) {
  const Timed t{chip_with({"fix.latency=5"}),
                {with(shortened(mmad(16, 16, 8), Hf32::nearest_zero), UnitFlag::toggle),
                 with(fixpipe(16, 16), UnitFlag::toggle)}};
  EXPECT_EQ(t.end(1), 24 + read_to_end);
}

TEST(UnitFlag, L3MGoesOnInTheCycleAfterTheRead) {
  const Timed t{chip_with({"fix.latency=5"}),
                {with(mmad(16, 16, 16), UnitFlag::toggle), with(fixpipe(16, 16), UnitFlag::toggle),
                 with(mmad(16, 16, 16), UnitFlag::check)}};
  EXPECT_EQ(t.start(2), 1u + 4);  // long before the flag is up: it must wait for it all the same
  EXPECT_EQ(t.state(Pipe::M, 7), State::unit_flag);
  EXPECT_EQ(t.state(Pipe::M, 24), State::unit_flag);  // the read
  EXPECT_EQ(t.state(Pipe::M, 25), State::busy);
  EXPECT_EQ(t.end(2), 25u + 1 + 20);
  EXPECT_EQ(t.result().mmads_stalled_by_unit_flag, 1u);
}

TEST(UnitFlag, L3OnlyTheOutputTilesWhoseFlagsAreUpWait) {
  Mmad second = with(mmad(16, 32, 16), UnitFlag::check);
  second.c = L0cAddress{1024};  // fractals 1 and 2; the first mmad left 0 and 1
  const std::vector<Instruction> program{with(mmad(16, 32, 16), UnitFlag::toggle), second,
                                         with(fixpipe(16, 32), UnitFlag::toggle)};
  const Timed t{chip_with({"fix.latency=5"}), program};
  // Fractal 0 is read in 25, 1 nine cycles later: its tile, the second mmad's first, goes after
  // that.
  EXPECT_EQ(t.state(Pipe::M, 8 + 0), State::unit_flag);
  EXPECT_EQ(t.end(1) - 20 - 1, t.end(2) - read_to_end + 1);
  second.c = L0cAddress{2048};
  const Timed apart{chip(), {program[0], second, program[2]}};
  EXPECT_EQ(apart.cycles_in(Pipe::M, State::unit_flag), 0u);
}

TEST(UnitFlag, L3RaisesOnlyWhatHoldsRowsAndReadsOnlyWhatWasRaised) {
  const Timed t{chip(),
                {with(mmad(8, 16, 16), UnitFlag::toggle), with(fixpipe(8, 16), UnitFlag::toggle)}};
  EXPECT_EQ(t.result().mmads, 1u);
  EXPECT_NE(error_of<systemc::DeadlockError>(chip(), {with(mmad(8, 16, 16), UnitFlag::toggle),
                                                      with(fixpipe(9, 16), UnitFlag::toggle)}),
            "");
}

TEST(UnitFlag, L3CheckLeavesTheFlagsAsTheyAre) {
  const Timed t{chip(),
                {with(mmad(16, 16, 16), UnitFlag::check), with(mmad(16, 16, 16), UnitFlag::toggle),
                 with(fixpipe(16, 16), UnitFlag::check), with(fixpipe(16, 16), UnitFlag::toggle)}};
  EXPECT_EQ(t.start(1), 1u + 4);
  EXPECT_EQ(t.start(3), t.start(2) + 86 + t.cycles_in(Pipe::FIX, State::unit_flag));
  EXPECT_NE(error_of<systemc::DeadlockError>(chip(), {with(mmad(16, 16, 16), UnitFlag::toggle),
                                                      with(fixpipe(16, 16), UnitFlag::toggle),
                                                      with(fixpipe(16, 16), UnitFlag::toggle)}),
            "");
}

// FIX walks m first, with NZ->ND n first: a mmad that walks the other way keeps it waiting longer.
TEST(UnitFlag, L3FixTakesFractalsInItsOwnOrder) {
  const auto second_read = [](Order order, bool nz2nd) {
    Mmad m = with(mmad(32, 320, 16), UnitFlag::toggle);
    m.order = order;
    Fixpipe f = with(fixpipe(32, 320), UnitFlag::toggle);
    f.nz2nd = nz2nd;
    f.dst_stride = 320;
    const Timed t{chip(), {m, f}};
    return t.cycles_in(Pipe::FIX, State::unit_flag);
  };
  EXPECT_EQ(second_read(Order::m_first, false), 0u);
  EXPECT_EQ(second_read(Order::n_first, true), 0u);
  EXPECT_GT(second_read(Order::n_first, false), 0u);
}

}  // namespace
}  // namespace vitruvian::tests
