// SPDX-License-Identifier: Apache-2.0
//
// What a Verilated cube shows besides its results: every write into L0C, as it happens.
#pragma once

#include <cstdint>
#include <span>

#include "models/arch/count.h"
#include "systemc/pipe/cube_block.h"

namespace vitruvian::tb {

// One word of a tile, and where it went in L0C.
struct L0cWord {
  std::uint32_t address;
  std::uint32_t bits;
  friend bool operator==(const L0cWord&, const L0cWord&) = default;
};

class CubeObserver {
 public:
  virtual ~CubeObserver() = default;
  // The block wrote these words in this cycle: row by row of the tile, only those under its mask.
  // Called before the instruction's retired().
  virtual void wrote(Cycle now, std::span<const L0cWord> words) = 0;
};

// A cube that shows its writes.
class ObservedCube : public systemc::CubeBlock {
 public:
  // `observer` outlives the cube.
  virtual void observe(CubeObserver& observer) = 0;
};

}  // namespace vitruvian::tb
