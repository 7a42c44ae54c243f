// SPDX-License-Identifier: Apache-2.0
//
// `vitruvian verify` and the Verilated block behind it, where they must say no.
#include <gtest/gtest.h>

#include <filesystem>
#include <cstdio>

#include "systemc/pipe/cube.h"
#include "tb/lockstep/cube_bench.h"
#include "tb/lockstep/verify.h"
#include "tb/pipe/cube_rtl.h"

namespace vitruvian::tb {
namespace {

namespace fs = std::filesystem;

ChipConfig small_chip() {
  ChipConfig chip = load_chip("ascend910b1");
  chip.cube.m = chip.cube.k = chip.cube.n = 8;
  return chip;
}

fs::path block(const char* name) { return fs::path{VITRUVIAN_TEST_BLOCKS} / (std::string{name} + ".so"); }

template <class Do>
std::string message_of(Do&& action) {
  try {
    action();
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

VerifyOptions small_run() {
  VerifyOptions options;
  options.chip = small_chip();
  options.profile = "tiny";
  options.seeds = 2;
  options.library = block("cube_8x8x8_dot24_check");
  return options;
}

TEST(Verify, NamesWhatItDoesNotKnow) {
  VerifyOptions options = small_run();
  options.block = "cub";
  EXPECT_NE(message_of([&] { verify(options); }).find("did you mean 'cube'"), std::string::npos);
  options = small_run();
  options.profile = "tinny";
  EXPECT_NE(message_of([&] { verify(options); }).find("did you mean 'tiny'"), std::string::npos);
}

TEST(Verify, RefusesABlockOfAnotherShapeOrNumerics) {
  VerifyOptions options = small_run();
  options.chip.cube.m = 16;
  EXPECT_NE(message_of([&] { verify(options); }).find("built for cube.m 8"), std::string::npos);
  options = small_run();
  options.numerics = models::Numerics::tree;
  EXPECT_NE(message_of([&] { verify(options); }).find("built for numerics 0"), std::string::npos);
  options = small_run();
  options.library = "/dev/null";
  EXPECT_NE(message_of([&] { verify(options); }), "");
}

TEST(Verify, SameOnOneProcessOrMany) {
  VerifyOptions options = small_run();
  options.profile = "";
  const VerifyRow one = verify(options).total();
  options.jobs = 3;
  std::uint64_t last = 0;
  options.progress = [&](std::uint64_t done, std::uint64_t total) {
    EXPECT_EQ(done, ++last);
    EXPECT_EQ(total, 18u);
  };
  const VerifyRow three = verify(options).total();
  EXPECT_EQ(last, 18u);
  EXPECT_EQ(one.instructions, three.instructions);
  EXPECT_EQ(one.cycles, three.cycles);
  EXPECT_EQ(one.beats, three.beats);
}

TEST(Verify, OneSeedRepeatsOneProgramOfARun) {
  VerifyOptions options = small_run();
  options.first_seed = Seed{0x77}.child(3);  // children of it: the first is itself
  options.seeds = 1;
  const VerifyRow of_run = verify(options).total();
  options.seed = Seed{0x77}.child(3);
  EXPECT_EQ(verify(options).total().cycles, of_run.cycles);
}

TEST(CubeRtl, FailedAssertionNamesItsCycle) {
  const ChipConfig chip = small_chip();
  CubeProgram program = random_cube_program(Seed{1}, cube_profile("tiny"), chip);
  program.program.instructions = {models::Scalar{.cost = 20},
                                  models::Mmad{.c = L0cAddress{0x200}, .m = 8, .n = 8, .k = 8}};  // half a fractal in
  const auto library = std::make_shared<CubeLibrary>(block("cube_8x8x8_dot24_check"));
  try {
    run_on_bench(program, chip, models::Numerics::dot24, cube_rtl_factory(library));
    FAIL() << "no assertion failed";
  } catch (const RtlFailure& failure) {
    EXPECT_NE(std::string{failure.what()}.find("RTL cube, cycle 21: "), std::string::npos) << failure.what();
    EXPECT_NE(std::string{failure.what()}.find("vit_cube_seq.sv"), std::string::npos) << failure.what();
  }
}

TEST(CubeRtl, NeedsValuesAndWavesNeedATracedBlock) {
  const ChipConfig chip = small_chip();
  const auto library = std::make_shared<CubeLibrary>(block("cube_8x8x8_dot24_check"));
  EXPECT_NE(message_of([&] { cube_rtl_factory(library)({chip, models::Numerics::dot24, nullptr}); }).find("values"),
            std::string::npos);
  models::Memory gm{Bytes{1 << 20}};
  models::CoreState state{chip, gm};
  EXPECT_NE(message_of([&] {
              cube_rtl_factory(library, CubeWaves{"x.fst"})({chip, models::Numerics::dot24, &state});
            }).find("without waveforms"), std::string::npos);
}

// fst2vcd comes with GTKWave.
TEST(CubeRtl, WavesHoldTheWindowOnly) {
  const ChipConfig chip = small_chip();
  const CubeProgram program = random_cube_program(Seed{3}, cube_profile("back_to_back"), chip);
  const auto library = std::make_shared<CubeLibrary>(block("cube_8x8x8_dot24_trace"));
  const fs::path file = fs::path{testing::TempDir()} / "window.fst";
  run_on_bench(program, chip, models::Numerics::dot24,
               cube_rtl_factory(library, CubeWaves{file, Cycle{100}, Cycle{150}}));
  std::FILE* pipe = ::popen(("fst2vcd " + file.string() + " 2>/dev/null | grep '^#'").c_str(), "r");
  ASSERT_NE(pipe, nullptr);
  std::vector<unsigned long long> times;
  for (unsigned long long time; std::fscanf(pipe, "#%llu\n", &time) == 1;) times.push_back(time);
  ::pclose(pipe);
  ASSERT_GT(times.size(), 50u);
  const double cycle = 1e6 / static_cast<double>(chip.clock_khz) * 1e3;  // ps
  EXPECT_NEAR(times.front() / cycle, 100, 1);
  EXPECT_NEAR(times.back() / cycle, 149.5, 1);
}

// Not an error of the block: it waits for ever, and the core says for what.
TEST(CubeRtl, AWaitForAFlagNobodyTakesIsADeadlockNotAHang) {
  const ChipConfig chip = small_chip();
  CubeProgram program = random_cube_program(Seed{1}, cube_profile("tiny"), chip);
  const models::Mmad mmad{.m = 8, .n = 8, .k = 8, .init = models::Init::zero, .unit_flag = models::UnitFlag::toggle};
  program.program.instructions = {mmad, models::PipeBarrier{.on = models::Pipe::M}, mmad};
  const auto library = std::make_shared<CubeLibrary>(block("cube_8x8x8_dot24_check"));
  try {
    run_on_bench(program, chip, models::Numerics::dot24, cube_rtl_factory(library));
    FAIL() << "it ended";
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string{error.what()}.find("unit flag"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace vitruvian::tb
