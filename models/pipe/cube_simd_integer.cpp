// SPDX-License-Identifier: Apache-2.0
//
// Integer products on vectors, exact modulo 2^32. No partial sum is further from the start than all
// products together, 2^14 each: from a start that far inside the range no tile saturates, so the
// sum modulo 2^32 is the sum. Blocks with another start are left to the caller.
// B carries +128 to become unsigned, which 128 times the sum of A's row takes back.
#include "models/pipe/cube_simd.h"

#include <algorithm>
#include <array>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "models/pipe/cube_simd_integer.cpp"
#include "models/pipe/cube_simd_targets.h"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace vitruvian::models::simd {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#if VITRUVIAN_CUBE_KERNELS

using D = hn::ScalableTag<std::int32_t>;
using V = hn::Vec<D>;

// In every 32-bit lane: `sum` and the four products of b's unsigned and a's signed bytes. Operands
// are made ready once and used often.
#if HWY_TARGET == HWY_AVX3_DL
using ReadyA = V;
using ReadyB = V;
HWY_INLINE ReadyA ready_a(V bytes) { return bytes; }
HWY_INLINE ReadyB ready_b(V bytes) { return bytes; }
// Highway's target has the instruction but does not name it to the compiler.
HWY_INLINE V add_products(V sum, ReadyA a, ReadyB b) {
  asm("vpdpbusd %2, %1, %0" : "+v"(sum.raw) : "v"(b.raw), "v"(a.raw));
  return sum;
}
#elif HWY_ARCH_X86
using D16 = hn::Repartition<std::int16_t, D>;
struct Halves {  // the even and the odd bytes as 16-bit numbers
  hn::Vec<D16> even, odd;
};
using ReadyA = Halves;
using ReadyB = Halves;
HWY_INLINE ReadyA ready_a(V bytes) {
  const auto pairs = hn::BitCast(D16(), bytes);
  return {hn::ShiftRight<8>(hn::ShiftLeft<8>(pairs)), hn::ShiftRight<8>(pairs)};
}
HWY_INLINE ReadyB ready_b(V bytes) {
  const hn::Repartition<std::uint16_t, D> du16;
  const auto odd = hn::ShiftRight<8>(hn::BitCast(du16, bytes));
  return {hn::BitCast(D16(), hn::And(bytes, hn::Set(D(), 0x00ff00ff))), hn::BitCast(D16(), odd)};
}
HWY_INLINE V add_products(V sum, const ReadyA& a, const ReadyB& b) {
  auto unused = hn::Zero(D());
  sum = hn::ReorderWidenMulAccumulate(D(), b.even, a.even, sum, unused);
  return hn::ReorderWidenMulAccumulate(D(), b.odd, a.odd, sum, unused);
}
#else
using ReadyA = V;
using ReadyB = V;
HWY_INLINE ReadyA ready_a(V bytes) { return bytes; }
HWY_INLINE ReadyB ready_b(V bytes) { return bytes; }
template <int kByte>
HWY_INLINE V product(V a, V b) {
  const auto signed_byte = hn::ShiftRight<24>(hn::ShiftLeft<24 - 8 * kByte>(a));
  return hn::Mul(signed_byte, hn::And(hn::ShiftRight<8 * kByte>(b), hn::Set(D(), 255)));
}
HWY_INLINE V add_products(V sum, V a, V b) {
  return hn::Add(
      hn::Add(hn::Add(sum, product<0>(a, b)), hn::Add(product<1>(a, b), product<2>(a, b))),
      product<3>(a, b));
}
#endif

HWY_INLINE std::int32_t* output(std::uint8_t* c, int row_fractals, int row, int column) {
  const int fractal = column / fractal_rows * row_fractals + row / fractal_rows;
  return reinterpret_cast<std::int32_t*>(c) + fractal * 256 + row % fractal_rows * 16 +
         column % fractal_rows;
}

