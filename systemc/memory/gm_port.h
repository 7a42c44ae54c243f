// SPDX-License-Identifier: Apache-2.0
//
// A mover's end of its port to GM (docs/timing.md, G1, G2 and G4): when each request is offered,
// taken and done. RTL twin of the reads: rtl/memory/vit_gm_read_port.sv.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "systemc/memory/burst_list.h"

namespace vitruvian::systemc {

class GmReadPort {
 public:
  GmReadPort(const GmConfig& gm, std::uint32_t outstanding);

  // Fills in the list's cycles. `answers` decides about the n-th request of `list.port`.
  template <class Answers>
  void pass(BurstList& list, const Answers& answers);

 private:
  // A point in time in fractions of a cycle: `cycle` + `part` / rate.
  struct Time {
    std::uint64_t cycle = 0;
    std::uint32_t part = 0;
    std::uint64_t ceil() const { return cycle + (part > 0 ? 1 : 0); }
  };
  // The port's time for 0 to 16 grains.
  using Occupations = std::array<Time, 17>;

  std::uint64_t grains_of(const Burst& burst) const {
    const std::uint64_t start = burst.address.value(), last = start + burst.size.value() - 1;
    return (last >> grain_bits_) - (start >> grain_bits_) + 1;
  }

  const std::uint32_t rate_;
  const int grain_bits_;
  const Occupations occupation_;
  Time free_;                   // G1
  std::uint64_t requests_ = 0;  // so far
  std::uint64_t next_offer_ = 0;
  std::uint64_t last_done_ = 0;
  // For each of the last requests, as many as may be outstanding, the first cycle after its data.
  std::vector<std::uint64_t> places_;
  std::size_t place_ = 0;
};

class GmWritePort {
 public:
  // Fills in the list's cycles.
  template <class Answers>
  void pass(BurstList& list, const Answers& answers);

 private:
  std::uint64_t beats_ = 0, acknowledgements_ = 0;  // so far
  Cycle next_offer_, next_acknowledgement_;
};

// The beats of 256 B a burst's data come in.
constexpr std::uint64_t data_beats_of(const Burst& burst) {
  const std::uint64_t start = burst.address.value(), last = start + burst.size.value() - 1;
  return last / 256 - start / 256 + 1;
}

template <class Answers>
void GmReadPort::pass(BurstList& list, const Answers& answers) {
  for (Burst& burst : list.bursts) {
    Time begin = free_;
    if (begin.cycle < list.from.value()) begin = {list.from.value(), 0};
    const Time& occupation = occupation_[grains_of(burst)];
    Time due{begin.cycle + occupation.cycle, begin.part + occupation.part};
    if (due.part >= rate_) due = {due.cycle + 1, due.part - rate_};
    const std::uint64_t offered =
        list.offered ? list.from.value() : std::max({due.ceil(), next_offer_, places_[place_]});
    const std::uint64_t taken = offered + answers.wait(list.port, requests_).value();
    free_ = taken == due.ceil() ? due : Time{taken, 0};
    next_offer_ = taken + 1;
    last_done_ = std::max(taken + answers.latency(list.port, requests_).value(),
                          last_done_ + data_beats_of(burst));
    places_[place_] = last_done_ + 1;
    if (++place_ == places_.size()) place_ = 0;
    ++requests_;
    burst.taken = Cycle{taken};
    burst.done = Cycle{last_done_};
  }
  list.taken = Cycle{next_offer_ - 1};
  list.done = Cycle{last_done_};
}

template <class Answers>
void GmWritePort::pass(BurstList& list, const Answers& answers) {
  Cycle first = std::max(list.from, next_offer_);  // put off by every cycle that is waited
  const auto take = [&](std::uint32_t beat) {
    first = first + answers.wait(list.port, beats_++);
    return first + Cycles{beat};
  };
  const Burst* before = nullptr;
  for (Burst& burst : list.bursts) {
    const bool same = before != nullptr && before->beat == burst.beat;
    burst.taken = burst.done = same ? before->taken : take(burst.beat);
    before = &burst;
  }
  const bool ends = before != nullptr && before->beat == list.last_beat;
  list.taken = list.done = ends ? before->taken : take(list.last_beat);
  next_offer_ = list.taken + Cycles{1};
  if (!list.acknowledged) return;
  list.done = std::max(list.taken + answers.latency(list.port, acknowledgements_++),
                       next_acknowledgement_);
  next_acknowledgement_ = list.done + Cycles{1};
}

}  // namespace vitruvian::systemc
