// SPDX-License-Identifier: Apache-2.0
//
// What M reads and writes, tile by tile (docs/pipe/cube.md, "Stages" and "RTL interface"): a tile's
// operands, accumulators and results pass their ports at fixed distances from its issue.
#pragma once

#include "models/pipe/cube_dot.h"
#include "models/program/instruction.h"
#include "systemc/common/ring.h"
#include "systemc/observe/beats.h"

namespace vitruvian::systemc {

// A tile of an mmad, counted in tiles along m, n and k.
struct TilePlace {
  std::uint32_t i, j, l;
};

class CubeBeats {
 public:
  // `observer` null: nobody asks, and nothing else may be called. `state` null: no bytes.
  CubeBeats(const CubeConfig& cube, models::Numerics numerics, CoreObserver* observer,
            models::CoreState* state);

  bool observed() const { return beats_.observed(); }

  // The tile's first slot, of `cost`, is cycle `now`. `last`: of the last step.
  void issued(const models::Mmad& mmad, TilePlace tile, std::uint32_t cost, bool last, Cycle now);
  // The oldest mmad has ended and its values stand in L0C. Bytes of its last step are those; sums
  // of the others are gone, and their writes are told without.
  void retired(const models::Mmad& mmad);

 private:
  struct Write {
    const models::Mmad* mmad;
    TilePlace tile;
    bool last;
    Cycle at;
  };
  void read_operands(const models::Mmad& mmad, TilePlace tile, Cycle at);
  void read_accumulators(const models::Mmad& mmad, TilePlace tile, Cycle at);
  void write(const Write& write);

  const CubeConfig cube_;
  const bool accumulators_with_last_slot_;
  Cycles fetch_, accumulators_;  // from the issue
  Beats beats_;
  Ring<Write> writes_{256};
};

}  // namespace vitruvian::systemc
