// SPDX-License-Identifier: Apache-2.0
#include "tb/lockstep/tile_grid.h"

#include <algorithm>

namespace vitruvian::tb {
namespace {

std::uint32_t up(std::uint32_t a, std::uint32_t b) { return static_cast<std::uint32_t>(ceil_div(a, b)); }

}  // namespace

TileGrid::TileGrid(const models::Mmad& mmad, const CubeConfig& cube)
    : c{static_cast<std::uint32_t>(mmad.c.value())},
      m{mmad.m},
      n{mmad.n},
      k{mmad.k},
      m0{cube.m},
      n0{cube.n},
      k0{cube.k * 16 / static_cast<std::uint32_t>(element_bits(mmad.dtype))},
      mt{up(m, m0)},
      nt{up(n, n0)},
      kt{up(k, k0)},
      cost{mmad.dtype == DataType::f32 && mmad.hf32 == models::Hf32::off ? 2u : 1u},
      row_fractals{up(m, 16)},
      n_first{mmad.order == models::Order::n_first},
      last_step{std::max(cost * mt * nt, mt + static_cast<std::uint32_t>(cube.turnaround.value()))},
      other_step{std::max(last_step, static_cast<std::uint32_t>(cube.revisit.value()))} {}

Tile TileGrid::at(std::uint32_t t, std::uint32_t l) const {
  return n_first ? Tile{t / nt, t % nt, l} : Tile{t % mt, t / mt, l};
}

}  // namespace vitruvian::tb
