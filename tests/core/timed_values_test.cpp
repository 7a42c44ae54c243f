// SPDX-License-Identifier: Apache-2.0
//
// Values in time: a race-free program leaves the bytes it leaves when run in order (models/core), a
// racy one does not.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <random>

#include "models/core/core.h"
#include "models/program/footprint.h"
#include "systemc/chip/simulation.h"
#include "tb/random/cube_program.h"
#include "tests/kernels/random_gemm.h"

namespace vitruvian::tests {
namespace {

using namespace models;

constexpr Space buffers[] = {Space::L1, Space::L0A, Space::L0B, Space::L0C, Space::BT, Space::FB};

ChipConfig chip_with(std::uint32_t m, std::uint32_t k, std::uint32_t n) {
  ChipConfig chip = load_chip("ascend910b1");
  chip.cube.m = m;
  chip.cube.k = k;
  chip.cube.n = n;
  return chip;
}

void fill(std::span<std::uint8_t> bytes, std::uint64_t seed) {
  std::mt19937_64 random{seed};
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random());
}

// The same program in order and in time, from the same bytes.
class Twins {
 public:
  Twins(const ChipConfig& chip, const Program& program, Numerics numerics = Numerics::dot24,
        bool values = true)
      : chip_{chip}, program_{program}, numerics_{numerics}, in_order_{chip, gm_in_order_},
        simulation_{chip, program, gm_in_time_, options(numerics, values)} {}

  // `start(state)` writes what both begin with.
  template <class Start>
  systemc::CoreResult run(Start start) {
    start(in_order_);
    start(simulation_.state());
    models::run(program_, in_order_, chip_, numerics_);
    return simulation_.run();
  }

  // Where the first difference is, or "".
  std::string difference() {
    for (const Space space : buffers) {
      const auto a = in_order_.buffer(space).bytes(), b = simulation_.state().buffer(space).bytes();
      const auto at = std::ranges::mismatch(a, b).in1 - a.begin();
      if (at < std::ssize(a)) return fmt::format("{} byte {:#x}", name(space), at);
    }
    for (std::size_t i = 0; i < program_.instructions.size(); ++i) {
      for (const Extent& e : footprint(program_.instructions[i])) {
        if (e.space == Space::GM && e.write && !same(e))
          return fmt::format("GM by instruction {}", i);
      }
    }
    return "";
  }
  CoreState& in_time() { return simulation_.state(); }

 private:
  static systemc::SimulationOptions options(Numerics numerics, bool values) {
    systemc::SimulationOptions options;
    options.numerics = numerics;
    options.values = values;
    return options;
  }
  bool same(const Extent& e) {
    for (std::uint64_t i = 0; i < e.count; ++i) {
      const GmAddress at{e.start + i * e.stride};
      if (!std::ranges::equal(gm_in_order_.at(at, Bytes{e.size}),
                              gm_in_time_.at(at, Bytes{e.size})))
        return false;
    }
    return true;
  }

  const ChipConfig& chip_;
  const Program& program_;
  Numerics numerics_;
  models::Memory gm_in_order_{chip_.gm.size}, gm_in_time_{chip_.gm.size};
  CoreState in_order_;
  systemc::Simulation simulation_;
};

TEST(TimedValues, RandomMmadsAndFixpipesLeaveTheBytesOfTheProgramInOrder) {
  std::uint64_t mmads = 0, unit_flag = 0, bank = 0;
  for (const ChipConfig& chip :
       {chip_with(16, 16, 16), chip_with(8, 8, 8), chip_with(32, 16, 16)}) {
    for (const tb::CubeProfile& profile : tb::cube_profiles()) {
      for (int i = 0; i < 4; ++i) {
        const tb::CubeProgram p = tb::random_cube_program(tb::Seed{0x7e57}.child(i), profile, chip);
        const Numerics numerics = static_cast<Numerics>(i % 3);
        Twins twins{chip, p.program, numerics};
        const auto result = twins.run([&](CoreState& state) { tb::fill(p, state); });
        ASSERT_EQ(twins.difference(), "") << p.profile << " " << p.seed.text();
        mmads += result.mmads;
        unit_flag += result.mmads_stalled_by_unit_flag;
        bank += result.mmads_stalled_by_bank;
      }
    }
  }
  fmt::print("{} mmads, {} stalled by unit flags, {} by bank\n", mmads, unit_flag, bank);
  EXPECT_GT(unit_flag, 50u);
  EXPECT_GT(bank, 50u);
}

TEST(TimedValues, MatrixMultipliesLeaveTheBytesOfTheProgramInOrder) {
  const ChipConfig chip = load_chip("ascend910b1");
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    const GemmBench bench{random_gemm(seed), chip};
    Twins twins{chip, bench.program()};
    twins.run([&](CoreState& state) { fill(state.gm.at(GmAddress{0}, Bytes{1 << 20}), seed); });
    ASSERT_EQ(twins.difference(), "") << "seed " << seed;
  }
}

