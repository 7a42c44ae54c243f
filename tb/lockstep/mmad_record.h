// SPDX-License-Identifier: Apache-2.0
//
// All that two views of the cube did for one mmad, from its start until both have retired it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tb/lockstep/operands.h"
#include "tb/lockstep/tile_grid.h"
#include "tb/pipe/cube_observer.h"

namespace vitruvian::tb {

// A write of the RTL: `count` words from words[first] on.
struct Beat {
  Cycle cycle;
  std::size_t first, count;
};

// A write the SystemC twin's timing asks for.
struct ExpectedBeat {
  Cycle cycle;
  Tile tile;
};

struct MmadRecord {
  MmadRecord(const models::Mmad& mmad, std::uint32_t instruction, Cycle start,
             const models::CoreState& state, const CubeConfig& cube)
      : operands{mmad, state}, grid{mmad, cube}, instruction{instruction}, start{start} {}

  Operands operands;
  TileGrid grid;
  std::uint32_t instruction;
  Cycle start;                            // in the RTL
  std::optional<Cycle> rtl_end, twin_end;
  std::vector<std::uint8_t> rtl_image, twin_image;  // L0C from c on, once each had written all of it
  std::vector<L0cWord> words;
  std::vector<Beat> beats;
  std::vector<ExpectedBeat> expected;
  std::string cycle_difference;           // the first one, a line; empty: none
  std::string write_difference;           // the first write that is not as expected, the same

  bool done() const { return rtl_end && twin_end; }
  void differs(const std::string& line) {
    if (cycle_difference.empty()) cycle_difference = line;
  }
};

}  // namespace vitruvian::tb
