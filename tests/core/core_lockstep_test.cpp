// SPDX-License-Identifier: Apache-2.0
//
// The whole core in RTL equals SystemC: instructions, states, beats, bytes, over random programs of every profile on a memory that answers
// as it likes.
#include "tb/lockstep/core_lockstep.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tb/random/core_program.h"
#include "tb/random/random_gm.h"

namespace vitruvian::tests {
namespace {

using namespace tb;

std::shared_ptr<const CoreLibrary> library(const std::string& variant) {
  return std::make_shared<const CoreLibrary>(fmt::format("{}/aic_{}.so", VITRUVIAN_BLOCK_DIR, variant));
}

struct Sum {
  std::uint64_t programs = 0, instructions = 0, beats = 0, bytes = 0, cycles = 0;
};

// Two cores, two memories, one program.
CoreComparison compare(const models::Program& program, const Seed& seed, const ChipConfig& chip, const std::shared_ptr<const CoreLibrary>& block,
                       Sum& sum) {
  models::Memory gm{chip.gm.size}, twin_gm{chip.gm.size};
  models::CoreState state{chip, gm}, twin_fill{chip, twin_gm};
  fill_core(seed, state);
  fill_core(seed, twin_fill);
  CoreRtlOptions options;
  options.library = block;
  const CoreLockstepRun run = run_core_lockstep(chip, program, state, twin_gm, Bytes{random_gm_bytes}, RandomGm{seed}, options);
  ++sum.programs;
  sum.instructions += run.comparison.instructions;
  sum.beats += run.comparison.beats;
  sum.bytes += run.comparison.bytes;
  sum.cycles += run.result.cycles.value();
  return run.comparison;
}

class CoreLockstep : public testing::TestWithParam<std::string_view> {};

TEST_P(CoreLockstep, RandomProgramsAreEqualToTheCycleAndToTheByte) {
  const ChipConfig chip = load_chip("ascend910b1");
  const CoreProfile& profile = core_profile(GetParam());
  const auto block = library("check");
  Sum sum;
  for (std::uint64_t i = 0; sum.instructions < 9000; ++i) {
    const Seed seed = Seed{0x5eed}.child(i);
    const CoreComparison found = compare(random_core_program(profile, seed, chip), seed, chip, block, sum);
    ASSERT_TRUE(found.clean()) << profile.name << " " << seed.text() << ": " << found.cycle_mismatches << " differences in cycles, "
                               << found.value_mismatches << " in bytes; the first:\n" << found.first;
  }
  RecordProperty("instructions", std::to_string(sum.instructions));
  fmt::print("{}: {} programs, {} instructions, {} cycles, {} beats, {} bytes written\n", profile.name, sum.programs, sum.instructions, sum.cycles,
             sum.beats, sum.bytes);
}

INSTANTIATE_TEST_SUITE_P(Profiles, CoreLockstep, testing::Values("mixed", "tiny", "crowded", "flags", "products", "large"),
                         [](const auto& info) { return std::string{info.param}; });

}  // namespace
}  // namespace vitruvian::tests
