// SPDX-License-Identifier: Apache-2.0
//
// How the cube cuts one mmad into tiles, and where their words stand (docs/pipe/cube.md).
#pragma once

#include <cstddef>
#include <cstdint>

#include "models/arch/chip_config.h"
#include "models/pipe/cube_dot.h"
#include "models/program/instruction.h"

namespace vitruvian::tb {

struct Tile {
  std::uint32_t i = 0, j = 0, l = 0;  // rows i * M0.., columns j * N0.., depth l * K0..
  friend bool operator==(const Tile&, const Tile&) = default;
};

struct TileGrid {
  TileGrid(const models::Mmad& mmad, const CubeConfig& cube);

  bool empty() const { return mt == 0 || nt == 0 || kt == 0; }
  std::uint32_t per_step() const { return mt * nt; }
  std::size_t tiles() const { return std::size_t{per_step()} * kt; }
  // Slots of step l; the tile that issues in slot s of it is s / cost, if s is a multiple of cost.
  std::uint32_t step_slots(std::uint32_t l) const { return l + 1 == kt ? last_step : other_step; }
  // Tile number `t` of step l, in the order the sequencer walks.
  Tile at(std::uint32_t t, std::uint32_t l) const;

  // Rows and columns of a tile that exist.
  std::uint32_t rows(Tile tile) const { return clip(m, tile.i, m0); }
  std::uint32_t columns(Tile tile) const { return clip(n, tile.j, n0); }

  // Byte of L0C where element (row, column) stands.
  std::uint32_t address(std::uint32_t row, std::uint32_t column) const {
    return c + (column / 16 * row_fractals + row / 16) * 1024 + row % 16 * 64 + column % 16 * 4;
  }
  // Bytes of L0C from c to the end of the last fractal.
  std::uint32_t bytes() const { return row_fractals * ((n + 15) / 16) * 1024; }

  std::uint32_t c, m, n, k;
  std::uint32_t m0, n0, k0;  // of one tile; k0 in elements of the type
  std::uint32_t mt, nt, kt;
  std::uint32_t cost;        // slots a tile takes
  std::uint32_t row_fractals;
  bool n_first;

 private:
  static std::uint32_t clip(std::uint32_t size, std::uint32_t index, std::uint32_t step) {
    return index * step >= size ? 0 : (size - index * step < step ? size - index * step : step);
  }
  std::uint32_t last_step, other_step;
};

}  // namespace vitruvian::tb
