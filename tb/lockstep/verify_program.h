// SPDX-License-Identifier: Apache-2.0
//
// One random program in lockstep, and what came of it as a line of text: workers report over a pipe.
#pragma once

#include <memory>
#include <string>

#include "tb/lockstep/verify.h"
#include "tb/pipe/cube_library.h"
#include "tb/random/cube_profile.h"

namespace vitruvian::tb {

struct ProgramOutcome {
  VerifyRow row;       // of this program
  std::string report;  // why it failed; empty: it passed
};

// Never throws for what the program or the block does wrong: that is the report.
ProgramOutcome verify_program(Seed seed, const CubeProfile& profile, const ChipConfig& chip,
                              models::Numerics numerics, const std::shared_ptr<const CubeLibrary>& library);

std::string to_line(const ProgramOutcome& outcome);
ProgramOutcome from_line(const std::string& line);

}  // namespace vitruvian::tb
