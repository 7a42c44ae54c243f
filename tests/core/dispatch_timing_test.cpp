// SPDX-License-Identifier: Apache-2.0
//
// docs/timing.md: D1-D6, F1-F4, states, and what stops a program.
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

// "" if `text` holds `words`, else the text.
std::string unless_it_says(std::string_view words, const std::string& text) {
  return text.find(words) == std::string::npos ? text + "|" : "";
}

std::vector<Instruction> repeated(const Instruction& instruction, int times) {
  return std::vector<Instruction>(times, instruction);
}

TEST(Dispatch, D1TakesOneInstructionACycleFromCycleZeroOn) {
  const Timed t{chip(), {load(L0Buffer::L0A, 1), mmad(16, 16, 16), load(L0Buffer::L0B, 1)}};
  for (std::uint64_t i = 0; i < 3; ++i) EXPECT_EQ(t.at(i).issue, i);
}

TEST(Dispatch, D1IsRefusedWhileTheQueueIsFullUntilTheCycleAfterAStart) {
  const ChipConfig two = chip_with({"core.queue_depth.mte1=2"});
  const Timed t{two, repeated(load(L0Buffer::L0A, 100), 5)};
  // 0 starts in cycle 1, so its place is free from 2 on; 1 and 2 fill the queue.
  EXPECT_EQ(t.at(0), (Times{0, 1, 1 + 36 + 199}));
  EXPECT_EQ(t.at(1).issue, 1u);
  EXPECT_EQ(t.at(2).issue, 2u);
  EXPECT_EQ(t.start(1), 1u + 201);
  EXPECT_EQ(t.at(3).issue, t.start(1) + 1);
  EXPECT_EQ(t.at(4).issue, t.start(2) + 1);
  EXPECT_EQ(t.state(Pipe::S, t.start(1)), State::queue_full);
  EXPECT_EQ(t.state(Pipe::S, t.start(1) + 1), State::busy);
}

TEST(Dispatch, D1FindsRoomForAsManyAsTheQueueIsDeep) {
  const Timed t{chip(), repeated(load(L0Buffer::L0A, 100), 40)};
  EXPECT_EQ(t.at(32).issue, 32u);             // one is at work, 32 wait
  EXPECT_EQ(t.at(33).issue, t.start(1) + 1);
}

TEST(Dispatch, D2ScalarWorkHoldsThePortForItsCost) {
  const Timed t{chip(), {Scalar{7}, load(L0Buffer::L0A, 1), Scalar{1}, Scalar{3}}};
  EXPECT_EQ(t.at(0), (Times{0, 0, 6}));
  EXPECT_EQ(t.at(1).issue, 7u);
  EXPECT_EQ(t.at(2), (Times{8, 8, 8}));
  EXPECT_EQ(t.at(3), (Times{9, 9, 11}));
}

TEST(Dispatch, D3BarrierAllEndsInTheCycleAfterTheLastEnd) {
  const Timed t{chip(), {load(L0Buffer::L0A, 1), PipeBarrier{Pipe::ALL}, load(L0Buffer::L0A, 1)}};
  EXPECT_EQ(t.end(0), 1u + 36 + 1);
  EXPECT_EQ(t.at(1), (Times{1, 1, t.end(0) + 1}));
  EXPECT_EQ(t.at(2).issue, t.end(1) + 1);
  EXPECT_EQ(t.state(Pipe::S, t.end(1) - 1), State::barrier);
  EXPECT_EQ(t.state(Pipe::S, t.end(1)), State::busy);
}

TEST(Dispatch, D3BarrierAllOfAnIdleCoreEndsAtOnce) {
  const Timed t{chip(), {PipeBarrier{Pipe::ALL}, Scalar{2}, PipeBarrier{Pipe::ALL}, Scalar{1}}};
  EXPECT_EQ(t.at(0), (Times{0, 0, 0}));
  EXPECT_EQ(t.at(2), (Times{3, 3, 3}));
}