// kRows rows from `row` on of kVectors vectors of columns from `column` on.
template <int kRows, int kVectors>
HWY_INLINE void integer_block(const Packed& p, int row, int column, StartRow start, std::uint8_t* c,
                              Blocks& skipped) {
  const D d;
  constexpr int lanes = static_cast<int>(hn::MaxLanes(D()));
  const int words = p.stride / 4;
  const auto* a = reinterpret_cast<const std::int32_t*>(p.integers.a.data()) + row * words;
  const auto* b = reinterpret_cast<const std::int32_t*>(p.integers.b.data()) +
                  column / group_columns * words * group_columns + column % group_columns;
  V sum[kRows][kVectors];
  for (int r = 0; r < kRows; ++r) {
    const auto offset = hn::Set(d, -128 * p.integers.a_sum.data()[row + r]);
    for (int v = 0; v < kVectors; ++v) sum[r][v] = offset;
  }
  for (int w = 0; w < words; ++w, b += group_columns) {
    ReadyA factor[kRows];
    for (int r = 0; r < kRows; ++r) factor[r] = ready_a(hn::Set(d, a[r * words + w]));
    for (int v = 0; v < kVectors; ++v) {
      const ReadyB column_bytes = ready_b(hn::LoadU(d, b + v * lanes));
      for (int r = 0; r < kRows; ++r) {
        sum[r][v] = add_products(sum[r][v], factor[r], column_bytes);
      }
    }
  }
  const int row_fractals = (p.m + fractal_rows - 1) / fractal_rows;
  auto lowest = hn::Zero(d);
  auto highest = hn::Zero(d);
  for (int r = 0; r < kRows; ++r) {
    for (int v = 0; v < kVectors; ++v) {
      const int first = column + v * lanes;
      const std::int32_t* from = start == nullptr
                                     ? output(c, row_fractals, row + r, first)
                                     : reinterpret_cast<const std::int32_t*>(start) + first;
      const auto value = hn::LoadU(d, from);
      lowest = hn::Min(lowest, value);
      highest = hn::Max(highest, value);
      sum[r][v] = hn::Add(sum[r][v], value);
    }
  }
  const std::int32_t reach = p.k << 14;
  const auto far = hn::Or(hn::Lt(lowest, hn::Set(d, INT32_MIN + reach)),
                          hn::Gt(highest, hn::Set(d, INT32_MAX - reach)));
  if (!hn::AllFalse(d, far)) {
    skipped.push_back({row, row + kRows, column, std::min(p.n, column + kVectors * lanes)});
    return;
  }
  for (int r = 0; r < kRows; ++r) {
    for (int v = 0; v < kVectors; ++v) {
      const int first = column + v * lanes;
      std::int32_t* to = output(c, row_fractals, row + r, first);
      const int valid = std::clamp(p.n - first, 0, lanes);
      if (valid == lanes) {
        hn::StoreU(sum[r][v], d, to);
      } else {
        hn::BlendedStore(sum[r][v], hn::FirstN(d, static_cast<std::size_t>(valid)), d, to);
      }
    }
  }
}

template <int kVectors>
void integer_columns(const Packed& p, int row_begin, int row_end, int column, StartRow start,
                     std::uint8_t* c, Blocks& skipped) {
  constexpr int sums = hn::MaxLanes(D()) >= 16 ? 16 : 8;  // as many as registers allow
  constexpr int rows = sums / kVectors;
  int row = row_begin;
  for (; row + rows <= row_end; row += rows) {
    integer_block<rows, kVectors>(p, row, column, start, c, skipped);
  }
  for (; row < row_end; ++row) integer_block<1, kVectors>(p, row, column, start, c, skipped);
}

void Integers(const Packed& p, FractalRange range, StartRow start, std::uint8_t* c,
              Blocks& skipped) {
  constexpr int lanes = static_cast<int>(hn::MaxLanes(D()));
  constexpr int per_fractal = fractal_rows / lanes;  // vectors
  constexpr int at_once = 4 / per_fractal;           // fractals of four vectors
  const int row_begin = range.row_begin * fractal_rows;
  const int row_end = std::min(p.m, range.row_end * fractal_rows);
  for (int j = range.column_begin; j < range.column_end;) {
    const int in_group = fractals_per_group - j % fractals_per_group;
    const bool wide = std::min(in_group, range.column_end - j) >= at_once;
    const auto run = wide ? integer_columns<4> : integer_columns<per_fractal>;
    run(p, row_begin, row_end, j * fractal_rows, start, c, skipped);
    j += wide ? at_once : 1;
  }
}

#else

void Integers(const Packed&, FractalRange, StartRow, std::uint8_t*, Blocks&) {}

#endif  // VITRUVIAN_CUBE_KERNELS

}  // namespace HWY_NAMESPACE
}  // namespace vitruvian::models::simd
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vitruvian::models::simd {
namespace {
HWY_EXPORT(Integers);
}

void compute_integers(const Packed& packed, FractalRange range, StartRow start, std::uint8_t* c,
                      Blocks& skipped) {
  HWY_DYNAMIC_DISPATCH(Integers)(packed, range, start, c, skipped);
}

}  // namespace vitruvian::models::simd
#endif  // HWY_ONCE
