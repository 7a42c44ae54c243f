// SPDX-License-Identifier: Apache-2.0
//
// What FIX sends and reads, in closed form (docs/timing.md, table of movers and G4): output cycle i
// of a fractal carries its rows i * R .., R = fix.rate / 64.
#pragma once

#include "models/pipe/fixpipe.h"
#include "systemc/memory/burst_list.h"
#include "systemc/observe/beats.h"

namespace vitruvian::systemc {

// The pieces of GM a fractal of a fixpipe leaves; `beat` is the output cycle.
void output_beats(const models::FixpipeTarget& target, std::uint32_t rows_a_cycle, BurstList& list);

// Adds the rows output cycle `cycle` of a fractal writes; says if there are any.
bool add_output(const models::FixpipeTarget& target, std::uint32_t rows_a_cycle,
                std::uint32_t cycle, Beats& beats);

// Adds the scale words a fractal is read with.
void add_scales(const models::FixpipeView& fixpipe, const models::FixpipeFractal& fractal,
                Beats& beats);

}  // namespace vitruvian::systemc
