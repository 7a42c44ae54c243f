// SPDX-License-Identifier: Apache-2.0
//
// Random legal MTE2 instructions for the bench of the Verilated block: every shape from one byte to a whole
// buffer, rows and gaps at their limits as often as between them.
#pragma once

#include "models/arch/chip_config.h"
#include "models/program/instruction.h"
#include "tb/common/random.h"

namespace vitruvian::tests {

// `most_bytes`: about how much one instruction moves at most.
models::Instruction draw_mte2(tb::RandomStream& stream, const ChipConfig& chip, std::uint64_t most_bytes);

}  // namespace vitruvian::tests
