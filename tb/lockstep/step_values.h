// SPDX-License-Identifier: Apache-2.0
//
// What stands in L0C after each step of an mmad: the values every beat of the cube must carry, not
// only the last ones. One step is an mmad of its own, K0 deep, on what the step before left.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "models/pipe/cube.h"
#include "tb/lockstep/operands.h"

namespace vitruvian::tb {

class StepValues {
 public:
  StepValues(models::Numerics numerics, const CubeConfig& cube);

  // `before` is what L0C held from the mmad's address on, grid.bytes() long.
  void start(const Operands& operands, const TileGrid& grid, std::span<const std::uint8_t> before);
  // Goes on by one step; step 0 first, at most grid.kt times.
  void step();
  std::span<const std::uint8_t> image() const { return image_; }

 private:
  void slice_a(std::uint32_t from, std::uint32_t blocks);
  void slice_b(std::uint32_t from, std::uint32_t blocks);

  models::Cube cube_;
  std::uint32_t step_bytes_;  // of a row, in one step
  const Operands* operands_ = nullptr;
  const TileGrid* grid_ = nullptr;
  std::uint32_t next_ = 0;
  std::vector<std::uint8_t> a_, b_, image_;
};

}  // namespace vitruvian::tb
