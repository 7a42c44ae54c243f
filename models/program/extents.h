// SPDX-License-Identifier: Apache-2.0
//
// The footprint of each instruction, as a walk: `out` is called with every Extent. Shared by
// footprint(), which lists them, and check_extents(), which must not allocate.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "models/arch/count.h"
#include "models/arch/number.h"
#include "models/program/fixpipe_view.h"
#include "models/program/footprint.h"
#include "models/program/img2col.h"
#include "models/program/instruction.h"

namespace vitruvian::models::extents {

inline constexpr std::uint64_t block = 32;     // C0 elements
inline constexpr std::uint64_t fractal = 512;  // 16 blocks
inline constexpr std::uint64_t word_row = 64;  // 16 words of L0C
inline constexpr std::uint64_t word_fractal = 1024;

// `count` repetitions, `stride` bytes apart.
struct Dim {
  std::uint64_t stride = 0;
  std::uint64_t count = 1;
};
using Dims = std::array<Dim, 3>;

// Leaves out dimensions that add nothing (one repetition, or the same bytes again), sorts by stride
// and joins what touches. Returns how many are left; `size` grows with the joined ones.
inline int simplify(std::uint64_t& size, Dims& dims) {
  const auto adds = [](const Dim& d) { return d.count > 1 && d.stride > 0; };
  int left = 0;
  for (Dim d : dims) {
    if (!adds(d)) continue;
    int at = left++;
    for (; at > 0 && dims[at - 1].stride > d.stride; --at) dims[at] = dims[at - 1];
    dims[at] = d;
  }
  int kept = 0;
  for (int i = 0; i < left; ++i) {
    const Dim d = dims[i];
    if (kept == 0 && d.stride == size) {
      size *= d.count;
    } else if (kept > 0 && d.stride == dims[kept - 1].stride * dims[kept - 1].count) {
      dims[kept - 1].count *= d.count;
    } else {
      dims[kept++] = d;
    }
  }
  return kept;
}

// `size` bytes from `start` on, repeated along every dimension. The longest dimension becomes the
// extent's own, the others are walked.
template <class Out>
void grid(Out&& out, Space space, bool write, std::uint64_t start, std::uint64_t size, Dims dims) {
  if (size == 0 || std::ranges::any_of(dims, [](const Dim& d) { return d.count == 0; })) return;
  const int kept = simplify(size, dims);
  for (int i = kept; i < 3; ++i) dims[i] = {};
  std::ranges::sort(dims, {}, &Dim::count);
  const Dim own = dims[2].count > 1 ? dims[2] : Dim{};
  for (std::uint64_t i = 0; i < dims[0].count; ++i) {
    for (std::uint64_t j = 0; j < dims[1].count; ++j) {
      out(Extent{space, write, start + i * dims[0].stride + j * dims[1].stride, size, own.stride,
                 own.count});
    }
  }
}

// `rows` x `bytes` of an operand in fractals of 16 rows x 32 B, `down` bytes from one fractal to
// that of the next 16 rows, `right` to that of the next 32 B.
template <class Out>
void operand(Out&& out, Space space, std::uint64_t start, std::uint64_t rows, std::uint64_t bytes,
             std::uint64_t down, std::uint64_t right) {
  const std::uint64_t full = bytes / block, more = bytes % block;
  if (down == fractal) {  // rows follow each other through the fractals
    grid(out, space, false, start, rows * block, {Dim{right, full}});
    return grid(out, space, false, start + full * right, more, {Dim{block, rows}});
  }
  const std::uint64_t full_rows = rows / 16, more_rows = rows % 16;
  grid(out, space, false, start, fractal, {Dim{down, full_rows}, Dim{right, full}});
  grid(out, space, false, start + full_rows * down, more_rows * block, {Dim{right, full}});
  grid(out, space, false, start + full * right, more, {Dim{block, 16}, Dim{down, full_rows}});
  grid(out, space, false, start + full * right + full_rows * down, more, {Dim{block, more_rows}});
}

// m x n words in columns of 16, `column` bytes apart; `matrices` of them.
template <class Out>
void words(Out&& out, bool write, std::uint64_t start, std::uint64_t m, std::uint64_t n,
           std::uint64_t column, Dim matrices) {
  const std::uint64_t full = n / 16, more = n % 16;
  grid(out, Space::L0C, write, start, m * word_row, {Dim{column, full}, matrices});
  grid(out, Space::L0C, write, start + full * column, more * 4, {Dim{word_row, m}, matrices});
}

inline Space space_of(L0Buffer to) { return to == L0Buffer::L0A ? Space::L0A : Space::L0B; }

template <class Out>
void walk(const Mmad& i, Out&& out) {
  if (i.m == 0 || i.n == 0 || i.k == 0) return;
  const std::uint64_t bytes = ceil_div(std::uint64_t{i.k} * element_bits(i.dtype), 8);
  const std::uint64_t m1 = ceil_div(i.m, 16), n1 = ceil_div(i.n, 16);
  const std::uint64_t k1 = i.k_align ? ceil_div(i.k, 16) * 2 : ceil_div(bytes, block);
  if (i.m == 1 && !i.no_gemv) {
    out(Extent{Space::L0A, false, i.a.value(), bytes});
  } else {
    operand(out, Space::L0A, i.a.value(), i.m, bytes, k1 * fractal, fractal);
  }
  operand(out, Space::L0B, i.b.value(), i.n, bytes, fractal, n1 * fractal);
  if (i.init == Init::bias) out(Extent{Space::BT, false, i.bias.value(), i.n * std::uint64_t{4}});
  if (i.init == Init::accumulate) words(out, false, i.c.value(), i.m, i.n, m1 * word_fractal, {});
  words(out, true, i.c.value(), i.m, i.n, m1 * word_fractal, {});
}

template <class Load, class Out>
void fractals(const Load& i, Space from, Out&& out) {
  grid(out, from, false, i.src.value(), fractal, {Dim{i.src_stride * fractal, i.repeat}});
  grid(out, space_of(i.to), true, i.dst.value(), fractal,
       {Dim{(1 + std::uint64_t{i.dst_gap}) * fractal, i.repeat}});
}

template <class Out>
void walk(const Load2d& i, Out&& out) {
  fractals(i, Space::L1, out);
}

template <class Out>
void walk(const Load2dGm& i, Out&& out) {
  fractals(i, Space::GM, out);
}

// Fractals a block of load2d_transpose is made of.
inline std::uint64_t fractals_of(const Load2dTranspose& i) {
  switch (element_bits(i.dtype)) {
    case 4:
      return 4;
    case 16:
      return 1;
    default:
      return 2;
  }
}

inline Dims written(const Load2dTranspose& i) {
  return {Dim{(1 + std::uint64_t{i.dst_gap}) * fractal, i.repeat},
          Dim{(1 + std::uint64_t{i.dst_frac_gap}) * fractal, fractals_of(i)}};
}

template <class Out>
void walk(const Load2dTranspose& i, Out&& out) {
  const std::uint64_t size = fractals_of(i) * fractal;
  grid(out, Space::L1, false, i.src.value(), size, {Dim{i.src_stride * size, i.repeat}});
  grid(out, space_of(i.to), true, i.dst.value(), fractal, written(i));
}

// The rows of X in column block k1, from row m to row `past`, that stand in one row of the output.
template <class Out>
void map_row(const Load3d& i, const Img2col& x, std::int64_t m, std::int64_t past, std::int64_t k1,
             Out&& out) {
  const FilterTap tap = x.tap(k1);
  const OutputPixel pixel = x.pixel(m);
  const std::int64_t row = x.input_row(pixel, tap);
  if (row < 0 || row >= i.l1_h) return;
  std::int64_t column = x.input_column(pixel, tap), count = past - m;
  if (column < 0) {
    const std::int64_t outside = (-column + i.stride_w - 1) / i.stride_w;
    column += outside * i.stride_w, count -= outside;
  }
  if (count <= 0 || column >= i.l1_w) return;
  count = std::min(count, (i.l1_w - 1 - column) / i.stride_w + 1);
  grid(out, Space::L1, false, x.at(tap.c1, row, column), block,
       {Dim{i.stride_w * block, static_cast<std::uint64_t>(count)}});
}

template <class Out>
void walk(const Load3d& i, Out&& out) {
  const Img2col x{i};
  const std::int64_t first = i.k_start / x.c0(), across = i.k_extension / x.c0();
  out(Extent{space_of(i.to), true, i.dst.value(),
             i.m_extension / std::uint64_t{16} * static_cast<std::uint64_t>(across) * fractal});
  const std::int64_t past = std::min<std::int64_t>(i.m_start + i.m_extension, x.rows());
  for (std::int64_t k1 = first; k1 < first + across; ++k1) {
    for (std::int64_t m = i.m_start; m < past;) {
      const std::int64_t next = std::min(past, (m / x.width() + 1) * x.width());
      map_row(i, x, m, next, k1, out);
      m = next;
    }
  }
}

template <class Out>
void walk(const FillL0& i, Out&& out) {
  const std::uint64_t size = i.block_length * fractal;
  grid(out, space_of(i.to), true, i.dst.value(), size, {Dim{size + i.dst_gap * fractal, i.repeat}});
}

// What stands in a table of 64 B units.
template <class Copy, class Out>
void table_copy(const Copy& i, Space table, Out&& out) {
  const std::uint64_t size = i.length * std::uint64_t{64};
  out(Extent{Space::L1, false, i.src.value(), size});
  out(Extent{table, true, i.dst.value(), size});
}

template <class Out>
void walk(const CopyL1Bt& i, Out&& out) {
  table_copy(i, Space::BT, out);
}

template <class Out>
void walk(const CopyL1Fb& i, Out&& out) {
  table_copy(i, Space::FB, out);
}

template <class Out>
void walk(const LoadScalar& i, Out&& out) {
  out(Extent{Space::GM, false, i.src.value(), 8});
}

template <class Copy, class Out>
void block_copy(const Copy& i, Space from, Space to, Out&& out) {
  const std::uint64_t size = i.block_length * block;
  grid(out, from, false, i.src.value(), size, {Dim{size + i.src_gap * block, i.block_count}});
  grid(out, to, true, i.dst.value(), size, {Dim{size + i.dst_gap * block, i.block_count}});
}

template <class Out>
void walk(const CopyGmL1& i, Out&& out) {
  block_copy(i, Space::GM, Space::L1, out);
}

template <class Out>
void walk(const CopyL1Gm& i, Out&& out) {
  block_copy(i, Space::L1, Space::GM, out);
}

template <class Out>
void walk(const FillL1& i, Out&& out) {
  const std::uint64_t size = i.block_length * block;
  grid(out, Space::L1, true, i.dst.value(), size, {Dim{size + i.dst_gap * block, i.repeat}});
}

inline Dims written(const CopyGmL1Nd2nz& i) {
  const std::uint64_t size = element_size(i.dtype);
  return {Dim{i.dst_n_stride * block, i.n_value},
          Dim{i.dst_c0_stride * block, ceil_div(i.d_value * size, block)},
          Dim{i.dst_nd_stride * size, i.nd_num}};
}

template <class Out>
void walk(const CopyGmL1Nd2nz& i, Out&& out) {
  const std::uint64_t size = element_size(i.dtype);
  grid(out, Space::GM, false, i.src.value(), i.d_value * size,
       {Dim{i.src_d_value * size, i.n_value}, Dim{i.src_nd_stride * size, i.nd_num}});
  grid(out, Space::L1, true, i.dst.value(), block, written(i));
}

// Elements in a row of an output column: 16, or 32 of 8 bits, or 8 of 32 bits with split.
inline std::uint64_t column_width(const FixpipeView& i) {
  return i.split ? 8 : output_size(i.quant) == 1 ? 32 : 16;
}

// What a fixpipe leaves: `size` bytes at every point of `dims`.
struct Written {
  std::uint64_t size;
  Dims dims;
};
inline Written written(const FixpipeView& i) {
  const std::uint64_t size = output_size(i.quant);
  if (i.nz2nd) {
    return {i.n * size, {Dim{i.dst_stride * size, i.m}, Dim{i.dst_nd_stride * size, i.nd_num}}};
  }
  const std::uint64_t width = column_width(i);
  return {i.m * width * size, {Dim{i.dst_stride * block, i.n / width}}};
}

template <class Out>
void walk_fixpipe(const FixpipeView& i, Out&& out) {
  const Dim matrices = i.nz2nd ? Dim{i.src_nd_stride * word_fractal, i.nd_num} : Dim{};
  words(out, false, i.src, i.m, i.n, i.src_stride * word_row, matrices);
  if (is_per_column(i.quant)) out(Extent{Space::FB, false, i.fb, i.n * std::uint64_t{8}});
  const Written left = written(i);
  grid(out, i.to, true, i.dst, left.size, left.dims);
  if (!i.nz2nd && output_size(i.quant) == 1 && i.n % 32 != 0) {  // the last column is 16 wide
    out(Extent{i.to, true, i.dst + i.n / 32 * i.dst_stride * block, i.m * std::uint64_t{16}});
  }
}

template <class Out>
void walk(const Fixpipe& i, Out&& out) {
  walk_fixpipe(i, out);
}

template <class Out>
void walk(const FixpipeL1& i, Out&& out) {
  walk_fixpipe(i, out);
}

template <class Other, class Out>
void walk(const Other&, Out&&) {}  // scalar, flags, barriers

}  // namespace vitruvian::models::extents
