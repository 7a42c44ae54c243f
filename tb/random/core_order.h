// SPDX-License-Identifier: Apache-2.0
//
// Puts the flags and barriers into a random program of a whole cube core that its instructions' bytes ask for. It knows, per
// queue, up to which program index the instructions of every other queue have certainly ended before that queue's next one starts,
// and adds an ordering only where that is not enough. It reasons on bounding intervals, so now and then it adds one nobody needs.
//
// Every wait stands behind its set in program order and each queue runs in order, so nothing deadlocks. An event is set again only
// when the setting queue is known to be past the wait that took it down.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "models/arch/chip_config.h"
#include "models/program/footprint.h"
#include "models/program/program.h"

namespace vitruvian::tb {

class CoreOrder {
 public:
  CoreOrder(models::ProgramBuilder& program, const ChipConfig& chip);

  // Makes the instruction's accesses safe, then adds it. Instructions from program index `handed_over` on are ordered by unit
  // flags where they meet in L0C.
  void add(const models::Instruction& instruction, std::size_t handed_over = none);

  // Sets a flag now that a later add() may wait for: the queues then overlap more. Nothing if no event is free.
  void announce(models::Pipe from, models::Pipe to);
  void barrier(models::Pipe on);  // or ALL
  // Waits for every flag still up, so that the program leaves none.
  void finish();

  static constexpr std::size_t none = ~std::size_t{0};

 private:
  static constexpr int queue_count = 7;                     // by number of the pipe
  using Knowledge = std::array<std::size_t, queue_count>;  // per queue: everything before this index has ended
  struct Access {
    int queue;
    std::size_t index;
    Space space;
    bool write;
    std::uint64_t from, to;
  };
  struct Announced {
    std::uint8_t id;
    Knowledge knowledge;
  };
  struct Event {
    bool up = false;
    std::size_t waited_at = 0;  // program index of its last wait + 1, 0: never
  };
  struct Pair {
    std::vector<Event> events;
    std::vector<Announced> waiting;  // oldest first
  };

  bool ordered(int queue, const Access& earlier) const;
  void require(int queue, int from, std::size_t bound);
  bool set(int from, int to);
  void wait(int from, int to, std::size_t which);
  void learn(int queue, const Knowledge& knowledge);
  void forget();
  Pair& pair(int from, int to) { return pairs_[static_cast<std::size_t>(from * queue_count + to)]; }

  models::ProgramBuilder& program_;
  const std::uint32_t event_ids_;
  std::array<Knowledge, queue_count> knows_{};
  std::array<Pair, queue_count * queue_count> pairs_;
  std::vector<Access> live_;  // that some queue may not know to have ended
};

}  // namespace vitruvian::tb
