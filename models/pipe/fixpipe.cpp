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

std::uint32_t columns(const FixpipeView& i) {
  return static_cast<std::uint32_t>(ceil_div(i.n, side));
}
std::uint32_t rows(const FixpipeView& i) { return static_cast<std::uint32_t>(ceil_div(i.m, side)); }
std::uint32_t height(const FixpipeView& i, FixpipeFractal f) {
  return std::min(i.m - f.row * side, side);
}
std::uint32_t width(const FixpipeView& i, FixpipeFractal f) {
  return std::min(i.n - f.column * side, side);
}

FixpipeTarget nd(const FixpipeView& i, FixpipeFractal f, std::uint32_t size) {
  const std::uint64_t element =
      f.matrix * i.dst_nd_stride + f.row * std::uint64_t{side} * i.dst_stride + f.column * side;
  return {i.dst + element * size, i.dst_stride * size, height(i, f), width(i, f) * size};
}

// fp32 in columns of 8: a fractal leaves two of them, the last one perhaps one.
FixpipeTarget nz_split(const FixpipeView& i, FixpipeFractal f) {
  const std::uint64_t column = i.dst_stride * block;
  return {i.dst + 2 * f.column * column + f.row * side * block,
          block,
          height(i, f),
          block,
          width(i, f) / 8,
          column};
}

FixpipeTarget nz(const FixpipeView& i, FixpipeFractal f, std::uint32_t size) {
  // s8: two columns of L0C share one of the output, but an odd last one stays alone (channel
  // merge).
  const bool merges = size == 1;
  const bool alone = merges && f.column % 2 == 0 && f.column + 1 == columns(i);
  const std::uint64_t column = merges ? f.column / 2 : f.column;
  const std::uint64_t inside = merges ? f.column % 2 * side : 0;
  const std::uint64_t pitch = (merges && !alone ? 2 : 1) * side * size;
  return {i.dst + column * i.dst_stride * block + f.row * side * pitch + inside, pitch,
          height(i, f), width(i, f) * size};
}

std::uint8_t* output(const FixpipeView& i, const FixpipeTarget& target, CoreState& state) {
  const std::uint64_t bytes = (target.halves - 1) * target.step +
                              (target.rows - std::uint64_t{1}) * target.pitch + target.size;
  return i.to == Space::GM ? state.gm.at(GmAddress{target.start}, Bytes{bytes}).data()
                           : state.l1.at(target.start, bytes).data();
}

// The scale words FB holds for a fractal's columns.
void load_scales(const FixpipeView& i, FixpipeFractal f, const CoreState& state,
                 std::span<QuantisationWord> scales) {
  const std::uint64_t first = i.fb + std::uint64_t{8} * side * f.column;
  const std::uint8_t* from = state.fb.at(first, 8 * scales.size()).data();
  for (QuantisationWord& scale : scales) {
    std::uint64_t word;
    std::memcpy(&word, from, sizeof word);
    scale = quantisation_word(word);
    from += sizeof word;
  }
}

}  // namespace

DataType output_type(const FixpipeView& fixpipe) { return output_type(fixpipe.quant, fixpipe.acc); }

std::uint64_t fractal_count(const FixpipeView& fixpipe) {
  return std::uint64_t{fixpipe.nd_num} * columns(fixpipe) * rows(fixpipe);
}

FixpipeFractal fractal_at(const FixpipeView& fixpipe, std::uint64_t index) {
  const std::uint64_t across = columns(fixpipe), down = rows(fixpipe);
  const bool columns_first = fixpipe.nz2nd || output_type(fixpipe) == DataType::s8;
  const std::uint64_t inside = index % (across * down);
  const std::uint64_t column = columns_first ? inside % across : inside / down;
  const std::uint64_t row = columns_first ? inside / across : inside % down;
  return {static_cast<std::uint32_t>(index / (across * down)), static_cast<std::uint32_t>(column),
          static_cast<std::uint32_t>(row)};
}

std::uint32_t fractal_source(const FixpipeView& fixpipe, FixpipeFractal fractal) {
  const std::uint64_t row = fractal.column * std::uint64_t{fixpipe.src_stride} + fractal.row * side;
  return static_cast<std::uint32_t>(fixpipe.src + row * word_row +
                                    fractal.matrix * fixpipe.src_nd_stride * 1024);
}

FixpipeTarget fractal_target(const FixpipeView& fixpipe, FixpipeFractal fractal) {
  const auto size = static_cast<std::uint32_t>(element_size(output_type(fixpipe)));
  if (fixpipe.nz2nd) return nd(fixpipe, fractal, size);
  return fixpipe.split ? nz_split(fixpipe, fractal) : nz(fixpipe, fractal, size);
}

void fixpipe_fractal(const FixpipeView& fixpipe, FixpipeFractal fractal, CoreState& state) {
  const FixpipeTarget target = fractal_target(fixpipe, fractal);
  const std::uint32_t across = width(fixpipe, fractal);
  const std::uint8_t* from =
      state.l0c
          .at(fractal_source(fixpipe, fractal),
              (target.rows - std::uint64_t{1}) * word_row + across * std::uint64_t{4})
          .data();
  std::uint8_t* to = output(fixpipe, target, state);
  const bool per_column = is_per_column(fixpipe.quant);
  QuantisationWord scales[side];
  if (per_column) load_scales(fixpipe, fractal, state, std::span{scales, across});
  const Quantisation conversion{fixpipe.acc, fixpipe.quant, quantisation_word(fixpipe.scale),
                                fixpipe.relu};
  std::uint32_t words[side];
  std::uint8_t results[word_row];
  for (std::uint64_t r = 0; r < target.rows; ++r) {
    std::memcpy(words, from + r * word_row, across * 4);
    if (per_column) {
      quantise(conversion, std::span{scales, across}, std::span{words, across}, results);
    } else {
      quantise(conversion, std::span{words, across}, results);
    }
    for (std::uint64_t half = 0; half < target.halves; ++half) {
      std::memcpy(to + r * target.pitch + half * target.step, results + half * target.size,
                  target.size);
    }
  }
}

void fixpipe(const FixpipeView& fixpipe, CoreState& state) {
  const std::uint64_t count = fractal_count(fixpipe);
  for (std::uint64_t i = 0; i < count; ++i) {
    fixpipe_fractal(fixpipe, fractal_at(fixpipe, i), state);
  }
}

void copy_l1_fb(const CopyL1Fb& copy, CoreState& state) {
  const std::uint64_t size = copy.length * std::uint64_t{64};
  std::ranges::copy(state.l1.at(copy.src.value(), size),
                    state.fb.at(copy.dst.value(), size).data());
}

}  // namespace vitruvian::models
