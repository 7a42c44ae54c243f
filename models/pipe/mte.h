// SPDX-License-Identifier: Apache-2.0
//
// Data movement of the MTE1 and MTE2 pipes: what each load and copy does to the memories. Fields
// are explained in docs/isa.md; each instruction must have passed check_instruction(). Bit-exact
// twin of rtl/pipe/vit_mte.sv.
#pragma once

#include "models/core/state.h"
#include "models/program/instruction.h"

namespace vitruvian::models {

// MTE1: L1 -> L0A or L0B.
void load2d(const Load2d& load, CoreState& state);
void load2d_transpose(const Load2dTranspose& load, CoreState& state);

// MTE1: L1 -> BT.
void copy_l1_bt(const CopyL1Bt& copy, CoreState& state);

// MTE2: GM -> L1.
void copy_gm_l1(const CopyGmL1& copy, CoreState& state);
void copy_gm_l1_nd2nz(const CopyGmL1Nd2nz& copy, CoreState& state);

}  // namespace vitruvian::models
