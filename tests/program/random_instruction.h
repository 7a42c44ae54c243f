// SPDX-License-Identifier: Apache-2.0
//
// Random instructions for tests, from a named stream of a printed seed.
#pragma once

#include "models/arch/chip_config.h"
#include "models/program/instruction.h"
#include "tb/common/random.h"

namespace vitruvian::tests {

// A chip small enough to compare whole memories after every instruction: GM 256 KiB, L1 32 KiB, L0A
// and L0B 8 KiB, L0C 16 KiB.
ChipConfig small_chip();

// Any value the table allows in every field of instruction row `row`; rules between fields may
// break.
models::Instruction any_fields(int row, tb::RandomStream& random);

// One that passes check_instruction() for the chip: shapes, strides and gaps at their boundaries as
// often as between them, operands anywhere in their memories.
models::Instruction legal_instruction(int row, const ChipConfig& chip, tb::RandomStream& random);

inline constexpr int instruction_rows = static_cast<int>(std::size(models::instruction_table));

}  // namespace vitruvian::tests
