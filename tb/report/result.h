// SPDX-License-Identifier: Apache-2.0
//
// Everything a run reports: result.json is this struct (docs/result.md), report.html and trace.json
// are drawn from it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/arch/chip_config.h"
#include "models/program/program.h"
#include "systemc/observe/stats.h"
#include "tb/check/findings.h"

namespace vitruvian::tb {

// Version of the form of result.json. A new optional field keeps it; anything else raises it.
inline constexpr int result_schema_version = 1;

struct CheckResult {
  std::optional<bool> bit_exact;        // equal to models/core run in order; absent: not compared
  std::optional<double> max_abs_error;  // against models/ops
  std::optional<double> error_over_bound;  // worst element
  std::string ops_reference = "none";      // "full", "sampled (4096 elements)", "none"
  std::optional<bool> expected_output;     // output_N beside the inputs agrees
  OrderFindings order = {};                // races, uninitialised bytes, deadlock (--check)
  std::string fault = {};                  // what stopped the run; empty: nothing
};

struct LockstepResult {
  std::uint64_t instructions = 0;
  std::uint64_t value_mismatches = 0;
  std::uint64_t cycle_mismatches = 0;
  std::string first_mismatch;  // the report of it, lines; empty if none
};

struct RtlResult {
  std::vector<std::string> blocks;  // "core", or of "cube", "mte1" ... "fix"
  std::string variant;              // "fast", "check", "trace"
  std::optional<LockstepResult> lockstep;
};

struct HostResult {
  double wall_s = 0, cpu_s = 0, simulated_cycles_per_s = 0;
  std::uint64_t peak_rss_bytes = 0;
};

struct RunResult {
  std::string workload, numerics, dtype, version, command;
  ChipConfig chip;
  std::uint64_t seed = 0;
  Cycles cycles, launch_cycles;
  std::uint64_t macs = 0;         // useful multiply-adds
  std::uint64_t macs_padded = 0;  // what the cube computed, whole tiles
  double utilisation = 0;         // macs / (cycles x peak of the dtype x cube cores used)
  std::vector<systemc::CoreResult> cores;
  CheckResult check;
  RtlResult rtl;
  std::vector<std::string> host_ops;  // operators done on the host
  HostResult host;
  models::Program program;  // for names in the timeline
  std::string waves;        // path of waves.fst, or empty
};

// Did every comparison that was made come out right? (Exit code 0 or 1.)
bool all_checks_hold(const RunResult& result);

// result.json as text. Throws InternalError if a pipe's states do not add up to the run's cycles.
std::string result_json(const RunResult& result);

}  // namespace vitruvian::tb
