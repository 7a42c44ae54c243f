// SPDX-License-Identifier: Apache-2.0
//
// The table of signals against the traced block itself, at a small shape: names do not depend on
// it.
#include <unistd.h>

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/arch/error.h"
#include "tb/report/cube_signals.h"
#include "tb/run/run.h"
#include "tb/run/workload.h"

namespace vitruvian::tb {
namespace {

namespace fs = std::filesystem;

class CubeWaves : public testing::TestWithParam<models::Numerics> {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "vitruvian_waves_XXXXXX").string();
    folder = ::mkdtemp(name.data());
  }
  void TearDown() override { fs::remove_all(folder); }

  RunResult run_small(WaveWindow window) {
    RunOptions options{.chip = load_chip("ascend910b1"),
                       .numerics = GetParam(),
                       .rtl_cube = true,
                       .rtl_cube_library = {},
                       .waves = window,
                       .out = folder};
    options.chip.cube.m = options.chip.cube.k = options.chip.cube.n = 8;
    const Workload workload =
        make_workload("matmul:M=24,N=16,K=40,dtype=fp16", options.chip, {.numerics = GetParam()});
    return run(workload, options);
  }

  fs::path folder;
};

TEST_P(CubeWaves, EveryRowOfTheTableStandsInTheTracedBlock) {
  const RunResult result = run_small({});
  const SavedView saved = write_cube_view(folder, static_cast<int>(GetParam()), cube_marks(result),
                                          picoseconds_per_cycle(result.chip));
  EXPECT_EQ(saved.signals, cube_signals(static_cast<int>(GetParam())).size());
  EXPECT_THAT(saved.missing, testing::IsEmpty());
}

TEST_P(CubeWaves, AWindowInWhichTheCubeDoesNothingIsReported) {
  const RunResult result = run_small({.from = Cycle{1'000'000}, .to = Cycle{1'000'001}});
  EXPECT_THROW(write_cube_view(folder, static_cast<int>(GetParam()), cube_marks(result),
                               picoseconds_per_cycle(result.chip)),
               InputError);
}

INSTANTIATE_TEST_SUITE_P(Numerics, CubeWaves,
                         testing::Values(models::Numerics::dot24, models::Numerics::fused24,
                                         models::Numerics::tree),
                         [](const auto& info) {
                           return std::string{numerics_names[static_cast<int>(info.param)]};
                         });

}  // namespace
}  // namespace vitruvian::tb
