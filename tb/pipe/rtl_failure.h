// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "systemc/pipe/errors.h"

namespace vitruvian::tb {

// A Verilated block did what it must not: an assertion does not hold, or it asks for what is not there. The message
// has the cycle.
class RtlFailure : public systemc::ProgramFault {
  using systemc::ProgramFault::ProgramFault;
};

}  // namespace vitruvian::tb
