// SPDX-License-Identifier: Apache-2.0
//
// What one mmad computes from, kept from its start until it is judged: by then MTE1 may have written
// other operands into L0A, L0B and BT.
#pragma once

#include <cstdint>
#include <vector>

#include "models/core/state.h"
#include "models/pipe/cube_dot.h"
#include "tb/lockstep/tile_grid.h"

namespace vitruvian::tb {

class Operands {
 public:
  Operands(const models::Mmad& mmad, const models::CoreState& state);

  // The bits of A[row, k] and B[k, column].
  std::uint32_t a(std::uint32_t row, std::uint32_t k) const;
  std::uint32_t b(std::uint32_t k, std::uint32_t column) const;
  // What element (row, column) is added to, given what stood in L0C.
  std::uint32_t start(std::uint32_t column, std::uint32_t in_l0c) const;

  // The element after each step of the definition in models/pipe/cube_dot.h, step 0 first.
  std::vector<std::uint32_t> chain(std::uint32_t row, std::uint32_t column, std::uint32_t in_l0c,
                                   models::Numerics numerics, const TileGrid& grid) const;
  // The K0 operands of one step as they are multiplied (hf32: shortened), those beyond k zero.
  std::vector<std::uint32_t> row_of_a(std::uint32_t row, std::uint32_t l, const TileGrid& grid) const;
  std::vector<std::uint32_t> column_of_b(std::uint32_t column, std::uint32_t l, const TileGrid& grid) const;

  const models::Mmad& mmad() const { return mmad_; }
  bool plain_row() const { return mmad_.m == 1 && !mmad_.no_gemv; }
  // Fractals of A in k: those read, and from one row of fractals to the next.
  std::uint64_t depth_fractals() const;
  std::uint64_t a_pitch() const;
  const std::vector<std::uint8_t>& bytes_a() const { return a_; }
  const std::vector<std::uint8_t>& bytes_b() const { return b_; }
  const std::vector<std::uint8_t>& bytes_bias() const { return bias_; }

 private:
  // Element k of a row, of which the 32 bytes at `block` are a part.
  std::uint32_t element(const std::vector<std::uint8_t>& bytes, std::uint64_t block,
                        std::uint32_t k) const;
  std::uint32_t multiplied(std::uint32_t bits) const;

  models::Mmad mmad_;
  std::vector<std::uint8_t> a_, b_, bias_;  // from the instruction's addresses on
};

}  // namespace vitruvian::tb
