// SPDX-License-Identifier: Apache-2.0
//
// dot24, fused24 and tree on vectors. A vector's lanes are columns; rows come one after the other
// and share the packed columns, which stay in the first-level cache.
#include "models/pipe/cube_simd.h"

#include <algorithm>
#include <array>
#include <bit>
#include <type_traits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "models/pipe/cube_simd_float.cpp"
#include "models/pipe/cube_simd_targets.h"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace vitruvian::models::simd {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#if VITRUVIAN_CUBE_KERNELS

// Truncates lanes that are known to fit 32 bits (Highway's own conversion also mends those that
// do not, at twice the cost).
template <class VF>
HWY_INLINE auto truncate(hn::ScalableTag<float> d, VF v) {
  const hn::RebindToSigned<decltype(d)> di;
#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX3
  return hn::Vec<decltype(di)>{_mm512_cvttps_epi32(v.raw)};
#elif HWY_ARCH_X86
  return hn::Vec<decltype(di)>{_mm256_cvttps_epi32(v.raw)};
#else
  return hn::ConvertTo(di, v);
#endif
}
template <class VF>
HWY_INLINE auto truncate(hn::ScalableTag<double> d, VF v) {
  const hn::Rebind<std::int32_t, decltype(d)> di;
#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX3
  return hn::Vec<decltype(di)>{_mm512_cvttpd_epi32(v.raw)};
#elif HWY_ARCH_X86
  return hn::Vec<decltype(di)>{_mm256_cvttpd_epi32(v.raw)};
#else
  return hn::DemoteTo(di, v);
#endif
}

// Powers of two travel as exponent fields: 2^(field - bias).
template <class D>
inline constexpr int bias = std::is_same_v<hn::TFromD<D>, float> ? 127 : 1023;

template <class VI>
HWY_INLINE auto power_of_field(hn::ScalableTag<float> d, VI field) {
  return hn::BitCast(d, hn::ShiftLeft<23>(field));
}
template <class VI>
HWY_INLINE auto power_of_field(hn::ScalableTag<double> d, VI field) {
  const hn::RebindToSigned<decltype(d)> di;
  return hn::BitCast(d, hn::ShiftLeft<52>(hn::PromoteTo(di, field)));
}

// A tile's value is its integer sum times a power of two, rounded once to fp32. Float lanes: the
// conversion rounds and scaling is exact, so it may be fused with what is added. Double lanes:
// conversion and scaling are exact, the demotion rounds.
template <class VI, class VF>
HWY_INLINE VF add_tile(hn::ScalableTag<float> d, VI sum, VF unit, VF acc) {
  return hn::MulAdd(hn::ConvertTo(d, sum), unit, acc);
}
template <class VI, class VD, class VF>
HWY_INLINE VF add_tile(hn::ScalableTag<double> d, VI sum, VD unit, VF acc) {
  const hn::Rebind<float, decltype(d)> df;
  return hn::Add(hn::DemoteTo(df, hn::Mul(hn::PromoteTo(d, sum), unit)), acc);
}

// The accumulator in the lanes of the products.
template <class VF>
HWY_INLINE VF in_lanes(hn::ScalableTag<float>, VF acc) {
  return acc;
}
template <class VF>
HWY_INLINE auto in_lanes(hn::ScalableTag<double> d, VF acc) {
  return hn::PromoteTo(d, acc);
}

