// SPDX-License-Identifier: Apache-2.0
//
// The events that hand the slots of a ring of buffers from one pipe to another.
#pragma once

#include <array>

#include "models/arch/error.h"
#include "models/program/program.h"

namespace vitruvian::models {

inline constexpr std::uint32_t most_slots = 4;  // all the events the oldest generation has

// Event i tells of slot i. wait() is empty while the slot's event has not been set since the last
// wait: the first round of a "free" ring needs none.
class FlagRing {
 public:
  FlagRing(Pipe from, Pipe to) : from_{from}, to_{to} {}

  void set(ProgramBuilder& program, std::uint32_t slot) {
    ensure(!up_.at(slot), "event set twice");
    program.add(SetFlag{.from = from_, .to = to_, .id = static_cast<std::uint8_t>(slot)});
    up_[slot] = true;
  }

  void wait(ProgramBuilder& program, std::uint32_t slot) {
    if (!up_.at(slot)) return;
    program.add(WaitFlag{.from = from_, .to = to_, .id = static_cast<std::uint8_t>(slot)});
    up_[slot] = false;
  }

  // Takes every event down.
  void drain(ProgramBuilder& program) {
    for (std::uint32_t slot = 0; slot < up_.size(); ++slot) wait(program, slot);
  }

 private:
  Pipe from_, to_;
  std::array<bool, most_slots> up_{};
};

}  // namespace vitruvian::models
