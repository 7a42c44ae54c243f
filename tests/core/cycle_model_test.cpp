// SPDX-License-Identifier: Apache-2.0
//
// The event-driven core against docs/timing.md stepped cycle by cycle.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "systemc/chip/simulation.h"
#include "systemc/core/deadlock.h"
#include "systemc/pipe/flags.h"
#include "tests/core/cycle_model.h"
#include "tests/core/random_core_program.h"

namespace vitruvian::tests {
namespace {

using systemc::State;

// The first difference, or "".
std::string compare(const systemc::CoreResult& events, const CycleResult& cycles,
                    const models::Program& program) {
  for (std::size_t i = 0; i < program.instructions.size(); ++i) {
    const systemc::Record& r = events.records[i];
    const CycleResult::Times got{r.issue.value(), r.start.value(), r.end.value()}, want = cycles.times[i];
    if (got != want) {
      return fmt::format("instruction {} ({}): issue, start, end {} {} {}, by cycles {} {} {}", i,
                         systemc::text_of(program.instructions[i]), got.issue, got.start, got.end,
                         want.issue, want.start, want.end);
    }
  }
  if (events.cycles.value() != cycles.cycles) {
    return fmt::format("cycles {}, by cycles {}", events.cycles.value(), cycles.cycles);
  }
  for (std::size_t unit = 0; unit < events.pipes.size(); ++unit) {
    std::vector<std::uint8_t> states;
    for (const systemc::Segment& s : events.segments) {
      if (s.pipe != events.pipes[unit].pipe) continue;
      if (s.from.value() != states.size()) return "a gap between segments";
      states.insert(states.end(), (s.to - s.from).value(), static_cast<std::uint8_t>(s.state));
    }
    const auto& want = cycles.states[unit];
    systemc::StateCycles counts{};
    for (std::size_t c = 0; c < want.size(); ++c) {
      ++counts[want[c]];
      if (c < states.size() && states[c] == want[c]) continue;
      return fmt::format("{} in cycle {}: {}, by cycles {}", name(events.pipes[unit].pipe), c,
                         c < states.size() ? systemc::state_names[states[c]] : "-",
                         systemc::state_names[want[c]]);
    }
    if (counts != events.pipes[unit].cycles) return "the counts are not those of the segments";
  }
  if (events.mmads_stalled_by_unit_flag != cycles.mmads_stalled_by_unit_flag ||
      events.mmads_stalled_by_bank != cycles.mmads_stalled_by_bank) {
    return "stalled mmads differ";
  }
  return "";
}

struct Tally {
  std::uint64_t instructions = 0, events = 0, deadlocks = 0, unit_flag = 0, bank = 0;
  systemc::StateCycles states{};
};

void check(std::uint64_t seed, Focus focus, Tally& tally) {
  std::mt19937_64 random{seed};
  const ChipConfig chip = random_timing_chip(random);
  const models::Program program =
      random_timing_program(random, chip, focus, std::uniform_int_distribution<int>{1, 120}(random));
  models::Memory gm{Bytes{1 << 20}};
  const CycleResult cycles = step_by_cycles(chip, program.instructions);
  std::string error;
  try {
    const auto events =
        systemc::Simulation{chip, program, gm, {.values = false, .cube = nullptr}}.run();
    ASSERT_EQ(cycles.error, "") << "seed " << seed;
    ASSERT_EQ(compare(events, cycles, program), "") << "seed " << seed;
    tally.instructions += program.instructions.size();
    tally.unit_flag += events.mmads_stalled_by_unit_flag;
    tally.bank += events.mmads_stalled_by_bank;
    for (const auto& pipe : events.pipes) {
      for (int s = 0; s < systemc::state_count; ++s) tally.states[s] += pipe.cycles[s];
    }
  } catch (const systemc::ProgramError& e) {
    ASSERT_EQ(cycles.error, "event") << "seed " << seed << ": " << e.what();
    ++tally.events;
  } catch (const systemc::DeadlockError& e) {
    ASSERT_EQ(cycles.error, "deadlock") << "seed " << seed << ": " << e.what();
    ++tally.deadlocks;
  }
}

void check_all(Focus focus, std::uint64_t first, std::uint64_t count, Tally& tally) {
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    check(seed, focus, tally);
    if (testing::Test::HasFatalFailure()) return;
  }
  fmt::print("{} instructions; mmads stalled by unit flag {}, by bank {}; event errors {}, deadlocks {}\n",
             tally.instructions, tally.unit_flag, tally.bank, tally.events, tally.deadlocks);
  for (int s = 0; s < systemc::state_count; ++s) {
    EXPECT_GT(tally.states[s], 0u) << systemc::state_names[s] << " never came up";
  }
}

TEST(CoreTiming, RandomProgramsTakeTheCyclesOfAModelSteppedCycleByCycle) {
  Tally tally;
  check_all(Focus::everything, 1, 400, tally);
}

TEST(CoreTiming, MAndFixShareL0cAsAModelSteppedCycleByCycleDoes) {
  Tally tally;
  check_all(Focus::sharing, 10'001, 400, tally);
  EXPECT_GT(tally.unit_flag, 100u);
  EXPECT_GT(tally.bank, 100u);
}

}  // namespace
}  // namespace vitruvian::tests
