// SPDX-License-Identifier: Apache-2.0
//
// What the cycle-stepped model knows of data movement: ports, and which bytes an instruction moves,
// counted out byte by byte.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

#include "models/program/instruction.h"

namespace vitruvian::tests {

using u64 = std::uint64_t;

// The queues of a cube core.
enum Unit { S, M, MTE1, MTE2, FIX, unit_count };
Unit unit_of(models::Pipe pipe);
Unit unit_of(const models::Instruction& instruction);

// A port moves `rate` bytes a cycle, burst after burst.
struct PortBurst {
  u64 bytes, from;
  u64* left;  // gets the first cycle after it has left
};
struct Port {
  u64 rate;
  std::deque<PortBurst> queue;
  void step(u64 cycle);
};

// Start and size, none across a 512 B line.
using Bursts = std::vector<std::pair<u64, u64>>;
u64 sectors_of(const std::pair<u64, u64>& burst);  // of 128 B

// The pieces of GM a copy reads.
Bursts bursts_read(const models::Instruction& copy);
// Matrix, column, row of a fixpipe's fractals as FIX reads them.
std::vector<std::array<u64, 3>> fractal_order(const models::Fixpipe& fixpipe);
// The pieces of GM one of them leaves.
Bursts bursts_written(const models::Fixpipe& fixpipe, u64 matrix, u64 column, u64 row);

}  // namespace vitruvian::tests
