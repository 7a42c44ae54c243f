// SPDX-License-Identifier: Apache-2.0
//
// Convolution as a program for one cube core: Y = relu(conv(X, W) + bias). X stands in GM as NC1HWC0, W as FRACTAL_Z; load3d
// makes the left operand out of X on the way to L0A. docs/kernels/conv.md draws it.
#pragma once

#include <cstdint>

#include "models/arch/chip_config.h"
#include "models/arch/number.h"
#include "models/kernels/gemm_tiles.h"
#include "models/program/program.h"

namespace vitruvian::models {

struct ConvProblem {
  std::uint64_t n = 1, c = 1, h = 1, w = 1;  // images, input channels, rows, columns
  std::uint64_t k = 1, r = 1, s = 1;         // output channels, filter rows, filter columns
  std::uint64_t stride = 1, pad = 0, dilation = 1;  // the same down and across, and on all sides
  DataType dtype = DataType::f16;  // f16, bf16, f32, s8
  DataType out = DataType::f32;    // f32, f16, bf16; from s8: s32, f16, s8
  bool bias = false, relu = false;
  float scale = 1.0f;  // s8 to f16 or s8

  DataType accumulator() const { return dtype == DataType::s8 ? DataType::s32 : DataType::f32; }
  std::uint64_t out_h() const { return (h + 2 * pad - dilation * (r - 1) - 1) / stride + 1; }
  std::uint64_t out_w() const { return (w + 2 * pad - dilation * (s - 1) - 1) / stride + 1; }
  // Channels in 32 B of X, and how many times that C is.
  std::uint64_t c0() const { return static_cast<std::uint64_t>(elements_per_block(dtype)); }
  std::uint64_t c1() const { return ceil_div(c, c0()); }
  // Output channels side by side in Y: 32 B, or for s32 the 16 words of a fractal's row.
  std::uint64_t out_c0() const { return out == DataType::s32 ? 16 : static_cast<std::uint64_t>(elements_per_block(out)); }
  // K, rounded up to whole fractals and whole columns of Y.
  std::uint64_t padded_k() const { return round_up(k, out == DataType::s8 ? 32 : 16); }
};

// Throws InputError naming key, value and limit: what load3d's fields and the shapes themselves ask for.
void check_conv(const ConvProblem& problem);

// Byte addresses in GM: X (n, c1, h, w, c0), W (c1 * r * s, padded_k / 16, 16, c0), bias padded_k words of f32 or s32,
// Y (n, padded_k / out_c0, out_h, out_w, out_c0). Channels beyond C and K hold zeros.
struct ConvTensors {
  GmAddress x, w, y;
  GmAddress bias;  // looked at only if the problem has a bias
};

// Bytes of X, W, bias and Y as they stand in GM.
struct ConvSizes {
  Bytes x, w, bias, y;
};
ConvSizes conv_sizes(const ConvProblem& problem);

// A strip is `rows` rows of Y, a block `window` pixels of it times `k` output channels, standing in L0C while its sums grow; a
// panel is `c1` channel groups of X and W in L1. l0 is what one mmad multiplies (depth in elements).
struct ConvTiles {
  std::uint64_t rows = 1, window = 16, k = 16, c1 = 1;
  TileShape l0;
  std::uint32_t l1_slots = 2, l0_slots = 2;
};

// Blocks as large as the chip's buffers allow. Throws InputError if not even the smallest fit.
ConvTiles choose_conv_tiles(const ConvProblem& problem, const ChipConfig& chip);

// Appends the convolution. Every flag it raises is taken down again.
void add_conv(ProgramBuilder& program, const ConvProblem& problem, const ConvTiles& tiles, const ConvTensors& tensors,
              const ChipConfig& chip);

}  // namespace vitruvian::models
