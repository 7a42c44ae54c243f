// SPDX-License-Identifier: Apache-2.0
//
// The kernels' programs are free of races and read nothing that is not there. That the check can
// fail on them is shown by tests/tb/check_mutation_test.cpp.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "models/arch/error.h"
#include "models/kernels/gemm.h"
#include "tb/check/check.h"
#include "tests/kernels/random_gemm.h"
#include "tests/tb/check_kernels.h"

namespace vitruvian::tests {
namespace {

using models::Program;

ChipConfig chip_with(const std::vector<const char*>& settings) {
  ChipConfig chip = load_chip("ascend910b1");
  for (const char* setting : settings) set_chip_key(chip, setting);
  return chip;
}

// Everything found, in words; empty if nothing.
std::string findings(const Program& program, const ChipConfig& chip, const tb::OrderCheck& what) {
  const tb::OrderFindings found = tb::check_order(program, chip, what);
  std::string text = found.deadlock.value_or("");
  for (const auto& race : found.races->kept) text += race.text + "\n";
  if (found.uninitialised) {
    for (const auto& read : found.uninitialised->kept) text += read.text + "\n";
  }
  return text;
}

std::string findings(const Kernel& kernel, const ChipConfig& chip) {
  return findings(kernel.program, chip,
                  {.races = true, .uninitialised = true, .initial = kernel.inputs});
}

TEST(KernelOrder, RandomMultipliesAreClean) {
  const ChipConfig chip = chip_with({});
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    const GemmCase c = random_gemm(seed, 1 << 20);
    EXPECT_EQ(findings(gemm_kernel(c.problem, c.request, chip), chip), "") << describe(c);
  }
}

TEST(KernelOrder, SoAreBatchesOfThem) {
  const ChipConfig chip = chip_with({});
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    GemmCase c = random_gemm(seed, 1 << 18);
    c.batch = 3;
    EXPECT_EQ(findings(GemmBench{c, chip}.program(), chip, {}), "") << describe(c);
  }
}

TEST(KernelOrder, SoAreMultipliesForSmallBuffersAndOtherCubes) {
  for (const auto& settings :
       {std::vector{"buffers.l1=65536", "buffers.l0a=8192", "buffers.l0b=8192",
                    "buffers.l0c=16384"},
        std::vector{"cube.m=32"}, std::vector{"core.event_ids=1"}, std::vector{"buffers.bt=128"},
        std::vector{"cube.m=8", "cube.k=8", "cube.n=8"},
        std::vector{"core.queue_depth.m=1", "core.queue_depth.mte1=1"}}) {
    const ChipConfig chip = chip_with(settings);
    for (std::uint64_t seed = 1001; seed <= 1060; ++seed) {
      GemmCase c = random_gemm(seed, 1 << 19);
      // A turned int4 B has at least 64 columns.
      if (c.problem.dtype == DataType::s4) c.problem.bias &= chip.bt.value() >= 256;
      EXPECT_EQ(findings(gemm_kernel(c.problem, {}, chip), chip), "")
          << settings.front() << " " << describe(c);
    }
  }
}

models::ConvProblem random_conv(std::mt19937_64& random) {
  const auto pick = [&](std::uint64_t least, std::uint64_t most) {
    return least + random() % (most - least + 1);
  };
  models::ConvProblem p{.n = pick(1, 2),
                        .c = pick(1, 80),
                        .h = pick(1, 20),
                        .w = pick(1, 40),
                        .k = pick(1, 80),
                        .r = pick(1, 4),
                        .s = pick(1, 4),
                        .stride = pick(1, 3),
                        .pad = pick(0, 2),
                        .dilation = pick(1, 2),
                        .dtype = static_cast<DataType>(pick(0, 3)),
                        .bias = pick(0, 1) == 1};
  p.out = p.accumulator();
  return p;
}

TEST(KernelOrder, RandomConvolutionsAreClean) {
  std::mt19937_64 random{7};
  for (const auto& settings :
       {std::vector<const char*>{},
        {"buffers.l1=65536", "buffers.l0a=8192", "buffers.l0b=8192", "buffers.l0c=16384"}}) {
    const ChipConfig chip = chip_with(settings);
    int clean = 0;
    for (int i = 0; i < 80; ++i) {
      const models::ConvProblem p = random_conv(random);
      try {
        models::check_conv(p);
      } catch (const InputError&) {
        continue;
      }
      const Kernel kernel = conv_kernel(p, chip);
      EXPECT_EQ(findings(kernel, chip), "") << kernel.name;
      ++clean;
    }
    EXPECT_GT(clean, 30);
  }
}

// X = A * A, Y = X * A, all 48 x 48: the second reads what the first wrote.
Program two_in_a_row(bool ordered, const ChipConfig& chip) {
  const models::GemmProblem p{.m = 48, .n = 48, .k = 48, .dtype = DataType::f32};
  const models::GemmTiles tiles = models::choose_gemm_tiles(p, chip);
  const models::GemmTensors first[] = {{GmAddress{0}, GmAddress{0}, GmAddress{16384}, {}}};
  const models::GemmTensors second[] = {{GmAddress{16384}, GmAddress{0}, GmAddress{32768}, {}}};
  models::ProgramBuilder builder{"two", chip};
  models::add_gemm(builder, p, tiles, first, chip);
  if (ordered) models::order_after_writes(builder);
  models::add_gemm(builder, p, tiles, second, chip);
  return builder.take();
}

TEST(KernelOrder, JoinedProgramsNeedToWaitForTheResultsTheyRead) {
  const ChipConfig chip = chip_with({});
  EXPECT_EQ(findings(two_in_a_row(true, chip), chip, {}), "");
  EXPECT_NE(findings(two_in_a_row(false, chip), chip, {}).find("GM bytes"), std::string::npos);
}

}  // namespace
}  // namespace vitruvian::tests