// floor(log2 |acc|) where it matters. Float lanes: too low for subnormals, which lie below every
// product anyway. Zero is below everything.
template <class VF>
HWY_INLINE auto exponent_of(hn::ScalableTag<float> d, VF acc) {
  const hn::RebindToSigned<decltype(d)> di;
  const auto field = hn::And(hn::ShiftRight<23>(hn::BitCast(di, acc)), hn::Set(di, 255));
  return hn::Sub(field, hn::Set(di, 127));
}
template <class VF>
HWY_INLINE auto exponent_of(hn::ScalableTag<double> d, VF acc) {
  const hn::Rebind<float, decltype(d)> df;
  const hn::RebindToSigned<decltype(df)> di;
  const auto field = [&](auto x) {
    return hn::And(hn::ShiftRight<23>(hn::BitCast(di, x)), hn::Set(di, 255));
  };
  const auto tiny = hn::Sub(field(hn::Mul(acc, hn::Set(df, 16777216.0f))), hn::Set(di, 127 + 24));
  const auto is_normal = hn::Ne(field(acc), hn::Zero(di));
  const auto e = hn::IfThenElse(is_normal, hn::Sub(field(acc), hn::Set(di, 127)), tiny);
  const auto is_zero = hn::RebindMask(di, hn::Eq(acc, hn::Zero(df)));
  return hn::IfThenElse(is_zero, hn::Set(di, DoubleLanes::zero), e);
}

// Columns [first, first + kColumns) of L0C seen row by row, as vectors of fp32 with as many lanes
// as the products have.
template <class DF, int kVectors>
class Outputs {
 public:
  using V = hn::Vec<DF>;
  Outputs(const Packed& p, int row_fractals, int column, StartRow start, std::uint8_t* c)
      : row_fractals_{row_fractals}, column_{column}, start_{start}, c_{c} {
    const auto lanes = static_cast<int>(hn::Lanes(DF()));
    for (int v = 0; v < kVectors; ++v) {
      valid_[v] = std::clamp(p.n - column - v * lanes, 0, lanes);
    }
  }

  HWY_INLINE V load(int row, int v) const {
    const float* from = at(row, v);
    if (start_ != nullptr) from = reinterpret_cast<const float*>(start_) + column_of(v);
    // Adding +0 makes -0 the cube's +0 and changes nothing else.
    return hn::Add(hn::LoadU(DF(), from), hn::Zero(DF()));
  }
  HWY_INLINE void store(int row, int v, V value) const {
    const DF d;
    const hn::RebindToUnsigned<DF> du;
    const auto nan = hn::BitCast(d, hn::Set(du, canonical_nan));
    value = hn::IfThenElse(hn::IsNaN(value), nan, value);
    if (valid_[v] == static_cast<int>(hn::Lanes(d))) {
      hn::StoreU(value, d, at(row, v));
    } else {
      hn::BlendedStore(value, hn::FirstN(d, static_cast<std::size_t>(valid_[v])), d, at(row, v));
    }
  }

 private:
  HWY_INLINE int column_of(int v) const { return column_ + v * static_cast<int>(hn::Lanes(DF())); }
  HWY_INLINE float* at(int row, int v) const {
    const int column = column_of(v);
    const int fractal = column / fractal_rows * row_fractals_ + row / fractal_rows;
    return reinterpret_cast<float*>(c_) + fractal * 256 + row % fractal_rows * 16 +
           column % fractal_rows;
  }

  int row_fractals_, column_;
  StartRow start_;
  std::uint8_t* c_;
  std::array<int, kVectors> valid_;
};

template <class Lanes>
const Panels<Lanes>& panels_of(const Packed& p) {
  if constexpr (std::is_same_v<Lanes, FloatLanes>) {
    return p.floats;
  } else {
    return p.doubles;
  }
}

// The first packed element of column `column`.
template <class T>
HWY_INLINE const T* columns_at(const Scratch<T>& b, int stride, int column) {
  return b.data() + static_cast<std::size_t>(column / group_columns * stride) * group_columns +
         column % group_columns;
}

// What step 3 needs to know of a vector, as exponent fields.
template <class D>
struct Alignment {
  using DF = hn::Rebind<float, D>;
  using VI = hn::Vec<hn::Rebind<std::int32_t, D>>;
  hn::Vec<D> scale;   // 2^(24 - E), as far as it matters to the products
  VI unit;            // field of 2^(E - 24), base included
  VI term;            // the accumulator's integer
  hn::Mask<DF> keep;  // fused24: lanes whose accumulator stays as it is
};

