// SPDX-License-Identifier: Apache-2.0
//
// Packing: L0A and L0B images to panels whose rows the kernels read in one direction.
#include "models/pipe/cube_simd.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <numeric>
#include <optional>
#include <type_traits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "models/pipe/cube_simd_pack.cpp"
#include "models/pipe/cube_simd_targets.h"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "models/pipe/cube_simd_transpose-inl.h"

#ifndef VITRUVIAN_CUBE_SIMD_PACK_ONCE  // the rest is compiled once per target
#define VITRUVIAN_CUBE_SIMD_PACK_ONCE
namespace vitruvian::models::simd {
namespace {

// What packing learns about an operand's elements, as fp32 bits.
struct Extremes {
  std::uint32_t largest = 0;             // magnitude; infinity or more: there are special values
  std::uint32_t smallest = 0xffffffffu;  // magnitude of the smallest non-zero element, less one

  int top() const { return static_cast<int>(largest >> 23) - 127; }
  int bottom() const { return static_cast<int>((smallest + 1) >> 23) - 127; }
  bool all_zero() const { return largest == 0; }
  bool all_normal() const { return bottom() > -127 && top() < 128; }  // zeros aside
};

// The power of two to divide out so that all exponents lie in the window of FloatLanes.
std::optional<int> base_for(const Extremes& x) {
  constexpr int window = FloatLanes::window;
  if (x.all_zero()) return 0;
  if (!x.all_normal() || x.top() - x.bottom() > 2 * window) return std::nullopt;
  if (x.top() > window) return x.top() - window;
  return x.bottom() < -window ? x.bottom() + window : 0;
}

// Tiles of packed products times 2^base neither under- nor overflow: the smallest is
// 2^(-2 * 31 - 24), the largest below 2^(2 * 31 + 2 + 5).
bool tile_is_normal(int base) { return base >= -40 && base <= 58; }

// Every product of two bf16 or hf32 numbers (16 or 24 significant bits) is an fp32 number.
// Subnormals need no closer look: their last place is that of the smallest normal numbers.
bool products_are_exact(const Extremes& a, const Extremes& b) {
  if (a.all_zero() || b.all_zero()) return true;
  return a.bottom() + b.bottom() >= -126 && a.top() + b.top() <= 125;
}

// How elements stand in memory, and what is made of them first.
struct Format {
  DataType type;
  Hf32 hf32 = Hf32::off;

  constexpr bool is_f16() const { return type == DataType::f16; }
  // Products fit an fp32 number, but for the ends of its range.
  constexpr bool has_short_products() const {
    return type == DataType::bf16 || hf32 != Hf32::off;
  }
};

float power_of_two(int exponent) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(exponent + 127) << 23);
}

}  // namespace
}  // namespace vitruvian::models::simd
#endif

