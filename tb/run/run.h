// SPDX-License-Identifier: Apache-2.0
//
// One run: a workload on one chip, in SystemC with any of the blocks as RTL, checked.
#pragma once

#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tb/report/result.h"
#include "tb/run/workload.h"

namespace vitruvian::tb {

// Cycles [from, to) that are traced.
struct WaveWindow {
  Cycle from{0};
  Cycle to{~std::uint64_t{0}};
};

// How much of the values is checked.
enum class CheckLevel {
  automatic,  // bit_exact below 2^32 multiply-adds; models/ops always (sampled when large)
  full,       // both, whatever the size
};

struct RunOptions {
  ChipConfig chip;
  models::Numerics numerics = models::Numerics::dot24;
  bool timing_only = false;
  CheckLevel check = CheckLevel::automatic;
  bool check_races = false, check_uninitialised = false;  // docs/check.md
  bool rtl_core = false;         // the whole core, or
  bool rtl_cube = false;         // the cube
  std::vector<models::Pipe> rtl_movers;  // and any of MTE1, MTE2, MTE3 and FIX, in RTL
  std::string rtl_cube_library;  // a block built elsewhere; empty: ours
  std::filesystem::path rtl_cube_own;  // a folder with the user's vit_cube.sv; empty: ours
  bool lockstep = false;
  std::optional<WaveWindow> waves;
  std::filesystem::path out;     // for waves.fst
  std::uint64_t seed = 1;
  std::uint64_t trace_limit = 50'000;  // instructions kept for timeline and trace
};

// Runs it. Throws InputError and, unless races or uninitialised bytes are checked, what stops the
// program: systemc::DeadlockError, systemc::ProgramError. With a check that stands in the result,
// which then has no cores.
RunResult run(const Workload& workload, const RunOptions& options);

// Only the time of a program: first issue to last end.
Cycles cycles_of(const models::Program& program, const ChipConfig& chip);

}  // namespace vitruvian::tb
