// SPDX-License-Identifier: Apache-2.0
//
// Puts the rows of a beat in order and hands the beat to the observer, with the bytes it wrote.
#pragma once

#include <vector>

#include "models/core/state.h"
#include "systemc/observe/observer.h"

namespace vitruvian::systemc {

class Beats {
 public:
  // `observer` null: nobody asks. `state` null: no bytes.
  Beats(CoreObserver* observer, models::CoreState* state) : observer_{observer}, state_{state} {}

  bool observed() const { return observer_ != nullptr; }

  // A row of the beat at hand.
  void add(std::uint64_t address, std::uint64_t size) { pieces_.push_back({address, size}); }
  // The beat is complete: a read, or a write whose bytes stand in the memories by now.
  void read(Port port, Cycle at) { hand_on(port, at, nullptr, Space::GM); }
  void write(Port port, Cycle at, Space to) { hand_on(port, at, state_, to); }

 private:
  struct Piece {
    std::uint64_t address, size;
  };
  void join();
  void hand_on(Port port, Cycle at, models::CoreState* bytes, Space space);

  CoreObserver* observer_;
  models::CoreState* state_;
  std::vector<Piece> pieces_;
  std::vector<BeatRow> rows_;
};

}  // namespace vitruvian::systemc
