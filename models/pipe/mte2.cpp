// SPDX-License-Identifier: Apache-2.0
#include "models/pipe/mte2.h"

#include <cstring>

#include "models/pipe/pieces.h"

namespace vitruvian::models {
namespace {

constexpr std::uint64_t block = block_size;

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

void copy_gm_l1(const CopyGmL1& copy, CoreState& state) {
  const std::uint64_t size = copy.block_length * block;
  const Pieces p{copy.block_count, size, size + copy.src_gap * block, size + copy.dst_gap * block};
  copy_pieces(p, state.gm.at(copy.src, Bytes{p.src_span()}).data(),
              state.l1.at(copy.dst.value(), p.dst_span()).data());
}

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

void load2d_gm(const Load2dGm& load, CoreState& state) {
  const Pieces p{load.repeat, fractal_size, load.src_stride * fractal_size,
                 (1 + std::uint64_t{load.dst_gap}) * fractal_size};
  copy_pieces(p, state.gm.at(load.src, Bytes{p.src_span()}).data(),
              l0_of(load.to, state).at(load.dst.value(), p.dst_span()).data());
}

void fill_l1(const FillL1& fill, CoreState& state) {
  const std::uint64_t size = fill.block_length * block;
  const Pieces p{fill.repeat, size, 0, size + fill.dst_gap * block};
  fill_pieces(p, fill.value, state.l1.at(fill.dst.value(), p.dst_span()).data());
}

}  // namespace vitruvian::models
