// SPDX-License-Identifier: Apache-2.0
//
// The time of a mover that can be frozen (docs/timing.md, M3): counts the cycles in which it moves.
// GM's port holds it for spans known before they begin; FIX is also frozen while a read is held,
// which nobody knows the end of.
#pragma once

#include "systemc/common/ring.h"
#include "systemc/observe/trace.h"

namespace vitruvian::systemc {

class FrozenClock {
 public:
  // Cycle `now` begins; those before it are over, and a read held until now is asked for again.
  void settle(Cycle now) {
    if (frozen_from_) {
      frozen_ += now - *frozen_from_;
      while (!holds_.empty() && holds_.front().to <= now) holds_.pop();
      if (held(now)) holds_.front().from = now;
      frozen_from_.reset();
      return;
    }
    while (!holds_.empty() && holds_.front().from < now) {
      Hold& hold = holds_.front();
      frozen_ += std::min(now, hold.to) - hold.from;
      hold.from = now;
      if (hold.to > now) return;
      holds_.pop();
    }
  }

  // GM's port will hold it in cycles [from, to), later than all it was told before.
  void hold(Cycle from, Cycle to) { holds_.push({from, to}); }
  // A read is held from cycle `now` on.
  void freeze(Cycle now) { frozen_from_ = now; }

  // In the cycle that began: is a read held? Does GM's port hold it?
  bool frozen() const { return frozen_from_.has_value(); }
  bool held(Cycle now) const { return !holds_.empty() && holds_.front().from <= now; }

  // Cycles before `now` in which it moved: the name of this cycle in its own time.
  Cycle moved(Cycle now) const { return now - frozen_; }
  // The cycle of that name, if no read is held from now on.
  Cycle real(Cycle moved) const {
    Cycle at = moved + frozen_;
    for (std::size_t i = 0; i < holds_.size() && holds_.at(i).from <= at; ++i) {
      at = at + (holds_.at(i).to - holds_.at(i).from);
    }
    return at;
  }
  // The first cycle from `now` on in which it moves, if no read is held.
  Cycle next_move(Cycle now) const { return real(moved(now)); }

 private:
  struct Hold {
    Cycle from, to;
  };
  Cycles frozen_;  // before the cycle that began
  std::optional<Cycle> frozen_from_;
  Ring<Hold> holds_;  // not over, none begins before the cycle that began
};

}  // namespace vitruvian::systemc
