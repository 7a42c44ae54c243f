// SPDX-License-Identifier: Apache-2.0
//
// The event flags of a core: 8 per ordered pair of queues (docs/timing.md, F1-F3).
#pragma once

#include <array>
#include <vector>

#include "models/program/instruction.h"
#include "systemc/pipe/errors.h"
#include "systemc/pipe/schedule.h"

namespace vitruvian::systemc {

class Flags {
 public:
  explicit Flags(Schedule& schedule) : schedule_{schedule} {}

  // The event goes up at the start of cycle `at`, later than now. Throws ProgramError, in that
  // cycle, if it is up then.
  void raise(const models::SetFlag& set, std::uint32_t instruction, Cycle at);

  // Takes the event if it is up in cycle `now`. If not, the waiting queue is woken when it goes up.
  bool take(const models::WaitFlag& wait, Cycle now);

  // Raises that were announced while the event was still up.
  void run(Cycle now);

 private:
  struct Event {
    Cycle up = never;        // the cycle it goes, or went, up in
    std::uint32_t by = 0;    // the set_flag
    bool awaited = false;    // the head of queue `to` waits for it
  };
  struct Announced {
    models::SetFlag set;
    std::uint32_t instruction;
    Cycle at;
  };
  static constexpr int index(models::Pipe from, models::Pipe to, int id) {
    return (static_cast<int>(from) * 8 + static_cast<int>(to)) * 16 + id;
  }
  void set(const models::SetFlag& set, std::uint32_t instruction, Cycle at);

  Schedule& schedule_;
  std::array<Event, 8 * 8 * 16> events_;
  std::vector<Announced> announced_;
};

}  // namespace vitruvian::systemc
