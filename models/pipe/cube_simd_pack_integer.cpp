// SPDX-License-Identifier: Apache-2.0
//
// Packing of integers: s8 as they are, s4 widened to s8.
#include "models/pipe/cube_simd.h"

#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "models/pipe/cube_simd_pack_integer.cpp"
#include "models/pipe/cube_simd_targets.h"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "models/pipe/cube_simd_transpose-inl.h"

HWY_BEFORE_NAMESPACE();
namespace vitruvian::models::simd {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#if VITRUVIAN_CUBE_KERNELS

// Rows of 32 bytes of s4 -> two rows of s8, the lower k in `low`. `step` from row to row.
inline void unpack_nibbles(const std::uint8_t* from, int rows, std::uint8_t* low,
                           std::uint8_t* high, int step) {
  const auto extended = [](int nibble) { return static_cast<std::uint8_t>((nibble ^ 8) - 8); };
  for (int r = 0; r < rows; ++r, from += 32, low += step, high += step) {
    for (int i = 0; i < 16; ++i) {
      low[2 * i] = extended(from[i] & 15);
      low[2 * i + 1] = extended(from[i] >> 4);
      high[2 * i] = extended(from[16 + i] & 15);
      high[2 * i + 1] = extended(from[16 + i] >> 4);
    }
  }
}

// One row of A as s8, zero beyond k.
inline void unpack_row(const Operands& o, int i, std::int8_t* row, int stride) {
  auto* to = reinterpret_cast<std::uint8_t*>(row);
  for (int l = 0; l < o.depth_fractals(); ++l) {
    if (o.type == DataType::s8) {
      std::memcpy(to + l * 32, o.a_block(i, l), 32);
    } else {
      unpack_nibbles(o.a_block(i, l), 1, to + l * 64, to + l * 64 + 32, 0);
    }
  }
  std::memset(row + o.k, 0, static_cast<std::size_t>(stride - o.k));
}

// 16 columns x 32 s8 -> 8 rows of 16 words, each byte with 128 added.
inline void pack_words(const std::uint8_t* fractal, std::uint32_t* to) {
  const hn::CappedTag<std::uint32_t, fractal_rows> d;
  const auto offset = hn::Set(d, 0x80808080u);
  alignas(64) std::uint32_t rows[8 * fractal_rows];
  transpose_fractal(fractal, rows);
  for (int r = 0; r < 8; ++r) {
    for (int c = 0; c < fractal_rows; c += static_cast<int>(hn::Lanes(d))) {
      hn::StoreU(hn::Xor(hn::LoadU(d, rows + r * fractal_rows + c), offset), d,
                 to + r * group_columns + c);
    }
  }
}

// Four s8 a word; s4 becomes s8. Lanes beyond k are zero in A, so B's do not matter.
void PackIntegers(const Operands& o, Packed& packed) {
  packed.path = Path::integers;
  IntegerPanels& panels = packed.integers;
  const int stride = packed.stride;
  const int words = stride / 4;
  auto* a = panels.a.resize(static_cast<std::size_t>(o.m * words));
  auto* sums = panels.a_sum.resize(static_cast<std::size_t>(o.m));
  for (int i = 0; i < o.m; ++i, a += words) {
    auto* row = reinterpret_cast<std::int8_t*>(a);
    unpack_row(o, i, row, stride);
    std::int32_t sum = 0;
    for (int k = 0; k < stride; ++k) sum += row[k];
    sums[i] = sum;
  }
  const int groups = (o.n + group_columns - 1) / group_columns;
  auto* b = panels.b.resize(static_cast<std::size_t>(groups * words * group_columns));
  alignas(64) std::uint8_t halves[2][fractal_bytes];
  const int rows = elements_per_block(o.type) / 4;  // words of a fractal
  for (int l = 0; l < o.depth_fractals(); ++l) {
    for (int j = 0; j < o.column_fractals(); ++j) {
      const std::uint8_t* fractal = o.b_block(j * fractal_rows, l);
      auto* to = b + (j / fractals_per_group * words + l * rows) * group_columns +
                 j % fractals_per_group * fractal_rows;
      if (o.type == DataType::s8) {
        pack_words(fractal, to);
        continue;
      }
      unpack_nibbles(fractal, fractal_rows, halves[0], halves[1], 32);
      pack_words(halves[0], to);
      pack_words(halves[1], to + 8 * group_columns);
    }
  }
}

#else

void PackIntegers(const Operands&, Packed& packed) { packed.path = Path::scalar; }

#endif  // VITRUVIAN_CUBE_KERNELS

}  // namespace HWY_NAMESPACE
}  // namespace vitruvian::models::simd
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vitruvian::models::simd {
namespace {
HWY_EXPORT(PackIntegers);
}

void pack_integers(const Operands& operands, Packed& packed) {
  HWY_DYNAMIC_DISPATCH(PackIntegers)(operands, packed);
}

}  // namespace vitruvian::models::simd
#endif  // HWY_ONCE
