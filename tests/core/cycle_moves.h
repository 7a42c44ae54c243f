// SPDX-License-Identifier: Apache-2.0
//
// What the cycle-stepped model knows of data movement: which bytes an instruction moves and how
// many beats that is, counted out piece by piece.
#pragma once

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "models/arch/chip_config.h"
#include "models/program/instruction.h"

namespace vitruvian::tests {

using u64 = std::uint64_t;
inline constexpr u64 unknown = ~u64{0};

// The queues of a cube core.
enum Unit { S, M, MTE1, MTE2, MTE3, FIX, unit_count };
Unit unit_of(models::Pipe pipe);
Unit unit_of(const models::Instruction& instruction);
// Neither a flag, a barrier nor scalar work.
bool is_work(const models::Instruction& instruction);

// Start and size.
using Bursts = std::vector<std::pair<u64, u64>>;
u64 grains_of(const std::pair<u64, u64>& burst, u64 grain);
u64 data_beats_of(const std::pair<u64, u64>& burst); // of 256 B

// The pieces of GM a copy reads, cut at 512 B.
Bursts bursts_read(const models::Instruction& copy);
// The pieces of GM an MTE3 copy writes, cut at multiples of `rate`.
Bursts beats_written(const models::CopyL1Gm& copy, u64 rate);

// How long an MTE1 instruction moves data, and what M1 adds.
struct LoadBeats {
  u64 beats, tail;
};
LoadBeats load_beats(const models::Instruction& load, const Mte1Config& config);
// Cycles in which a fill of L1 writes.
u64 fill_cycles(const models::FillL1& fill);

// fixpipe and fixpipe_l1 alike.
struct Output {
  bool to_gm = false, nz2nd = false, toggles = false, checks = false;
  u64 src = 0, src_stride = 0, m = 0, n = 0, matrices = 1, src_nd_stride = 0;
  u64 element = 4;  // bytes of a result
};
Output output_of(const models::Instruction& fixpipe);
// Matrix, column, row of its fractals as FIX reads them.
std::vector<std::array<u64, 3>> fractal_order(const Output& output);

}  // namespace vitruvian::tests
