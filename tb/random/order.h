// SPDX-License-Identifier: Apache-2.0
//
// Puts the flags and barriers into a program that its author's data dependencies ask for, between two
// queues. It knows, per queue, up to which program index the instructions of a queue have certainly
// ended before that queue's next one starts, and adds an ordering only where that is not enough.
//
// Event numbers are used again only when the setting queue is known to be past the wait that cleared
// them, so no event is ever raised twice. Every wait stands behind its set in program order, and each
// queue runs in order: the first unfinished instruction can always go on, so nothing deadlocks.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "models/program/program.h"

namespace vitruvian::tb {

class Ordering {
 public:
  // The two queues of the program.
  enum Side : int { m, fix };

  // Throws InputError for fewer than 2 events.
  Ordering(models::ProgramBuilder& program, std::uint32_t event_ids);

  // Is every instruction of `from` before program index `bound` ended before `to` starts its next?
  bool known(Side to, Side from, std::size_t bound) const { return knows_[to][from] >= bound; }
  // Makes it so: nothing, a pipe_barrier (to == from), or a flag.
  void require(Side to, Side from, std::size_t bound);

  // Sets a flag now that a later require() may wait for: the queues then overlap more.
  void announce(Side from, Side to);
  // Barriers beyond need.
  void barrier(Side on);
  void barrier_all();
  // Waits for every flag still up, so that the program leaves none.
  void finish();

 private:
  using Knowledge = std::array<std::size_t, 2>;  // per queue: everything before this index has ended
  struct Announced {
    std::uint8_t id;
    Knowledge knowledge;
  };
  struct Event {
    bool announced = false;     // set, not waited for
    std::size_t waited_at = 0;  // program index of its last wait + 1, 0: never used
  };

  void synchronise(Side from, Side to, bool may_recurse = true);
  Announced set(Side from, Side to);
  void wait(Side from, Side to, const Announced& flag);
  std::vector<std::uint8_t> free_events(Side from) const;
  void learn(Side side, const Knowledge& knowledge);

  models::ProgramBuilder& program_;
  std::array<Knowledge, 2> knows_{};
  std::array<std::vector<Event>, 2> events_;       // by setting side
  std::array<std::vector<Announced>, 2> waiting_;  // by setting side, oldest first
};

}  // namespace vitruvian::tb
