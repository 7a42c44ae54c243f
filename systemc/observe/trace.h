// SPDX-License-Identifier: Apache-2.0
//
// Notes what happens for results and timelines. Records and segments are kept for the first `limit`
// instructions only, so memory stays bounded; cycles per state are counted for the whole run.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "systemc/common/ring.h"
#include "systemc/observe/observer.h"

namespace vitruvian::systemc {

// Later than every cycle.
inline constexpr Cycle never{~std::uint64_t{0}};

constexpr Cycle after(Cycle cycle) { return cycle + Cycles{1}; }

// The three cycles of each of the first `limit` instructions; all of them for the observer, if
// there is one.
class Trace {
 public:
  Trace(std::size_t limit, std::size_t instructions, CoreObserver* observer = nullptr)
      : observer_{observer}, limit_{std::min(limit, instructions)} {
    records_.reserve(limit_);
    open_ = limit_;
  }

  void issued(std::uint32_t instruction, models::Pipe pipe, Cycle at) {
    if (observer_ != nullptr) observer_->issued(instruction, pipe, at);
    if (instruction < limit_) records_.push_back({instruction, pipe, at, at, at});
  }
  void started(std::uint32_t instruction, models::Pipe pipe, Cycle at) {
    if (observer_ != nullptr) observer_->started(instruction, pipe, at);
    if (instruction < limit_) records_[instruction].start = at;
  }
  void ended(std::uint32_t instruction, models::Pipe pipe, Cycle at) {
    if (observer_ != nullptr) observer_->ended(instruction, pipe, at);
    if (instruction >= limit_) return;
    records_[instruction].end = at;
    all_ended_ = std::max(all_ended_, after(at));
    --open_;
  }

  // One past the last cycle a segment is wanted for: that of the last recorded instruction's end.
  Cycle horizon() const { return open_ > 0 ? never : all_ended_; }
  std::vector<Record> take_records() { return std::move(records_); }
  CoreObserver* observer() const { return observer_; }

 private:
  CoreObserver* observer_;
  std::size_t limit_, open_;
  Cycle all_ended_;
  std::vector<Record> records_;
};

// Gives each cycle of one pipe exactly one state (docs/timing.md, "States"). Cycles are painted in
// ascending order; what holds from `now` on is said before time passes.
class StateLine {
 public:
  StateLine(models::Pipe pipe, const Trace& trace) : pipe_{pipe}, trace_{trace} {}

  // The lowest layer: what the head of the queue waits for, or empty, done. `busy` here is a head
  // that waits for its own pipe; it hides memory.
  void base(State state, Cycle now) {
    if (state == base_) return;
    paint(now);
    base_ = state;
  }
  // Above it: the instruction under way is held.
  void over(std::optional<State> state, Cycle now) {
    if (state == over_) return;
    paint(now);
    over_ = state;
  }
  // Between them: an instruction is at work, or waits for memory, in cycles before `until`.
  void busy_until(Cycle until, Cycle now) {
    paint(now);
    busy_until_ = until;
  }
  void memory_until(Cycle until, Cycle now) {
    paint(now);
    memory_until_ = until;
  }
  // Busy to `until` at least; an end already said may be later.
  void at_least_busy_until(Cycle until, Cycle now) {
    if (until > busy_until_) busy_until(until, now);
  }

  // The highest layer: GM holds the pipe in cycles [from, to), later than all it was told before.
  void held_by_memory(Cycle from, Cycle to) { holds_.push({from, to}); }

  // For a pipe that knows its states in sequence: `state` up to, but not including, cycle `to`.
  void advance(State state, Cycle to) { emit(state, to); }
  Cycle cursor() const { return cursor_; }

  // Ends the line: cycles before `end` are painted, and nothing is left for the pipe.
  void finish(Cycle end);
  const StateCycles& cycles() const { return cycles_; }
  models::Pipe pipe() const { return pipe_; }
  // Appends the segments kept, cut where the recorded instructions end.
  void append_segments(std::vector<Segment>& to) const;

 private:
  struct Hold {
    Cycle from, to;
  };

  void paint(Cycle to);
  void paint_moving(Cycle to);
  void emit(State state, Cycle to);
  void tell(State state, Cycle to);

  models::Pipe pipe_;
  const Trace& trace_;
  Cycle cursor_, busy_until_, memory_until_;  // cycles before cursor_ are painted
  State base_ = State::empty;
  std::optional<State> over_;
  Ring<Hold> holds_;  // not painted to the end
  StateCycles cycles_{};
  std::vector<Segment> segments_;
  // The run the observer will be told when it has ended.
  State run_ = State::empty;
  Cycle run_from_;
};

}  // namespace vitruvian::systemc
