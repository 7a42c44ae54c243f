// SPDX-License-Identifier: Apache-2.0
//
// What the movers MTE1, MTE2, MTE3 and FIX have in common (docs/timing.md, "Movers"): an
// instruction's effect on the memories belongs to the cycle of its end, and so does what the
// observer is told of the beats it wrote.
#pragma once

#include <functional>

#include "systemc/memory/burst_list.h"
#include "systemc/observe/beats.h"
#include "systemc/pipe/pipe.h"

namespace vitruvian::systemc {

// How a pipe reaches GM: sends a list of bursts, which comes back with their cycles.
using GmAccess = std::function<void(BurstList&)>;

class Mover : public Pipe {
 protected:
  Mover(models::Pipe id, std::uint32_t depth, PipeContext& context)
      : Pipe{id, depth, context}, beats_{context.trace.observer(), context.state} {}

  void advance(Cycle now) override { apply_effects(now); }
  // The instruction, which has just begun, works in cycles before `busy`, then waits for memory
  // until `end`.
  void move(std::uint32_t instruction, Cycle now, Cycle busy, Cycle end);
  // Its effect belongs to cycle `end`; ends never descend.
  void effect_in(std::uint32_t instruction, Cycle end);
  void apply_effects(Cycle now);

  // What it does to the memories.
  virtual void apply(const models::Instruction& instruction);
  // It has been done: tells the observer the beats written. Only if there is one.
  virtual void tell_written(const models::Instruction& instruction) = 0;

  Beats beats_;

 private:
  struct Effect {
    std::uint32_t instruction;
    Cycle at;
  };
  Ring<Effect> effects_{64};
};

// The ends of the instructions of a queue that may not have ended yet (docs/timing.md, G3).
class InFlight {
 public:
  void add(Cycle end) { ends_.push(end); }
  // Those with an end not before `now`.
  std::size_t count(Cycle now) {
    while (!ends_.empty() && ends_.front() < now) ends_.pop();
    return ends_.size();
  }
  Cycle oldest() const { return ends_.front(); }
  Cycle latest() { return ends_.back(); }

 private:
  Ring<Cycle> ends_{64};
};

}  // namespace vitruvian::systemc
