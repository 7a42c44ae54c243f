// SPDX-License-Identifier: Apache-2.0
//
// Which events of a program may be raised: those never raised, or cleared by a wait that has
// started for certain before the next instruction of the raising queue starts. It knows that from
// the flags and barriers written so far alone.
#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <tuple>
#include <vector>

#include "models/program/instruction.h"

namespace vitruvian::tests {

class EventBook {
 public:
  explicit EventBook(std::uint32_t event_ids) : event_ids_{event_ids} {}

  // An event from one queue to another that may be raised now.
  std::optional<models::SetFlag> free_event(models::Pipe from, models::Pipe to) const;
  // Events that are up and not waited for in the program so far.
  const std::vector<models::SetFlag>& raised() const { return raised_; }
  // Every instruction of the program passes through here, in order.
  void note(const models::Instruction& instruction, std::size_t index);

 private:
  // Per queue: its instructions before this index have started.
  using Started = std::array<std::size_t, 8>;
  struct Event {
    bool up = false;
    Started at_set{};
    std::size_t wait = 0;  // index of the last wait
    bool used = false;
  };
  using Key = std::tuple<models::Pipe, models::Pipe, std::uint8_t>;

  Started& known(models::Pipe queue) { return known_[static_cast<std::size_t>(queue)]; }
  void learn(models::Pipe queue, const Started& more);
  void set(const models::SetFlag& flag, std::size_t index);
  void wait(const models::WaitFlag& flag, std::size_t index);

  std::uint32_t event_ids_;
  std::array<Started, 8> known_{};
  std::map<Key, Event> events_;
  std::vector<models::SetFlag> raised_;
};

}  // namespace vitruvian::tests
