// SPDX-License-Identifier: Apache-2.0
//
// Pipe M: executes one mmad on buffer images, bit for bit as docs/numerics.md and docs/pipe/cube.md
// say. Twins: systemc/pipe/cube.h (when), rtl/pipe/vit_cube.sv (how).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "models/pipe/cube_dot.h"
#include "models/pipe/cube_simd.h"
#include "models/program/instruction.h"

namespace vitruvian::models {

// One mmad: C[m,n] = start + A[m,k] * B[k,n]. Spans begin at the operand's address and may be
// longer than needed. m, n, k in elements; any of them zero: nothing happens.
struct MmadArgs {
  DataType type = DataType::f16;  // of A and B: f16, bf16, f32, s8 or s4
  int m = 0, n = 0, k = 0;
  Init init = Init::zero;
  std::span<const std::uint8_t> a;     // L0A: fractals (i, l) at (i * K1 + l) * 512; m = 1: a row
  std::span<const std::uint8_t> b;     // L0B: fractals (l, j) at (l * N1 + j) * 512
  std::span<const std::uint8_t> bias;  // BT: n words, for Init::bias
  Hf32 hf32 = Hf32::off;               // f32 only
  bool k_align = false;                // f32 only: K1 is even
  bool no_gemv = false;                // m = 1: fractals all the same
};

// The instruction's, all but the spans.
MmadArgs args_of(const Mmad& mmad);

// Bytes of a, b and c that an mmad of this shape touches.
std::size_t mmad_a_bytes(const MmadArgs& args);
std::size_t mmad_b_bytes(const MmadArgs& args);
std::size_t mmad_c_bytes(int m, int n);

// The cube. start() takes an instruction and a copy of its operands; the outputs can then be
// computed all at once or fractal by fractal, in any order, each once. Allocates only to grow.
class Cube {
 public:
  Cube(Numerics numerics, CubeShape shape) : numerics_{numerics}, shape_{shape} {}

  void start(const MmadArgs& args);

  // Output fractals of the instruction: 16 x 16 words each.
  int row_fractals() const { return operands_.row_fractals(); }
  int column_fractals() const { return operands_.column_fractals(); }

  // `c` begins at the instruction's address in L0C: fractal (i, j) at (j * row_fractals + i) *
  // 1024, its row r 64 * r further. Rows beyond m and columns beyond n stay untouched.
  void compute(std::span<std::uint8_t> c);
  void compute_fractals(simd::FractalRange range, std::span<std::uint8_t> c);

  // start() and compute().
  void mmad(const MmadArgs& args, std::span<std::uint8_t> c);

 private:
  struct Result {
    std::uint8_t* at;
    std::uint32_t word;
  };
  void keep_operands(std::size_t a_size, std::size_t b_size);
  void set_start(const MmadArgs& args);
  std::uint8_t* output(int row, int column, std::uint8_t* c) const;
  std::uint32_t by_definition(int row, int column, const std::uint8_t* at) const;
  void find_special(const simd::Block& block, std::uint8_t* c);

  Numerics numerics_;
  CubeShape shape_;
  simd::Operands operands_;           // of use after start() only where copy_ holds them
  std::vector<std::uint8_t> copy_;    // A, then B
  std::vector<std::uint32_t> start_;  // one word a column, unless accumulating
  bool accumulates_ = false;
  simd::Packed packed_;
  std::vector<Result> special_;  // outputs the vectors would spoil
  simd::Blocks skipped_;         // outputs the vectors left alone
};

}  // namespace vitruvian::models
