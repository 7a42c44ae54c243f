// SPDX-License-Identifier: Apache-2.0
//
// The matrix multiply of the vendor's samples (asc-devkit, matmul_high_performance), as one core runs it:
// fp16, both operands with k along their rows in GM, fp16 out.
#pragma once

#include <cstdint>

#include "models/arch/chip_config.h"
#include "models/program/program.h"

namespace vitruvian::tb {

struct MatmulSlice {
  std::uint64_t m = 0, n = 0, k = 0;  // of a base block: one mmad
  std::uint64_t depth = 8192;         // of the whole multiplication
  std::uint64_t blocks = 2;           // of C
  std::uint64_t steps() const { return blocks * (depth / k); }
};

// The library's default: one base block in L1, one in L0. Every step copies A and B, loads them, and
// multiplies; a copy waits until the block before has been loaded. `scalar`: cycles of scalar code a step.
models::Program serial_matmul(const MatmulSlice& slice, const ChipConfig& chip, std::uint64_t scalar);

// Panels of four base blocks in L1, two of them, and two base blocks in L0: the pipes overlap.
models::Program overlapped_matmul(const MatmulSlice& slice, const ChipConfig& chip);

}  // namespace vitruvian::tb
