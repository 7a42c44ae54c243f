// SPDX-License-Identifier: Apache-2.0
#include "tests/core/cycle_ports.h"

#include <algorithm>

namespace vitruvian::tests {

void ReadPort::send(const std::pair<u64, u64>& burst, u64 from, u64* taken, u64* done) {
  waiting_.push_back({.bytes = burst.second,
                      .cost = grains_of(burst, grain_) * grain_,
                      .beats = data_beats_of(burst),
                      .from = from,
                      .taken = taken,
                      .done = done});
}

void ReadPort::step(u64 cycle) {
  bring_data(cycle);
  offer(cycle);
  pay(cycle);
}

// A place is free from the cycle after the data of a burst on.
void ReadPort::bring_data(u64 cycle) {
  if (!flying_.empty() && flying_.front().beats == 0) flying_.pop_front();
  if (flying_.empty()) return;
  Burst& burst = flying_.front();
  if (cycle + burst.beats - 1 < burst.ready) return;
  if (--burst.beats == 0) *burst.done = cycle;
}

void ReadPort::offer(u64 cycle) {
  if (waiting_.empty() || waiting_.front().due > cycle) return;
  if (flying_.size() >= outstanding_) return;
  Burst burst = waiting_.front();
  if (burst.offers_left == unknown) burst.offers_left = answers_.wait(port_, requests_).value();
  if (burst.offers_left > 0) {
    --burst.offers_left;
    waiting_.front() = burst;
    return;
  }
  *burst.taken = cycle;
  burst.ready = cycle + answers_.latency(port_, requests_++).value();
  waiting_.pop_front();
  flying_.push_back(burst);
  all_taken_.push_back({cycle, burst.bytes});
  // Late: the port's time begins anew with this cycle.
  if (burst.due == cycle) return;
  for (Burst& next : waiting_) next.paid = 0, next.due = unknown;
}

// What the burst at hand leaves of a cycle goes to the next. Nothing is paid while one that has
// paid waits to be taken.
void ReadPort::pay(u64 cycle) {
  if (!waiting_.empty() && waiting_.front().due <= cycle) return;
  u64 budget = rate_;
  for (Burst& burst : waiting_) {
    if (burst.from > cycle || budget == 0) return;
    const u64 pays = std::min(budget, burst.cost - burst.paid);
    burst.paid += pays;
    budget -= pays;
    if (burst.paid < burst.cost) return;
    if (burst.due == unknown) burst.due = cycle + 1;
  }
}

bool WritePort::offer(u64 cycle, u64 bytes, u64* asks) {
  if (offers_left_ == unknown) offers_left_ = answers_.wait(port_, beats_).value();
  if (offers_left_ > 0) {
    --offers_left_;
    return false;
  }
  offers_left_ = unknown;
  ++beats_;
  all_taken_.push_back({cycle, bytes});
  if (asks != nullptr) {
    asked_.push_back({cycle + answers_.latency(port_, acknowledgements_++).value(), asks});
  }
  return true;
}

void WritePort::step(u64 cycle) {
  if (asked_.empty() || asked_.front().ready > cycle) return;
  *asked_.front().cycle = cycle;
  asked_.pop_front();
}

}  // namespace vitruvian::tests
