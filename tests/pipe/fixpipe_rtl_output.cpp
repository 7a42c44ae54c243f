// SPDX-License-Identifier: Apache-2.0
#include "tests/pipe/fixpipe_rtl_output.h"

#include <algorithm>
#include <cstring>

#include "models/pipe/quantise.h"

namespace vitruvian::tests {
namespace {

using models::FixpipeView;

std::uint32_t fractals_across(const FixpipeView& f) { return (f.n + 15) / 16; }
std::uint32_t fractals_down(const FixpipeView& f) { return (f.m + 15) / 16; }

// Byte of GM or L1 where element (r, c) of a matrix goes.
std::uint64_t place(const FixpipeView& f, std::uint32_t matrix, std::uint32_t r, std::uint32_t c) {
  const std::uint64_t size = models::output_size(f.quant);
  if (f.nz2nd) return f.dst + (matrix * f.dst_nd_stride + r * f.dst_stride + c) * size;
  const std::uint64_t wide = f.split ? 8 : size == 1 ? 32 : 16;
  const bool half = size == 1 && c / wide * wide + wide > f.n;  // a last column of 16 bytes
  return f.dst + c / wide * f.dst_stride * 32 + (r * (half ? 16 : wide) + c % wide) * size;
}

std::uint32_t word(const FixpipeView& f, std::uint32_t matrix, std::uint32_t r, std::uint32_t c,
                   const std::vector<std::uint8_t>& l0c) {
  std::uint32_t bits;
  std::memcpy(&bits, &l0c.at(f.src + matrix * f.src_nd_stride * 1024 + (c / 16 * f.src_stride + r) * 64 + c % 16 * 4), 4);
  return bits;
}

std::uint64_t scale(const FixpipeView& f, std::uint32_t c, const std::vector<std::uint8_t>& fb) {
  if (!models::is_per_column(f.quant)) return f.scale;
  std::uint64_t bits;
  std::memcpy(&bits, &fb.at(f.fb + 8 * c), 8);
  return bits;
}

// Adds elements (r, first) .. (r, last - 1), which stand side by side.
void add_row(OutputPiece& piece, const FixpipeView& f, std::uint32_t matrix, std::uint32_t r, std::uint32_t first,
             std::uint32_t last, const FixpipeMemories& memories) {
  if (r >= f.m || first >= last) return;
  if (piece.bytes.empty()) piece.address = place(f, matrix, r, first);
  for (std::uint32_t c = first; c < last; ++c) {
    const models::Quantisation q{f.acc, f.quant, models::quantisation_word(scale(f, c, memories.fb)), f.relu};
    const std::uint32_t bits = models::quantise(q, word(f, matrix, r, c, memories.l0c));
    for (std::uint64_t b = 0; b < models::output_size(f.quant); ++b) piece.bytes.push_back(static_cast<std::uint8_t>(bits >> 8 * b));
  }
}

}  // namespace

std::uint64_t count_fractals(const FixpipeView& f) { return std::uint64_t{f.nd_num} * fractals_across(f) * fractals_down(f); }

Fractal nth_fractal(const FixpipeView& f, std::uint64_t index) {
  const std::uint32_t across = fractals_across(f), down = fractals_down(f);
  const auto matrix = static_cast<std::uint32_t>(index / (across * down)), left = static_cast<std::uint32_t>(index % (across * down));
  if (f.nz2nd || models::output_size(f.quant) == 1) return {matrix, left % across, left / across};
  return {matrix, left / down, left % down};
}

std::uint32_t l0c_byte(const FixpipeView& f, const Fractal& at) {
  return static_cast<std::uint32_t>(f.src + at.matrix * f.src_nd_stride * 1024 + (at.column * f.src_stride + at.row * 16) * 64);
}

std::uint32_t fb_byte(const FixpipeView& f, const Fractal& at) { return f.fb + at.column * 128; }

std::uint32_t wanted_rows(const FixpipeView& f, const Fractal& at) { return std::min(f.m - at.row * 16, 16u); }

OutputPieces output(const FixpipeView& f, const Fractal& at, std::uint32_t cycle, const FixpipeMemories& memories) {
  OutputPieces pieces;
  const std::uint32_t r = at.row * 16 + cycle * 2, c = at.column * 16, past = std::min(c + 16, f.n);
  for (std::uint32_t i = 0; i < 2; ++i) {
    if (f.split) {
      add_row(pieces[0], f, at.matrix, r + i, c, std::min(c + 8, past), memories);
      add_row(pieces[1], f, at.matrix, r + i, c + 8, past, memories);
    } else {
      add_row(pieces[i], f, at.matrix, r + i, c, past, memories);
    }
  }
  return pieces;
}

}  // namespace vitruvian::tests
