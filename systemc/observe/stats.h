// SPDX-License-Identifier: Apache-2.0
//
// What a run leaves behind about time: per pipe the cycles in each state, per instruction its three
// cycles, and the stretches of state a timeline is drawn from.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "models/arch/count.h"
#include "models/program/instruction.h"

namespace vitruvian::systemc {

// The state of a pipe in one cycle. Where several hold, the first counts (docs/timing.md,
// "States").
enum class State : std::uint8_t {
  unit_flag, bank, busy, memory, flag, barrier, queue_full, empty, done
};
inline constexpr int state_count = 9;
inline constexpr std::string_view state_names[state_count] = {
    "unit_flag", "bank", "busy", "memory", "flag", "barrier", "queue_full", "empty", "done"};

// Cycles per state; they add up to the run's cycles.
using StateCycles = std::array<std::uint64_t, state_count>;

// One retired instruction. `instruction` is its number in the program.
struct Record {
  std::uint32_t instruction;
  models::Pipe pipe;
  Cycle issue, start, end;
};

// Cycles [from, to) of one pipe in one state.
struct Segment {
  models::Pipe pipe;
  State state;
  Cycle from, to;
};

struct PipeResult {
  models::Pipe pipe;
  StateCycles cycles{};
};

// What one core did. Pipes the core lacks are absent.
struct CoreResult {
  std::string name;                // "aic0"
  std::string kind;                // "AIC"
  Cycles cycles;                   // first issue to last end, both counted
  std::vector<PipeResult> pipes;   // S, M, MTE1, MTE2, MTE3, FIX
  std::vector<Record> records;     // in order of issue; the first `trace_limit` instructions
  std::vector<Segment> segments;   // for the same stretch of time
  std::uint64_t instructions = 0;
  std::uint64_t mmads = 0;
  std::uint64_t mmads_stalled_by_unit_flag = 0;
  std::uint64_t mmads_stalled_by_bank = 0;
};

}  // namespace vitruvian::systemc