// `field` is that of 2^(24 - E), without base, of the products alone. fused24: the accumulator
// joins.
template <class Lanes, bool kFused, class D, class VI, class VF>
HWY_INLINE Alignment<D> align(D d, VI field, int base, VF acc) {
  const hn::Rebind<std::int32_t, D> di;
  const hn::Rebind<float, D> df;
  constexpr bool narrow_range = std::is_same_v<Lanes, FloatLanes>;
  Alignment<D> result;
  if constexpr (!kFused) {
    result.scale = power_of_field(d, field);
    result.unit = hn::Sub(hn::Set(di, 2 * bias<D> + base), field);
    result.term = hn::Zero(di);
    return result;
  }
  const auto top = hn::Set(di, bias<D> + 24);
  const auto products = hn::Sub(top, field);
  const auto e = hn::Max(hn::Add(products, hn::Set(di, base)), exponent_of(d, acc));
  auto packed = hn::Sub(e, hn::Set(di, base));
  // So far above them, the products are below the last place whatever their scale.
  if constexpr (narrow_range) packed = hn::Min(packed, hn::Set(di, 127));
  result.scale = power_of_field(d, hn::Sub(top, packed));
  result.unit = hn::Add(e, hn::Set(di, bias<D> - 24));
  result.term = truncate(d, hn::Mul(in_lanes(d, acc), power_of_field(d, hn::Sub(top, e))));
  result.keep = hn::Not(hn::IsFinite(acc));
  if constexpr (narrow_range) {
    // Without products the accumulator may be subnormal, which these lanes do not normalise.
    const auto none = hn::Eq(products, hn::Set(di, Lanes::none));
    result.keep = hn::Or(result.keep, hn::RebindMask(df, none));
  }
  return result;
}

// dot24 and fused24 on `kColumns` columns.
template <class Lanes, bool kFused, int kColumns>
struct Aligned {
  using D = hn::ScalableTag<typename Lanes::Value>;
  using DF = hn::Rebind<float, D>;
  using DI = hn::Rebind<std::int32_t, D>;
  using Exponent = typename Lanes::Exponent;
  using Field = std::make_unsigned_t<Exponent>;
  static constexpr int lanes = static_cast<int>(hn::MaxLanes(D()));
  static constexpr int vectors = kColumns / lanes;

  // Where one tile of a row and of the columns stands in the panels.
  struct Tile {
    const typename Lanes::Value* a;
    const typename Lanes::Value* b;
    const std::uint32_t* a_exponents;
    const Exponent* b_exponents;

    HWY_INLINE void advance(int depth) {
      a += depth;
      b += depth * group_columns;
      a_exponents += depth;
      b_exponents += depth * group_columns;
    }
  };

  // Step 2: the largest exponent E of every column, many narrow lanes at once; given as the field
  // of 2^(24 - E).
  static HWY_INLINE void find_largest(const Tile& tile, int depth, Field* fields) {
    const hn::CappedTag<Exponent, kColumns> de;
    const hn::CappedTag<Field, kColumns> df;
    const hn::Repartition<std::uint32_t, decltype(de)> du;
    auto top = hn::Set(de, static_cast<Exponent>(Lanes::none));
    for (int k = 0; k < depth; ++k) {
      const auto a = hn::BitCast(de, hn::Set(du, tile.a_exponents[k]));
      const auto b = hn::LoadU(de, tile.b_exponents + k * group_columns);
      top = hn::Max(top, hn::SaturatedAdd(a, b));
    }
    const auto field = hn::Sub(hn::Set(de, static_cast<Exponent>(bias<D> + 24)), top);
    hn::StoreU(hn::BitCast(df, field), df, fields);
  }

