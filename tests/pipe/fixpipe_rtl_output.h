// SPDX-License-Identifier: Apache-2.0
//
// What FIX reads and what it sends, fractal by fractal, from the definitions of the layouts (docs/isa.md), the
// order of docs/timing.md and models::quantise. It shares no code with models/pipe/fixpipe.h or systemc/.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "models/program/fixpipe_view.h"

namespace vitruvian::tests {

struct FixpipeMemories {
  std::vector<std::uint8_t> l0c, l1, fb, gm;
};

// 16 rows x 16 columns at the most.
struct Fractal {
  std::uint32_t matrix, column, row;  // counted in fractals
};

// A contiguous piece of the output.
struct OutputPiece {
  std::uint64_t address = 0;
  std::vector<std::uint8_t> bytes;
};
using OutputPieces = std::array<OutputPiece, 2>;  // of an output cycle

std::uint64_t count_fractals(const models::FixpipeView& fixpipe);
Fractal nth_fractal(const models::FixpipeView& fixpipe, std::uint64_t index);

// Byte of L0C, and of FB, where it begins; rows wanted of it.
std::uint32_t l0c_byte(const models::FixpipeView& fixpipe, const Fractal& fractal);
std::uint32_t fb_byte(const models::FixpipeView& fixpipe, const Fractal& fractal);
std::uint32_t wanted_rows(const models::FixpipeView& fixpipe, const Fractal& fractal);

// What output cycle 0 .. 7 of it sends.
OutputPieces output(const models::FixpipeView& fixpipe, const Fractal& fractal, std::uint32_t cycle,
                    const FixpipeMemories& memories);

}  // namespace vitruvian::tests
