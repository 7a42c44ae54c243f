// SPDX-License-Identifier: Apache-2.0
//
// Any pipe in RTL among SystemC pipes: instructions, states, beats and bytes equal those of the SystemC core alone, over
// random race-free programs on a memory that answers as it likes.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tb/lockstep/pipe_lockstep.h"
#include "tb/pipe/cube_rtl.h"
#include "tb/pipe/mover_rtl.h"
#include "tb/random/core_program.h"
#include "tb/random/random_gm.h"

namespace vitruvian::tb {
namespace {

using models::Pipe;

// Which pipes are RTL.
struct Mix {
  std::string_view name;
  std::vector<Pipe> pipes;
  bool cube = false;
};
void PrintTo(const Mix& mix, std::ostream* out) { *out << mix.name; }

systemc::SimulationOptions options_of(const Mix& mix, const ChipConfig& chip) {
  systemc::SimulationOptions options;
  options.trace_limit = 0;
  if (mix.cube) {
    const CubeBuild build{.cube = chip.cube, .numerics = options.numerics, .variant = "check", .rtl = {}};
    options.cube = cube_rtl_factory(std::make_shared<const CubeLibrary>(build_cube(build)));
  }
  for (const Pipe pipe : mix.pipes) {
    options.movers.of(pipe) = mover_rtl_factory(std::make_shared<const MoverLibrary>(build_mover(pipe, chip, "check")));
  }
  return options;
}

// Sums over programs.
struct Seen {
  std::uint64_t instructions = 0, beats = 0, bytes = 0, by_flag = 0, by_bank = 0;
};

void run_program(const ChipConfig& chip, const CoreProfile& profile, const Seed& seed, systemc::SimulationOptions options, Seen& seen) {
  models::Memory gm{chip.gm.size}, twin_gm{chip.gm.size};
  const models::Program program = random_core_program(profile, seed, chip);
  const RandomGm answers{seed};
  options.gm = &answers;
  PipeLockstep pair{chip, program, gm, twin_gm, options};
  fill_core(seed, pair.state());
  fill_core(seed, pair.twin_state());
  const systemc::CoreResult result = pair.run(Bytes{random_gm_bytes});
  const CoreComparison& found = pair.comparison();
  ASSERT_TRUE(found.clean()) << profile.name << " " << seed.text() << "\n" << found.first;
  ASSERT_EQ(found.instructions, program.instructions.size());
  seen.instructions += found.instructions;
  seen.beats += found.beats;
  seen.bytes += found.bytes;
  seen.by_flag += result.mmads_stalled_by_unit_flag;
  seen.by_bank += result.mmads_stalled_by_bank;
}

class MoverInCore : public testing::TestWithParam<Mix> {};

TEST_P(MoverInCore, IsTheSameCore) {
  constexpr std::uint64_t wanted = 8000;
  const ChipConfig chip = load_chip("ascend910b1");
  const systemc::SimulationOptions options = options_of(GetParam(), chip);
  Seen seen;
  const Seed first{0x51de};
  for (std::uint64_t i = 0; seen.instructions < wanted; ++i) {
    const auto profiles = core_profiles();
    run_program(chip, profiles[i % profiles.size()], first.child(i), options, seen);
    if (HasFatalFailure()) return;
  }
  fmt::print("{} instructions, {} beats, {} bytes, mmads held by a unit flag {}, by a bank {}\n", seen.instructions, seen.beats, seen.bytes,
             seen.by_flag, seen.by_bank);
  EXPECT_GT(seen.by_flag, 0u);
  EXPECT_GT(seen.by_bank, 0u);
}

const Mix mixes[] = {
    {"mte1", {Pipe::MTE1}},
    {"mte2", {Pipe::MTE2}},
    {"mte3", {Pipe::MTE3}},
    {"fix", {Pipe::FIX}},
    {"movers", {Pipe::MTE1, Pipe::MTE2, Pipe::MTE3, Pipe::FIX}},
    {"all", {Pipe::MTE1, Pipe::MTE2, Pipe::MTE3, Pipe::FIX}, true},
};
INSTANTIATE_TEST_SUITE_P(Pipes, MoverInCore, testing::ValuesIn(mixes), [](const auto& info) { return std::string{info.param.name}; });

}  // namespace
}  // namespace vitruvian::tb
