// SPDX-License-Identifier: Apache-2.0
//
// Programs on the bench of the Verilated MTE1: a shape of the block, the golden model beside it, random memories.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "models/core/core.h"
#include "tests/pipe/mte1_rtl_bench.h"

namespace vitruvian::tests {

struct Mte1Shape {
  std::uint64_t l1, l0a, l0b, bt, l0a_rate, l0b_rate;
};
// As every chip has it; small, no power of two, the rates the other way round, BT with more places than L0; and as
// large as the fields of an instruction reach.
inline constexpr Mte1Shape mte1_standard{512 << 10, 64 << 10, 64 << 10, 1 << 10, 256, 128}, mte1_odd{24 << 10, 5 << 10, 12 << 10, 10 << 10, 128, 256},
    mte1_largest{16 << 20, 1 << 20, 1 << 20, 16 << 10, 128, 128};

// The block of a shape, built with assertions; of another rtl/ than ours without.
const tb::MoverLibrary& mte1_library(const Mte1Shape& shape, const std::filesystem::path& rtl = {});

struct Mte1Run {
  Mte1Run(const Mte1Shape& shape, const Mte1Settings& settings, tb::RandomStream contents, const std::filesystem::path& rtl = {});

  // Until it is taken.
  void start(const models::Instruction& instruction);
  void drain();
  // Where what the block wrote and the model's memories part; empty if nowhere.
  std::string first_difference();

  ChipConfig chip;
  models::Memory gm;
  models::CoreState golden;
  Mte1RtlBench bench;

 private:
  std::vector<std::pair<int, models::Buffer*>> written() { return {{VIT_L0A, &golden.l0a}, {VIT_L0B, &golden.l0b}, {VIT_BT, &golden.bt}}; }
};

struct Mte1Outcome {
  std::string difference;
  Mte1Coverage coverage;
};

// `count` random instructions of up to about `most` fractals, back to back or with gaps, under random settings.
Mte1Outcome run_mte1(const Mte1Shape& shape, tb::Seed seed, int count, std::uint64_t most, const std::filesystem::path& rtl = {});

}  // namespace vitruvian::tests
