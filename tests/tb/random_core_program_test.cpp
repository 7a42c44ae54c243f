// SPDX-License-Identifier: Apache-2.0
//
// Random programs of a whole core are what they promise, by the checker of tb/check, which knows nothing of how they are made.
#include "tb/random/core_program.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <set>

#include "models/core/core.h"
#include "tb/check/check.h"

namespace vitruvian::tb {
namespace {

using namespace models;

constexpr int seeds = 25;

template <class Use>
void for_programs(const ChipConfig& chip, Use&& use) {
  for (const CoreProfile& profile : core_profiles()) {
    for (int i = 0; i < seeds; ++i) {
      const Seed seed = Seed{0xc0de}.child(static_cast<std::uint64_t>(i));
      SCOPED_TRACE(fmt::format("{} {}", profile.name, seed.text()));
      use(random_core_program(profile, seed, chip));
    }
  }
}

TEST(RandomCoreProgram, HasNoRaceNoDeadlockAndLeavesNoFlagUp) {
  ChipConfig few_events = load_chip("ascend910b1");
  set_chip_key(few_events, "core.event_ids=1");
  for (const ChipConfig& chip : {load_chip("ascend910b1"), few_events}) {
    for_programs(chip, [&](const Program& program) {
      const OrderFindings found = check_order(program, chip, {});
      ASSERT_TRUE(found.races && found.races->count == 0) << found.races->kept.front().text;
      ASSERT_FALSE(found.deadlock) << *found.deadlock;
    });
  }
}

TEST(RandomCoreProgram, HoldsEveryInstruction) {
  std::set<std::string_view> seen;
  for_programs(load_chip("ascend910b1"), [&](const Program& program) {
    for (const Instruction& i : program.instructions) seen.insert(info(i).name);
  });
  for (const InstructionInfo& row : instruction_table) EXPECT_TRUE(seen.contains(row.name)) << row.name;
}

TEST(RandomCoreProgram, DependsOnItsSeedAlone) {
  const ChipConfig chip = load_chip("ascend910b1");
  const CoreProfile& profile = core_profile("mixed");
  EXPECT_EQ(random_core_program(profile, Seed{5}, chip).instructions, random_core_program(profile, Seed{5}, chip).instructions);
  EXPECT_NE(random_core_program(profile, Seed{5}, chip).instructions, random_core_program(profile, Seed{6}, chip).instructions);
}

}  // namespace
}  // namespace vitruvian::tb
