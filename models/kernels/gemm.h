// SPDX-License-Identifier: Apache-2.0
//
// Matrix multiply as a program for one cube core: C = relu(A * B + bias), for any sizes, tiled,
// with double-buffered L1 and L0 and unit flags between mmad and fixpipe. docs/kernels/gemm.md
// draws it.
#pragma once

#include <cstdint>
#include <span>

#include "models/arch/chip_config.h"
#include "models/kernels/gemm_tiles.h"
#include "models/program/program.h"

namespace vitruvian::models {

// Where one multiplication finds and leaves its tensors: row-major, byte addresses in GM. A is m x
// k (trans_a: k x m), B is k x n (trans_b: n x k), C m x n, bias n words of f32 (s32 for integers). s4
// stands two a byte along a row, rows are whole bytes.
struct GemmTensors {
  GmAddress a, b, c;
  GmAddress bias;  // looked at only if the problem has a bias
};

// Appends to `program` one multiplication for each of `batch`: all of one shape, read and written
// in any order. Every flag the code raises is taken down again, so that programs can be joined; a
// multiplication that reads what an earlier one of the same program wrote needs
// order_after_writes() in between. Throws InputError if the shape breaks a limit of the chip.
void add_gemm(ProgramBuilder& program, const GemmProblem& problem, const GemmTiles& tiles,
              std::span<const GemmTensors> batch, const ChipConfig& chip);

// Everything written to GM so far is there before anything that follows is read.
void order_after_writes(ProgramBuilder& program);

}  // namespace vitruvian::models
