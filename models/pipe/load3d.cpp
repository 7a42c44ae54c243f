// SPDX-License-Identifier: Apache-2.0
#include "models/pipe/load3d.h"

#include <cstring>

#include "models/pipe/pieces.h"
#include "models/pipe/transpose.h"
#include "models/program/img2col.h"

namespace vitruvian::models {
namespace {

constexpr std::int64_t side = 16;  // rows of a fractal

// Rows m .. m + 15 of column block k1 of X, as they stand in a fractal.
void gather(const Img2col& x, std::int64_t m, std::int64_t k1, std::uint32_t padding,
            const Buffer& l1, std::uint8_t* fractal) {
  const FilterTap tap = x.tap(k1);
  OutputPixel pixel = x.pixel(m);
  for (std::int64_t r = 0; r < side; ++r, fractal += block_size) {
    const auto source = m + r < x.rows() ? x.source(pixel, tap) : std::nullopt;
    if (source) {
      std::memcpy(fractal, l1.at(*source, block_size).data(), block_size);
    } else {
      fill_pieces({1, block_size, 0, 0}, padding, fractal);
    }
    if (++pixel.w == x.width()) pixel = {pixel.h + 1, 0};
  }
}

}  // namespace

std::uint64_t load3d_fractal(const Load3d& load, std::uint64_t m1, std::uint64_t k1) {
  const std::uint64_t down = load.m_extension / side;
  const std::uint64_t across = load.k_extension / elements_per_block(load.dtype);
  const bool rows_inside = load.to == L0Buffer::L0B || load.transpose != 0;
  return load.dst.value() + (rows_inside ? k1 * down + m1 : m1 * across + k1) * fractal_size;
}

std::uint32_t load3d_padding(const Load3d& load) {
  const int bits = element_bits(load.dtype);
  std::uint32_t word = bits == 32 ? load.pad_value : load.pad_value & ((1u << bits) - 1);
  for (int width = bits; width < 32; width *= 2) word |= word << width;
  return word;
}

void load3d(const Load3d& load, CoreState& state) {
  const Img2col x{load};
  const std::uint32_t padding = load3d_padding(load);
  const std::int64_t first = load.k_start / x.c0(), across = load.k_extension / x.c0();
  std::uint8_t rows[fractal_size];
  for (std::int64_t m1 = 0; m1 < load.m_extension / side; ++m1) {
    for (std::int64_t k1 = 0; k1 < across; ++k1) {
      gather(x, load.m_start + m1 * side, first + k1, padding, state.l1, rows);
      std::uint8_t* to = l0_of(load.to, state)
                             .at(load3d_fractal(load, static_cast<std::uint64_t>(m1),
                                                static_cast<std::uint64_t>(k1)),
                                 fractal_size)
                             .data();
      if (load.transpose) {
        transpose_square<std::uint16_t>(side, rows, block_size, to, block_size);
      } else {
        std::memcpy(to, rows, fractal_size);
      }
    }
  }
}

}  // namespace vitruvian::models
