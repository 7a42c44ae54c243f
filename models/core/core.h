// SPDX-License-Identifier: Apache-2.0
//
// One cube core without time: its memories, and a program run in order, at once.
#pragma once

#include "models/arch/chip_config.h"
#include "models/buffer/buffer.h"
#include "models/memory/memory.h"
#include "models/pipe/cube_dot.h"
#include "models/program/program.h"

namespace vitruvian::models {

// The memories an instruction can touch. GM is shared, so it is referred to.
struct CoreState {
  CoreState(const ChipConfig& chip, Memory& gm);

  Memory& gm;
  Buffer l1, l0a, l0b, l0c, bt;
};

// Executes one instruction completely. Flags, barriers and scalar work change nothing here.
void execute(const Instruction& instruction, CoreState& state, const ChipConfig& chip,
             Numerics numerics);

// Executes every instruction in program order.
void run(const Program& program, CoreState& state, const ChipConfig& chip, Numerics numerics);

}  // namespace vitruvian::models