TEST(Dispatch, D3BarrierAllWaitsForSetFlagsAndCopiesInFlight) {
  const Timed t{chip(),
                {CopyGmL1{.block_length = 32}, set(Pipe::MTE2, Pipe::M), wait(Pipe::MTE2, Pipe::M),
                 PipeBarrier{Pipe::ALL}}};
  EXPECT_EQ(t.end(1), t.end(0) + 1);
  EXPECT_EQ(t.end(3), t.end(1) + 1);
}

TEST(Dispatch, D3BarrierAllWaitsForAFlagSRaises) {
  const Timed t{chip(), {set(Pipe::S, Pipe::M), PipeBarrier{Pipe::ALL}, wait(Pipe::S, Pipe::M)}};
  EXPECT_EQ(t.end(0), 1u);
  EXPECT_EQ(t.at(1), (Times{1, 1, 2}));
}

TEST(Dispatch, D4AnInstructionStartsInTheCycleAfterItsIssueOneACycle) {
  const Timed t{
      chip(),
      {set(Pipe::M, Pipe::FIX), set(Pipe::M, Pipe::MTE1), Scalar{5}, set(Pipe::M, Pipe::MTE2),
       wait(Pipe::M, Pipe::FIX), wait(Pipe::M, Pipe::MTE1), wait(Pipe::M, Pipe::MTE2)}};
  EXPECT_EQ(t.start(0), 1u);
  EXPECT_EQ(t.start(1), 2u);
  EXPECT_EQ(t.at(3).issue, 7u);
  EXPECT_EQ(t.start(3), 8u);
}

TEST(Dispatch, D5FlagsOfSAreDoneAtThePort) {
  const Timed t{chip(),
                {set(Pipe::S, Pipe::MTE1), wait(Pipe::S, Pipe::MTE1), load(L0Buffer::L0A, 1),
                 set(Pipe::MTE1, Pipe::S), wait(Pipe::MTE1, Pipe::S), Scalar{1}}};
  EXPECT_EQ(t.at(0), (Times{0, 0, 1}));
  EXPECT_EQ(t.start(1), 2u);
  EXPECT_EQ(t.end(3), t.end(2) + 1);
  EXPECT_EQ(t.at(4), (Times{4, t.end(3), t.end(3)}));
  EXPECT_EQ(t.at(5).issue, t.end(3) + 1);
  EXPECT_EQ(t.state(Pipe::S, t.end(3) - 1), State::flag);
}

LoadScalar load_scalar(std::uint64_t from) { return {.src = GmAddress{from}}; }

TEST(Dispatch, D6LoadScalarHoldsThePortUntilItsDataAreThere) {
  // From the cycle after the start on: a grain of 128 B at 160 B a cycle, then 160 cycles of latency.
  const Timed t{chip(), {load_scalar(8), load(L0Buffer::L0A, 1), load_scalar(16)}};
  EXPECT_EQ(t.at(0), (Times{0, 0, 1 + 1 + 160}));
  EXPECT_EQ(t.at(1).issue, t.end(0) + 1);
  EXPECT_EQ(t.at(2), (Times{t.end(0) + 2, t.end(0) + 2, t.end(0) + 2 + 162}));
  EXPECT_EQ(t.cycles(systemc::Port::gm_read_s),
            (std::vector<std::uint64_t>{2, t.start(2) + 2}));
  EXPECT_EQ(t.state(Pipe::S, 0), State::busy);
  EXPECT_EQ(t.state(Pipe::S, 1), State::memory);
  EXPECT_EQ(t.state(Pipe::S, t.end(0)), State::memory);
  EXPECT_EQ(t.state(Pipe::S, t.end(0) + 1), State::busy);
}

TEST(Dispatch, D6ItsGrainCostsWhatTheRateSays) {
  const ChipConfig slow = chip_with({"gm.read_rate=50"});
  EXPECT_EQ(Timed(slow, {load_scalar(0)}).end(0), 1u + 3 + 160);  // 2.56
  const ChipConfig lines = chip_with({"gm.read_rate=50", "gm.read_grain=512"});
  EXPECT_EQ(Timed(lines, {load_scalar(0)}).end(0), 1u + 11 + 160);  // 10.24
}

