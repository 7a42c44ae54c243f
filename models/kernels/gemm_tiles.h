// SPDX-License-Identifier: Apache-2.0
//
// How a matrix multiply is cut to fit a chip's buffers.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "models/arch/chip_config.h"
#include "models/arch/number.h"
#include "models/program/instruction.h"

namespace vitruvian::models {

struct GemmProblem {
  std::uint64_t m = 1, n = 1, k = 1;
  DataType dtype = DataType::f16;  // of A and B: f16, bf16, f32, s8, s4
  DataType out = DataType::f32;    // f32, f16, bf16; for integers: s32, f16, s8
  bool trans_a = false, trans_b = false;
  bool bias = false, relu = false;
  float scale = 1.0f;      // integers to f16 or s8: C = round(sum * scale)
  Hf32 hf32 = Hf32::off;   // f32 only: operands are shortened in front of the cube

  DataType accumulator() const { return is_floating(dtype) ? DataType::f32 : DataType::s32; }
  std::uint64_t bytes(std::uint64_t elements) const { return bytes_of(dtype, elements); }
};

// Is the operand stored with k down the rows (A transposed, B as it is), so that it is turned over
// on its way to L0? A vector is stored the same either way and takes the way that reads whole rows.
bool a_is_turned(const GemmProblem& problem);
bool b_is_turned(const GemmProblem& problem);

// `count` elements from `start` on.
struct Range {
  std::uint64_t start = 0, count = 0;
  std::uint64_t end() const { return start + count; }
};

// Rows x columns x depth, in elements.
struct TileShape {
  std::uint64_t m = 0, n = 0, k = 0;
  friend bool operator==(const TileShape&, const TileShape&) = default;
};

// l1: the block of C worked on at a time, all of it standing in L0C, and the depth of the panels of
// A and B copied to L1 for it. l0: what one mmad multiplies. l1 is a multiple of l0, l0 of the
// granule. Slots: how many of a thing are held at once; 2 is double buffering.
struct GemmTiles {
  TileShape l1, l0;
  std::uint32_t l1_slots = 2, l0_slots = 2, l0c_slots = 1, bt_slots = 1;
};

// What the user asked for; the rest is chosen.
struct GemmTileRequest {
  std::optional<TileShape> l1, l0;
};

// What the tiles of this problem are multiples of: 16 x 16 x 16; s8 (s4) 32
// (64) deep, and so much along the rows of a turned operand.
TileShape gemm_granule(const GemmProblem& problem);

// The longest l0.k. A block of a turned s4 B is four fractals: where the last columns fill two or
// three of a block, the others' places are free only behind a tile of one fractal in k.
std::uint64_t gemm_longest_k(const GemmProblem& problem);

// Throws InputError if the rows of A or B in GM are not whole bytes (s4).
void check_gemm_rows(const GemmProblem& problem);

// The tiles of least estimated time (docs/kernels/gemm.md, "Tiles") within the chip's buffers that
// keep to the request. Throws InputError naming the tile, the value and the limit if the request
// cannot be met.
GemmTiles choose_gemm_tiles(const GemmProblem& problem, const ChipConfig& chip,
                            const GemmTileRequest& request = {});

// What a multiplication costs, by the rules of docs/timing.md without their interplay: good enough
// to choose by, and to refuse a program that would not fit the host.
struct GemmEstimate {
  double cycles = 0;
  double instructions = 0;
};
GemmEstimate estimate_gemm(const GemmProblem& problem, const GemmTiles& tiles,
                           const ChipConfig& chip);

// [start, start + count) in pieces of `size`, the last one shorter.
std::vector<Range> pieces(Range whole, std::uint64_t size);

}  // namespace vitruvian::models
