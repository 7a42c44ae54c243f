// SPDX-License-Identifier: Apache-2.0
#include "systemc/pipe/flags.h"

#include <fmt/format.h>

namespace vitruvian::systemc {

void Flags::raise(const models::SetFlag& set, std::uint32_t instruction, Cycle at) {
  const Event& event = events_[index(set.from, set.to, set.id)];
  if (announced_.empty() && event.up == never) {
    return this->set(set, instruction, at);
  }
  announced_.push_back({set, instruction, at});
  schedule_.wake(Part::flags, at);
}

void Flags::set(const models::SetFlag& set, std::uint32_t instruction, Cycle at) {
  Event& event = events_[index(set.from, set.to, set.id)];
  event.up = at;
  event.by = instruction;
  if (event.awaited) schedule_.wake(part_of(set.to), at);
}

bool Flags::take(const models::WaitFlag& wait, Cycle now) {
  Event& event = events_[index(wait.from, wait.to, wait.id)];
  event.awaited = event.up > now;
  if (!event.awaited) {
    event.up = never;
    return true;
  }
  schedule_.wake(part_of(wait.to), event.up);
  return false;
}

void Flags::run(Cycle now) {
  std::size_t kept = 0;
  for (const Announced& later : announced_) {
    if (later.at > now) {
      schedule_.wake(Part::flags, later.at);
      announced_[kept++] = later;
      continue;
    }
    const Event& event = events_[index(later.set.from, later.set.to, later.set.id)];
    if (event.up <= now) {
      throw ProgramError{fmt::format(
          "event ({}, {}, {}) is raised while it is up: instruction {} raises it in cycle {}, "
          "instruction {} raised it in cycle {} and no wait_flag cleared it in between",
          name(later.set.from), name(later.set.to), later.set.id, later.instruction, now.value(),
          event.by, event.up.value())};
    }
    set(later.set, later.instruction, now);
  }
  announced_.resize(kept);
}

}  // namespace vitruvian::systemc
