// SPDX-License-Identifier: Apache-2.0
//
// When each part of a core must be looked at next. One wake-up a part is enough: whoever is woken
// looks at everything it waits for and says anew when to come back.
#pragma once

#include <algorithm>
#include <array>

#include "models/arch/error.h"
#include "models/program/instruction.h"
#include "systemc/observe/trace.h"

namespace vitruvian::systemc {

// The parts of a cube core, in the order they are evaluated inside a cycle. Only two neighbours
// depend on it: flags raised with a cycle's start are seen in it, and M comes before FIX at L0C
// (docs/timing.md, L2). All else one part does to another is seen in the next cycle.
enum class Part : std::uint8_t { flags, S, M, FIX, MTE1, MTE2, MTE3 };
inline constexpr int part_count = 7;

// The part an instruction queue belongs to; `flags` if a cube core has no such queue.
constexpr Part part_of(models::Pipe pipe) {
  constexpr Part parts[] = {Part::S,    Part::M,    Part::flags, Part::MTE1,
                            Part::MTE2, Part::MTE3, Part::FIX,   Part::flags};
  return parts[static_cast<int>(pipe)];
}

class Schedule {
 public:
  Schedule() { next_.fill(never); }
  void wake(Part part, Cycle at) {
    Cycle& next = next_[static_cast<int>(part)];
    next = std::min(next, at);
  }
  // Is the part due in cycle `now`? Taking it forgets the wake-up.
  bool take(Part part, Cycle now) {
    Cycle& next = next_[static_cast<int>(part)];
    if (next > now) return false;
    next = never;
    return true;
  }
  Cycle next(Part part) const { return next_[static_cast<int>(part)]; }
  Cycle earliest() const { return *std::min_element(next_.begin(), next_.end()); }

 private:
  std::array<Cycle, part_count> next_;
};

}  // namespace vitruvian::systemc
