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
#include "tests/core/random_answers.h"
#include "tests/core/random_core_program.h"

namespace vitruvian::tests {
namespace {

using systemc::State;

// What the core asks of GM, and when FIX reads L0C.
struct Requests final : systemc::CoreObserver {
  void issued(std::uint32_t, models::Pipe, Cycle) override {}
  void started(std::uint32_t, models::Pipe, Cycle) override {}
  void ended(std::uint32_t, models::Pipe, Cycle) override {}
  void state(models::Pipe, State, Cycle, Cycle) override {}
  void beat(systemc::Port port, Cycle at, std::span<const systemc::BeatRow> rows) override {
    if (port == systemc::Port::l0c_read_fix) fix_reads.push_back(at.value());
    const auto gm = std::ranges::find(ports, port);
    if (gm == std::end(ports)) return;
    std::uint64_t bytes = 0;
    for (const auto& row : rows) bytes += row.size;
    of[gm - std::begin(ports)].push_back({at.value(), bytes});
  }

  static constexpr systemc::Port ports[] = {systemc::Port::gm_read_mte2, systemc::Port::gm_read_s,
                                            systemc::Port::gm_write_fix,
                                            systemc::Port::gm_write_mte3};
  std::array<std::vector<Taken>, systemc::gm_port_count> of;
  std::vector<std::uint64_t> fix_reads;
};

systemc::SimulationOptions time_only(const systemc::GmAnswers& answers,
                                     systemc::CoreObserver* observer = nullptr,
                                     systemc::CubeFactory cube = nullptr) {
  systemc::SimulationOptions options;
  options.values = false;
  options.cube = std::move(cube);
  options.gm = &answers;
  options.observer = observer;
  return options;
}

// The first difference, or "".
std::string compare(const systemc::CoreResult& events, const CycleResult& cycles,
                    const models::Program& program) {
  for (std::size_t i = 0; i < program.instructions.size(); ++i) {
    const systemc::Record& r = events.records[i];
    const CycleTimes got{r.issue.value(), r.start.value(), r.end.value()}, want = cycles.times[i];
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

// The same of GM's ports and FIX's reads.
std::string compare(const Requests& events, const CycleResult& cycles) {
  for (int port = 0; port < systemc::gm_port_count; ++port) {
    const auto &got = events.of[port], &want = cycles.requests[port];
    for (std::size_t i = 0; i < std::max(got.size(), want.size()); ++i) {
      if (i < got.size() && i < want.size() && got[i] == want[i]) continue;
      const Taken none{unknown, 0}, a = i < got.size() ? got[i] : none,
                  b = i < want.size() ? want[i] : none;
      return fmt::format("{}, request {}: cycle {}, {} B, by cycles {}, {} B",
                         systemc::port_names[static_cast<int>(Requests::ports[port])], i, a.cycle,
                         a.bytes, b.cycle, b.bytes);
    }
  }
  return events.fix_reads == cycles.fix_reads ? "" : "FIX reads L0C in other cycles";
}

struct Tally {
  std::uint64_t instructions = 0, events = 0, deadlocks = 0, unit_flag = 0, bank = 0, requests = 0;
  systemc::StateCycles states{};
};

// A memory for the seed: unloaded, or at random, waiting much, little or not at all.
std::unique_ptr<systemc::GmAnswers> random_memory(std::uint64_t seed, const ChipConfig& chip) {
  constexpr std::uint64_t waits[] = {0, 3, 20, 20}, slowest[] = {400, 60, 10, 400};
  if (seed % 5 == 0) return std::make_unique<systemc::UnloadedGm>(chip.gm);
  return std::make_unique<RandomAnswers>(seed, waits[seed % 4], slowest[seed / 4 % 4]);
}

void check(std::uint64_t seed, Focus focus, Tally& tally) {
  std::mt19937_64 random{seed};
  const ChipConfig chip = random_timing_chip(random);
  const models::Program program = random_timing_program(
      random, chip, focus, std::uniform_int_distribution<int>{1, 120}(random));
  const auto answers = random_memory(seed, chip);
  models::Memory gm{Bytes{timing_gm_bytes}};
  const CycleResult cycles = step_by_cycles(chip, program.instructions, *answers);
  Requests requests;
  try {
    const auto events =
        systemc::Simulation{chip, program, gm, time_only(*answers, &requests)}.run();
    ASSERT_EQ(cycles.error, "") << "seed " << seed;
    ASSERT_EQ(compare(events, cycles, program), "") << "seed " << seed;
    ASSERT_EQ(compare(requests, cycles), "") << "seed " << seed;
    tally.instructions += program.instructions.size();
    for (const auto& port : cycles.requests) tally.requests += port.size();
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
      "{} instructions; mmads stalled by unit flag {}, by bank {}; requests of GM {}; event errors "
      "{}, deadlocks {}\n",
      tally.instructions, tally.unit_flag, tally.bank, tally.requests, tally.events,
      tally.deadlocks);
  for (int s = 0; s < systemc::state_count; ++s) {
    EXPECT_GT(tally.states[s], 0u) << systemc::state_names[s] << " never came up";
  }
}

TEST(CoreTiming, RandomProgramsTakeTheCyclesOfAModelSteppedCycleByCycle) {
  Tally tally;
  check_all(Focus::everything, 1, 800, tally);
}

TEST(CoreTiming, MAndFixShareL0cAsAModelSteppedCycleByCycleDoes) {
  Tally tally;
  check_all(Focus::sharing, 10'001, 400, tally);
  EXPECT_GT(tally.unit_flag, 100u);
  EXPECT_GT(tally.bank, 100u);
}

TEST(CoreTiming, CopiesAndFillsTakeTheCyclesOfAModelSteppedCycleByCycle) {
  Tally tally;
  check_all(Focus::memory, 40'001, 400, tally);
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
    const auto answers = random_memory(seed, chip);
    models::Memory gm{Bytes{timing_gm_bytes}};
    const CycleResult cycles = step_by_cycles(chip, program.instructions, *answers);
    if (!cycles.error.empty()) continue;
    const auto events =
        systemc::Simulation{chip, program, gm, time_only(*answers, nullptr, clocked())}.run();
    ASSERT_EQ(compare(events, cycles, program), "") << "seed " << seed;
  }
}

TEST(CubeBlock, ClockedInVainItIsStillADeadlock) {
  const ChipConfig chip = load_chip("ascend910b1");
  const models::Mmad toggles{.m = 16, .n = 16, .k = 16, .unit_flag = models::UnitFlag::toggle};
  const models::Program program{"twice", {toggles, toggles}};
  models::Memory gm{Bytes{timing_gm_bytes}};
  const systemc::UnloadedGm answers{chip.gm};
  systemc::Simulation simulation{chip, program, gm, time_only(answers, nullptr, clocked())};
  EXPECT_THROW(simulation.run(), systemc::DeadlockError);
}

}  // namespace
}  // namespace vitruvian::tests
