// SPDX-License-Identifier: Apache-2.0
//
// Random programs in lockstep, many of them, on several processes: `vitruvian verify`.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "models/arch/chip_config.h"
#include "models/pipe/cube_dot.h"
#include "tb/common/random.h"
#include "tb/report/result.h"

namespace vitruvian::tb {

// The blocks that can be verified.
std::vector<std::string_view> verifiable_blocks();

struct VerifyOptions {
  std::string block = "cube";
  ChipConfig chip;
  models::Numerics numerics = models::Numerics::dot24;
  std::string profile;              // empty: all
  std::uint64_t seeds = 10;         // programs of each profile ...
  Seed first_seed{1};               // ... children 0, 1, ... of this seed
  std::optional<Seed> seed;         // or just this one
  unsigned jobs = 1;                // processes
  std::string variant = "check";    // of the RTL block
  std::filesystem::path library;    // a block built elsewhere; empty: built, or from the cache
  std::filesystem::path out;        // folder for verify.json and failures/; empty: nothing is written
  std::string chip_options;         // "--chip x --set y=z --numerics tree": for the line that repeats a failure
  // Called now and then in the calling process.
  std::function<void(std::uint64_t done, std::uint64_t total)> progress;
};

// One profile, summed over its programs.
struct VerifyRow {
  std::string profile;
  std::uint64_t programs = 0, cycles = 0;
  std::uint64_t instructions = 0;        // compared; of the cube: mmads
  std::uint64_t beats = 0, bytes = 0;    // compared; of the cube: writes into L0C
  std::uint64_t stalled_by_unit_flag = 0, stalled_by_bank = 0;  // mmads
  std::uint64_t value_mismatches = 0, cycle_mismatches = 0, failures = 0;
  VerifyRow& operator+=(const VerifyRow& other);
};

// A program that did not pass: a difference, an assertion, a deadlock, wrong memory, a crash.
struct VerifyFailure {
  std::string profile;
  Seed seed{0};
  std::string report;     // lines
  std::string reproduce;  // a command
};

struct VerifyResult {
  std::vector<VerifyRow> rows;           // in the order of the profiles
  std::vector<VerifyFailure> failures;   // the first ones, in program order
  std::uint64_t failed = 0;              // programs
  double seconds = 0;

  VerifyRow total() const;
  bool passed() const { return failed == 0; }
  LockstepResult lockstep() const;
};

// Throws InputError for an unknown block or profile, a block that cannot be built, or a folder that
// cannot be written.
VerifyResult verify(const VerifyOptions& options);

// A table of the rows, and the first failure with the command that repeats it.
std::string verify_text(const VerifyResult& result);

}  // namespace vitruvian::tb
