// SPDX-License-Identifier: Apache-2.0
//
// Verilated movers for a run: found or built for the chip, put in the place of their pipes.
#pragma once

#include "systemc/pipe/mover_block.h"
#include "tb/run/run.h"

namespace vitruvian::tb {

// Those options.rtl_movers names. Throws InputError if one cannot be built, or the chip has what it cannot be.
systemc::MoverFactories make_rtl_movers(const RunOptions& options);

}  // namespace vitruvian::tb
