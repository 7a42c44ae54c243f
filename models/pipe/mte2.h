// SPDX-License-Identifier: Apache-2.0
//
// Pipe MTE2: GM -> L1, L0A and L0B, and constants into L1. Fields are explained in docs/isa.md;
// each instruction must have passed check_instruction(). Bit-exact twin of rtl/pipe/vit_mte2.sv.
#pragma once

#include "models/core/state.h"
#include "models/program/instruction.h"

namespace vitruvian::models {

void copy_gm_l1(const CopyGmL1& copy, CoreState& state);
void copy_gm_l1_nd2nz(const CopyGmL1Nd2nz& copy, CoreState& state);
void load2d_gm(const Load2dGm& load, CoreState& state);
void fill_l1(const FillL1& fill, CoreState& state);

}  // namespace vitruvian::models
