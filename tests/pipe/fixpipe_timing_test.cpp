// SPDX-License-Identifier: Apache-2.0
//
// docs/timing.md, M1-M5, G4 and what L2 says of a port that is held: FIX. L0C between M and FIX:
// tests/pipe/cube_timing_test.cpp.
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

// From the start to the acknowledgement: the first read, nine cycles from read to read, fourteen
// from the last read to the last output cycle.
std::uint64_t whole(std::uint64_t fractals) { return 24 + 9 * (fractals - 1) + 14 + 60; }

CopyL1Fb scales(int units_of_64) { return {.length = static_cast<std::uint16_t>(units_of_64)}; }

Answers waits(std::vector<std::uint64_t> of_beats) {
  return Answers{chip(), GmPort::fix_write, std::move(of_beats), {60}};
}

TEST(FixTiming, M1StartsAreTheSetupApartOrNineCyclesAFractal) {
  for (const int fractals : {1, 9, 10, 32}) {
    EXPECT_EQ(start_to_start(fixpipe(16, 16 * fractals)), std::max(86, 9 * fractals)) << fractals;
    EXPECT_EQ(start_to_start(fixpipe_l1(16, 16 * fractals)), std::max(86, 9 * fractals));
  }
  EXPECT_EQ(start_to_start(fixpipe(17, 160)), 9u * 20);  // partial fractals are whole ones
}

TEST(FixTiming, M1CopiesToFbTakeTheirBytesAnd15Cycles) {
  for (const int units : {1, 2, 16, 100}) EXPECT_EQ(start_to_start(scales(units)), 2u * units + 15);
}

TEST(FixTiming, M2ReadsAndOutputCyclesHaveFixedDistances) {
  const Timed t{chip(), {fixpipe(16, 32)}};
  EXPECT_EQ(t.cycles(Port::l0c_read_fix), (CyclesOf{1 + 24, 1 + 24 + 9}));
  CyclesOf output = from_to(25 + 7, 25 + 14);
  for (const std::uint64_t c : from_to(34 + 7, 34 + 14)) output.push_back(c);
  EXPECT_EQ(t.cycles(Port::gm_write_fix), output);
  EXPECT_EQ(t.state(Pipe::FIX, 34 + 14), State::busy);
  EXPECT_EQ(t.state(Pipe::FIX, 34 + 15), State::memory);
}

TEST(FixTiming, M2AFixpipeToL1EndsWithItsLastOutputCycle) {
  EXPECT_EQ(start_to_end(fixpipe_l1(16, 16)), 24u + 14);
  EXPECT_EQ(start_to_end(fixpipe_l1(3, 16)), 24u + 14);
  const Timed t{chip(), {fixpipe_l1(3, 16)}};  // rows 0, 1 and 2: two cycles
  EXPECT_EQ(t.cycles(Port::l1_write_fix), (CyclesOf{25 + 7, 25 + 8}));
}

TEST(FixTiming, M2AndM4ACopyToFbIsReadTwoCyclesBeforeItIsWritten) {
  EXPECT_EQ(start_to_end(scales(3)), 24u + 6 - 1);
  const Timed t{chip(), {scales(3)}};
  EXPECT_EQ(t.cycles(Port::fb_write), from_to(1 + 24, 1 + 24 + 5));
  EXPECT_EQ(t.cycles(Port::l1_read_fix), from_to(1 + 22, 1 + 22 + 5));
}

TEST(FixTiming, M4ScalesAreReadWithTheirFractal) {
  Fixpipe f = fixpipe(16, 32);
  f.quant = Quant::VDEQF16;
  f.acc = DataType::s32;
  f.fb = FbAddress{512};
  const Timed t{chip(), {f}};
  EXPECT_EQ(t.cycles(Port::fb_read), t.cycles(Port::l0c_read_fix));
  EXPECT_EQ(t.beats(Port::fb_read)[1].rows[0].address, 512u + 128);
  EXPECT_EQ(t.beats(Port::fb_read)[1].rows[0].size, 128u);
  f.quant = Quant::DEQF16;
  EXPECT_TRUE(Timed(chip(), {f}).beats(Port::fb_read).empty());
}

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
  Fixpipe bytes = fixpipe(16, 64);
  bytes.acc = DataType::s32;
  bytes.quant = Quant::REQ8;
  EXPECT_EQ(start_to_end(bytes), whole(4));
}

TEST(FixTiming, G4OnlyCyclesWithBytesAndTheLastSend) {
  const Timed t{chip(), {fixpipe(5, 16)}};  // rows 0 to 4
  EXPECT_EQ(t.cycles(Port::gm_write_fix), (CyclesOf{32, 33, 34, 39}));
  EXPECT_TRUE(t.beats(Port::gm_write_fix)[3].rows.empty());
  EXPECT_EQ(t.beats(Port::gm_write_fix)[2].rows[0].size, 64u);
  EXPECT_EQ(t.beats(Port::gm_write_fix)[1].rows[0].size, 128u);
}

