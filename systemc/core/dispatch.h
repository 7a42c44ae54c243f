// SPDX-License-Identifier: Apache-2.0
//
// The core's instruction port (docs/timing.md, D1-D6): takes the program's instructions in order,
// one a cycle at most, does those of S itself and deals the others to their queues.
//
// It runs ahead: what is certain to be accepted in later cycles (a queue has room, places only get
// more) is pushed at once, with the cycle of its issue.
#pragma once

#include <array>

#include "systemc/pipe/mover.h"

namespace vitruvian::systemc {

class Dispatch {
 public:
  using Pipes = std::array<Pipe*, part_count>;  // null where the part is no queue

  // Throws InputError if an instruction belongs to a queue the core lacks.
  Dispatch(PipeContext& context, const Pipes& pipes, GmAccess gm);

  void run(Cycle now);

  bool done() const { return next_ == context_.program.size(); }
  // The instruction at the port; what S has taken itself stays there until it is over.
  std::uint32_t next() const { return next_; }
  // The first cycle before which all S did itself has ended.
  Cycle all_ended() const { return all_ended_; }
  StateLine& line() { return line_; }
  // For explanations: what the instruction at the port waits for.
  State standing() const { return standing_; }

 private:
  // Tries to take the instruction at the port in cycle at_. If it cannot, a wake-up will come.
  bool take(Cycle now);
  bool deal(models::Pipe pipe, Cycle now);
  bool perform(const models::Instruction& instruction, Role role, Cycle now);
  bool load(const models::LoadScalar& load, Cycle now);
  bool drain();
  void finish(Cycle start, Cycles busy, Cycle end);
  void leave(Cycle from, Cycles busy, Cycle end);
  void occupy(Cycle start, Cycles busy);

  PipeContext& context_;
  Pipes pipes_;
  GmAccess gm_;
  StateLine line_;
  std::uint32_t next_ = 0;
  Cycle at_;                      // the port is free from this cycle on
  Cycle issued_ = never;          // the instruction at the port, if S is at it
  Cycle all_ended_;
  BurstList list_;
  bool loading_ = false;          // a load_scalar waits for its data, which come in list_.done
  State standing_ = State::busy;  // what the port waits for, from the end of its line on
};

}  // namespace vitruvian::systemc
