// SPDX-License-Identifier: Apache-2.0
//
// What trace.json and report.html draw, worked out once from a run's records and segments: which
// instructions overlap, what each waited for, which set_flag a wait_flag answers, how full the
// queues were, and how busy the pipes over time. Covers the recorded stretch only
// (CoreResult::records).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tb/report/result.h"

namespace vitruvian::tb {

// set_flag, wait_flag and pipe_barrier: drawn apart from the instructions that do the work.
bool is_sync(const models::Instruction& instruction);

// One instruction on the timeline.
struct Span {
  std::uint32_t record;    // index in CoreResult::records
  std::uint16_t lane;      // spans of one lane of one pipe never overlap
  bool sync;               // is_sync(); these have lanes of their own
  std::uint64_t from, to;  // drawn cycles [from, to); a set_flag is drawn where it raises
  // The wait before its start: the longest state since the instruction before it started.
  systemc::State wait = systemc::State::busy;  // busy: it did not wait
  std::uint64_t wait_cycles = 0;
  // Cycles in which its own tiles were held, from its start to the next start in its pipe.
  std::uint64_t unit_flag_cycles = 0, bank_cycles = 0;
};

struct QueueStep {
  std::uint64_t cycle;
  std::uint32_t entries;  // from this cycle on
};

struct PipeTimeline {
  models::Pipe pipe;
  std::uint16_t lanes = 0, sync_lanes = 0;
  std::vector<Span> spans;                 // by start
  std::vector<systemc::Segment> segments;  // by time, without overlap
  std::vector<QueueStep> queue;            // empty for S, which has no queue
  std::vector<std::uint64_t> busy;         // cycles per window
};

// The event raised by one record and awaited by another.
struct FlagArrow {
  std::uint32_t set, wait;  // indices in CoreResult::records
};

struct CoreTimeline {
  std::vector<PipeTimeline> pipes;  // as in CoreResult::pipes
  std::vector<FlagArrow> arrows;
  std::vector<double> utilisation;  // useful multiply-adds per window, of the peak of their type
};

struct Timeline {
  std::uint64_t end = 0;     // one past the last recorded cycle
  std::uint64_t window = 1;  // cycles
  std::uint64_t recorded = 0, instructions = 0;
  bool complete() const { return recorded == instructions; }
  std::vector<CoreTimeline> cores;
};

Timeline make_timeline(const RunResult& result);

}  // namespace vitruvian::tb
