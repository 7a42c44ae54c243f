// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "systemc/pipe/cube.h"
#include "tb/lockstep/cube_bench.h"
#include "tb/lockstep/cube_lockstep.h"
#include "tests/tb/tile_cube.h"

namespace vitruvian::tb {
namespace {

// Runs some programs of a profile with a cube that has this fault beside the SystemC twin.
struct Outcome {
  LockstepLog log;
  std::string stopped;
  bool memory_equal = true;
};

Outcome compare(const char* profile, TileFault fault, ChipConfig chip = load_chip("ascend910b1"),
                int programs = 3, models::Numerics numerics = models::Numerics::dot24) {
  Outcome out;
  for (int i = 0; i < programs; ++i) {
    const CubeProgram program = random_cube_program(Seed{0x51}.child(i), cube_profile(profile), chip);
    const auto factory = lockstep_factory(
        [&](const systemc::CubeContext& context) { return std::make_unique<TileCube>(context, fault); },
        systemc::make_cube, {}, out.log);
    try {
      out.memory_equal &= run_on_bench(program, chip, numerics, factory).memory_equal;
    } catch (const std::runtime_error& error) {
      out.stopped = error.what();
    }
  }
  return out;
}

ChipConfig chip_with(std::uint32_t m, std::uint32_t k, std::uint32_t n) {
  ChipConfig chip = load_chip("ascend910b1");
  chip.cube.m = m;
  chip.cube.k = k;
  chip.cube.n = n;
  return chip;
}

class LockstepOf : public testing::TestWithParam<const char*> {};

// Values tile by tile by the definition, against whole mmads on the host's vectors.
TEST_P(LockstepOf, EqualCubesShowNoDifference) {
  const Outcome out = compare(GetParam(), TileFault::none);
  EXPECT_EQ(out.stopped, "");
  EXPECT_TRUE(out.log.clean()) << out.log.first_value << out.log.first_cycle;
  EXPECT_TRUE(out.memory_equal);
  EXPECT_GT(out.log.instructions, 30u);
  EXPECT_EQ(out.log.beats, out.log.tiles);
}

INSTANTIATE_TEST_SUITE_P(Profiles, LockstepOf,
                         testing::Values("mixed", "back_to_back", "partial_tiles", "gemv", "unit_flags",
                                         "l0c_contention", "numerics", "long_k", "tiny"),
                         [](const auto& info) { return std::string{info.param}; });

TEST(Lockstep, EqualCubesOfOtherShapesShowNoDifference) {
  for (const ChipConfig& chip : {chip_with(8, 8, 8), chip_with(32, 16, 16)}) {
    for (const auto numerics : {models::Numerics::dot24, models::Numerics::fused24, models::Numerics::tree}) {
      const Outcome out = compare("mixed", TileFault::none, chip, 2, numerics);
      EXPECT_TRUE(out.log.clean()) << out.log.first_value << out.log.first_cycle;
      EXPECT_TRUE(out.memory_equal);
    }
  }
}

struct Case {
  const char* name;
  TileFault fault;
  const char* profile;
  bool values;                     // else cycles
  std::vector<const char*> words;  // the report has them
};

class LockstepSees : public testing::TestWithParam<Case> {};

TEST_P(LockstepSees, TheFault) {
  const Case& c = GetParam();
  const Outcome out = compare(c.profile, c.fault);
  const std::string& report = c.values ? out.log.first_value : out.log.first_cycle;
  EXPECT_GT(c.values ? out.log.value_mismatches : out.log.cycle_mismatches, 0u);
  EXPECT_NE(report.find("mmad c=0x"), std::string::npos) << report;
  for (const char* word : c.words) EXPECT_NE(report.find(word), std::string::npos) << word << "\n" << report;
}

const std::vector<const char*> element = {"element row", "tile i=", "expected   0x", "got        0x", "added to",
                                          "the RTL differs", "a[", "b["};

INSTANTIATE_TEST_SUITE_P(
    Faults, LockstepSees,
    testing::Values(Case{"Value", TileFault::value, "numerics", true, element},
                    Case{"Transient", TileFault::transient, "back_to_back", true, element},
                    Case{"Accumulator", TileFault::accumulator, "back_to_back", true, element},
                    Case{"Address", TileFault::address, "back_to_back", true, {"element row", "write 1 (tile"}},
                    Case{"Mask", TileFault::mask, "partial_tiles", false, {"words from L0C", "expected"}},
                    Case{"EarlyFlag", TileFault::early_flag, "unit_flags", false, {"unit flag of granule", "rows", "tile i=", "the RTL raises it"}},
                    Case{"LostFlag", TileFault::lost_flag, "unit_flags", false, {"unit flag of granule", "SystemC raises it"}},
                    Case{"StepLength", TileFault::step_length, "long_k", false, {"in cycle"}},
                    Case{"LateEnd", TileFault::late_end, "tiny", false, {"end: expected cycle"}},
                    Case{"NoEnd", TileFault::no_end, "tiny", false, {"the RTL never ended it"}}),
    [](const auto& info) { return std::string{info.param.name}; });

TEST(Lockstep, OneWrongWordIsOneMismatch) {
  const Outcome out = compare("back_to_back", TileFault::value, load_chip("ascend910b1"), 1);
  EXPECT_EQ(out.log.value_mismatches, 1u) << out.log.first_value;
  EXPECT_EQ(out.log.cycle_mismatches, 0u);
}

}  // namespace
}  // namespace vitruvian::tb
