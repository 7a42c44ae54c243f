// SPDX-License-Identifier: Apache-2.0
#include "models/pipe/mte.h"

#include <algorithm>
#include <cstring>

#include "models/arch/error.h"
#include "models/pipe/transpose.h"

namespace vitruvian::models {
namespace {

constexpr std::uint64_t fractal = 512;  // 16 rows of 32 B
constexpr std::uint64_t block = 32;
constexpr std::uint64_t row = 32;

Buffer& l0_of(L0Buffer to, CoreState& state) { return to == L0Buffer::L0A ? state.l0a : state.l0b; }

// 32x32 s8: source fractals are rows 0-15 and 16-31, so the block is one matrix of 32 B rows; its
// transpose falls into two fractals the same way.
void transpose_s8(const std::uint8_t* src, std::uint8_t* first, std::uint8_t* second) {
  std::uint8_t turned[2 * fractal];
  transpose_square<std::uint8_t>(32, src, row, turned, row);
  std::memcpy(first, turned, fractal);
  std::memcpy(second, turned + fractal, fractal);
}

// 16x16 f32: source fractals are columns 0-7 and 8-15. Each 8x8 quadrant (r, c) turns over
// and goes to (c, r).
void transpose_f32(const std::uint8_t* src, std::uint8_t* first, std::uint8_t* second) {
  constexpr std::uint64_t half = 8 * row;  // eight rows of a fractal
  std::uint8_t* const to[2] = {first, second};
  for (int r = 0; r < 2; ++r) {
    for (int c = 0; c < 2; ++c) {
      transpose_square<std::uint32_t>(8, src + c * fractal + r * half, row, to[r] + c * half, row);
    }
  }
}

// Bytes from the first byte of the first of `count` pieces to the last of the last.
std::uint64_t span_of(std::uint64_t count, std::uint64_t stride, std::uint64_t size) {
  return (count - 1) * stride + size;
}

}  // namespace

void load2d(const Load2d& load, CoreState& state) {
  const std::uint64_t src_stride = load.src_stride * fractal;
  const std::uint64_t dst_stride = (1 + std::uint64_t{load.dst_gap}) * fractal;
  const std::uint8_t* src =
      state.l1.at(load.src.value(), span_of(load.repeat, src_stride, fractal)).data();
  std::uint8_t* dst =
      l0_of(load.to, state).at(load.dst.value(), span_of(load.repeat, dst_stride, fractal)).data();
  for (int i = 0; i < load.repeat; ++i, src += src_stride, dst += dst_stride) {
    if (load.transpose) {
      transpose_square<std::uint16_t>(16, src, row, dst, row);
    } else {
      std::memcpy(dst, src, fractal);
    }
  }
}

void load2d_transpose(const Load2dTranspose& load, CoreState& state) {
  const bool pairs = element_size(load.dtype) != 2;  // two fractals a block
  const std::uint64_t size = (pairs ? 2 : 1) * fractal;
  const std::uint64_t src_stride = load.src_stride * size;
  const std::uint64_t dst_stride = (1 + std::uint64_t{load.dst_gap}) * fractal;
  const std::uint64_t second = pairs ? (1 + std::uint64_t{load.dst_frac_gap}) * fractal : 0;
  const std::uint8_t* src =
      state.l1.at(load.src.value(), span_of(load.repeat, src_stride, size)).data();
  std::uint8_t* dst = l0_of(load.to, state)
                          .at(load.dst.value(), span_of(load.repeat, dst_stride, second + fractal))
                          .data();
  for (int i = 0; i < load.repeat; ++i, src += src_stride, dst += dst_stride) {
    switch (element_size(load.dtype)) {
      case 1:
        transpose_s8(src, dst, dst + second);
        break;
      case 2:
        transpose_square<std::uint16_t>(16, src, row, dst, row);
        break;
      default:
        transpose_f32(src, dst, dst + second);
    }
  }
}

void copy_l1_bt(const CopyL1Bt& copy, CoreState& state) {
  const std::uint64_t size = copy.length * std::uint64_t{64};
  std::ranges::copy(state.l1.at(copy.src.value(), size),
                    state.bt.at(copy.dst.value(), size).data());
}

void copy_gm_l1(const CopyGmL1& copy, CoreState& state) {
  const std::uint64_t size = copy.block_length * block;
  const std::uint64_t src_stride = size + copy.src_gap * block;
  const std::uint64_t dst_stride = size + copy.dst_gap * block;
  const std::uint64_t count = copy.block_count;
  const std::uint8_t* src = state.gm.at(copy.src, Bytes{span_of(count, src_stride, size)}).data();
  std::uint8_t* dst = state.l1.at(copy.dst.value(), span_of(count, dst_stride, size)).data();
  for (std::uint64_t i = 0; i < count; ++i) {
    std::memcpy(dst + i * dst_stride, src + i * src_stride, size);
  }
}

namespace {

// One matrix: columns of 32 B, then what is left of a row, filled up with zero.
void nd2nz_matrix(const CopyGmL1Nd2nz& copy, const std::uint8_t* src, std::uint8_t* dst) {
  const std::uint64_t bytes = std::uint64_t{copy.d_value} * element_size(copy.dtype);
  const std::uint64_t pitch = std::uint64_t{copy.src_d_value} * element_size(copy.dtype);
  const std::uint64_t column = copy.dst_c0_stride * block, down = copy.dst_n_stride * block;
  std::uint64_t done = 0;
  for (; done + block <= bytes; done += block, dst += column) {
    for (std::uint64_t r = 0; r < copy.n_value; ++r) {
      std::memcpy(dst + r * down, src + done + r * pitch, block);
    }
  }
  if (done == bytes) return;
  for (std::uint64_t r = 0; r < copy.n_value; ++r) {
    std::memcpy(dst + r * down, src + done + r * pitch, bytes - done);
    std::memset(dst + r * down + (bytes - done), 0, block - (bytes - done));
  }
}

}  // namespace

void copy_gm_l1_nd2nz(const CopyGmL1Nd2nz& copy, CoreState& state) {
  if (copy.nd_num == 0) return;
  const std::uint64_t size = element_size(copy.dtype);
  const std::uint64_t matrix = span_of(copy.n_value, copy.src_d_value * size, copy.d_value * size);
  const std::uint64_t columns = ceil_div(copy.d_value * size, block);
  const std::uint64_t image = span_of(columns, copy.dst_c0_stride * block, 0) +
                              span_of(copy.n_value, copy.dst_n_stride * block, block);
  const std::uint64_t src_step = copy.src_nd_stride * size, dst_step = copy.dst_nd_stride * size;
  const std::uint8_t* src =
      state.gm.at(copy.src, Bytes{span_of(copy.nd_num, src_step, matrix)}).data();
  std::uint8_t* dst = state.l1.at(copy.dst.value(), span_of(copy.nd_num, dst_step, image)).data();
  for (std::uint64_t i = 0; i < copy.nd_num; ++i) {
    nd2nz_matrix(copy, src + i * src_step, dst + i * dst_step);
  }
}

}  // namespace vitruvian::models
