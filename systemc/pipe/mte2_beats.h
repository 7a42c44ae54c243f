// SPDX-License-Identifier: Apache-2.0
//
// What MTE2 reads of GM and writes to L1 or L0, in closed form (docs/timing.md, G1, G2 and G6).
#pragma once

#include "models/program/instruction.h"
#include "systemc/memory/burst_list.h"
#include "systemc/observe/beats.h"

namespace vitruvian::systemc {

// The pieces of GM a copy reads, in order, cut into bursts.
void read_bursts(const models::Instruction& copy, BurstList& list);

// The writes of a copy whose bursts have their cycles, told beat by beat.
void tell_copy(const models::Instruction& copy, std::span<const Burst> bursts, Beats& beats);

// Cycles in which a fill writes, and its writes from cycle `first` on.
Cycles fill_beats(const models::FillL1& fill);
void tell_fill(const models::FillL1& fill, Cycle first, Beats& beats);

}  // namespace vitruvian::systemc