TEST(Dispatch, D6ThePortIsItsOwn) {
  const Answers late{chip(), systemc::GmPort::s_read, {9, 0}, {30, 40}};
  const Timed t{chip(), {copy(0, 512), load_scalar(0), load_scalar(0)}, late};
  EXPECT_EQ(t.end(1), 1u + 1 + 1 + 9 + 30);
  EXPECT_EQ(t.end(2), t.end(1) + 1 + 1 + 1 + 40);
  EXPECT_EQ(t.end(0), Timed(chip(), {copy(0, 512)}).end(0));
}

TEST(Flags, F1AQueueKeepsOnlySoManyThatHaveNotRaised) {
  const auto program = [](int sets) {
    std::vector<Instruction> all{mmad(16, 16, 16)};
    for (int id = 0; id < sets; ++id) all.push_back(set(Pipe::M, Pipe::FIX, id));
    all.push_back(PipeBarrier{Pipe::M});
    return all;
  };
  const ChipConfig two = chip_with({"core.pending_sets=2"});
  const Timed fits{two, program(2)}, waits{two, program(3)}, free{chip(), program(3)};
  EXPECT_EQ(fits.start(2), 3u);
  EXPECT_EQ(free.start(3), 4u);
  // The first raises in the cycle after the mmad's end and is kept until then.
  EXPECT_EQ(waits.end(1), waits.end(0) + 1);
  EXPECT_EQ(waits.start(3), waits.end(1) + 1);
  EXPECT_EQ(waits.end(3), waits.start(3) + 1);
  const ChipConfig one = chip_with({"core.pending_sets=1"});
  const Timed idle{one, {set(Pipe::MTE1, Pipe::M, 0), set(Pipe::MTE1, Pipe::M, 1)}};
  EXPECT_EQ(idle.start(1), idle.end(0) + 1);
  EXPECT_EQ(idle.state(Pipe::MTE1, idle.end(0)), State::barrier);
  EXPECT_EQ(idle.state(Pipe::MTE1, idle.start(1)), State::busy);
}

TEST(Flags, F1RaisesInTheCycleAfterTheLastEndAndDoesNotHoldItsQueue) {
  const Timed t{chip(), {load(L0Buffer::L0A, 4), set(Pipe::MTE1, Pipe::M), load(L0Buffer::L0A, 1),
                         wait(Pipe::MTE1, Pipe::M)}};
  EXPECT_EQ(t.end(0), 1u + 36 + 7);
  EXPECT_EQ(t.at(1), (Times{1, 2, t.end(0) + 1}));
  EXPECT_EQ(t.start(2), 1u + 9);  // M1 of the load alone
  EXPECT_EQ(t.at(3), (Times{3, t.end(1), t.end(1)}));
}

TEST(Flags, F1AQueueRaisesOneEventACycle) {
  const Timed t{chip(),
                {mmad(16, 16, 16), set(Pipe::M, Pipe::FIX, 0), set(Pipe::M, Pipe::FIX, 1),
                 set(Pipe::M, Pipe::FIX, 2), wait(Pipe::M, Pipe::FIX, 2),
                 wait(Pipe::M, Pipe::FIX, 1), wait(Pipe::M, Pipe::FIX, 0)}};
  EXPECT_EQ(t.end(1), t.end(0) + 1);
  EXPECT_EQ(t.end(2), t.end(0) + 2);
  EXPECT_EQ(t.end(3), t.end(0) + 3);
  EXPECT_EQ(t.start(4), t.end(3));
  EXPECT_EQ(t.start(5), t.end(3) + 1);
}

TEST(Flags, F1WaitsForAllEarlierWorkEvenIfTheLatestEndedSooner) {
  const Timed t{
      chip(),
      {mmad(64, 64, 64), mmad(0, 16, 16), set(Pipe::M, Pipe::FIX), wait(Pipe::M, Pipe::FIX)}};
  EXPECT_LT(t.end(1), t.end(0));
  EXPECT_EQ(t.end(2), t.end(0) + 1);
}

