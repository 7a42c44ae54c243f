// SPDX-License-Identifier: Apache-2.0
//
// Turning fractals of B over, for packing; compiled once per target, after Highway's headers.
#if defined(VITRUVIAN_CUBE_SIMD_TRANSPOSE) == defined(HWY_TARGET_TOGGLE)
#ifdef VITRUVIAN_CUBE_SIMD_TRANSPOSE
#undef VITRUVIAN_CUBE_SIMD_TRANSPOSE
#else
#define VITRUVIAN_CUBE_SIMD_TRANSPOSE
#endif

#include "models/pipe/cube_simd.h"

HWY_BEFORE_NAMESPACE();
namespace vitruvian::models::simd {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#if VITRUVIAN_CUBE_KERNELS

// Turns 8 rows of 8 u16 (or 4 of 4 u32) over: each round interleaves the rows' halves, which
// rotates the element's address by one bit.
template <class T>
HWY_INLINE void transpose_square(const T* from, int from_stride, T* to, int to_stride) {
  const hn::FixedTag<T, 16 / sizeof(T)> d;
  constexpr int side = 16 / sizeof(T);
  using V = hn::Vec<decltype(d)>;
  V x[side], y[side];
  for (int i = 0; i < side; ++i) x[i] = hn::LoadU(d, from + i * from_stride);
  for (int round = 1; round < side; round *= 2) {
    for (int i = 0; i < side / 2; ++i) {
      y[2 * i] = hn::InterleaveLower(d, x[i], x[i + side / 2]);
      y[2 * i + 1] = hn::InterleaveUpper(d, x[i], x[i + side / 2]);
    }
    for (int i = 0; i < side; ++i) x[i] = y[i];
  }
  for (int i = 0; i < side; ++i) hn::StoreU(x[i], d, to + i * to_stride);
}

// 16 columns x 32 bytes of k -> k rows of 16 words.
template <class T>
HWY_INLINE void transpose_fractal(const std::uint8_t* from, T* to) {
  constexpr int side = 16 / sizeof(T);
  constexpr int block = 32 / sizeof(T);
  const T* words = reinterpret_cast<const T*>(from);
  for (int n = 0; n < fractal_rows; n += side) {
    for (int k = 0; k < block; k += side) {
      transpose_square(words + n * block + k, block, to + k * fractal_rows + n, fractal_rows);
    }
  }
}

#endif  // VITRUVIAN_CUBE_KERNELS

}  // namespace HWY_NAMESPACE
}  // namespace vitruvian::models::simd
HWY_AFTER_NAMESPACE();

#endif  // per target
