// SPDX-License-Identifier: Apache-2.0
//
// Pieces of a memory at equal distances: what most loads, copies and fills walk over.
#pragma once

#include <cstdint>
#include <cstring>

#include "models/core/state.h"
#include "models/program/instruction.h"

namespace vitruvian::models {

inline constexpr std::uint64_t fractal_size = 512;  // 16 rows of 32 B
inline constexpr std::uint64_t block_size = 32;

inline Buffer& l0_of(L0Buffer to, CoreState& state) {
  return to == L0Buffer::L0A ? state.l0a : state.l0b;
}

// Bytes from the first byte of the first of `count` pieces to the last of the last.
constexpr std::uint64_t span_of(std::uint64_t count, std::uint64_t stride, std::uint64_t size) {
  return (count - 1) * stride + size;
}

// `count` pieces of `size` bytes; strides from the start of one to the start of the next.
struct Pieces {
  std::uint64_t count, size, src_stride, dst_stride;
  std::uint64_t src_span() const { return span_of(count, src_stride, size); }
  std::uint64_t dst_span() const { return span_of(count, dst_stride, size); }
};

inline void copy_pieces(const Pieces& p, const std::uint8_t* src, std::uint8_t* dst) {
  for (std::uint64_t i = 0; i < p.count; ++i) {
    std::memcpy(dst + i * p.dst_stride, src + i * p.src_stride, p.size);
  }
}

// Fills the destination pieces, multiples of 4 B, with a word, its low byte first.
inline void fill_pieces(const Pieces& p, std::uint32_t word, std::uint8_t* dst) {
  for (std::uint64_t i = 0; i < p.count; ++i) {
    for (std::uint64_t at = 0; at < p.size; at += 4) {
      std::memcpy(dst + i * p.dst_stride + at, &word, 4);
    }
  }
}

}  // namespace vitruvian::models