TEST(Flags, F2TheNextInstructionStartsInTheCycleAfterTheWait) {
  const Timed t{chip(),
                {load(L0Buffer::L0A, 1), set(Pipe::MTE1, Pipe::M), wait(Pipe::MTE1, Pipe::M),
                 mmad(16, 16, 16)}};
  EXPECT_EQ(t.start(2), t.end(1));
  EXPECT_EQ(t.start(3), t.start(2) + 1);
  EXPECT_EQ(t.state(Pipe::M, t.start(2) - 1), State::flag);
  EXPECT_EQ(t.state(Pipe::M, t.start(2)), State::busy);
}

TEST(Flags, F3RaisingARaisedEventNamesTheEventAndBothInstructions) {
  const std::string error = error_of<systemc::ProgramError>(
      chip(), {load(L0Buffer::L0A, 1), set(Pipe::MTE1, Pipe::M, 3), set(Pipe::MTE1, Pipe::M, 3)});
  EXPECT_EQ(unless_it_says("(MTE1, M, 3)", error), "");
  EXPECT_EQ(unless_it_says("instruction 2 raises it in cycle 40", error), "");
  EXPECT_EQ(unless_it_says("instruction 1 raised it in cycle 39", error), "");
}

// Taken in the cycle before the second raise: fine; taken in the very cycle: too late.
TEST(Flags, F3AnEventMustBeTakenInACycleBeforeItIsRaisedAgain) {
  const auto racing = [](int delay) {
    return std::vector<Instruction>{
        set(Pipe::MTE1, Pipe::M),  load(L0Buffer::L0A, 1),
        set(Pipe::MTE1, Pipe::M),  Scalar{static_cast<std::uint16_t>(delay)},
        wait(Pipe::MTE1, Pipe::M), wait(Pipe::MTE1, Pipe::M)};
  };
  const std::uint64_t second = 2 + 36 + 1 + 1;  // the load starts in 2
  const int latest = static_cast<int>(second) - 1 - 1 - 3;  // the wait starts in 3 + delay + 1
  const Timed t{chip(), racing(latest)};
  EXPECT_EQ(t.end(2), second);
  EXPECT_EQ(t.start(4), second - 1);
  EXPECT_NE(error_of<systemc::ProgramError>(chip(), racing(latest + 1)), "");
}

TEST(Flags, F4ABarrierStartsInTheCycleAfterTheLastEndOfItsQueue) {
  const Timed t{chip(), {load(L0Buffer::L0B, 2), PipeBarrier{Pipe::MTE1}, load(L0Buffer::L0B, 2)}};
  EXPECT_EQ(t.at(1), (Times{1, t.end(0) + 1, t.end(0) + 1}));
  EXPECT_EQ(t.start(2), t.end(0) + 2);
}

TEST(Flags, F4ABarrierOfMWaitsForAnEndThatIsNotKnownBefore) {
  const Timed t{chip(), {mmad(32, 32, 32), PipeBarrier{Pipe::M}, mmad(16, 16, 16)}};
  EXPECT_EQ(t.start(1), t.end(0) + 1);
  EXPECT_EQ(t.start(2), t.end(0) + 2);
}

TEST(States, EveryPipeIsInOneStateInEveryCycle) {
  const Timed t{
      chip(),
      {CopyGmL1{.block_length = 64}, set(Pipe::MTE2, Pipe::MTE1), wait(Pipe::MTE2, Pipe::MTE1),
       load(L0Buffer::L0A, 2), set(Pipe::MTE1, Pipe::M), wait(Pipe::MTE1, Pipe::M),
       mmad(32, 16, 16), set(Pipe::M, Pipe::FIX), wait(Pipe::M, Pipe::FIX), fixpipe(32, 16)}};
  for (const systemc::PipeResult& pipe : t.result().pipes) {
    std::uint64_t sum = 0;
    for (const std::uint64_t n : pipe.cycles) sum += n;
    EXPECT_EQ(sum, t.result().cycles.value()) << name(pipe.pipe);
  }
  EXPECT_EQ(t.result().cycles.value(), t.end(9) + 1);
  // MTE2: the request, the port (2048 B at 160 B a cycle, taken in the 13th), then memory until the
  // last byte is there.
  EXPECT_EQ(t.state(Pipe::MTE2, 0), State::empty);
  EXPECT_EQ(t.state(Pipe::MTE2, 1 + 4 + 13), State::busy);
  EXPECT_EQ(t.state(Pipe::MTE2, 1 + 4 + 14), State::memory);
  EXPECT_EQ(t.state(Pipe::MTE2, t.end(0)), State::memory);
  EXPECT_EQ(t.state(Pipe::MTE2, t.end(0) + 1), State::done);
  EXPECT_EQ(t.state(Pipe::FIX, t.start(8) - 1), State::flag);
  EXPECT_EQ(t.cycles_in(Pipe::M, State::busy),
            1 + t.end(6) - t.start(6) + 1);  // the wait, the mmad
}

