// SPDX-License-Identifier: Apache-2.0
//
// The whole core in RTL against its SystemC twin, every cycle of it, and against models/core, every byte.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <random>

#include "models/core/core.h"
#include "models/kernels/gemm.h"
#include "systemc/chip/simulation.h"
#include "tb/core/core_rtl_module.h"
#include "tb/lockstep/core_compare.h"
#include "tb/random/core_program.h"
#include "tests/core/random_core_program.h"

namespace vitruvian::tests {
namespace {

using namespace models;
using u64 = std::uint64_t;

// A memory that lets a request wait now and then, and answers when it likes.
class RandomGm final : public systemc::GmAnswers {
 public:
  RandomGm(u64 seed, u64 waits_percent, u64 longest) : seed_{seed}, waits_percent_{waits_percent}, longest_{longest} {}
  Cycles wait(systemc::GmPort port, u64 n) const override {
    const u64 draw = hash(static_cast<u64>(port) * 2, n);
    return Cycles{draw % 100 < waits_percent_ ? draw / 128 % 12 + 1 : 0};
  }
  Cycles latency(systemc::GmPort port, u64 n) const override { return Cycles{2 + hash(static_cast<u64>(port) * 2 + 1, n) % longest_}; }

 private:
  u64 hash(u64 stream, u64 n) const {
    u64 x = seed_ + stream * 0x9e3779b97f4a7c15 + n * 0xbf58476d1ce4e5b9;
    x = (x ^ x >> 31) * 0x94d049bb133111eb;
    return x ^ x >> 29;
  }
  u64 seed_, waits_percent_, longest_;
};

// What a chip's numbers make a build of its own.
std::shared_ptr<const tb::CoreLibrary> library(const ChipConfig& chip, const std::string& variant, Numerics numerics = Numerics::dot24) {
  static std::map<std::string, std::shared_ptr<const tb::CoreLibrary>> loaded;
  auto& library = loaded[fmt::format("{} {} {} {}", variant, chip.cube.m, chip.cube.k, static_cast<int>(numerics))];
  if (!library) library = std::make_shared<const tb::CoreLibrary>(tb::build_core(chip, numerics, variant));
  return library;
}

// A chip with other numbers where they are inputs of the block.
ChipConfig draw_chip(std::mt19937_64& random, ChipConfig chip = load_chip("ascend910b1")) {
  const auto set = [&](const char* key, u64 low, u64 high) {
    set_chip_key(chip, fmt::format("{}={}", key, low + random() % (high - low + 1)));
  };
  if (random() % 4 == 0) return chip;
  for (const char* queue : {"m", "mte1", "mte2", "mte3", "fix"}) {
    if (random() % 2) set(fmt::format("core.queue_depth.{}", queue).c_str(), 1, 6);
  }
  if (random() % 2) set("core.pending_sets", 1, 4);
  set("mte1.setup", 1, 9);
  set("mte1.load_tail", 0, 3);
  set("mte1.latency", 34, 60);
  set("mte2.setup", 1, 40);
  set("mte2.request", 1, 9);
  set("mte2.in_flight", 1, 6);
  set("mte2.outstanding", 2, 40);
  set("mte3.setup", 1, 40);
  set("mte3.latency", 3, 20);
  set("mte3.in_flight", 1, 5);
  set("fix.setup", 1, 120);
  set("fix.latency", 4, 50);
  set("fix.fb_tail", 1, 20);
  set("fix.patience", 1, 10);
  set("gm.read_rate", 16, 256);
  set_chip_key(chip, fmt::format("gm.read_grain={}", 32u << random() % 5));
  set("gm.read_latency", 2, 200);
  set("gm.write_latency", 2, 100);
  return chip;
}

// Runs the program on both; what differs, or "".
using Start = std::function<void(CoreState&)>;
std::string difference(const ChipConfig& chip, const Program& program, const systemc::GmAnswers& answers, const Start& start = {},
                       Numerics numerics = Numerics::dot24) {
  const bool values = static_cast<bool>(start);
  tb::CoreCompare compare{program};
  Memory rtl_gm{chip.gm.size}, twin_gm{chip.gm.size};
  CoreState state{chip, rtl_gm};
  tb::CoreRtlOptions options;
  options.library = library(chip, values ? "check" : "fast", numerics);
  options.numerics = numerics;
  options.observer = &compare.rtl();
  if (values) start(state);
  tb::AnsweredGm memory{answers};
  const systemc::CoreResult rtl = tb::CoreRtl{chip, program, state, memory, options}.run();
  systemc::SimulationOptions twin_options;
  twin_options.values = values;
  twin_options.numerics = numerics;
  twin_options.gm = &answers;
  twin_options.observer = &compare.twin();
  systemc::Simulation simulation{chip, program, twin_gm, twin_options};
  if (values) start(simulation.state());
  const systemc::CoreResult twin = simulation.run();
  const tb::CoreComparison& found = compare.finish();
  if (found.cycle_mismatches != 0 || (values && !found.clean())) {
    return fmt::format("{} in cycles, {} in values; {}", found.cycle_mismatches, found.value_mismatches, found.first);
  }
  const auto stalls = [](const systemc::CoreResult& r) {
    return fmt::format("{} cycles, {} mmads, {} and {} stalled", r.cycles.value(), r.mmads, r.mmads_stalled_by_unit_flag, r.mmads_stalled_by_bank);
  };
  return stalls(rtl) == stalls(twin) ? "" : fmt::format("{}; SystemC: {}", stalls(rtl), stalls(twin));
}

// Runs `one(random)` for `count` seeds: from --gtest_random_seed on, or from any. The one that fails is said.
template <class One>
void for_seeds(int count, One one) {
  const int given = GTEST_FLAG_GET(random_seed);
  const u64 base = given != 0 ? static_cast<u64>(given) : std::random_device{}() % 90'000 + 1;
  for (int i = 0; i < count && !testing::Test::HasFatalFailure(); ++i) {
    const u64 seed = base + static_cast<u64>(i);
    SCOPED_TRACE(fmt::format("seed {}", seed));
    std::mt19937_64 random{seed};
    try {
      one(random);
    } catch (const std::exception& error) {
      FAIL() << error.what();
    }
  }
}

RandomGm draw_gm(std::mt19937_64& random) { return {random(), random() % 3 * 20, 1 + random() % 200}; }

TEST(CoreRtl, EveryCycleOfRandomInstructionsIsThatOfSystemC) {
  for_seeds(60, [](std::mt19937_64& random) {
    constexpr Focus focuses[] = {Focus::everything, Focus::sharing, Focus::memory};
    const ChipConfig chip = draw_chip(random);
    const Program program = random_timing_program(random, chip, focuses[random() % 3], 120);
    ASSERT_EQ(difference(chip, program, draw_gm(random)), "");
  });
}

TEST(CoreRtl, EveryCycleAndByteOfRaceFreeProgramsIsThatOfSystemC) {
  for_seeds(60, [](std::mt19937_64& random) {
    const ChipConfig chip = draw_chip(random);
    const auto profiles = tb::core_profiles();
    const tb::Seed seed{random()};
    const Program program = tb::random_core_program(profiles[random() % profiles.size()], seed, chip);
    ASSERT_EQ(difference(chip, program, draw_gm(random), [&](CoreState& state) { tb::fill_core(seed, state); }), "");
  });
}

// Other shapes of the cube, sizes, rates and rules of addition: a build each.
struct Build {
  const char* name;
  std::vector<std::string> settings;
  Numerics numerics;
};
const Build builds[] = {
    {"small", {"cube.m=8", "cube.k=8", "cube.n=8", "buffers.l1=262144", "buffers.l0c=65536", "mte1.l0a_rate=128", "mte1.l0b_rate=256",
               "gm.write_rate=256", "cube.revisit=12", "core.queue_depth.m=40"}, Numerics::fused24},
    {"tall", {"cube.m=32", "buffers.l0a=131072", "buffers.bt=4096", "buffers.fb=4096", "buffers.l0c=262144"}, Numerics::dot24},
};

TEST(CoreRtl, OtherBuildsAgreeWithSystemCToo) {
  for (const Build& build : builds) {
    ChipConfig fixed = load_chip("ascend910b1");
    for (const std::string& setting : build.settings) set_chip_key(fixed, setting);
    check_chip(fixed);
    for_seeds(25, [&](std::mt19937_64& random) {
      ChipConfig chip = draw_chip(random, fixed);
      chip.queue_depth.m = fixed.queue_depth.m;  // the block is built for the deepest queue
      const auto profiles = tb::core_profiles();
      const tb::Seed seed{random()};
      const Program program = tb::random_core_program(profiles[random() % profiles.size()], seed, chip);
      ASSERT_EQ(difference(chip, program, draw_gm(random), [&](CoreState& state) { tb::fill_core(seed, state); }, build.numerics), "")
          << build.name;
    });
  }
}

Program gemm(const ChipConfig& chip, u64 m, u64 n, u64 k) {
  GemmProblem problem;
  problem.m = m, problem.n = n, problem.k = k;
  ProgramBuilder builder{"gemm", chip};
  const GemmTensors tensors{GmAddress{0}, GmAddress{16 << 20}, GmAddress{32 << 20}, GmAddress{48 << 20}};
  add_gemm(builder, problem, choose_gemm_tiles(problem, chip), {&tensors, 1}, chip);
  return builder.take();
}

void fill_with_halves(std::span<std::uint8_t> bytes, std::mt19937_64& random) {
  for (std::size_t i = 0; i < bytes.size(); i += 2) {
    bytes[i] = static_cast<std::uint8_t>(random());
    bytes[i + 1] = static_cast<std::uint8_t>(0x30 | (random() & 0x83));
  }
}

TEST(CoreRtl, AMatrixProductLeavesTheBytesOfTheModelAndTakesTheCyclesOfSystemC) {
  const ChipConfig chip = load_chip("ascend910b1");
  const Program program = gemm(chip, 256, 256, 256);
  Memory gm{Bytes{64 << 20}}, golden_gm{Bytes{64 << 20}};
  std::mt19937_64 random{1};
  fill_with_halves(gm.at(GmAddress{0}, Bytes{32 << 20}), random);
  std::ranges::copy(gm.at(GmAddress{0}, Bytes{32 << 20}), golden_gm.at(GmAddress{0}, Bytes{32 << 20}).begin());
  CoreState state{chip, gm}, golden{chip, golden_gm};
  const systemc::UnloadedGm answers{chip.gm};
  tb::CoreRtlOptions options;
  options.library = library(chip, "check");
  tb::AnsweredGm memory{answers};
  tb::CoreRtl core{chip, program, state, memory, options};
  const systemc::CoreResult result = core.run();
  models::run(program, golden, chip, Numerics::dot24);
  const Bytes output{256 * 256 * 4};
  EXPECT_TRUE(std::ranges::equal(gm.at(GmAddress{32 << 20}, output), golden_gm.at(GmAddress{32 << 20}, output)));
  for (const Space space : {Space::L1, Space::L0A, Space::L0B, Space::L0C, Space::BT, Space::FB}) {
    EXPECT_TRUE(std::ranges::equal(state.buffer(space).bytes(), golden.buffer(space).bytes())) << name(space);
  }
  const Start start = [&](CoreState& s) {
    std::ranges::copy(golden_gm.at(GmAddress{0}, Bytes{32 << 20}), s.gm.at(GmAddress{0}, Bytes{32 << 20}).begin());
  };
  EXPECT_EQ(difference(chip, program, answers, start), "");
  EXPECT_EQ(difference(chip, program, RandomGm{7, 20, 300}, start), "");
}

// The cycles of every instruction, as text.
std::string times(const systemc::CoreResult& result) {
  std::string text;
  for (const systemc::Record& r : result.records) text += fmt::format("{}: {} {} {}\n", r.instruction, r.issue.value(), r.start.value(), r.end.value());
  return text;
}

TEST(CoreRtl, StandsInAChipInThePlaceOfTheSystemCCore) {
  const ChipConfig chip = load_chip("ascend910b1");
  const Program program = gemm(chip, 64, 48, 32);
  const RandomGm answers{3, 20, 100};
  std::vector<systemc::CoreResult> results;
  std::vector<std::vector<std::uint8_t>> outputs;
  for (const bool rtl : {false, true}) {
    Memory gm{chip.gm.size};
    std::mt19937_64 random{5};
    fill_with_halves(gm.at(GmAddress{0}, Bytes{32 << 20}), random);
    systemc::SimulationOptions options;
    options.gm = &answers;
    if (rtl) options.core = tb::core_rtl_maker(library(chip, "check"));
    results.push_back(systemc::Simulation{chip, program, gm, options}.run());
    const auto output = gm.at(GmAddress{32 << 20}, Bytes{64 * 48 * 4});
    outputs.emplace_back(output.begin(), output.end());
  }
  EXPECT_EQ(times(results[0]), times(results[1]));
  EXPECT_EQ(outputs[0], outputs[1]);
  EXPECT_EQ(results[0].name, results[1].name);
}

}  // namespace
}  // namespace vitruvian::tests
