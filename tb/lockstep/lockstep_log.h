// SPDX-License-Identifier: Apache-2.0
//
// What a lockstep run found. The blocks compared live inside a core and die with it; this stays.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

#include "systemc/pipe/errors.h"
#include "tb/report/result.h"

namespace vitruvian::tb {

// The views have drifted so far apart that going on makes no sense; the log says how.
class LockstepStopped : public systemc::ProgramFault {
  using systemc::ProgramFault::ProgramFault;
};

struct LockstepLog {
  std::uint64_t instructions = 0;  // judged
  std::uint64_t value_mismatches = 0, cycle_mismatches = 0;  // mmads with one, or more, of a kind
  std::uint64_t beats = 0;         // writes into L0C compared
  std::uint64_t tiles = 0;         // that the sequencer of the twin issued
  std::uint64_t flags = 0;         // unit flags raised, compared
  std::uint64_t reads = 0;         // cycles with an L0C read, compared
  std::uint64_t frozen_by_unit_flag = 0, frozen_by_bank = 0;  // cycles
  std::string first_value, first_cycle;  // reports, lines

  bool clean() const { return value_mismatches == 0 && cycle_mismatches == 0; }
  LockstepResult result() const;
};

}  // namespace vitruvian::tb