TEST(States, AHeadThatWaitsOnlyForItsPipeIsBusy) {
  const Timed t{chip(), {fixpipe(16, 16), fixpipe(16, 16)}};
  EXPECT_EQ(t.start(1), 1u + 86);
  EXPECT_EQ(t.state(Pipe::FIX, t.start(1) - 1), State::busy);
  EXPECT_EQ(t.cycles_in(Pipe::FIX, State::memory), 60u);  // behind the second's output only
}

TEST(Trace, KeepsTheFirstInstructionsAndTheStatesUntilTheyEnd) {
  const auto program = repeated(load(L0Buffer::L0A, 1), 100);
  const Timed all{chip(), program}, some{chip(), program, 10};
  ASSERT_EQ(some.result().records.size(), 10u);
  for (std::size_t i = 0; i < 10; ++i) EXPECT_EQ(some.at(i), all.at(i));
  EXPECT_EQ(some.state(Pipe::MTE1, some.end(9)), State::busy);
  for (const systemc::Segment& s : some.result().segments) EXPECT_LE(s.to, Cycle{some.end(9) + 1});
  for (std::size_t p = 0; p < 6; ++p) {
    EXPECT_EQ(some.result().pipes[p].cycles, all.result().pipes[p].cycles);
  }
}

TEST(Trace, KeepsNothingIfToldSo) {
  const Timed none{chip(), repeated(load(L0Buffer::L0A, 1), 3), 0};
  EXPECT_TRUE(none.result().records.empty());
  EXPECT_TRUE(none.result().segments.empty());
  EXPECT_EQ(none.result().cycles.value(), 1 + 2 * 4 + 36 + 1 + 1u);
}

TEST(Simulation, AnEmptyProgramTakesNoCycle) {
  const Timed t{chip(), {}};
  EXPECT_EQ(t.result().cycles.value(), 0u);
  EXPECT_EQ(t.result().pipes.size(), 6u);
}

TEST(Simulation, ManyFollowEachOtherInOneProcessAlsoAfterAnError) {
  for (int i = 0; i < 20; ++i) {
    EXPECT_NE(error_of<systemc::DeadlockError>(chip(), {wait(Pipe::M, Pipe::FIX)}), "");
    const Timed t{chip(),
                  {load(L0Buffer::L0A, 1), set(Pipe::MTE1, Pipe::M), wait(Pipe::MTE1, Pipe::M)}};
    EXPECT_EQ(t.result().cycles.value(), 40u);
  }
}

TEST(Deadlock, NamesAWaitThatNobodyAnswers) {
  const std::string error = error_of<systemc::DeadlockError>(
      chip(), {load(L0Buffer::L0A, 1), wait(Pipe::FIX, Pipe::M, 2), mmad(16, 16, 16)});
  EXPECT_EQ(
      unless_it_says(
          "M: instruction 1 (wait_flag from=FIX to=M id=2) waits for event (FIX, M, 2), which "
          "no set_flag is left to raise",
          error),
      "");
  EXPECT_EQ(unless_it_says("chain: M waits for nobody", error), "");
}

TEST(Deadlock, FollowsACircleOfFlags) {
  const std::string error = error_of<systemc::DeadlockError>(
      chip(), {wait(Pipe::M, Pipe::MTE1), set(Pipe::MTE1, Pipe::M), wait(Pipe::MTE1, Pipe::M),
               set(Pipe::M, Pipe::MTE1)});
  EXPECT_EQ(
      unless_it_says(
          "M: instruction 2 (wait_flag from=MTE1 to=M id=0) waits for event (MTE1, M, 0), which "
          "instruction 1 would raise; it stands in that queue",
          error),
      "");
  EXPECT_EQ(unless_it_says("MTE1: instruction 0", error), "");
  EXPECT_EQ(unless_it_says("chain: M waits for MTE1, MTE1 waits for M", error), "");
}

