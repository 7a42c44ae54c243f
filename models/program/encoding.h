// SPDX-License-Identifier: Apache-2.0
//
// The binary form of an instruction: the opcode in bits 7:0, each field at its place in the table
// (docs/isa.md), the rest zero. The same bits go down the RTL's instruction port.
#pragma once

#include <array>
#include <cstdint>

#include "models/program/instruction.h"

namespace vitruvian::models {

using InstructionWord = std::array<std::uint64_t, instruction_word_bits / 64>;

InstructionWord encode(const Instruction& instruction);

// Throws InputError for an unknown opcode, or set bits no field owns. Field limits are not looked
// at here: check_fields() does that.
Instruction decode(const InstructionWord& word);

// The queue an instruction is put in (set_flag, wait_flag and pipe_barrier name theirs).
Pipe pipe_of(const Instruction& instruction);

// Throws InputError naming instruction, field, value and limit if a field is out of its range, not
// aligned, or not one of its named values.
void check_fields(const Instruction& instruction);

}  // namespace vitruvian::models