TEST(FixTiming, G4SplitLeavesTwoPiecesABeat) {
  Fixpipe f = fixpipe(16, 24);
  f.split = 1;
  f.dst_stride = 16;
  const Timed t{chip(), {f}};
  const auto& beats = t.beats(Port::gm_write_fix);
  ASSERT_EQ(beats.size(), 16u);
  ASSERT_EQ(beats[1].rows.size(), 2u);  // rows 2 and 3 of columns 0 to 7, and of 8 to 15
  EXPECT_EQ(beats[1].rows[0].address, 64u);
  EXPECT_EQ(beats[1].rows[0].size, 64u);
  EXPECT_EQ(beats[1].rows[1].address, 512u + 64);
  ASSERT_EQ(beats[9].rows.size(), 1u);  // columns 16 to 23
  EXPECT_EQ(beats[9].rows[0].address, 1024u + 64);
}

TEST(FixTiming, G4EightBitColumnsWriteTheirOwn16BytesOfARow) {
  Fixpipe f = fixpipe(16, 32);
  f.acc = DataType::s32;
  f.quant = Quant::REQ8;
  const Timed t{chip(), {f}};
  const auto& beats = t.beats(Port::gm_write_fix);
  ASSERT_EQ(beats[8].rows.size(), 2u);
  EXPECT_EQ(beats[8].rows[0].address, 16u);
  EXPECT_EQ(beats[8].rows[1].address, 48u);
  EXPECT_EQ(beats[8].rows[1].size, 16u);
}

TEST(FixTiming, M3ABeatThatIsNotTakenFreezesEverything) {
  const Answers late = waits({0, 4, 0});
  const Timed t{chip(), {fixpipe(16, 32), fixpipe(16, 16)}, late};
  // The second beat is offered in 33 and taken in 37; the second read, due in 34, comes in 38.
  EXPECT_EQ(t.cycles(Port::l0c_read_fix)[1], 34u + 4);
  EXPECT_EQ(t.cycles(Port::gm_write_fix)[1], 37u);
  EXPECT_EQ(t.cycles(Port::gm_write_fix)[8], 34u + 4 + 7);
  EXPECT_EQ(t.end(0), 1u + whole(2) + 4);
  EXPECT_EQ(t.start(1), 1u + 86 + 4);
  EXPECT_EQ(t.state(Pipe::FIX, 32), State::busy);
  for (const std::uint64_t c : from_to(33, 36)) EXPECT_EQ(t.state(Pipe::FIX, c), State::memory);
  EXPECT_EQ(t.state(Pipe::FIX, 37), State::busy);
}

TEST(FixTiming, M3ABeatWithoutBytesWaitsToo) {
  const Answers late = waits({0, 6, 0});
  const Timed t{chip(), {fixpipe(2, 16)}, late};
  EXPECT_EQ(t.cycles(Port::gm_write_fix), (CyclesOf{32, 39 + 6}));
  EXPECT_EQ(t.end(0), 45u + 60);
}

// An accumulating mmad of 64 tiles refuses the second read, due in 35, eight times. The first
// fractal leaves all the same: in 33 .. 40.
TEST(FixTiming, M3WhatHasBeenReadLeavesWhileAReadIsHeld) {
  const Timed t{chip(), {mmad(16, 160, 16), fixpipe(16, 32), mmad(128, 128, 16, Init::accumulate)}};
  const std::uint64_t first = t.cycles(Port::l0c_read_fix)[0];
  ASSERT_EQ(first, 2u + 24 + t.cycles_in(Pipe::FIX, State::bank) - 8);
  const std::uint64_t second = t.cycles(Port::l0c_read_fix)[1];
  EXPECT_EQ(second, first + 9 + 8);
  const CyclesOf beats = t.cycles(Port::gm_write_fix);
  EXPECT_EQ(CyclesOf(beats.begin(), beats.begin() + 8), from_to(first + 7, first + 14));
  EXPECT_EQ(CyclesOf(beats.begin() + 8, beats.end()), from_to(second + 7, second + 14));
}

// What a held read holds is behind it: M1, and a copy to FB.
TEST(FixTiming, M3AHeldReadHoldsTheStartAndWhatIsBehindIt) {
  const std::vector<Instruction> alone{fixpipe(16, 16), scales(4)};
  std::vector<Instruction> held{mmad(128, 128, 16, Init::accumulate)};
  held.insert(held.end(), alone.begin(), alone.end());
  const Timed free{chip(), alone}, refused{chip(), held};
  ASSERT_EQ(refused.cycles_in(Pipe::FIX, State::bank), 8u);
  EXPECT_EQ(refused.start(2), free.start(1) + 1 + 8);
  const ChipConfig quick = chip_with({"fix.setup=1"});
  const Timed free_copy{quick, alone}, refused_copy{quick, held};
  ASSERT_EQ(free_copy.start(1), 1u + 9);
  EXPECT_EQ(refused_copy.start(2), 2u + 9);  // before the read, in 26
  EXPECT_EQ(refused_copy.cycles(Port::fb_write)[0], free_copy.cycles(Port::fb_write)[0] + 1 + 8);
}

