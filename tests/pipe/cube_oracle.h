// SPDX-License-Identifier: Apache-2.0
//
// docs/numerics.md a second time, on exact values instead of fields: the oracle of the cube.
#pragma once

#include <cstdint>
#include <span>

#include "models/pipe/cube_dot.h"

namespace vitruvian::tests {

// fp32 sum of two fp32 numbers, rounded from the exact one.
std::uint32_t exact_add(std::uint32_t x, std::uint32_t y);

// The accumulator after one tile.
std::uint32_t exact_dot(models::Numerics numerics, DataType type, std::span<const std::uint32_t> a,
                        std::span<const std::uint32_t> b, std::uint32_t acc);

}  // namespace vitruvian::tests
