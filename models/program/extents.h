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
#include "models/program/footprint.h"
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
  const std::uint64_t bytes = std::uint64_t{i.k} * element_size(i.dtype);
  const std::uint64_t m1 = ceil_div(i.m, 16), n1 = ceil_div(i.n, 16), k1 = ceil_div(bytes, block);
  if (i.m == 1) {
    out(Extent{Space::L0A, false, i.a.value(), bytes});
  } else {
    operand(out, Space::L0A, i.a.value(), i.m, bytes, k1 * fractal, fractal);
  }
  operand(out, Space::L0B, i.b.value(), i.n, bytes, fractal, n1 * fractal);
  if (i.init == Init::bias) out(Extent{Space::BT, false, i.bias.value(), i.n * std::uint64_t{4}});
  if (i.init == Init::accumulate) words(out, false, i.c.value(), i.m, i.n, m1 * word_fractal, {});
  words(out, true, i.c.value(), i.m, i.n, m1 * word_fractal, {});
}

template <class Out>
void walk(const Load2d& i, Out&& out) {
  grid(out, Space::L1, false, i.src.value(), fractal, {Dim{i.src_stride * fractal, i.repeat}});
  grid(out, space_of(i.to), true, i.dst.value(), fractal,
       {Dim{(1 + std::uint64_t{i.dst_gap}) * fractal, i.repeat}});
}

// Fractals a block of load2d_transpose is made of.
inline std::uint64_t fractals_of(const Load2dTranspose& i) {
  return element_size(i.dtype) == 2 ? 1 : 2;
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

template <class Out>
void walk(const CopyL1Bt& i, Out&& out) {
  const std::uint64_t size = i.length * std::uint64_t{64};
  out(Extent{Space::L1, false, i.src.value(), size});
  out(Extent{Space::BT, true, i.dst.value(), size});
}

template <class Out>
void walk(const CopyGmL1& i, Out&& out) {
  const std::uint64_t size = i.block_length * block;
  grid(out, Space::GM, false, i.src.value(), size, {Dim{size + i.src_gap * block, i.block_count}});
  grid(out, Space::L1, true, i.dst.value(), size, {Dim{size + i.dst_gap * block, i.block_count}});
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

inline std::uint64_t output_size(const Fixpipe& i) {
  switch (i.quant) {
    case Quant::none:
      return 4;
    case Quant::REQ8:
      return 1;
    default:
      return 2;
  }
}

// What one matrix leaves in GM: `size` bytes at every point of `dims`.
struct Written {
  std::uint64_t size;
  Dims dims;
};
inline Written written(const Fixpipe& i) {
  const std::uint64_t size = output_size(i);
  if (i.nz2nd) {
    return {i.n * size, {Dim{i.dst_stride * size, i.m}, Dim{i.dst_nd_stride * size, i.nd_num}}};
  }
  const std::uint64_t width = size == 1 ? 32 : 16;
  return {i.m * width * size, {Dim{i.dst_stride * block, i.n / width}}};
}

template <class Out>
void walk(const Fixpipe& i, Out&& out) {
  const Dim matrices = i.nz2nd ? Dim{i.src_nd_stride * word_fractal, i.nd_num} : Dim{};
  words(out, false, i.src.value(), i.m, i.n, i.src_stride * word_row, matrices);
  const Written left = written(i);
  grid(out, Space::GM, true, i.dst.value(), left.size, left.dims);
  if (!i.nz2nd && output_size(i) == 1 && i.n % 32 != 0) {  // the last column is 16 wide
    out(Extent{Space::GM, true, i.dst.value() + i.n / 32 * i.dst_stride * block,
               i.m * std::uint64_t{16}});
  }
}

template <class Other, class Out>
void walk(const Other&, Out&&) {}  // scalar, flags, barriers

}  // namespace vitruvian::models::extents
