// SPDX-License-Identifier: Apache-2.0
#include "models/pipe/mte1.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "models/pipe/pieces.h"
#include "models/pipe/transpose.h"

namespace vitruvian::models {
namespace {

constexpr std::uint64_t row = 32;

// Blocks of s4 and s8 are one matrix of 32 B rows, 64 or 32 of them: fractal f holds rows 16 * f
// and on, in L1 and after turning. So does the one fractal of a 16-bit block.
void turn_s4(const std::uint8_t* src, std::uint8_t* turned) {
  std::memset(turned, 0, 4 * fractal_size);
  for (std::uint64_t r = 0; r < 64; ++r) {
    for (std::uint64_t c = 0; c < 64; ++c) {
      const unsigned nibble = src[r * row + c / 2] >> (c % 2 * 4) & 0xf;
      turned[c * row + r / 2] |= static_cast<std::uint8_t>(nibble << (r % 2 * 4));
    }
  }
}

void turn_s8(const std::uint8_t* src, std::uint8_t* turned) {
  transpose_square<std::uint8_t>(32, src, row, turned, row);
}

void turn_16_bits(const std::uint8_t* src, std::uint8_t* turned) {
  transpose_square<std::uint16_t>(16, src, row, turned, row);
}

// 16x16 f32: the fractals are columns 0-7 and 8-15. Each 8x8 quadrant (r, c) turns over and goes to
// (c, r).
void turn_f32(const std::uint8_t* src, std::uint8_t* turned) {
  constexpr std::uint64_t half = 8 * row;  // eight rows of a fractal
  for (std::uint64_t r = 0; r < 2; ++r) {
    for (std::uint64_t c = 0; c < 2; ++c) {
      transpose_square<std::uint32_t>(8, src + c * fractal_size + r * half, row,
                                      turned + r * fractal_size + c * half, row);
    }
  }
}

// How a block turns over: its fractals stand behind each other before and after.
struct Block {
  std::uint64_t fractals;
  void (*turn)(const std::uint8_t* src, std::uint8_t* turned);
};

Block block_of(DataType type) {
  switch (element_bits(type)) {
    case 4:
      return {4, turn_s4};
    case 8:
      return {2, turn_s8};
    case 16:
      return {1, turn_16_bits};
    default:
      return {2, turn_f32};
  }
}

}  // namespace

void load2d(const Load2d& load, CoreState& state) {
  const Pieces p{load.repeat, fractal_size, load.src_stride * fractal_size,
                 (1 + std::uint64_t{load.dst_gap}) * fractal_size};
  const std::uint8_t* src = state.l1.at(load.src.value(), p.src_span()).data();
  std::uint8_t* dst = l0_of(load.to, state).at(load.dst.value(), p.dst_span()).data();
  if (!load.transpose) return copy_pieces(p, src, dst);
  for (int i = 0; i < load.repeat; ++i, src += p.src_stride, dst += p.dst_stride) {
    turn_16_bits(src, dst);
  }
}

void load2d_transpose(const Load2dTranspose& load, CoreState& state) {
  const Block block = block_of(load.dtype);
  const std::uint64_t size = block.fractals * fractal_size;
  const std::uint64_t src_stride = load.src_stride * size;
  const std::uint64_t dst_stride = (1 + std::uint64_t{load.dst_gap}) * fractal_size;
  const Pieces fractals{block.fractals, fractal_size, fractal_size,
                        (1 + std::uint64_t{load.dst_frac_gap}) * fractal_size};
  const std::uint8_t* src =
      state.l1.at(load.src.value(), span_of(load.repeat, src_stride, size)).data();
  std::uint8_t* dst =
      l0_of(load.to, state)
          .at(load.dst.value(), span_of(load.repeat, dst_stride, fractals.dst_span()))
          .data();
  std::array<std::uint8_t, 4 * fractal_size> turned;
  for (int i = 0; i < load.repeat; ++i, src += src_stride, dst += dst_stride) {
    block.turn(src, turned.data());
    copy_pieces(fractals, turned.data(), dst);
  }
}

void copy_l1_bt(const CopyL1Bt& copy, CoreState& state) {
  const std::uint64_t size = copy.length * std::uint64_t{64};
  std::ranges::copy(state.l1.at(copy.src.value(), size),
                    state.bt.at(copy.dst.value(), size).data());
}

void fill_l0(const FillL0& fill, CoreState& state) {
  const std::uint64_t size = fill.block_length * fractal_size;
  const Pieces p{fill.repeat, size, 0, size + fill.dst_gap * fractal_size};
  fill_pieces(p, fill.value, l0_of(fill.to, state).at(fill.dst.value(), p.dst_span()).data());
}

}  // namespace vitruvian::models
