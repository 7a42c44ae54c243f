// SPDX-License-Identifier: Apache-2.0
//
// The scalar definition of the cube's arithmetic: docs/numerics.md in plain integers.
// Bit-exact twin of rtl/pipe/vit_cube_dot.sv; models/pipe/cube_simd.h is its fast equal.
#pragma once

#include <cstdint>
#include <span>

#include "models/arch/number.h"
#include "models/arch/numerics.h"

namespace vitruvian::models {

using vitruvian::Numerics;
using vitruvian::numerics_from_name;
using vitruvian::numerics_names;

// The array: M x K x N products a tile, K counted in fp16 lanes.
struct CubeShape {
  int m = 16;
  int k = 16;
  int n = 16;
  friend constexpr bool operator==(CubeShape, CubeShape) = default;
};

inline constexpr int max_tile_depth = 128;

// K0: products summed at once. fp16 and bf16 fill a lane, fp32 takes two, two s8 or four s4 share
// one.
constexpr int tile_depth(DataType type, CubeShape shape) {
  return shape.k * 16 / element_bits(type);
}

// IEEE-754 addition of two fp32 numbers, nearest even; zero sums are +0, NaN is canonical.
std::uint32_t add(std::uint32_t x, std::uint32_t y);

// One output of one tile: the accumulator after it has met K0 = a_bits.size() products.
// `type` is f16, bf16, f32, s8 or s4; operands stand in the low bits of their words; hf32 is f32 on
// shortened operands (to_hf32). The accumulator and the result are fp32 bits (s32 for integers). a_bits and b_bits have one length <= max_tile_depth,
// for `tree` a power of two.
std::uint32_t dot(Numerics numerics, DataType type, std::span<const std::uint32_t> a_bits,
                  std::span<const std::uint32_t> b_bits, std::uint32_t acc_bits);

}  // namespace vitruvian::models
