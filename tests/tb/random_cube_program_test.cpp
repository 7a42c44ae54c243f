// SPDX-License-Identifier: Apache-2.0
#include "tb/random/cube_program.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "models/program/assembler.h"
#include "tests/tb/race_oracle.h"

namespace vitruvian::tb {
namespace {

using models::Fixpipe;
using models::Init;
using models::Mmad;
using models::UnitFlag;

constexpr int seeds = 20;

ChipConfig chip_with(std::uint32_t m, std::uint32_t k, std::uint32_t n) {
  ChipConfig chip = load_chip("ascend910b1");
  chip.cube.m = m;
  chip.cube.k = k;
  chip.cube.n = n;
  return chip;
}

template <class Use>
void for_programs(const ChipConfig& chip, Use&& use) {
  for (const CubeProfile& profile : cube_profiles()) {
    for (int i = 0; i < seeds; ++i) {
      const CubeProgram program = random_cube_program(Seed{0xabc}.child(i), profile, chip);
      SCOPED_TRACE(program.profile + " " + program.seed.text());
      use(program);
    }
  }
}

TEST(RandomCubeProgram, IsFreeOfRacesAndLeavesNoFlagUp) {
  for (const ChipConfig& chip : {chip_with(16, 16, 16), chip_with(8, 8, 8), chip_with(32, 16, 16)}) {
    for_programs(chip, [&](const CubeProgram& p) {
      const RaceOracle oracle{p.program, chip};
      ASSERT_TRUE(oracle.faults().empty()) << oracle.faults().front();
    });
  }
}

TEST(RandomCubeProgram, FitsChipsWithSmallBuffersAndFewEvents) {
  for (const char* key : {"buffers.l0a=1024", "buffers.l0b=1024", "buffers.l0c=2048", "buffers.bt=64", "core.event_ids=2",
                          "core.queue_depth.m=1"}) {
    ChipConfig chip = load_chip("ascend910b1");
    set_chip_key(chip, key);
    for (const CubeProfile& profile : cube_profiles()) {
      const CubeProgram p = random_cube_program(Seed{5}, profile, chip);
      const RaceOracle oracle{p.program, chip};
      ASSERT_TRUE(oracle.faults().empty()) << key << " " << profile.name << " " << oracle.faults().front();
    }
  }
  ChipConfig chip = load_chip("ascend910b1");
  set_chip_key(chip, "core.event_ids=1");
  EXPECT_THROW(random_cube_program(Seed{5}, cube_profiles()[0], chip), InputError);
}

// The oracle is seen to fail: every ordering instruction that is not noise is missed when taken out.
TEST(RandomCubeProgram, OracleMissesABarrierOrFlagThatIsTakenOut) {
  const ChipConfig chip = chip_with(16, 16, 16);
  int removed = 0, missed = 0;
  const CubeProgram p = random_cube_program(Seed{7}, cube_profile("back_to_back"), chip);
  for (std::size_t i = 0; i < p.program.instructions.size(); ++i) {
    const auto& instruction = p.program.instructions[i];
    if (std::holds_alternative<Mmad>(instruction) || std::holds_alternative<Fixpipe>(instruction)) continue;
    models::Program without = p.program;
    without.instructions.erase(without.instructions.begin() + static_cast<std::ptrdiff_t>(i));
    ++removed;
    missed += !RaceOracle{without, chip}.faults().empty();
  }
  EXPECT_GT(removed, 10);
  EXPECT_EQ(missed, removed);
}

TEST(RandomCubeProgram, SameSeedSameProgramOtherSeedOther) {
  const ChipConfig chip = chip_with(16, 16, 16);
  const CubeProfile& profile = cube_profiles()[0];
  const CubeProgram a = random_cube_program(Seed{1}, profile, chip);
  const CubeProgram b = random_cube_program(Seed{1}, profile, chip);
  const CubeProgram c = random_cube_program(Seed{2}, profile, chip);
  EXPECT_EQ(a.program.instructions, b.program.instructions);
  EXPECT_EQ(a.l0a, b.l0a);
  EXPECT_EQ(a.l0c, b.l0c);
  EXPECT_NE(a.program.instructions, c.program.instructions);
}

// What the whole set of profiles reaches; a generator that lost a feature fails here, not silently.
TEST(RandomCubeProgram, ReachesEveryKindOfInstruction) {
  std::map<std::string, int> seen;
  for_programs(chip_with(16, 16, 16), [&](const CubeProgram& p) {
    for (const models::Instruction& instruction : p.program.instructions) {
      if (const auto* mmad = std::get_if<Mmad>(&instruction)) {
        ++seen[fmt::format("mmad {}", models::name(mmad->dtype))];
        ++seen[fmt::format("hf32 {}", models::name(mmad->hf32))];
        ++seen[fmt::format("init {}", models::name(mmad->init))];
        ++seen[fmt::format("mmad unit {}", models::name(mmad->unit_flag))];
        ++seen[fmt::format("order {}", models::name(mmad->order))];
        if (mmad->m == 1) ++seen[mmad->no_gemv ? "no gemv" : "gemv"];
        if (mmad->k_align && mmad->m > 16 && (mmad->k + 7) / 8 % 2) ++seen["k aligned"];
        if (mmad->m == 0 || mmad->n == 0 || mmad->k == 0) ++seen["empty"];
        if (mmad->m % 16 && mmad->n % 16 && mmad->k % 16) ++seen["partial m, n and k"];
        if (mmad->k == 4095) ++seen["k 4095"];
      } else if (const auto* fixpipe = std::get_if<Fixpipe>(&instruction)) {
        ++seen[fmt::format("fixpipe {} {} {}", models::name(fixpipe->acc),
                           models::name(fixpipe->quant), fixpipe->nz2nd ? "nd" : "nz")];
        ++seen[fmt::format("fixpipe unit {}", models::name(fixpipe->unit_flag))];
        if (fixpipe->nd_num > 1) ++seen["two matrices"];
        if (fixpipe->relu) ++seen["relu"];
      } else {
        ++seen[std::string{models::info(instruction).name}];
      }
    }
  });
  for (const char* kind :
       {"mmad f16", "mmad bf16", "mmad f32", "mmad s8", "mmad s4", "hf32 nearest_even",
        "hf32 nearest_zero", "k aligned", "no gemv", "init accumulate", "init zero", "init bias",
        "mmad unit off", "mmad unit check", "mmad unit toggle", "order m_first", "order n_first",
        "gemv", "empty", "partial m, n and k", "fixpipe f32 none nd", "fixpipe f32 none nz",
        "fixpipe f32 F322F16 nd", "fixpipe f32 F322F16 nz", "fixpipe f32 F322BF16 nd",
        "fixpipe f32 F322BF16 nz", "fixpipe s32 none nd", "fixpipe s32 none nz",
        "fixpipe s32 DEQF16 nd", "fixpipe s32 DEQF16 nz", "fixpipe s32 REQ8 nd",
        "fixpipe s32 REQ8 nz", "fixpipe unit off", "fixpipe unit check", "fixpipe unit toggle",
        "two matrices", "relu", "scalar", "set_flag", "wait_flag", "pipe_barrier"}) {
    EXPECT_GE(seen[kind], 20) << kind;
  }
}

TEST(RandomCubeProgram, UsesEveryNumberMixAndBothHalvesOfEveryBuffer) {
  std::set<std::string> mixes;
  for_programs(chip_with(16, 16, 16), [&](const CubeProgram& p) {
    for (int i = 0; i < mix_count; ++i) {
      const std::string name{info(static_cast<Mix>(i)).name};
      if (p.numbers.find(name) != std::string::npos) mixes.insert(name);
    }
    const auto half = [](const std::vector<std::uint8_t>& bytes) {
      return std::set<std::uint8_t>(bytes.begin() + static_cast<std::ptrdiff_t>(bytes.size() / 2), bytes.end());
    };
    ASSERT_GT(half(p.l0a).size(), 1u);
    ASSERT_GT(half(p.l0c).size(), 1u);
  });
  EXPECT_EQ(mixes.size(), static_cast<std::size_t>(mix_count));
}

TEST(RandomCubeProgram, UnknownProfileNamesTheNearest) {
  try {
    cube_profile("unit_flag");
    FAIL();
  } catch (const InputError& error) {
    EXPECT_NE(std::string{error.what()}.find("did you mean 'unit_flags'"), std::string::npos);
  }
}

TEST(CubeSlots, FollowTheSteps) {
  const CubeConfig cube;
  Mmad mmad{.m = 32, .n = 32, .k = 64, .dtype = DataType::f16};
  EXPECT_EQ(cube_slots(mmad, cube), 3 * 10u + 4);  // D rules but for the last step
  mmad.dtype = DataType::f32;
  EXPECT_EQ(cube_slots(mmad, cube), 7 * 10u + 8);
  mmad.hf32 = models::Hf32::nearest_zero;
  EXPECT_EQ(cube_slots(mmad, cube), 7 * 10u + 4);
  mmad = {.m = 32, .n = 32, .k = 65, .dtype = DataType::s4};
  EXPECT_EQ(cube_slots(mmad, cube), 10u + 4);
  mmad = {.m = 16, .n = 16, .k = 16, .dtype = DataType::f16};
  EXPECT_EQ(cube_slots(mmad, cube), 2u);  // mt + 1
  mmad.k = 0;
  EXPECT_EQ(cube_slots(mmad, cube), 0u);
}

}  // namespace
}  // namespace vitruvian::tb
