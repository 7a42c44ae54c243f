// SPDX-License-Identifier: Apache-2.0
//
// The comparison of two cores sees a difference of each kind, and none where two tell the same in other pieces.
#include "tb/lockstep/core_compare.h"

#include <gtest/gtest.h>

namespace vitruvian::tests {
namespace {

using namespace models;
using systemc::BeatRow;
using systemc::CoreObserver;
using systemc::Port;
using systemc::State;
using tb::CoreComparison;

const Program program{"two", {CopyL1Bt{.length = 1}, Scalar{.cost = 3}}};
constexpr std::uint8_t bytes[] = {1, 2, 3, 4, 5, 6, 7, 8};

// What one side tells; each test bends one piece of it.
struct Story {
  Cycle issue{0}, start{1}, end{37};
  Cycle split{20}, busy_to{38};
  Cycle beat{37};
  std::uint64_t address = 64;
  std::vector<std::uint8_t> data{std::begin(bytes), std::end(bytes)};
  bool second_beat = false, retires = true;
};

void tell(CoreObserver& to, const Story& story) {
  to.issued(0, Pipe::MTE1, story.issue);
  to.started(0, Pipe::MTE1, story.start);
  to.state(Pipe::MTE1, State::empty, Cycle{0}, Cycle{1});
  to.state(Pipe::MTE1, State::busy, Cycle{1}, story.split);
  to.state(Pipe::MTE1, State::busy, story.split, story.busy_to);
  to.state(Pipe::MTE1, State::done, story.busy_to, Cycle{40});
  const BeatRow rows[] = {{story.address, 8, story.data}, {128, 8, {}}};
  to.beat(Port::bt_write, story.beat, rows);
  if (story.second_beat) to.beat(Port::bt_write, Cycle{39}, rows);
  if (story.retires) to.ended(0, Pipe::MTE1, story.end);
}

CoreComparison compared(const Story& rtl, const Story& twin = {}) {
  tb::CoreCompare compare{program};
  tell(compare.twin(), twin);
  tell(compare.rtl(), rtl);
  return compare.finish();
}

TEST(CoreCompare, SameCoresAreCleanHoweverTheyCutTheirStates) {
  const CoreComparison found = compared({.split = Cycle{7}});
  EXPECT_TRUE(found.clean()) << found.first;
  EXPECT_EQ(found.instructions, 1u);
  EXPECT_EQ(found.beats, 1u);
  EXPECT_EQ(found.bytes, 8u);
}

TEST(CoreCompare, SeesAnotherCycleOfAnInstruction) {
  EXPECT_EQ(compared({.start = Cycle{2}}).first.substr(0, 24), "cycle 1: instruction 0 (");
  EXPECT_EQ(compared({.end = Cycle{36}}).cycle_mismatches, 1u);
  EXPECT_EQ(compared({.issue = Cycle{1}}).cycle_mismatches, 1u);
}

TEST(CoreCompare, SeesAnotherStateInOneCycle) {
  const CoreComparison found = compared({.busy_to = Cycle{39}});
  EXPECT_EQ(found.cycle_mismatches, 1u);
  EXPECT_EQ(found.first.substr(0, 64), "cycle 38: pipe MTE1 from cycle 38 to 38: busy in the RTL, done i");
}

TEST(CoreCompare, SeesABeatInAnotherCycleOrPlace) {
  EXPECT_EQ(compared({.beat = Cycle{36}}).cycle_mismatches, 1u);
  EXPECT_EQ(compared({.address = 32}).cycle_mismatches, 1u);
}

TEST(CoreCompare, SeesOtherBytesAndShowsTheWord) {
  const CoreComparison found = compared({.data = {1, 2, 3, 4, 5, 9, 7, 8}});
  EXPECT_EQ(found.value_mismatches, 1u);
  EXPECT_NE(found.first.find("byte 0x45: 05 09 07 08 in the RTL, 05 06 07 08 in SystemC"), std::string::npos) << found.first;
}

TEST(CoreCompare, SeesWhatOnlyOneSideDid) {
  EXPECT_EQ(compared({.second_beat = true}).cycle_mismatches, 1u);
  EXPECT_EQ(compared({}, {.second_beat = true}).cycle_mismatches, 1u);
  EXPECT_EQ(compared({.retires = false}).cycle_mismatches, 1u);
}

TEST(CoreCompare, ReportsTheEarliestDifference) {
  const CoreComparison found = compared({.start = Cycle{2}, .end = Cycle{39}, .beat = Cycle{36}});
  EXPECT_EQ(found.first.substr(0, 8), "cycle 1:");
  EXPECT_EQ(found.cycle_mismatches, 3u);
}

}  // namespace
}  // namespace vitruvian::tests
