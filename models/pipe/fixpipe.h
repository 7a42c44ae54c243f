// SPDX-License-Identifier: Apache-2.0
//
// The FIX pipe: L0C -> conversion, ReLU -> GM or L1, and L1 -> FB. A fixpipe or fixpipe_l1 is the
// sum of its fractals, each 16 rows x 16 columns of L0C words; the timed model takes them one by
// one, because unit flags hand them over one by one. Bit-exact twin of rtl/pipe/vit_fixpipe.sv.
#pragma once

#include <cstdint>

#include "models/core/state.h"
#include "models/program/fixpipe_view.h"

namespace vitruvian::models {

// One fractal of a fixpipe: rows 16 * row .. and columns 16 * column .. of matrix `matrix`. Those
// at the lower and right edge hold fewer than 16 rows or columns.
struct FixpipeFractal {
  std::uint32_t matrix = 0;
  std::uint32_t column = 0;
  std::uint32_t row = 0;
  friend bool operator==(const FixpipeFractal&, const FixpipeFractal&) = default;
};

// Where a fractal's results go: row r < rows leaves `size` bytes at start + r * pitch. With split
// it leaves `halves` pieces of that size, `step` bytes apart.
struct FixpipeTarget {
  std::uint64_t start, pitch;
  std::uint32_t rows, size;
  std::uint32_t halves = 1;
  std::uint64_t step = 0;
};

// Element type of the results: what quant makes of acc.
DataType output_type(const FixpipeView& fixpipe);

// How many fractals it reads.
std::uint64_t fractal_count(const FixpipeView& fixpipe);

// The `index`-th in the order FIX reads them: matrix by matrix; inside, columns fastest with nz2nd
// or s8 output (N first), else rows fastest (vendor's unit-flag page: "N-first with NZ->ND or
// channel merge, else M-first").
FixpipeFractal fractal_at(const FixpipeView& fixpipe, std::uint64_t index);

// Byte of L0C where the fractal's first word stands.
std::uint32_t fractal_source(const FixpipeView& fixpipe, FixpipeFractal fractal);

FixpipeTarget fractal_target(const FixpipeView& fixpipe, FixpipeFractal fractal);

// Reads one fractal, and the scale words of its columns, and writes its part of the output.
void fixpipe_fractal(const FixpipeView& fixpipe, FixpipeFractal fractal, CoreState& state);

// The whole instruction: every fractal.
void fixpipe(const FixpipeView& fixpipe, CoreState& state);

void copy_l1_fb(const CopyL1Fb& copy, CoreState& state);

}  // namespace vitruvian::models