TEST(Deadlock, FollowsAFullQueueToTheInstructionNotDispatched) {
  std::vector<Instruction> program{wait(Pipe::M, Pipe::MTE1)};
  for (int i = 0; i < 32; ++i) program.push_back(load(L0Buffer::L0A, 1));
  program.push_back(set(Pipe::M, Pipe::MTE1));
  const std::string error = error_of<systemc::DeadlockError>(chip(), program);
  EXPECT_EQ(unless_it_says("S: instruction 32 ", error), "");
  EXPECT_EQ(unless_it_says("waits for a place in the queue of MTE1", error), "");
  EXPECT_EQ(unless_it_says("instruction 33 would raise; it has not been dispatched", error), "");
  EXPECT_EQ(unless_it_says("chain: S waits for MTE1, MTE1 waits for S", error), "");
}

TEST(Deadlock, NamesThePlaceASetFlagWaitsFor) {
  const ChipConfig one = chip_with({"core.pending_sets=1"});
  Fixpipe unanswered = fixpipe(16, 16);
  unanswered.unit_flag = UnitFlag::check;
  const std::string error = error_of<systemc::DeadlockError>(
      one, {unanswered, set(Pipe::FIX, Pipe::M, 0), set(Pipe::FIX, Pipe::M, 1),
            wait(Pipe::FIX, Pipe::M, 1)});
  EXPECT_EQ(unless_it_says("FIX: instruction 0 (fixpipe", error), "");
  EXPECT_EQ(unless_it_says("M: instruction 3 (wait_flag from=FIX to=M id=1) waits for event "
                           "(FIX, M, 1), which instruction 2 would raise; it stands in that queue",
                           error),
            "");
  EXPECT_EQ(unless_it_says("chain: M waits for FIX, FIX waits for M", error), "");
}

TEST(Deadlock, FollowsMte3) {
  const std::string error = error_of<systemc::DeadlockError>(
      chip(), {wait(Pipe::FIX, Pipe::MTE3), store(0, 4), set(Pipe::MTE3, Pipe::FIX),
               wait(Pipe::MTE3, Pipe::FIX), set(Pipe::FIX, Pipe::MTE3)});
  EXPECT_EQ(unless_it_says("MTE3: instruction 0 (wait_flag from=FIX to=MTE3 id=0)", error), "");
  EXPECT_EQ(unless_it_says("chain: MTE3 waits for FIX, FIX waits for MTE3", error), "");
}

TEST(Deadlock, NamesUnitFlagsOnBothSides) {
  Mmad twice = mmad(16, 16, 16);
  twice.unit_flag = UnitFlag::toggle;
  const std::string m = error_of<systemc::DeadlockError>(chip(), {twice, twice});
  EXPECT_EQ(unless_it_says("M: instruction 1 (mmad", m), "");
  EXPECT_EQ(
      unless_it_says("waits for a unit flag in its part of L0C to be cleared by a fixpipe", m), "");
  EXPECT_EQ(unless_it_says("chain: M waits for FIX, FIX (nothing left to do)", m), "");

  Fixpipe unanswered = fixpipe(16, 16);
  unanswered.unit_flag = UnitFlag::check;
  unanswered.src = L0cAddress{2048};
  const std::string f =
      error_of<systemc::DeadlockError>(chip(), {unanswered, PipeBarrier{Pipe::ALL}});
  EXPECT_EQ(unless_it_says("FIX: instruction 0 (fixpipe", f), "");
  EXPECT_EQ(unless_it_says("waits for the unit flags of L0C bytes 0x800 to 0xbff", f), "");
  EXPECT_EQ(unless_it_says("S: instruction 1 (pipe_barrier on=ALL) waits for FIX to drain", f), "");
}

}  // namespace
}  // namespace vitruvian::tests