HWY_BEFORE_NAMESPACE();
namespace vitruvian::models::simd {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#if VITRUVIAN_CUBE_KERNELS

// to_hf32() of models/arch/number.h in every lane; NaN stays any NaN.
template <Hf32 kHf32, class D>
HWY_INLINE hn::Vec<D> shorten(D d, hn::Vec<D> x) {
  const hn::RebindToUnsigned<D> du;
  constexpr int dropped = 23 - hf32_fraction_bits;
  const auto bits = hn::BitCast(du, x);
  // Just below half a unit, and for ties to even one more where the last kept bit is 1.
  auto rounded = hn::Add(bits, hn::Set(du, (1u << (dropped - 1)) - 1));
  if constexpr (kHf32 == Hf32::nearest_even) {
    rounded = hn::Add(rounded, hn::And(hn::ShiftRight<dropped>(bits), hn::Set(du, 1)));
  }
  const auto kept = hn::BitCast(d, hn::And(rounded, hn::Set(du, ~0u << dropped)));
  return hn::IfThenElse(hn::IsFinite(x), kept, x);
}

// One element type in memory -> fp32 lanes.
template <Format kFormat, class D>
HWY_INLINE hn::Vec<D> widen_lanes(D d, const void* from) {
  if constexpr (kFormat.type == DataType::f32) {
    const auto x = hn::LoadU(d, static_cast<const float*>(from));
    if constexpr (kFormat.hf32 == Hf32::off) return x;
    return shorten<kFormat.hf32>(d, x);
  } else {
    const hn::Rebind<std::uint16_t, D> d16;
    const auto bits = hn::LoadU(d16, static_cast<const std::uint16_t*>(from));
    if constexpr (kFormat.is_f16()) {
      return hn::PromoteTo(d, hn::BitCast(hn::Rebind<hwy::float16_t, D>(), bits));
    } else {
      const hn::RebindToUnsigned<D> du;
      return hn::BitCast(d, hn::ShiftLeft<16>(hn::PromoteTo(du, bits)));
    }
  }
}

// What the float lanes of one row, or of some columns, have shown so far.
template <class D>
struct Seen {
  using DU = hn::RebindToUnsigned<D>;
  hn::Vec<DU> largest, smallest;  // as in Extremes

  HWY_INLINE Seen() : largest{hn::Zero(DU())}, smallest{hn::Set(DU(), 0xffffffffu)} {}

  template <Format kFormat>
  HWY_INLINE void look_at(hn::Vec<DU> magnitude) {
    largest = hn::Max(largest, magnitude);
    if constexpr (kFormat.has_short_products()) {
      smallest = hn::Min(smallest, hn::Sub(magnitude, hn::Set(DU(), 1)));
    }
  }
};

// Packs lanes: values, and exponents as 32-bit integers.
template <class Lanes, Format kFormat, class D>
class Packer {
 public:
  using VF = hn::Vec<D>;
  using VI = hn::Vec<hn::RebindToSigned<D>>;
  explicit HWY_INLINE Packer(float scale) : scale_{hn::Set(D(), scale)} {}

  HWY_INLINE VF values(const std::uint8_t* from, Seen<D>& seen) const {
    const auto raw = widen_lanes<kFormat>(D(), from);
    seen.template look_at<kFormat>(magnitude(raw));
    if constexpr (kFormat.is_f16() || std::is_same_v<Lanes, DoubleLanes>) {
      return raw;
    } else {
      return hn::Mul(raw, scale_);
    }
  }
  // floor(log2 |x|). Float lanes hold no subnormals, so a zero's field serves as its exponent.
  HWY_INLINE VI exponents(VF x) const {
    const hn::RebindToSigned<D> di;
    const auto plain = hn::Sub(field(x), hn::Set(di, 127));
    if constexpr (std::is_same_v<Lanes, FloatLanes>) {
      return plain;
    } else {
      const auto scaled = field(hn::Mul(x, hn::Set(D(), 16777216.0f)));
      const auto tiny = hn::Sub(scaled, hn::Set(di, 127 + 24));
      const auto is_zero = hn::RebindMask(di, hn::Eq(x, hn::Zero(D())));
      const auto small = hn::IfThenElse(is_zero, hn::Set(di, Lanes::zero), tiny);
      return hn::IfThenElse(hn::Eq(field(x), hn::Zero(di)), small, plain);
    }
  }

