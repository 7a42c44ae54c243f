// SPDX-License-Identifier: Apache-2.0
#include "systemc/observe/trace.h"

namespace vitruvian::systemc {

void StateLine::paint(Cycle to) {
  while (!holds_.empty() && cursor_ < to) {
    const Hold hold = holds_.front();
    paint_moving(std::min(to, hold.from));
    if (hold.from < to) emit(State::memory, std::min(to, hold.to));
    if (cursor_ < hold.to) return;
    holds_.pop();
  }
  paint_moving(to);
}

// Cycles in which GM does not hold the pipe.
void StateLine::paint_moving(Cycle to) {
  while (cursor_ < to) {
    if (over_) {
      emit(*over_, to);
    } else if (base_ == State::busy) {
      emit(State::busy, to);
    } else if (cursor_ < busy_until_) {
      emit(State::busy, std::min(to, busy_until_));
    } else if (cursor_ < memory_until_) {
      emit(State::memory, std::min(to, memory_until_));
    } else {
      emit(base_, to);
    }
  }
}

void StateLine::finish(Cycle end) {
  base(State::done, cursor_);
  paint(end);
  tell(run_, end);
}

void StateLine::append_segments(std::vector<Segment>& to) const {
  const Cycle horizon = trace_.horizon();
  for (Segment segment : segments_) {
    segment.to = std::min(segment.to, horizon);
    if (segment.from < segment.to) to.push_back(segment);
  }
}

void StateLine::emit(State state, Cycle to) {
  if (to <= cursor_) return;
  cycles_[static_cast<int>(state)] += (to - cursor_).value();
  if (trace_.observer() != nullptr && state != run_) tell(state, cursor_);
  if (cursor_ < trace_.horizon()) {
    if (!segments_.empty() && segments_.back().state == state && segments_.back().to == cursor_) {
      segments_.back().to = to;
    } else {
      segments_.push_back({pipe_, state, cursor_, to});
    }
  }
  cursor_ = to;
}

// The run at hand ends before cycle `to`; another state begins.
void StateLine::tell(State state, Cycle to) {
  if (trace_.observer() != nullptr && run_from_ < to) {
    trace_.observer()->state(pipe_, run_, run_from_, to);
  }
  run_ = state;
  run_from_ = to;
}

}  // namespace vitruvian::systemc
