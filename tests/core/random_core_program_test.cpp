// SPDX-License-Identifier: Apache-2.0
//
// Random timing programs under every schedule: queues that run in order and know nothing of time, a
// step of any of them at any moment. No event is ever raised twice, and nothing waits for ever.
#include "tests/core/random_core_program.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <tuple>

#include "models/program/encoding.h"
#include "models/program/footprint.h"
#include "tb/common/random.h"

namespace vitruvian::tests {
namespace {

using namespace models;

// The 512 B of L0C an instruction hands over or takes.
std::set<std::uint64_t> granules(const Instruction& i) {
  std::set<std::uint64_t> found;
  for (const Extent& e : footprint(i)) {
    if (e.space != Space::L0C) continue;
    for (std::uint64_t n = 0; n < e.count; ++n) {
      const std::uint64_t start = e.start + n * e.stride;
      for (std::uint64_t g = start / 512; g <= (start + e.size - 1) / 512; ++g) found.insert(g);
    }
  }
  return found;
}

UnitFlag unit_flag_of(const Instruction& i) {
  return std::visit(
      [](const auto& typed) {
        if constexpr (requires { typed.unit_flag; }) return typed.unit_flag;
        return UnitFlag::off;
      },
      i);
}

class Schedule {
 public:
  Schedule(const Program& program, const ChipConfig& chip, tb::RandomStream random)
      : program_{program}, random_{random} {
    depth_[Pipe::M] = chip.queue_depth.m, depth_[Pipe::MTE1] = chip.queue_depth.mte1;
    depth_[Pipe::MTE2] = chip.queue_depth.mte2, depth_[Pipe::MTE3] = chip.queue_depth.mte3;
    depth_[Pipe::FIX] = chip.queue_depth.fix;
  }

  // "" if every instruction came to its turn.
  std::string run() {
    constexpr Pipe parts[] = {Pipe::S, Pipe::M, Pipe::MTE1, Pipe::MTE2, Pipe::MTE3, Pipe::FIX};
    Pipe favourite = Pipe::S;
    while (error_.empty()) {
      if (next_ == program_.instructions.size() && all_empty()) return "";
      if (random_.chance(1, 20)) favourite = random_.pick(parts);
      if (step(favourite)) continue;
      const std::uint64_t first = random_.below(6);
      bool moved = false;
      for (std::uint64_t i = 0; i < 6 && !moved; ++i) moved = step(parts[(first + i) % 6]);
      if (!moved) return fmt::format("stuck at {} of {}", next_, program_.instructions.size());
    }
    return error_;
  }

 private:
  using Event = std::tuple<Pipe, Pipe, int>;

  bool all_empty() const {
    return std::ranges::all_of(queues_, [](const auto& queue) { return queue.second.empty(); });
  }

  bool step(Pipe part) {
    if (part == Pipe::S) return dispatch();
    auto& queue = queues_[part];
    if (queue.empty() || !execute(*queue.front())) return false;
    queue.pop_front();
    return true;
  }

  bool dispatch() {
    if (next_ == program_.instructions.size()) return false;
    const Instruction& i = program_.instructions[next_];
    const Pipe pipe = pipe_of(i);
    if (pipe == Pipe::ALL ? !all_empty() : pipe == Pipe::S && !execute(i)) return false;
    if (pipe != Pipe::ALL && pipe != Pipe::S) {
      if (queues_[pipe].size() >= depth_[pipe]) return false;
      queues_[pipe].push_back(&i);
    }
    ++next_;
    return true;
  }

  // Does what the instruction waits for hold? Then it is done at once.
  bool execute(const Instruction& i) {
    if (const auto* set = std::get_if<SetFlag>(&i)) {
      if (!up_.insert({set->from, set->to, set->id}).second) error_ = "an event is raised twice";
    }
    if (const auto* wait = std::get_if<WaitFlag>(&i)) {
      return up_.erase({wait->from, wait->to, wait->id}) == 1;
    }
    const UnitFlag flag = unit_flag_of(i);
    if (flag == UnitFlag::off) return true;
    const bool wanted = pipe_of(i) == Pipe::FIX;
    const auto touched = granules(i);
    for (const std::uint64_t g : touched) {
      if (flags_.contains(g) != wanted) return false;
    }
    if (flag == UnitFlag::check) return true;
    for (const std::uint64_t g : touched) wanted ? flags_.erase(g) : flags_.insert(g).second;
    return true;
  }

  const Program& program_;
  tb::RandomStream random_;
  std::map<Pipe, std::deque<const Instruction*>> queues_;
  std::map<Pipe, std::size_t> depth_;
  std::set<Event> up_;
  std::set<std::uint64_t> flags_;
  std::size_t next_ = 0;
  std::string error_;
};

class RandomCoreProgram : public testing::TestWithParam<Focus> {};

TEST_P(RandomCoreProgram, NeverRaisesAnEventTwiceAndNeverDeadlocks) {
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    std::mt19937_64 random{seed};
    const ChipConfig chip = random_timing_chip(random);
    const Program program = random_timing_program(random, chip, GetParam(), 150);
    for (std::uint64_t order = 0; order < 4; ++order) {
      Schedule schedule{program, chip, tb::Seed{seed}.child(order).stream("schedule")};
      ASSERT_EQ(schedule.run(), "") << "seed " << seed << " order " << order;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Focus, RandomCoreProgram,
                         testing::Values(Focus::everything, Focus::sharing, Focus::memory));

TEST(RandomCoreProgramKinds, EveryInstructionOfACubeCoreComesUp) {
  std::set<std::string_view> seen;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    std::mt19937_64 random{seed};
    const ChipConfig chip = random_timing_chip(random);
    for (const Instruction& i :
         random_timing_program(random, chip, Focus::everything, 150).instructions) {
      seen.insert(info(i).name);
    }
  }
  for (const InstructionInfo& row : instruction_table)
    EXPECT_TRUE(seen.contains(row.name)) << row.name;
}

// The schedules see what they look for.
TEST(RandomCoreProgramKinds, ASecondRaiseAndALonelyWaitAreSeen) {
  const ChipConfig chip = load_chip("ascend910b1");
  const SetFlag set{Pipe::M, Pipe::FIX, 3};
  const WaitFlag wait{Pipe::M, Pipe::FIX, 3};
  const auto outcomes = [&](const Program& program) {
    std::set<std::string> found;
    for (std::uint64_t n = 0; n < 50; ++n) {
      found.insert(Schedule{program, chip, tb::Seed{n}.stream("schedule")}.run());
    }
    return found;
  };
  EXPECT_TRUE(outcomes({"twice", {set, wait, set, wait}}).contains("an event is raised twice"));
  EXPECT_EQ(outcomes({"lonely", {wait}}), std::set<std::string>{"stuck at 1 of 1"});
  EXPECT_EQ(outcomes({"drained", {set, wait, PipeBarrier{Pipe::ALL}, set, wait}}),
            std::set<std::string>{""});
}

}  // namespace
}  // namespace vitruvian::tests
