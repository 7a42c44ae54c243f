// SPDX-License-Identifier: Apache-2.0
//
// The whole core twice: the Verilated one does the work, its SystemC twin runs beside it on a GM and buffers of its own, and everything
// that can be seen of the two is compared (core_compare.h). Memory answers both the same, request by request, and that is all they share.
#pragma once

#include "models/core/state.h"
#include "models/program/program.h"
#include "systemc/memory/gm_answers.h"
#include "tb/core/core_rtl.h"
#include "tb/lockstep/core_compare.h"

namespace vitruvian::tb {

// Counts a difference for each buffer, and for the first `gm_bytes` of GM, that do not hold the same.
void compare_memories(CoreComparison& found, models::CoreState& rtl, models::CoreState& twin, Bytes gm_bytes);

struct CoreLockstepRun {
  systemc::CoreResult result;  // the RTL's
  CoreComparison comparison;
};

// Runs `program` on both. `rtl` holds the buffers both start with, and keeps the RTL's; `twin_gm` holds the same bytes as rtl.gm. At the
// end buffers and the first `gm_bytes` of GM must be the same again: a difference there is a value mismatch. Throws what a core throws
// (deadlock, a failed assertion ...) if the two agreed until then; if they did not, the comparison says more and is returned.
// `options.observer` is ours.
CoreLockstepRun run_core_lockstep(const ChipConfig& chip, const models::Program& program, models::CoreState& rtl, models::Memory& twin_gm,
                                  Bytes gm_bytes, const systemc::GmAnswers& answers, CoreRtlOptions options);

}  // namespace vitruvian::tb
