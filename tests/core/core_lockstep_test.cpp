// SPDX-License-Identifier: Apache-2.0
//
// The whole core in RTL equals SystemC: instructions, states, beats and bytes, over random programs of every profile on a memory that
// answers as it likes.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tb/lockstep/verify.h"
#include "tb/lockstep/verify_program.h"

namespace vitruvian::tb {
namespace {

struct Batch {
  std::string_view profile;
  std::uint64_t programs, instructions;  // at least
};
// All profiles together: 50 000 instructions, with assertions on.
constexpr Batch batches[] = {{"mixed", 40, 9000}, {"tiny", 30, 9000}, {"crowded", 40, 8800}, {"flags", 30, 8500}, {"products", 54, 9000}, {"large", 136, 8500}};

constexpr std::uint64_t promised() {
  std::uint64_t sum = 0;
  for (const Batch& batch : batches) sum += batch.instructions;
  return sum;
}
static_assert(promised() >= 50'000);

void PrintTo(const Batch& batch, std::ostream* out) { *out << batch.profile; }

class CoreLockstep : public testing::TestWithParam<Batch> {};

TEST_P(CoreLockstep, ShowsNoDifference) {
  VerifyOptions options;
  options.block = "core";
  options.chip = load_chip("ascend910b1");
  options.profile = GetParam().profile;
  options.seeds = GetParam().programs;
  options.first_seed = Seed{0x5eed};
  options.library = VITRUVIAN_BLOCK_DIR "/aic_check.so";
  const VerifyResult result = verify(options);
  const VerifyRow total = result.total();
  fmt::print("{}", verify_text(result));
  EXPECT_TRUE(result.passed());
  EXPECT_EQ(total.value_mismatches, 0u);
  EXPECT_EQ(total.cycle_mismatches, 0u);
  EXPECT_GE(total.instructions, GetParam().instructions);
  EXPECT_GE(total.beats, total.instructions);
}

INSTANTIATE_TEST_SUITE_P(Profiles, CoreLockstep, testing::ValuesIn(batches), [](const auto& info) { return std::string{info.param.profile}; });

}  // namespace
}  // namespace vitruvian::tb
