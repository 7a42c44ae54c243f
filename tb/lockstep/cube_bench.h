// SPDX-License-Identifier: Apache-2.0
//
// Runs one random program on a core whose cube is whatever is asked for.
#pragma once

#include <memory>

#include "systemc/chip/simulation.h"
#include "tb/random/cube_program.h"

namespace vitruvian::tb {

// What a program left behind.
struct BenchResult {
  systemc::CoreResult core;
  bool memory_equal = true;    // GM and L0C hold what models/core leaves, run in order
  std::string memory_report;   // the first byte that does not
};

// Throws what the core or the cube throws (deadlock, a failed RTL assertion ...).
BenchResult run_on_bench(const CubeProgram& program, const ChipConfig& chip, models::Numerics numerics,
                         const systemc::CubeFactory& cube);

}  // namespace vitruvian::tb