  static HWY_INLINE void add_tile_to(hn::Vec<DF>* acc, const Tile& tile, int depth, int base) {
    const D d;
    const hn::Rebind<Field, D> narrow;
    const hn::RebindToUnsigned<DI> du;
    alignas(64) Field fields[kColumns];
    find_largest(tile, depth, fields);

    Alignment<D> aligned[vectors];
    hn::Vec<DI> sum[vectors];
    for (int v = 0; v < vectors; ++v) {
      const auto field = hn::PromoteTo(du, hn::LoadU(narrow, fields + v * lanes));
      aligned[v] = align<Lanes, kFused>(d, hn::BitCast(DI(), field), base, acc[v]);
      sum[v] = aligned[v].term;
    }
    // Steps 3 and 4: align and truncate, sum.
    for (int k = 0; k < depth; ++k) {
      const auto factor = hn::Set(d, tile.a[k]);
      for (int v = 0; v < vectors; ++v) {
        const auto product = hn::Mul(factor, hn::LoadU(d, tile.b + k * group_columns + v * lanes));
        sum[v] = hn::Add(sum[v], truncate(d, hn::Mul(product, aligned[v].scale)));
      }
    }
    // Steps 5 and 6: round once, add.
    for (int v = 0; v < vectors; ++v) {
      const auto unit = power_of_field(d, aligned[v].unit);
      const auto value = add_tile(d, sum[v], unit, kFused ? hn::Zero(DF()) : acc[v]);
      acc[v] = kFused ? hn::IfThenElse(aligned[v].keep, acc[v], value) : value;
    }
  }

  static void columns(const Packed& p, int row_begin, int row_end, int column, int row_fractals,
                      StartRow start, std::uint8_t* c) {
    const auto& panels = panels_of<Lanes>(p);
    const Outputs<DF, vectors> outputs(p, row_fractals, column, start, c);
    for (int row = row_begin; row < row_end; ++row) {
      if (p.a_special.data()[row]) continue;
      hn::Vec<DF> acc[vectors];
      for (int v = 0; v < vectors; ++v) acc[v] = outputs.load(row, v);
      Tile tile{panels.a.data() + row * p.stride, columns_at(panels.b, p.stride, column),
                panels.a_exponents.data() + row * p.stride,
                columns_at(panels.b_exponents, p.stride, column)};
      for (int t = 0; t < p.tiles; ++t, tile.advance(p.depth)) {
        add_tile_to(acc, tile, p.depth, p.base);
      }
      for (int v = 0; v < vectors; ++v) outputs.store(row, v, acc[v]);
    }
  }
};

// The products a[0..kDepth) * b[0..kDepth) of every column, joined pair by pair. An fp16 product is
// an fp32 number, so a fused multiply-add is the rounded sum of two exact products.
template <bool kExact, int kDepth, int kVectors, class D>
HWY_INLINE std::array<hn::Vec<D>, kVectors> pairwise(D d, const float* a, const float* b) {
  const auto lanes = hn::Lanes(d);
  std::array<hn::Vec<D>, kVectors> result;
  if constexpr (kDepth == 1) {
    const auto factor = hn::Set(d, a[0]);
    for (int v = 0; v < kVectors; ++v) result[v] = hn::Mul(factor, hn::LoadU(d, b + v * lanes));
  } else if constexpr (kDepth == 2 && kExact) {
    result = pairwise<kExact, 1, kVectors>(d, a, b);
    const auto factor = hn::Set(d, a[1]);
    for (int v = 0; v < kVectors; ++v) {
      result[v] = hn::MulAdd(factor, hn::LoadU(d, b + group_columns + v * lanes), result[v]);
    }
  } else {
    result = pairwise<kExact, kDepth / 2, kVectors>(d, a, b);
    const auto second =
        pairwise<kExact, kDepth / 2, kVectors>(d, a + kDepth / 2, b + kDepth / 2 * group_columns);
    for (int v = 0; v < kVectors; ++v) result[v] = hn::Add(result[v], second[v]);
  }
  return result;
}

