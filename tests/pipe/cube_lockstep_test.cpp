// SPDX-License-Identifier: Apache-2.0
//
// The Verilated cube against its SystemC twin on random programs: values, cycles, writes, unit flags.
// Each TEST is a process and a CTest of its own. Repeat a failure with the command it prints.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <map>
#include <ostream>

#include "tb/lockstep/verify.h"
#include "tb/random/cube_program.h"

namespace vitruvian::tb {
namespace {

using models::Mmad;
using models::Numerics;

constexpr Seed first_seed{0xc0be};

// A block: the file tests/CMakeLists.txt has built, and what it is.
struct Block {
  const char* file;
  std::uint32_t m, k, n;
  Numerics numerics;
};
constexpr Block full{"cube_16x16x16_dot24_fast", 16, 16, 16, Numerics::dot24};
constexpr Block full_check{"cube_16x16x16_dot24_check", 16, 16, 16, Numerics::dot24};
constexpr Block full_fused{"cube_16x16x16_fused24_fast", 16, 16, 16, Numerics::fused24};
constexpr Block full_tree{"cube_16x16x16_tree_fast", 16, 16, 16, Numerics::tree};
constexpr Block small_check{"cube_8x8x8_dot24_check", 8, 8, 8, Numerics::dot24};
constexpr Block small_fused{"cube_8x8x8_fused24_check", 8, 8, 8, Numerics::fused24};
constexpr Block small_tree{"cube_8x8x8_tree_check", 8, 8, 8, Numerics::tree};
constexpr Block tall{"cube_32x16x16_dot24_fast", 32, 16, 16, Numerics::dot24};

struct Batch {
  Block block;
  const char* profile;
  std::uint64_t programs;
  std::uint64_t mmads;                         // at least
  std::uint64_t unit_stalls = 0, bank_stalls = 0;  // mmads stalled, at least
};

constexpr Batch batches[] = {
    {full, "mixed", 24, 1500, 20, 20},
    {full, "back_to_back", 16, 1500},
    {full, "partial_tiles", 24, 1800, 20, 3},
    {full, "gemv", 16, 500, 0, 20},
    {full, "unit_flags", 64, 3000, 300, 60},
    {full, "l0c_contention", 48, 1000, 0, 250},
    {full, "numerics", 20, 1800},
    {full, "long_k", 12, 100},
    {full, "tiny", 16, 1800, 15, 0},
    {full_check, "mixed", 8, 400},
    {full_check, "unit_flags", 8, 300, 30, 5},
    {full_check, "l0c_contention", 6, 100, 0, 20},
    {full_fused, "mixed", 10, 500, 5, 10},
    {full_fused, "back_to_back", 8, 600},
    {full_fused, "numerics", 12, 1000},
    {full_tree, "mixed", 10, 500, 5, 10},
    {full_tree, "numerics", 12, 1000},
    {small_check, "mixed", 12, 250, 2, 20},
    {small_check, "unit_flags", 12, 350, 30, 80},
    {small_check, "numerics", 12, 500},
    {small_check, "tiny", 8, 900},
    {small_fused, "mixed", 12, 250},
    {small_fused, "back_to_back", 8, 200},
    {small_fused, "numerics", 12, 500},
    {small_tree, "mixed", 12, 250},
    {small_tree, "numerics", 12, 500},
    {tall, "mixed", 12, 700, 10, 0},
    {tall, "partial_tiles", 12, 900},
    {tall, "unit_flags", 12, 500, 60, 0},
    {tall, "gemv", 6, 200, 0, 10},
    {tall, "l0c_contention", 8, 150, 0, 20},
};

constexpr std::uint64_t promised_mmads() {
  std::uint64_t sum = 0;
  for (const Batch& batch : batches) sum += std::string_view{batch.block.file} == full.file ? batch.mmads : 0;
  return sum;
}
static_assert(promised_mmads() >= 10'000);

ChipConfig chip_for(const Block& block) {
  ChipConfig chip = load_chip("ascend910b1");
  chip.cube.m = block.m;
  chip.cube.k = block.k;
  chip.cube.n = block.n;
  return chip;
}

void PrintTo(const Batch& batch, std::ostream* out) { *out << batch.profile; }

class CubeLockstep : public testing::TestWithParam<Batch> {};

TEST_P(CubeLockstep, ShowsNoDifference) {
  const Batch& batch = GetParam();
  VerifyOptions options;
  options.chip = chip_for(batch.block);
  options.numerics = batch.block.numerics;
  options.profile = batch.profile;
  options.seeds = batch.programs;
  options.first_seed = first_seed;
  options.library = std::string{VITRUVIAN_TEST_BLOCKS} + "/" + batch.block.file + ".so";
  options.chip_options = fmt::format("--set cube.m={} --set cube.k={} --set cube.n={} --numerics {}", batch.block.m, batch.block.k,
                                     batch.block.n, models::numerics_names[static_cast<int>(batch.block.numerics)]);
  const VerifyResult result = verify(options);
  const VerifyRow total = result.total();
  fmt::print("{}", verify_text(result));
  EXPECT_TRUE(result.passed());
  EXPECT_EQ(total.value_mismatches, 0u);
  EXPECT_EQ(total.cycle_mismatches, 0u);
  EXPECT_EQ(total.programs, batch.programs);
  EXPECT_GE(total.instructions, batch.mmads);
  EXPECT_GE(total.stalled_by_unit_flag, batch.unit_stalls);
  EXPECT_GE(total.stalled_by_bank, batch.bank_stalls);
}

INSTANTIATE_TEST_SUITE_P(Random, CubeLockstep, testing::ValuesIn(batches), [](const auto& info) {
  return fmt::format("{}_{}", std::string_view{info.param.block.file}.substr(5), info.param.profile);
});

// What the programs of the full-size block hold, so that "no difference" says something.
TEST(CubeLockstepPrograms, HoldEveryKindOfMmad) {
  const ChipConfig chip = chip_for(full);
  std::map<std::string, int> seen;
  for (const Batch& batch : batches) {
    if (std::string_view{batch.block.file} != full.file) continue;
    for (std::uint64_t i = 0; i < batch.programs; ++i) {
      const auto program = random_cube_program(first_seed.child(i), cube_profile(batch.profile), chip);
      for (const models::Instruction& instruction : program.program.instructions) {
        const auto* mmad = std::get_if<Mmad>(&instruction);
        if (!mmad) continue;
        ++seen["mmads"];
        ++seen[fmt::format("{}, init {}", models::name(mmad->dtype), models::name(mmad->init))];
        if (mmad->m == 1 && !mmad->no_gemv) ++seen[fmt::format("{}, m = 1", models::name(mmad->dtype))];
        if (mmad->m == 1 && mmad->no_gemv) ++seen["no_gemv"];
        if (mmad->hf32 != models::Hf32::off) ++seen[fmt::format("hf32 {}", models::name(mmad->hf32))];
        if (mmad->k_align && mmad->m > 16 && (mmad->k + 7) / 8 % 2) ++seen["k_align that matters"];
        if (mmad->m % 16 && mmad->n % 16 && mmad->k % 16) ++seen[fmt::format("{}, partial", models::name(mmad->dtype))];
        if (mmad->order == models::Order::n_first) ++seen["n first"];
      }
    }
  }
  for (const auto& [kind, count] : seen) fmt::print("{:24}{:>7}\n", kind, count);
  EXPECT_GE(seen["mmads"], 10'000);
  for (const char* kind : {"hf32 nearest_even", "hf32 nearest_zero", "k_align that matters", "no_gemv"}) {
    EXPECT_GE(seen[kind], 100) << kind;
  }
  for (const char* dtype : {"f16", "bf16", "f32", "s8", "s4"}) {
    for (const char* kind : {"init accumulate", "init zero", "init bias", "m = 1", "partial"}) {
      EXPECT_GE(seen[fmt::format("{}, {}", dtype, kind)], 100) << dtype << " " << kind;
    }
  }
}

}  // namespace
}  // namespace vitruvian::tb
