// SPDX-License-Identifier: Apache-2.0
//
// One cube core without time: a program run in order, at once.
#pragma once

#include "models/arch/chip_config.h"
#include "models/core/state.h"
#include "models/pipe/cube.h"
#include "models/program/program.h"

namespace vitruvian::models {

// Executes one instruction completely; `cube` is the core's own. It must have passed
// check_instruction() for this chip; what leaves a memory all the same throws InternalError. Flags,
// barriers and scalar work change nothing.
void execute(const Instruction& instruction, CoreState& state, Cube& cube);

// The same with a cube of its own: for single instructions.
void execute(const Instruction& instruction, CoreState& state, const ChipConfig& chip,
             Numerics numerics);

// Executes every instruction in program order.
void run(const Program& program, CoreState& state, const ChipConfig& chip, Numerics numerics);

}  // namespace vitruvian::models
