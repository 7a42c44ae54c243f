// SPDX-License-Identifier: Apache-2.0
//
// What a copy, or the output of a fractal, asks of GM: one payload with this extension. Memory
// fills in when each burst was taken and is done; bursts sent one by one get the same cycles.
#pragma once

#include <algorithm>
#include <cstdint>
#include <tlm>
#include <vector>

#include "models/arch/address.h"
#include "models/arch/count.h"
#include "systemc/memory/gm_answers.h"

namespace vitruvian::systemc {

// Contiguous bytes inside one line of GM.
struct Burst {
  GmAddress address;
  Bytes size;
  // Writes: the cycle after the list's `from` it is offered in, if nothing waits. Bursts of one
  // cycle follow each other: they are one beat.
  std::uint32_t beat = 0;
  Cycle taken{};  // filled in: the port has taken it
  Cycle done{};   // filled in: read data are in the core; of a write as `taken`
};

class BurstList : public tlm::tlm_extension<BurstList> {
 public:
  static constexpr Bytes line{512};

  GmPort port = GmPort::mte2_read;
  // Reads: docs/timing.md, G1. Writes: the cycle the first beat may be offered in.
  Cycle from;
  // Reads: whoever sends it has kept G1 itself, as RTL does: its one burst is offered in `from`.
  bool offered = false;
  std::vector<Burst> bursts;  // in the order they enter the port
  // Writes: the beat that ends the list, with bytes or without, and whether it asks for the
  // acknowledgement.
  std::uint32_t last_beat = 0;
  bool acknowledged = true;

  // Filled in: the last burst or beat was taken; the last data have come, or the acknowledgement.
  Cycle taken, done;

  bool writes() const { return is_write(port); }
  void clear() {
    bursts.clear();
    last_beat = 0;
  }
  // Cuts `size` bytes at `start` at multiples of `grain` and appends the pieces, each a beat.
  void add(GmAddress start, Bytes size, Bytes grain = line);

  // Of writes that came back: calls `visit(offered, taken)` for each beat that waited.
  template <class Visit>
  void each_wait(Visit visit) const;

  tlm::tlm_extension_base* clone() const override { return new BurstList{*this}; }
  void copy_from(const tlm::tlm_extension_base& other) override {
    *this = static_cast<const BurstList&>(other);
  }
};

inline void BurstList::add(GmAddress start, Bytes size, Bytes grain) {
  std::uint64_t at = start.value();
  const std::uint64_t end = at + size.value(), mask = grain.value() - 1;  // a power of two
  while (at < end) {
    const std::uint64_t next = std::min(end, (at | mask) + 1);
    last_beat = static_cast<std::uint32_t>(bursts.size());
    bursts.push_back({GmAddress{at}, Bytes{next - at}, last_beat});
    at = next;
  }
}

template <class Visit>
void BurstList::each_wait(Visit visit) const {
  Cycle first = from;  // put off by every cycle that was waited
  const auto look = [&](std::uint32_t beat, Cycle beat_taken) {
    const Cycle offered = first + Cycles{beat};
    if (offered == beat_taken) return;
    visit(offered, beat_taken);
    first = first + (beat_taken - offered);
  };
  for (const Burst& burst : bursts) look(burst.beat, burst.taken);
  look(last_beat, taken);
}

}  // namespace vitruvian::systemc
