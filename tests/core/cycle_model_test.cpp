// SPDX-License-Identifier: Apache-2.0
//
// The event-driven core against docs/timing.md stepped cycle by cycle.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "systemc/chip/simulation.h"
#include "systemc/core/deadlock.h"
#include "systemc/pipe/cube.h"
#include "systemc/pipe/errors.h"
#include "tests/core/cycle_model.h"
#include "tests/core/random_core_program.h"

namespace vitruvian::tests {
namespace {

using systemc::State;

systemc::SimulationOptions time_only(systemc::CubeFactory cube = nullptr) {
  systemc::SimulationOptions options;
  options.values = false;
  options.cube = std::move(cube);
  return options;
}

// The first difference, or "".
std::string compare(const systemc::CoreResult& events, const CycleResult& cycles,
                    const models::Program& program) {
  for (std::size_t i = 0; i < program.instructions.size(); ++i) {
    const systemc::Record& r = events.records[i];
    const CycleResult::Times got{r.issue.value(), r.start.value(), r.end.value()},
        want = cycles.times[i];
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
  const models::Program program = random_timing_program(
      random, chip, focus, std::uniform_int_distribution<int>{1, 120}(random));
  models::Memory gm{Bytes{1 << 20}};
  const CycleResult cycles = step_by_cycles(chip, program.instructions);
  std::string error;
  try {
    const auto events = systemc::Simulation{chip, program, gm, time_only()}.run();
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
  fmt::print(
      "{} instructions; mmads stalled by unit flag {}, by bank {}; event errors {}, deadlocks {}\n",
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

// The SystemC block as a Verilated one would behave: clocked in every cycle while anything is in
// it.
class ClockedCube final : public systemc::CubeBlock {
 public:
  explicit ClockedCube(const systemc::CubeContext& context) : cube_{context} {}
  void connect(systemc::CubeEnvironment& environment) override { cube_.connect(environment); }
  bool ready(Cycle now) override { return cube_.ready(now); }
  void start(const models::Mmad& mmad, std::uint32_t instruction, Cycle now) override {
    cube_.start(mmad, instruction, now);
  }
  void step(Cycle now) override { cube_.step(now); }
  systemc::Stall stall(Cycle now) override { return cube_.stall(now); }
  bool reads_l0c(Cycle now) override { return cube_.reads_l0c(now); }
  void settle(std::uint32_t first, std::uint32_t count, Cycle now) override {
    cube_.settle(first, count, now);
  }
  std::optional<Cycle> next_event(Cycle now) override {
    const bool busy = cube_.next_event(now) || cube_.stall(now) != systemc::Stall::none;
    return busy ? std::optional{now + Cycles{1}} : std::nullopt;
  }

 private:
  systemc::Cube cube_;
};

systemc::CubeFactory clocked() {
  return [](const systemc::CubeContext& context) { return std::make_unique<ClockedCube>(context); };
}

TEST(CubeBlock, ClockedInEveryCycleItTakesTheSameCycles) {
  for (std::uint64_t seed = 20'001; seed <= 20'150; ++seed) {
    std::mt19937_64 random{seed};
    const ChipConfig chip = random_timing_chip(random);
    const models::Program program = random_timing_program(random, chip, Focus::sharing, 60);
    models::Memory gm{Bytes{1 << 20}};
    const CycleResult cycles = step_by_cycles(chip, program.instructions);
    if (!cycles.error.empty()) continue;
    const auto events = systemc::Simulation{chip, program, gm, time_only(clocked())}.run();
    ASSERT_EQ(compare(events, cycles, program), "") << "seed " << seed;
  }
}

TEST(CubeBlock, ClockedInVainItIsStillADeadlock) {
  const ChipConfig chip = load_chip("ascend910b1");
  const models::Mmad toggles{.m = 16, .n = 16, .k = 16, .unit_flag = models::UnitFlag::toggle};
  const models::Program program{"twice", {toggles, toggles}};
  models::Memory gm{Bytes{1 << 20}};
  systemc::Simulation simulation{chip, program, gm, time_only(clocked())};
  EXPECT_THROW(simulation.run(), systemc::DeadlockError);
}

}  // namespace
}  // namespace vitruvian::tests