 private:
  static HWY_INLINE hn::Vec<hn::RebindToUnsigned<D>> magnitude(VF x) {
    const hn::RebindToUnsigned<D> du;
    return hn::And(hn::BitCast(du, x), hn::Set(du, 0x7fffffffu));
  }
  static HWY_INLINE VI field(VF x) {
    return hn::BitCast(hn::RebindToSigned<D>(), hn::ShiftRight<23>(magnitude(x)));
  }
  VF scale_;
};

template <class D>
HWY_INLINE void store_values(D d, hn::Vec<D> x, float* to) {
  hn::StoreU(x, d, to);
}
template <class D>
HWY_INLINE void store_values(D, hn::Vec<D> x, double* to) {
  const hn::Half<D> half;
  const hn::Repartition<double, D> dd;
  hn::StoreU(hn::PromoteTo(dd, hn::LowerHalf(half, x)), dd, to);
  hn::StoreU(hn::PromoteTo(dd, hn::UpperHalf(half, x)), dd, to + hn::Lanes(dd));
}

// A's exponents fill 32 bits with copies, so that one 32-bit broadcast feeds narrow lanes.
template <class Lanes, class DU, class VI>
HWY_INLINE hn::Vec<DU> repeated(DU du, VI e) {
  alignas(16) static constexpr std::uint8_t copies[2][16] = {
      {0, 0, 0, 0, 4, 4, 4, 4, 8, 8, 8, 8, 12, 12, 12, 12},
      {0, 1, 0, 1, 4, 5, 4, 5, 8, 9, 8, 9, 12, 13, 12, 13}};
  const hn::Repartition<std::uint8_t, DU> bytes;
  const auto* from = copies[sizeof(typename Lanes::Exponent) - 1];
  return hn::BitCast(du, hn::TableLookupBytes(hn::BitCast(bytes, e), hn::LoadDup128(bytes, from)));
}

// The block of A with elements from k on cleared.
inline const std::uint8_t* only_depth(const Operands& o, int i, int first, std::uint8_t* scratch) {
  const int block = elements_per_block(o.type);
  if (first + block <= o.k) return o.a_block(i, first / block);
  std::memset(scratch, 0, 32);
  const int valid = std::max(0, o.k - first) * element_size(o.type);
  if (valid > 0) {
    std::memcpy(scratch, o.a_block(i, first / block), static_cast<std::size_t>(valid));
  }
  return scratch;
}

template <class Lanes, Format kFormat>
Extremes pack_a(const Operands& o, int stride, float scale, bool with_exponents,
                Panels<Lanes>& panels, std::uint8_t* special) {
  constexpr int block = elements_per_block(kFormat.type);
  const hn::CappedTag<float, block> d;
  const hn::RebindToUnsigned<decltype(d)> du;
  const Packer<Lanes, kFormat, hn::CappedTag<float, block>> packer{scale};
  const auto size = static_cast<std::size_t>(o.m * stride);
  auto* values = panels.a.resize(size);
  auto* exponents = panels.a_exponents.resize(size);
  alignas(32) std::uint8_t scratch[32];
  Extremes all;
  for (int i = 0; i < o.m; ++i, values += stride, exponents += stride) {
    Seen<hn::CappedTag<float, block>> seen;
    for (int k = 0; k < stride; k += block) {
      const std::uint8_t* from = only_depth(o, i, k, scratch);
      for (int e = 0; e < block; e += static_cast<int>(hn::Lanes(d))) {
        const auto x = packer.values(from + e * element_size(kFormat.type), seen);
        store_values(d, x, values + k + e);
        if (!with_exponents) continue;
        hn::StoreU(repeated<Lanes>(du, packer.exponents(x)), du, exponents + k + e);
      }
    }
    const auto largest = hn::GetLane(hn::MaxOfLanes(du, seen.largest));
    special[i] = largest >= 0x7f800000u;
    all.largest = std::max(all.largest, largest);
    all.smallest = std::min(all.smallest, hn::GetLane(hn::MinOfLanes(du, seen.smallest)));
  }
  return all;
}

// A fractal of B with columns from `columns` on cleared.
inline const std::uint8_t* only_columns(const std::uint8_t* fractal, int columns,
                                        std::uint8_t* scratch) {
  if (columns >= fractal_rows) return fractal;
  const auto valid = static_cast<std::size_t>(columns) * 32;
  std::memcpy(scratch, fractal, valid);
  std::memset(scratch + valid, 0, fractal_bytes - valid);
  return scratch;
}

template <class Lanes, Format kFormat>
Extremes pack_b(const Operands& o, int stride, float scale, bool with_exponents,
                Panels<Lanes>& panels, std::uint8_t* special) {
  using Word = std::conditional_t<kFormat.type == DataType::f32, std::uint32_t, std::uint16_t>;
  using D = hn::CappedTag<float, fractal_rows>;
  constexpr int block = elements_per_block(kFormat.type);
  constexpr int lanes = static_cast<int>(hn::MaxLanes(D()));
  constexpr int vectors = fractal_rows / lanes;
  const D d;
  const hn::RebindToUnsigned<D> du;
  const hn::Rebind<typename Lanes::Exponent, D> de;
  const Packer<Lanes, kFormat, D> packer{scale};
  const int groups = (o.n + group_columns - 1) / group_columns;
  const auto size = static_cast<std::size_t>(groups * stride) * group_columns;
  auto* values = panels.b.resize(size);
  auto* exponents = panels.b_exponents.resize(size);
  alignas(64) Word rows[block * fractal_rows];
  alignas(64) std::uint8_t scratch[fractal_bytes];
  alignas(64) std::uint32_t largest[fractal_rows];
  Extremes all;
  for (int j = 0; j < o.column_fractals(); ++j) {
    auto at = static_cast<std::size_t>(j / fractals_per_group * stride) * group_columns +
              static_cast<std::size_t>(j % fractals_per_group * fractal_rows);
    const int columns = std::min(fractal_rows, o.n - j * fractal_rows);
    Seen<D> seen[vectors];
    for (int k = 0; k < stride; ++k, at += group_columns) {
      const int inside = k % block;
      if (inside == 0 && k < o.k) {
        const std::uint8_t* fractal = o.b_block(j * fractal_rows, k / block);
        transpose_fractal(only_columns(fractal, columns, scratch), rows);
      }
      if (k == o.k) std::memset(rows, 0, sizeof rows);
      const auto* from = reinterpret_cast<const std::uint8_t*>(rows + inside * fractal_rows);
      for (int v = 0; v < vectors; ++v) {
        const auto x = packer.values(from + v * lanes * element_size(kFormat.type), seen[v]);
        store_values(d, x, values + at + v * lanes);
        if (!with_exponents) continue;
        hn::StoreU(hn::DemoteTo(de, packer.exponents(x)), de, exponents + at + v * lanes);
      }
    }
    for (int v = 0; v < vectors; ++v) {
      hn::StoreU(seen[v].largest, du, largest + v * lanes);
      all.smallest = std::min(all.smallest, hn::GetLane(hn::MinOfLanes(du, seen[v].smallest)));
    }
    for (int c = 0; c < columns; ++c) {
      special[j * fractal_rows + c] = largest[c] >= 0x7f800000u;
      all.largest = std::max(all.largest, largest[c]);
    }
  }
  return all;
}

struct BothExtremes {
  Extremes a, b;
};

template <class Lanes, Format kFormat>
BothExtremes pack_both(const Operands& o, int a_base, int b_base, Packed& packed,
                       Panels<Lanes>& panels) {
  const bool with_exponents = packed.numerics != Numerics::tree;
  const auto a = pack_a<Lanes, kFormat>(o, packed.stride, power_of_two(-a_base), with_exponents,
                                      panels, packed.a_special.data());
  const auto b = pack_b<Lanes, kFormat>(o, packed.stride, power_of_two(-b_base), with_exponents,
                                      panels, packed.b_special.data());
  return {a, b};
}

// bf16 and hf32 in fp32 lanes, if their exponents lie close enough together; otherwise in double
// lanes.
template <Format kFormat>
void pack_short(const Operands& o, Packed& packed) {
  const auto [a, b] = pack_both<FloatLanes, kFormat>(o, 0, 0, packed, packed.floats);
  packed.products_exact = products_are_exact(a, b);
  if (packed.numerics == Numerics::tree) return;
  const auto a_base = base_for(a);
  const auto b_base = base_for(b);
  if (!a_base || !b_base || !tile_is_normal(*a_base + *b_base)) {
    packed.path = Path::double_lanes;
    pack_both<DoubleLanes, kFormat>(o, 0, 0, packed, packed.doubles);
    return;
  }
  packed.base = *a_base + *b_base;
  if (*a_base == 0 && *b_base == 0) return;
  pack_both<FloatLanes, kFormat>(o, *a_base, *b_base, packed, packed.floats);
}

void pack_f32(const Operands& o, Packed& packed) {
  switch (o.hf32) {
    case Hf32::nearest_even:
      return pack_short<Format{DataType::f32, Hf32::nearest_even}>(o, packed);
    case Hf32::nearest_zero:
      return pack_short<Format{DataType::f32, Hf32::nearest_zero}>(o, packed);
    case Hf32::off:
      break;
  }
  constexpr Format f32{DataType::f32};
  if (packed.numerics == Numerics::tree) {
    pack_both<FloatLanes, f32>(o, 0, 0, packed, packed.floats);
    return;
  }
  packed.path = Path::double_lanes;
  pack_both<DoubleLanes, f32>(o, 0, 0, packed, packed.doubles);
}

void Pack(const Operands& o, Packed& packed) {
  packed.path = Path::float_lanes;
  switch (o.type) {
    case DataType::f16:
      packed.products_exact = true;
      pack_both<FloatLanes, Format{DataType::f16}>(o, 0, 0, packed, packed.floats);
      return;
    case DataType::bf16:
      return pack_short<Format{DataType::bf16}>(o, packed);
    case DataType::f32:
      return pack_f32(o, packed);
    default:
      return;  // integers: pack_integers()
  }
}

#else

void Pack(const Operands&, Packed& packed) { packed.path = Path::scalar; }

#endif  // VITRUVIAN_CUBE_KERNELS

}  // namespace HWY_NAMESPACE
}  // namespace vitruvian::models::simd
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vitruvian::models::simd {
namespace {

HWY_EXPORT(Pack);

// The tree kernel exists for these depths; sums of aligned terms must fit 32 bits.
bool has_kernel(Numerics numerics, DataType type, int depth) {
  if (!is_floating(type)) return true;
  if (numerics == Numerics::tree) return std::has_single_bit(unsigned(depth)) && depth <= 32;
  return depth <= (numerics == Numerics::dot24 ? 32 : 31);
}

int round_up(int value, int unit) { return (value + unit - 1) / unit * unit; }

bool any_of(const Scratch<std::uint8_t>& flags, int size) {
  return std::any_of(flags.data(), flags.data() + size, [](std::uint8_t f) { return f != 0; });
}

}  // namespace

void pack(const Operands& o, Numerics numerics, Packed& packed) {
  packed.numerics = numerics;
  packed.m = o.m;
  packed.n = o.n;
  packed.k = o.k;
  packed.depth = o.depth;
  packed.tiles = o.tiles();
  packed.stride = round_up(o.k, std::lcm(o.depth, elements_per_block(o.type)));
  packed.base = 0;
  packed.products_exact = false;
  packed.any_special = false;
  packed.path = Path::scalar;
  if (!has_kernel(numerics, o.type, o.depth)) return;
  std::fill_n(packed.a_special.resize(static_cast<std::size_t>(o.m)), o.m, std::uint8_t{0});
  std::fill_n(packed.b_special.resize(static_cast<std::size_t>(o.n)), o.n, std::uint8_t{0});
  if (!is_floating(o.type)) return pack_integers(o, packed);
  HWY_DYNAMIC_DISPATCH(Pack)(o, packed);
  packed.any_special = any_of(packed.a_special, o.m) || any_of(packed.b_special, o.n);
}

}  // namespace vitruvian::models::simd
#endif  // HWY_ONCE