TEST(FixTiming, L2FixTakesTheNextCycleItAsksInAndMWaitsInThatOne) {
  // The first fixpipe's beats, from 2 + 24 + 7 = 33 on; the second read, due in 35, meets the
  // accumulating mmad and is refused in 35 and 36. The fifth beat is offered in 37 and held for 10
  // cycles: FIX asks in 47, and only then M waits.
  const ChipConfig hasty = chip_with({"fix.patience=2"});
  const Answers late{hasty, GmPort::fix_write, {0, 0, 0, 0, 10, 0}, {60}};
  const std::vector<Instruction> program{mmad(16, 480, 16), fixpipe(16, 32),
                                         mmad(128, 128, 16, Init::accumulate)};
  const Timed t{hasty, program, late};
  EXPECT_EQ(t.cycles(Port::l0c_read_fix), (CyclesOf{26, 47}));
  EXPECT_EQ(t.state(Pipe::FIX, 36), State::bank);
  for (const std::uint64_t c : from_to(37, 46)) EXPECT_EQ(t.state(Pipe::FIX, c), State::memory);
  EXPECT_EQ(t.cycles_in(Pipe::M, State::bank), 1u);
  EXPECT_EQ(t.state(Pipe::M, 47), State::bank);
}

TEST(FixTiming, G4AcknowledgementsAreCountedByFractalAndComeOneACycle) {
  const Answers answers{chip(), GmPort::fix_write, {0}, {300, 2, 250}};
  const Timed t{chip(), {fixpipe(16, 32), fixpipe(16, 16)}, answers};
  // The first fractal's comes in 39 + 300, the second's, long ready, in the cycle after; that of
  // the second fixpipe 250 cycles after its last beat.
  EXPECT_EQ(t.end(0), 39u + 301);
  EXPECT_EQ(t.end(1), std::max<std::uint64_t>(87 + 24 + 14 + 250, 39 + 302));
}

TEST(FixTiming, M5InstructionsEndInOrderOneACycle) {
  const Answers slow{chip(), GmPort::fix_write, {0}, {500}};
  const Timed t{chip(), {fixpipe(16, 16), fixpipe_l1(16, 16), scales(1)}, slow};
  EXPECT_EQ(t.end(0), 39u + 500);
  EXPECT_EQ(t.end(1), t.end(0) + 1);
  EXPECT_EQ(t.end(2), t.end(0) + 2);
  EXPECT_EQ(t.cycles(Port::fb_write).back(), t.start(2) + 24 + 1);
  EXPECT_EQ(t.state(Pipe::FIX, t.start(2) + 24 + 1), State::busy);
  EXPECT_EQ(t.state(Pipe::FIX, t.start(2) + 24 + 2), State::memory);
  EXPECT_EQ(t.state(Pipe::FIX, t.end(2)), State::memory);
}

TEST(FixTiming, SixteenInstructionsAreInFlight) {
  const Answers slow{chip(), GmPort::fix_write, {0}, {1000}};
  const Timed t{chip(), std::vector<Instruction>(17, scales(1)), slow};
  EXPECT_EQ(t.start(16), 1u + 16 * 17);  // each ends before the next starts
  std::vector<Instruction> behind{fixpipe(16, 16)};
  behind.resize(17, scales(1));
  const Timed held{chip(), behind, slow};
  EXPECT_EQ(held.start(15), 1u + 86 + 14 * 17);
  EXPECT_EQ(held.start(16), held.end(0) + 1);
  EXPECT_EQ(held.state(Pipe::FIX, held.start(15) + 16), State::busy);  // M1
  EXPECT_EQ(held.state(Pipe::FIX, held.end(0)), State::memory);
}

TEST(FixTiming, TheRateIsTheRowsOfAnOutputCycle) {
  ChipConfig wide = chip();
  wide.fix.rate = wide.gm.write_rate = {256};
  EXPECT_EQ(tests::start_to_start(wide, fixpipe(16, 16 * 32)), 32u * 5);
  EXPECT_EQ(tests::start_to_end(wide, fixpipe(16, 16)), 24u + 7 + 3 + 60);
  ChipConfig narrow = chip();
  narrow.fix.rate = {64};
  EXPECT_EQ(tests::start_to_start(narrow, fixpipe(16, 16 * 32)), 32u * 17);
  EXPECT_EQ(tests::start_to_end(narrow, fixpipe(16, 16)), 24u + 7 + 15 + 60);
}

}  // namespace
}  // namespace vitruvian::tests