template <bool kExact, int kDepth, int kColumns>
void tree_columns(const Packed& p, int row_begin, int row_end, int column, int row_fractals,
                  StartRow start, std::uint8_t* c) {
  const hn::ScalableTag<float> d;
  constexpr int vectors = kColumns / static_cast<int>(hn::MaxLanes(d));
  const Outputs<hn::ScalableTag<float>, vectors> outputs(p, row_fractals, column, start, c);
  const float* b_first = columns_at(p.floats.b, p.stride, column);
  for (int row = row_begin; row < row_end; ++row) {
    if (p.a_special.data()[row]) continue;
    const float* a = p.floats.a.data() + row * p.stride;
    const float* b = b_first;
    hn::Vec<hn::ScalableTag<float>> acc[vectors];
    for (int v = 0; v < vectors; ++v) acc[v] = outputs.load(row, v);
    for (int tile = 0; tile < p.tiles; ++tile, a += kDepth, b += kDepth * group_columns) {
      const auto value = pairwise<kExact, kDepth, vectors>(d, a, b);
      for (int v = 0; v < vectors; ++v) acc[v] = hn::Add(acc[v], value[v]);
    }
    for (int v = 0; v < vectors; ++v) outputs.store(row, v, acc[v]);
  }
}

using Columns = void (*)(const Packed& p, int row_begin, int row_end, int column, int row_fractals,
                         StartRow start, std::uint8_t* c);

template <int kColumns>
Columns tree_kernel(const Packed& p) {
  constexpr Columns kernels[2][5] = {
      {tree_columns<false, 2, kColumns>, tree_columns<false, 4, kColumns>,
       tree_columns<false, 8, kColumns>, tree_columns<false, 16, kColumns>,
       tree_columns<false, 32, kColumns>},
      {tree_columns<true, 2, kColumns>, tree_columns<true, 4, kColumns>,
       tree_columns<true, 8, kColumns>, tree_columns<true, 16, kColumns>,
       tree_columns<true, 32, kColumns>}};
  return kernels[p.products_exact ? 1 : 0][std::countr_zero(static_cast<unsigned>(p.depth)) - 1];
}

template <class Lanes, int kColumns>
Columns kernel(const Packed& p) {
  if (p.numerics == Numerics::tree) return tree_kernel<kColumns>(p);
  return p.numerics == Numerics::fused24 ? Aligned<Lanes, true, kColumns>::columns
                                         : Aligned<Lanes, false, kColumns>::columns;
}

// Takes as many fractals at once as four vectors hold, and at least one.
template <class Lanes>
void compute_with(const Packed& p, FractalRange range, StartRow start, std::uint8_t* c) {
  constexpr int lanes = static_cast<int>(hn::MaxLanes(hn::ScalableTag<typename Lanes::Value>()));
  constexpr int widest = std::max(fractal_rows, 4 * lanes) / fractal_rows;  // in fractals
  const int row_begin = range.row_begin * fractal_rows;
  const int row_end = std::min(p.m, range.row_end * fractal_rows);
  const int row_fractals = (p.m + fractal_rows - 1) / fractal_rows;
  for (int j = range.column_begin; j < range.column_end;) {
    const int in_group = fractals_per_group - j % fractals_per_group;
    const int left = std::min({in_group, range.column_end - j, widest});
    Columns run = nullptr;
    int taken = 1;
    if constexpr (widest >= 4) {
      if (left >= 4) run = kernel<Lanes, 64>(p), taken = 4;
    }
    if constexpr (widest >= 2) {
      if (run == nullptr && left >= 2) run = kernel<Lanes, 32>(p), taken = 2;
    }
    if (run == nullptr) run = kernel<Lanes, 16>(p);
    run(p, row_begin, row_end, j * fractal_rows, row_fractals, start, c);
    j += taken;
  }
}

void Floating(const Packed& p, FractalRange range, StartRow start, std::uint8_t* c) {
  if (p.path == Path::float_lanes) {
    compute_with<FloatLanes>(p, range, start, c);
  } else {
    compute_with<DoubleLanes>(p, range, start, c);
  }
}

#else

void Floating(const Packed&, FractalRange, StartRow, std::uint8_t*) {}

#endif  // VITRUVIAN_CUBE_KERNELS

}  // namespace HWY_NAMESPACE
}  // namespace vitruvian::models::simd
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vitruvian::models::simd {
namespace {
HWY_EXPORT(Floating);
}

void compute_floating(const Packed& packed, FractalRange range, StartRow start, std::uint8_t* c) {
  HWY_DYNAMIC_DISPATCH(Floating)(packed, range, start, c);
}

}  // namespace vitruvian::models::simd
#endif  // HWY_ONCE
