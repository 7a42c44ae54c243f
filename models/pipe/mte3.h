// SPDX-License-Identifier: Apache-2.0
//
// Pipe MTE3: L1 -> GM. Fields are explained in docs/isa.md; each instruction must have passed
// check_instruction(). Bit-exact twin of rtl/pipe/vit_mte3.sv.
#pragma once

#include "models/core/state.h"
#include "models/program/instruction.h"

namespace vitruvian::models {

void copy_l1_gm(const CopyL1Gm& copy, CoreState& state);

}  // namespace vitruvian::models
