// SPDX-License-Identifier: Apache-2.0
//
// What is worth seeing of the cube block (rtl/pipe/vit_cube.sv), and the names of its values.
#pragma once

#include <span>
#include <vector>

#include "tb/report/gtkw.h"

namespace vitruvian::tb {

std::span<const WaveSignal> cube_signals();

// Names from the instruction table, so that a new data type needs no line here.
std::vector<WaveValues> cube_values();

}  // namespace vitruvian::tb
