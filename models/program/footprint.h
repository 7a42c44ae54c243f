// SPDX-License-Identifier: Apache-2.0
//
// Which bytes an instruction touches, and the rules its fields must keep together.
#pragma once

#include <cstdint>
#include <vector>

#include "models/arch/chip_config.h"
#include "models/program/instruction.h"

namespace vitruvian::models {

// `count` blocks of `size` bytes, `stride` bytes from start to start, first at `start`.
struct Extent {
  Space space;
  bool write;
  std::uint64_t start;
  std::uint64_t size;
  std::uint64_t stride = 0;
  std::uint64_t count = 1;
  // One past the last byte.
  std::uint64_t end() const { return start + (count - 1) * stride + size; }
};

// Every byte the instruction reads or writes, as few extents; empty for S instructions and flags.
// The bytes are those that matter: a partial mmad reads m rows of k elements, n rows of k elements
// and writes its m x n words, whatever else stands in the fractals. Reads of one instruction may
// overlap each other. The instruction has passed check_fields().
std::vector<Extent> footprint(const Instruction& instruction);

// Throws InputError if fields contradict each other (transpose of a wide type, fixpipe quant and
// accumulator, m above 8192 with nz2nd, flag from a pipe to itself ...), or name what the chip's
// generation or its cube core lacks. The rules stand in docs/isa.md below each instruction.
void check_rules(const Instruction& instruction, const ChipConfig& chip);

// Throws InputError if the footprint leaves a memory of the chip, or holds a byte written twice.
// Source and destination of one instruction are always different memories.
void check_extents(const Instruction& instruction, const ChipConfig& chip);

}  // namespace vitruvian::models
