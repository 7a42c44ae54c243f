// SPDX-License-Identifier: Apache-2.0
//
// One operand's way from GM over L1 to L0A or L0B. Both operands are seen as `rows` x k (rows of A,
// columns of B); docs/kernels/gemm.md draws the layouts.
#pragma once

#include <cstdint>

#include "models/arch/address.h"
#include "models/kernels/gemm_tiles.h"
#include "models/program/program.h"

namespace vitruvian::models {

// A part of the operand as it stands in L1, at byte `address`.
struct L1Panel {
  std::uint64_t address = 0;
  Range rows, k;  // of the whole operand
};

class GemmOperand {
 public:
  // `problem` decides dtype, orientation and row length in GM. L0A takes A, L0B takes B.
  GemmOperand(L0Buffer to, const GemmProblem& problem);

  // Bytes of L1 for a panel, and of L0 for a tile, of at most rows x k.
  std::uint64_t panel_bytes(std::uint64_t rows, std::uint64_t k) const;
  std::uint64_t tile_bytes(std::uint64_t rows, std::uint64_t k) const;

  // GM -> L1 of the matrix that starts at `matrix`.
  void load_panel(ProgramBuilder& program, GmAddress matrix, const L1Panel& panel) const;

  // L1 -> byte `l0` of L0: rows x k, a part of the panel. Starts are multiples of the granule
  // counted from the panel's start; must_split() is false for both counts.
  void load_tile(ProgramBuilder& program, const L1Panel& panel, Range rows, Range k,
                 std::uint64_t l0) const;

  // A turning load writes fractals by twos (s4: by fours). Where the others would fall on a
  // neighbour's place, the tile must hold whole groups of them, or less than one: it tells if a
  // count of rows (of k) must be cut, to a multiple of turned_block().
  bool must_split_rows(std::uint64_t count) const;
  bool must_split_k(std::uint64_t count) const;

  bool turned() const { return turned_; }
  // Elements on the side of what a turning load turns over.
  std::uint64_t turned_block() const;

 private:
  // What a tile is loaded by: count_r x count_k blocks of `bytes`, strides between them in L1 (in
  // blocks) and in L0 (in fractals), and the distance in L0 of a block's fractals.
  struct Blocks {
    std::uint64_t bytes, first;
    std::uint64_t count_r, count_k;
    std::uint64_t src_r, src_k, dst_r, dst_k;
    std::uint64_t second = 1;
  };
  Blocks straight_blocks(const L1Panel& panel, Range rows, Range k) const;
  Blocks vector_blocks(const L1Panel& panel, Range k) const;
  Blocks turned_blocks(const L1Panel& panel, Range rows, Range k) const;
  void place(Blocks& blocks, std::uint64_t rows, std::uint64_t k, std::uint64_t group_r,
             std::uint64_t group_k) const;
  void move(ProgramBuilder& program, const Blocks& blocks, std::uint64_t src,
            std::uint64_t dst) const;

  void copy_rows(ProgramBuilder& program, GmAddress src, std::uint64_t rows, std::uint64_t columns,
                 std::uint64_t l1, std::uint64_t column_stride) const;
  void copy_groups(ProgramBuilder& program, GmAddress src, std::uint64_t rows,
                   std::uint64_t columns, std::uint64_t l1) const;

  bool is_vector(const L1Panel& panel) const;
  std::uint64_t fractals_down() const;  // of a block, along the rows
  std::uint64_t bytes(std::uint64_t elements) const { return bytes_of(dtype_, elements); }

  L0Buffer to_;
  DataType dtype_;
  std::uint64_t c0_;     // elements in 32 B
  std::uint64_t pitch_;  // elements from one row in GM to the next
  bool turned_;
};

}  // namespace vitruvian::models
