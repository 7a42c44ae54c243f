// SPDX-License-Identifier: Apache-2.0
#include "models/pipe/fixpipe.h"

#include <algorithm>
#include <cstring>
#include <span>

#include "models/arch/count.h"
#include "models/pipe/quantise.h"

namespace vitruvian::models {
namespace {

constexpr std::uint32_t side = 16;  // rows and columns of a fractal
constexpr std::uint64_t block = 32;
constexpr std::uint64_t word_row = side * 4;

std::uint32_t columns(const Fixpipe& i) { return static_cast<std::uint32_t>(ceil_div(i.n, side)); }
std::uint32_t rows(const Fixpipe& i) { return static_cast<std::uint32_t>(ceil_div(i.m, side)); }

// Where a fractal's part of the output starts, and from one row of it to the next.
struct Destination {
  std::uint64_t start, pitch;
};

Destination nd(const Fixpipe& i, FixpipeFractal f, std::uint64_t size) {
  const std::uint64_t element = f.matrix * std::uint64_t{i.dst_nd_stride} +
                                f.row * std::uint64_t{side} * i.dst_stride + f.column * side;
  return {i.dst.value() + element * size, i.dst_stride * size};
}

Destination nz(const Fixpipe& i, FixpipeFractal f, std::uint64_t size) {
  // s8: two columns of L0C share one of the output, but an odd last one stays alone (channel
  // merge).
  const bool merges = size == 1;
  const bool alone = merges && f.column % 2 == 0 && f.column + 1 == columns(i);
  const std::uint64_t column = merges ? f.column / 2 : f.column;
  const std::uint64_t inside = merges ? f.column % 2 * side : 0;
  const std::uint64_t pitch = (merges && !alone ? 2 : 1) * side * size;
  return {i.dst.value() + column * i.dst_stride * block + f.row * side * pitch + inside, pitch};
}

}  // namespace

DataType output_type(const Fixpipe& fixpipe) { return output_type(fixpipe.quant, fixpipe.acc); }

std::uint64_t fractal_count(const Fixpipe& fixpipe) {
  return std::uint64_t{fixpipe.nd_num} * columns(fixpipe) * rows(fixpipe);
}

FixpipeFractal fractal_at(const Fixpipe& fixpipe, std::uint64_t index) {
  const std::uint64_t across = columns(fixpipe), down = rows(fixpipe);
  const bool columns_first = fixpipe.nz2nd || output_type(fixpipe) == DataType::s8;
  const std::uint64_t inside = index % (across * down);
  const std::uint64_t column = columns_first ? inside % across : inside / down;
  const std::uint64_t row = columns_first ? inside / across : inside % down;
  return {static_cast<std::uint32_t>(index / (across * down)), static_cast<std::uint32_t>(column),
          static_cast<std::uint32_t>(row)};
}

std::uint32_t fractal_source(const Fixpipe& fixpipe, FixpipeFractal fractal) {
  const std::uint64_t row = fractal.column * std::uint64_t{fixpipe.src_stride} + fractal.row * side;
  return static_cast<std::uint32_t>(fixpipe.src.value() + row * word_row +
                                    fractal.matrix * std::uint64_t{fixpipe.src_nd_stride} * 1024);
}

void fixpipe_fractal(const Fixpipe& fixpipe, FixpipeFractal fractal, CoreState& state) {
  const std::uint64_t size = static_cast<std::uint64_t>(element_size(output_type(fixpipe)));
  const std::uint64_t height = std::min(fixpipe.m - fractal.row * side, side);
  const std::uint64_t width = std::min(fixpipe.n - fractal.column * side, side);
  const auto [start, pitch] =
      fixpipe.nz2nd ? nd(fixpipe, fractal, size) : nz(fixpipe, fractal, size);
  const std::uint8_t* from =
      state.l0c.at(fractal_source(fixpipe, fractal), (height - 1) * word_row + width * 4).data();
  std::uint8_t* to =
      state.gm.at(GmAddress{start}, Bytes{(height - 1) * pitch + width * size}).data();
  const Quantisation conversion{fixpipe.acc, fixpipe.quant, quantisation_word(fixpipe.scale),
                                fixpipe.relu != 0};
  std::uint32_t words[side];
  for (std::uint64_t r = 0; r < height; ++r) {
    std::memcpy(words, from + r * word_row, width * 4);
    quantise(conversion, std::span{words, width}, {to + r * pitch, width * size});
  }
}

void fixpipe(const Fixpipe& fixpipe, CoreState& state) {
  const std::uint64_t count = fractal_count(fixpipe);
  for (std::uint64_t i = 0; i < count; ++i) {
    fixpipe_fractal(fixpipe, fractal_at(fixpipe, i), state);
  }
}

}  // namespace vitruvian::models
