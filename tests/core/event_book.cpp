// SPDX-License-Identifier: Apache-2.0
#include "tests/core/event_book.h"

#include <algorithm>

#include "models/program/encoding.h"

namespace vitruvian::tests {

using namespace models;

std::optional<SetFlag> EventBook::free_event(Pipe from, Pipe to) const {
  for (std::uint32_t id = 0; id < event_ids_; ++id) {
    const auto number = static_cast<std::uint8_t>(id);
    const auto found = events_.find({from, to, number});
    const SetFlag set{from, to, number};
    if (found == events_.end()) return set;
    const Event& event = found->second;
    // The dispatcher hands a queue what it knows with each instruction.
    const std::size_t seen =
        std::max(known_[static_cast<std::size_t>(from)][static_cast<std::size_t>(to)],
                 known_[static_cast<std::size_t>(Pipe::S)][static_cast<std::size_t>(to)]);
    if (!event.up && seen > event.wait) return set;
  }
  return std::nullopt;
}

void EventBook::note(const Instruction& instruction, std::size_t index) {
  const auto* barrier = std::get_if<PipeBarrier>(&instruction);
  if (barrier != nullptr && barrier->on == Pipe::ALL) {
    for (Started& all : known_) all.fill(index);
    return;
  }
  const Pipe queue = pipe_of(instruction);
  learn(queue, known(Pipe::S));
  known(queue)[static_cast<std::size_t>(queue)] = index + 1;  // what comes behind it starts later
  if (const auto* flag = std::get_if<SetFlag>(&instruction)) set(*flag, index);
  if (const auto* flag = std::get_if<WaitFlag>(&instruction)) wait(*flag, index);
}

void EventBook::learn(Pipe queue, const Started& more) {
  Started& mine = known(queue);
  for (std::size_t q = 0; q < mine.size(); ++q) mine[q] = std::max(mine[q], more[q]);
}

void EventBook::set(const SetFlag& flag, std::size_t) {
  Event& event = events_[{flag.from, flag.to, flag.id}];
  event.up = true;
  event.at_set = known(flag.from);
  raised_.push_back(flag);
}

void EventBook::wait(const WaitFlag& flag, std::size_t index) {
  Event& event = events_[{flag.from, flag.to, flag.id}];
  event.up = false;
  event.wait = index;
  learn(flag.to, event.at_set);
  std::erase(raised_, SetFlag{flag.from, flag.to, flag.id});
}

}  // namespace vitruvian::tests
