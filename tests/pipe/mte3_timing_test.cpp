// SPDX-License-Identifier: Apache-2.0
//
// docs/timing.md, M1-M4 and G5: MTE3.
#include <gtest/gtest.h>

#include "tests/core/timed.h"

namespace vitruvian::tests {
namespace {

using systemc::GmPort;
using systemc::Port;
using systemc::State;
using CyclesOf = std::vector<std::uint64_t>;

const ChipConfig& chip() {
  static const ChipConfig config = timing_chip();
  return config;
}
std::uint64_t start_to_start(const Instruction& i) { return tests::start_to_start(chip(), i); }
std::uint64_t start_to_end(const Instruction& i) { return tests::start_to_end(chip(), i); }

TEST(Mte3Timing, G5BeatsEndAtMultiplesOfTheRateAndTheLastIsAcknowledged) {
  EXPECT_EQ(start_to_end(store(0, 4)), 8u + 1 - 1 + 60);    // 128 B
  EXPECT_EQ(start_to_end(store(96, 4)), 8u + 2 - 1 + 60);   // 32 + 96
  EXPECT_EQ(start_to_end(store(0, 64)), 8u + 16 - 1 + 60);
  CopyL1Gm blocks = store(32, 2);
  blocks.block_count = 3;  // 32 .. 95, 96 .. 159, 160 .. 223: each by itself
  EXPECT_EQ(start_to_end(blocks), 8u + 4 - 1 + 60);
  const Timed t{chip(), {blocks}};
  EXPECT_EQ(t.cycles(Port::gm_write_mte3), from_to(1 + 8, 1 + 8 + 3));
  EXPECT_EQ(t.beats(Port::gm_write_mte3)[1].rows[0].size, 32u);
}

TEST(Mte3Timing, G5TheRateIsTheWidthOfABeat) {
  for (const std::uint64_t rate : {64, 128, 256}) {
    ChipConfig other = chip();
    other.fix.rate = {64};
    other.gm.write_rate = {rate};
    EXPECT_EQ(tests::start_to_end(other, store(0, 64)), 8u + 2048 / rate - 1 + 60);
  }
}

TEST(Mte3Timing, M1StartsAreTheSetupApartOrTheBeats) {
  EXPECT_EQ(start_to_start(store(0, 1)), 20u);
  EXPECT_EQ(start_to_start(store(0, 80)), 20u);
  EXPECT_EQ(start_to_start(store(0, 84)), 21u);
}

TEST(Mte3Timing, M3ABeatThatIsNotTakenFreezesAllOfIt) {
  const Answers late{chip(), GmPort::mte3_write, {0, 5, 0}, {60}};
  const Timed t{chip(), {store(0, 12), store(512, 12)}, late};
  EXPECT_EQ(t.cycles(Port::gm_write_mte3),
            (CyclesOf{9, 15, 16, 1 + 25 + 8, 1 + 25 + 9, 1 + 25 + 10}));
  EXPECT_EQ(t.end(0), 16u + 60);
  EXPECT_EQ(t.start(1), 1u + 20 + 5);  // M1 counts cycles that are not frozen
  EXPECT_EQ(t.state(Pipe::MTE3, 9), State::busy);
  for (const std::uint64_t frozen : from_to(10, 14)) {
    EXPECT_EQ(t.state(Pipe::MTE3, frozen), State::memory);
  }
  EXPECT_EQ(t.state(Pipe::MTE3, 16), State::busy);  // the head waits for M1
}

TEST(Mte3Timing, M3NothingStartsInAFrozenCycle) {
  // M1 is over in 21: of the first copy's beats, from 9 on, the twelfth is held in 20 .. 26.
  const Answers late{chip(), GmPort::mte3_write, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7, 0}, {60}};
  const Timed t{chip(), {store(0, 64), store(4096, 4)}, late};
  EXPECT_EQ(t.start(1), 21u + 7);
  const Timed flag{chip(), {store(0, 64), Scalar{20}, set(Pipe::MTE3, Pipe::M),
                            wait(Pipe::MTE3, Pipe::M)}, late};
  EXPECT_EQ(flag.start(2), 22u);  // flags are no work of the unit
}

TEST(Mte3Timing, M4ReadsL1TwoCyclesThatAreNotFrozenBeforeABeat) {
  const Answers late{chip(), GmPort::mte3_write, {0, 5, 0}, {60}};
  CopyL1Gm i = store(0, 16);
  i.src = L1Address{1024};
  const Timed t{chip(), {i}, late};
  EXPECT_EQ(t.cycles(Port::gm_write_mte3), (CyclesOf{9, 15, 16, 17}));
  EXPECT_EQ(t.cycles(Port::l1_read_mte3), (CyclesOf{7, 8, 9, 15}));
  EXPECT_EQ(t.beats(Port::l1_read_mte3)[3].rows[0].address, 1024u + 384);
}

TEST(Mte3Timing, G5HoldsNoMoreInFlightThanItIsTold) {
  const ChipConfig one = chip_with({"mte3.in_flight=1"});
  const Timed t{one, {store(0, 4), store(512, 4)}};
  EXPECT_EQ(t.start(1), t.end(0) + 1);
  EXPECT_EQ(t.state(Pipe::MTE3, t.start(0) + 9), State::busy);    // M1
  EXPECT_EQ(t.state(Pipe::MTE3, t.start(0) + 20), State::memory);
  EXPECT_EQ(t.state(Pipe::MTE3, t.end(0)), State::memory);
}

TEST(Mte3Timing, M5AcknowledgementsComeInOrderOneACycle) {
  const Answers swift_later{chip(), GmPort::mte3_write, {0}, {100, 2, 300}};
  const Timed t{chip(), {store(0, 4), store(512, 4), store(1024, 4)}, swift_later};
  EXPECT_EQ(t.end(0), 9u + 100);
  EXPECT_EQ(t.end(1), 9u + 101);
  EXPECT_EQ(t.end(2), 1u + 40 + 8 + 300);
}

TEST(Mte3Timing, ItsPortIsItsOwn) {
  const Answers blocked{chip(), GmPort::fix_write, {500, 0}, {60}};
  const Timed t{chip(), {fixpipe(16, 16), store(1 << 16, 4)}, blocked};
  EXPECT_EQ(t.end(1), 2u + 8 + 60);
}

}  // namespace
}  // namespace vitruvian::tests
