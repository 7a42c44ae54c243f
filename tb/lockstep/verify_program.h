// SPDX-License-Identifier: Apache-2.0
//
// What can be verified with random programs: the blocks, their profiles, and one program in lockstep. What came of it is a line of text:
// workers report over a pipe.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/program/program.h"
#include "tb/lockstep/verify.h"

namespace vitruvian::tb {

struct ProgramOutcome {
  VerifyRow row;       // of this program
  std::string report;  // why it failed; empty: it passed
};

// A block, loaded, ready for programs.
class ProgramRunner {
 public:
  virtual ~ProgramRunner() = default;
  // Never throws for what the program or the block does wrong: that is the report.
  virtual ProgramOutcome run(std::string_view profile, Seed seed) const = 0;
  virtual models::Program program(std::string_view profile, Seed seed) const = 0;
};

struct VerifiableBlock {
  std::string_view name;
  std::vector<std::string_view> (*profiles)();
  // Throws InputError for a block that cannot be built or does not fit.
  std::unique_ptr<ProgramRunner> (*load)(const VerifyOptions& options);
};
std::span<const VerifiableBlock> verifiable();

std::string to_line(const ProgramOutcome& outcome);
ProgramOutcome from_line(const std::string& line);

}  // namespace vitruvian::tb
