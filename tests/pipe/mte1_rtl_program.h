// SPDX-License-Identifier: Apache-2.0
//
// Random legal MTE1 instructions for the bench of the Verilated block: every shape from one fractal to a whole
// buffer; strides, gaps, filters, steps and padding at their limits as often as between them.
#pragma once

#include "models/arch/chip_config.h"
#include "models/program/instruction.h"
#include "tb/common/random.h"

namespace vitruvian::tests {

// `most`: about how many fractals one instruction moves at most.
models::Instruction draw_mte1(tb::RandomStream& stream, const ChipConfig& chip, std::uint64_t most);

}  // namespace vitruvian::tests
