// SPDX-License-Identifier: Apache-2.0
#include "tb/report/timeline.h"

#include <map>
#include <numeric>

#include <gtest/gtest.h>

#include "tests/tb/report/synthetic.h"

namespace vitruvian::tb {
namespace {

using models::Pipe;
using systemc::State;

const PipeTimeline& pipe_of(const Timeline& timeline, Pipe pipe) {
  for (const PipeTimeline& p : timeline.cores.at(0).pipes) {
    if (p.pipe == pipe) return p;
  }
  throw std::out_of_range{"no such pipe"};
}

// A core with one program, whose records and segments a test writes by hand.
RunResult by_hand(std::vector<models::Instruction> program, std::vector<systemc::Record> records,
                  std::vector<systemc::Segment> segments) {
  RunResult run;
  run.program.instructions = std::move(program);
  systemc::CoreResult core{.name = "aic0",
                           .kind = "AIC",
                           .cycles = {},
                           .pipes = {{Pipe::M, {}}, {Pipe::MTE1, {}}},
                           .records = std::move(records),
                           .segments = std::move(segments)};
  core.instructions = core.records.size();
  run.cores.push_back(core);
  return run;
}

systemc::Record record(std::uint32_t n, Pipe pipe, std::uint64_t issue, std::uint64_t start,
                       std::uint64_t end) {
  return {n, pipe, Cycle{issue}, Cycle{start}, Cycle{end}};
}
systemc::Segment segment(Pipe pipe, State state, std::uint64_t from, std::uint64_t to) {
  return {pipe, state, Cycle{from}, Cycle{to}};
}

const models::Mmad full{.m = 16, .n = 16, .k = 16};

TEST(Timeline, SpansOfOneLaneNeverOverlapAndNoneIsLost) {
  const RunResult run = synthetic_run({.tiles = 30});
  const Timeline timeline = make_timeline(run);
  std::size_t spans = 0;
  for (const PipeTimeline& pipe : timeline.cores[0].pipes) {
    std::map<std::pair<bool, int>, std::vector<std::pair<std::uint64_t, std::uint64_t>>> lanes;
    for (const Span& span : pipe.spans) {
      EXPECT_LT(span.lane, span.sync ? pipe.sync_lanes : pipe.lanes);
      lanes[{span.sync, span.lane}].emplace_back(span.from, span.to);
    }
    for (auto& [lane, times] : lanes) {
      std::sort(times.begin(), times.end());
      for (std::size_t i = 1; i < times.size(); ++i) ASSERT_GE(times[i].first, times[i - 1].second);
    }
    spans += pipe.spans.size();
  }
  EXPECT_EQ(spans, run.cores[0].records.size());
}

TEST(Timeline, TheSecondOfTwoOverlappingInstructionsTakesTheSecondLane) {
  const Timeline timeline = make_timeline(by_hand(
      {full, full, full},
      {record(0, Pipe::M, 0, 1, 30), record(1, Pipe::M, 1, 20, 50), record(2, Pipe::M, 2, 31, 60)},
      {}));
  const PipeTimeline& m = pipe_of(timeline, Pipe::M);
  EXPECT_EQ(m.lanes, 2);
  EXPECT_EQ(m.spans[0].lane, 0);
  EXPECT_EQ(m.spans[1].lane, 1);
  EXPECT_EQ(m.spans[2].lane, 0);
}

TEST(Timeline, AWaitIsChargedToTheWaitFlagAndToTheInstructionBehindIt) {
  const models::WaitFlag wait{.from = Pipe::MTE1, .to = Pipe::M, .id = 0};
  const Timeline timeline = make_timeline(by_hand(
      {full, wait, full},
      {record(0, Pipe::M, 0, 1, 10), record(1, Pipe::M, 1, 40, 40), record(2, Pipe::M, 2, 42, 60)},
      {segment(Pipe::M, State::empty, 0, 1), segment(Pipe::M, State::busy, 1, 11),
       segment(Pipe::M, State::flag, 11, 40), segment(Pipe::M, State::empty, 40, 42),
       segment(Pipe::M, State::busy, 42, 61)}));
  const auto& spans = pipe_of(timeline, Pipe::M).spans;
  EXPECT_EQ(spans[0].wait, State::empty);
  EXPECT_EQ(spans[0].wait_cycles, 1u);
  for (const std::size_t n : {1, 2}) {
    EXPECT_EQ(spans[n].wait, State::flag) << n;
    EXPECT_EQ(spans[n].wait_cycles, 29u) << n;
  }
}

TEST(Timeline, HeldTilesAreChargedToTheInstructionThatRuns) {
  const Timeline timeline = make_timeline(
      by_hand({full, full}, {record(0, Pipe::M, 0, 1, 30), record(1, Pipe::M, 1, 31, 60)},
              {segment(Pipe::M, State::busy, 1, 10), segment(Pipe::M, State::unit_flag, 10, 15),
               segment(Pipe::M, State::busy, 15, 40), segment(Pipe::M, State::bank, 40, 42),
               segment(Pipe::M, State::busy, 42, 61)}));
  const auto& spans = pipe_of(timeline, Pipe::M).spans;
  EXPECT_EQ(spans[0].unit_flag_cycles, 5u);
  EXPECT_EQ(spans[0].bank_cycles, 0u);
  EXPECT_EQ(spans[1].unit_flag_cycles, 0u);
  EXPECT_EQ(spans[1].bank_cycles, 2u);
  EXPECT_EQ(spans[1].wait_cycles, 0u);
}

TEST(Timeline, TheNthSetOfAnEventBelongsToItsNthWait) {
  const models::SetFlag set0{.from = Pipe::MTE1, .to = Pipe::M, .id = 0},
      set1{.from = Pipe::MTE1, .to = Pipe::M, .id = 1};
  const models::WaitFlag wait0{.from = Pipe::MTE1, .to = Pipe::M, .id = 0},
      wait1{.from = Pipe::MTE1, .to = Pipe::M, .id = 1};
  const Timeline timeline = make_timeline(by_hand(
      {set0, set1, wait1, wait0, set0, wait0, wait1},
      {record(0, Pipe::MTE1, 0, 1, 2), record(1, Pipe::MTE1, 1, 2, 3), record(2, Pipe::M, 2, 4, 4),
       record(3, Pipe::M, 3, 5, 5), record(4, Pipe::MTE1, 4, 6, 7), record(5, Pipe::M, 5, 8, 8),
       record(6, Pipe::M, 6, 9, 9)},
      {}));
  const auto& arrows = timeline.cores[0].arrows;
  ASSERT_EQ(arrows.size(), 3u);  // the last wait has no set in the recorded stretch
  EXPECT_EQ(arrows[0].set, 1u);
  EXPECT_EQ(arrows[0].wait, 2u);
  EXPECT_EQ(arrows[1].set, 0u);
  EXPECT_EQ(arrows[1].wait, 3u);
  EXPECT_EQ(arrows[2].set, 4u);
  EXPECT_EQ(arrows[2].wait, 5u);
}

TEST(Timeline, EveryArrowOfARunPointsForwardInTime) {
  const RunResult run = synthetic_run({.tiles = 30});
  const auto& core = run.cores[0];
  const Timeline timeline = make_timeline(run);
  EXPECT_GT(timeline.cores[0].arrows.size(), 200u);
  for (const FlagArrow& arrow : timeline.cores[0].arrows)
    EXPECT_LE(core.records[arrow.set].end, core.records[arrow.wait].start);
}

TEST(Timeline, AQueueEntryStandsFromIssueToTheCycleAfterStart) {
  const Timeline timeline = make_timeline(
      by_hand({full, full}, {record(0, Pipe::M, 3, 4, 20), record(1, Pipe::M, 4, 9, 40)}, {}));
  const auto& queue = pipe_of(timeline, Pipe::M).queue;
  const std::vector<std::pair<std::uint64_t, std::uint32_t>> expected{
      {3, 1}, {4, 2}, {5, 1}, {10, 0}};
  ASSERT_EQ(queue.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i)
    EXPECT_EQ((std::pair{queue[i].cycle, queue[i].entries}), expected[i]) << i;
}

TEST(Timeline, UtilisationOverTimeAddsUpToTheUsefulWork) {
  const RunResult run = synthetic_run({.tiles = 30});
  const Timeline timeline = make_timeline(run);
  double cycles = 0;
  const auto& shares = timeline.cores[0].utilisation;
  for (std::size_t w = 0; w < shares.size(); ++w)
    cycles += shares[w] *
              static_cast<double>(std::min(timeline.window, timeline.end - w * timeline.window));
  EXPECT_NEAR(cycles * 4096, static_cast<double>(run.macs), 1e-6 * static_cast<double>(run.macs));
}

TEST(Timeline, BusyCyclesOverTimeAddUpToThePipesBusyCycles) {
  const RunResult run = synthetic_run({.tiles = 30});
  const Timeline timeline = make_timeline(run);
  for (std::size_t p = 0; p < timeline.cores[0].pipes.size(); ++p) {
    const auto& busy = timeline.cores[0].pipes[p].busy;
    EXPECT_EQ(std::accumulate(busy.begin(), busy.end(), std::uint64_t{0}),
              run.cores[0].pipes[p].cycles[static_cast<int>(State::busy)])
        << p;
  }
}

TEST(Timeline, PeakFollowsTypeAndShape) {
  EXPECT_EQ(peak_macs_per_cycle({}, DataType::f16), 4096);
  EXPECT_EQ(peak_macs_per_cycle({}, DataType::bf16), 4096);
  EXPECT_EQ(peak_macs_per_cycle({}, DataType::s8), 8192);
  EXPECT_EQ(peak_macs_per_cycle({}, DataType::f32), 1024);
  EXPECT_EQ(peak_macs_per_cycle({}, DataType::f32, true), 2048);
  EXPECT_EQ(peak_macs_per_cycle({}, DataType::s4), 16384);
  CubeConfig small;
  small.m = small.k = small.n = 8;
  EXPECT_EQ(peak_macs_per_cycle(small, DataType::f16), 512);
}

TEST(Timeline, ARunWithoutRecordsIsEmptyAndSaysSo) {
  RunResult run = synthetic_run({.tiles = 4, .trace_limit = 0});
  run.cores[0].segments.clear();
  const Timeline timeline = make_timeline(run);
  EXPECT_EQ(timeline.end, 0u);
  EXPECT_FALSE(timeline.complete());
}

}  // namespace
}  // namespace vitruvian::tb
