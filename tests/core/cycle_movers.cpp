// SPDX-License-Identifier: Apache-2.0
//
// MTE1, MTE2 and MTE3 of the cycle-stepped model.
#include <algorithm>

#include "tests/core/cycle_units.h"

namespace vitruvian::tests {

using namespace models;

u64 CycleUnit::flying(u64 c) const {
  return static_cast<u64>(std::ranges::count_if(started_, [&](u64 i) {
    return times_[i].end == unknown || times_[i].end >= c;
  }));
}

std::optional<State> CycleMte1::try_start(u64 i, const Instruction& work, u64 c) {
  if (c < free_) return State::busy;
  const auto [beats, tail] = load_beats(work, chip_.mte1);
  free_ = c + std::max(chip_.mte1.setup.value(), beats) + tail;
  note_start(i);
  end(i, c + chip_.mte1.latency.value() + beats - 1);
  return std::nullopt;
}

void CycleMte2::begin(u64 c) {
  port_.step(c);
  moved_ = moved_ || port_.active();
  if (sending_ && copies_.back().taken.back() != unknown) {
    sending_ = false;
    busy_before_ = c + 1;
    free_ = std::max(free_, c);
    moved_ = true;
  }
  while (!copies_.empty() && copies_.front().done.back() != unknown) {
    end(copies_.front().instruction, copies_.front().done.back());
    copies_.pop_front();
  }
}

std::optional<State> CycleMte2::try_start(u64 i, const Instruction& work, u64 c) {
  if (c < free_ || sending_) return State::busy;
  const auto* fill = std::get_if<FillL1>(&work);
  const u64 most = fill != nullptr ? 1 : chip_.mte2.in_flight;
  if (flying(c) >= most) return State::memory;
  note_start(i);
  free_ = c + chip_.mte2.setup.value();
  if (fill != nullptr) {
    busy_before_ = c + chip_.mte2.request.value() + fill_cycles(*fill);
    free_ = std::max(free_, busy_before_);
    end(i, busy_before_ - 1);
    return std::nullopt;
  }
  const Bursts bursts = bursts_read(work);
  if (bursts.empty()) {
    free_ = c + 1;
    busy_before_ = std::max(busy_before_, c + 1);
    end(i, c);
    return std::nullopt;
  }
  copies_.push_back({i, {}, {}});
  Copy& copy = copies_.back();
  copy.taken.assign(bursts.size(), unknown);
  copy.done = copy.taken;
  for (std::size_t b = 0; b < bursts.size(); ++b) {
    port_.send(bursts[b], c + chip_.mte2.request.value(), &copy.taken[b], &copy.done[b]);
  }
  sending_ = true;
  return std::nullopt;
}

// The beat at hand is offered; while it is not taken, nothing counts.
void CycleMte3::begin(u64 c) {
  port_.step(c);
  moved_ = moved_ || port_.active();
  frozen_ = false;
  if (sending_.empty()) return;
  Copy& copy = sending_.front();
  if (copy.age < chip_.mte3.latency.value() + copy.sent) return;
  const bool last = copy.sent + 1 == copy.beats.size();
  frozen_ = !port_.offer(c, copy.beats[copy.sent].second,
                         last ? &times_[copy.instruction].end : nullptr);
  moved_ = true;
  if (frozen_) return;
  ++copy.sent;
  if (!last) return;
  busy_before_ = c + 1;
  sending_.pop_front();
}

std::optional<State> CycleMte3::try_start(u64 i, const Instruction& work, u64 c) {
  if (since_start_ < needs_) return State::busy;
  if (flying(c) >= chip_.mte3.in_flight) return State::memory;
  if (frozen_) return State::busy;
  note_start(i);
  Copy copy{.instruction = i,
            .beats = beats_written(std::get<CopyL1Gm>(work), chip_.gm.write_rate.value)};
  needs_ = std::max<u64>(chip_.mte3.setup.value(), copy.beats.size());
  since_start_ = 0;
  sending_.push_back(copy);
  return std::nullopt;
}

void CycleMte3::finish(u64) {
  if (frozen_) return;
  for (Copy& copy : sending_) ++copy.age;
  ++since_start_;
}

std::optional<State> CycleMte3::stall() const {
  return frozen_ ? std::optional{State::memory} : std::nullopt;
}

}  // namespace vitruvian::tests
