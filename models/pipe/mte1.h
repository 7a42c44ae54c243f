// SPDX-License-Identifier: Apache-2.0
//
// Pipe MTE1: L1 -> L0A, L0B and BT; load3d stands in models/pipe/load3d.h. Fields are explained in
// docs/isa.md; each instruction must have passed check_instruction(). Bit-exact twin of
// rtl/pipe/vit_mte1.sv.
#pragma once

#include "models/core/state.h"
#include "models/program/instruction.h"

namespace vitruvian::models {

void load2d(const Load2d& load, CoreState& state);
void load2d_transpose(const Load2dTranspose& load, CoreState& state);
void copy_l1_bt(const CopyL1Bt& copy, CoreState& state);
void fill_l0(const FillL0& fill, CoreState& state);

}  // namespace vitruvian::models