// A matrix multiply of one tile: without one of its waits the reader comes too early and sees what
// stood there before.
TEST(TimedValues, AMissingWaitGivesWrongBytesAsOnHardware) {
  const ChipConfig chip = load_chip("ascend910b1");
  const auto flag = [](auto kind, Pipe from, Pipe to) {
    kind.from = from, kind.to = to;
    return Instruction{kind};
  };
  const std::vector<Instruction> whole = {
      CopyGmL1{.dst = L1Address{0}, .src = GmAddress{0}, .block_length = 32},
      flag(SetFlag{}, Pipe::MTE2, Pipe::MTE1),
      flag(WaitFlag{}, Pipe::MTE2, Pipe::MTE1),
      Load2d{.to = L0Buffer::L0A, .repeat = 1},
      Load2d{.to = L0Buffer::L0B, .repeat = 1},
      flag(SetFlag{}, Pipe::MTE1, Pipe::M),
      flag(WaitFlag{}, Pipe::MTE1, Pipe::M),
      Mmad{.m = 16, .n = 16, .k = 16, .init = Init::zero},
      flag(SetFlag{}, Pipe::M, Pipe::FIX),
      flag(WaitFlag{}, Pipe::M, Pipe::FIX),
      Fixpipe{.dst = GmAddress{4096},
              .m = 16,
              .n = 16,
              .src_stride = 16,
              .dst_stride = 32,
              .acc = DataType::f32}};
  const auto difference = [&](std::vector<Instruction> instructions) {
    const Program program{"one tile", std::move(instructions)};
    for (const Instruction& i : program.instructions) check_instruction(i, chip);
    Twins twins{chip, program};
    twins.run([](CoreState& state) {
      for (int i = 0; i < 256; ++i) {
        const std::uint16_t one = 0x3c00;
        std::memcpy(state.gm.at(GmAddress(2 * i), Bytes{2}).data(), &one, 2);
      }
    });
    return twins.difference();
  };
  EXPECT_EQ(difference(whole), "");
  for (const std::size_t wait : {2u, 6u, 9u}) {
    auto without = whole;
    without.erase(without.begin() + static_cast<long>(wait));
    if (wait == 9) {
      // FIX's own latency is longer than this mmad: hold M back.
      without.insert(without.begin() + 7, 2,
                     Mmad{.c = L0cAddress{4096}, .m = 64, .n = 64, .k = 64, .init = Init::zero});
    }
    EXPECT_NE(difference(without), "") << "without instruction " << wait;
  }
}

TEST(TimedValues, AreNotComputedWhenOff) {
  const ChipConfig chip = load_chip("ascend910b1");
  const GemmBench bench{random_gemm(3), chip};
  Twins off{chip, bench.program(), Numerics::dot24, false};
  const auto time_only =
      off.run([](CoreState& state) { fill(state.gm.at(GmAddress{0}, Bytes{1 << 20}), 3); });
  for (const Space space : buffers) {
    EXPECT_TRUE(
        std::ranges::all_of(off.in_time().buffer(space).bytes(), [](auto b) { return b == 0; }));
  }
  Twins on{chip, bench.program()};
  const auto both =
      on.run([](CoreState& state) { fill(state.gm.at(GmAddress{0}, Bytes{1 << 20}), 3); });
  EXPECT_EQ(time_only.cycles, both.cycles);
  for (std::size_t i = 0; i < both.records.size(); ++i) {
    EXPECT_EQ(time_only.records[i].end, both.records[i].end);
  }
}

}  // namespace
}  // namespace vitruvian::tests
