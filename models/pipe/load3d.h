// SPDX-License-Identifier: Apache-2.0
//
// load3d of pipe MTE1: img2col from a feature map in L1 to L0A or L0B. Which row of the map stands
// where is models/program/img2col.h. Bit-exact twin of rtl/pipe/vit_mte1.sv.
#pragma once

#include <cstdint>

#include "models/core/state.h"
#include "models/program/instruction.h"

namespace vitruvian::models {

// Byte of L0 where fractal (m1, k1) of the window goes, counted from its upper left corner.
std::uint64_t load3d_fractal(const Load3d& load, std::uint64_t m1, std::uint64_t k1);

// The 32 bits of padding: pad_value's element, repeated.
std::uint32_t load3d_padding(const Load3d& load);

void load3d(const Load3d& load, CoreState& state);

}  // namespace vitruvian::models
