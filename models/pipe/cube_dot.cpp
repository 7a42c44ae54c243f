// SPDX-License-Identifier: Apache-2.0
#include "models/pipe/cube_dot.h"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <utility>

namespace vitruvian::models {
namespace {

constexpr FloatFormat f32 = float_format(DataType::f32);
constexpr int fraction_width = 24;  // of the aligned terms of dot24 and fused24

// A finite non-zero term: (-1)^negative * significand * 2^(exponent - fraction_bits).
struct Term {
  bool negative;
  int exponent;
  std::uint64_t significand;
  int fraction_bits;
};

// The terms of one tile that are not zero; at most K0 products and the accumulator.
class Terms {
 public:
  void push(const Term& term) { terms_[size_++] = term; }
  bool empty() const { return size_ == 0; }
  const Term* begin() const { return terms_.data(); }
  const Term* end() const { return terms_.data() + size_; }

 private:
  std::array<Term, max_tile_depth + 1> terms_;
  int size_ = 0;
};

// The exact product; both numbers are finite and not zero.
Term multiply(DataType type, const Decoded& a, const Decoded& b) {
  return {a.negative != b.negative, a.exponent + b.exponent,
          std::uint64_t{a.significand} * b.significand, 2 * float_format(type).fraction_bits};
}

// What infinities and NaN among the operands make of the tile; nothing if there are none.
class SpecialValues {
 public:
  void look_at(const Decoded& a, const Decoded& b) {
    const auto either = [&](NumberClass kind) { return a.kind == kind || b.kind == kind; };
    if (either(NumberClass::nan)) nan_ = true;
    if (!either(NumberClass::infinite)) return;
    if (either(NumberClass::zero)) nan_ = true;
    (a.negative != b.negative ? minus_ : plus_) = true;
  }
  std::optional<std::uint32_t> tile() const {
    if (nan_ || (plus_ && minus_)) return canonical_nan;
    if (plus_) return f32.infinity();
    if (minus_) return f32.sign_bit() | f32.infinity();
    return std::nullopt;
  }

 private:
  bool nan_ = false;
  bool plus_ = false;
  bool minus_ = false;
};

std::uint64_t shift_right(std::uint64_t value, int shift) {
  if (shift < 0) return value << -shift;
  return shift > 63 ? 0 : value >> shift;
}

// Steps 2 to 5 of dot24: align to the largest exponent, truncate, sum, round once.
std::uint32_t aligned_sum(const Terms& terms) {
  if (terms.empty()) return 0;
  const int top = std::max_element(terms.begin(), terms.end(), [](const Term& x, const Term& y) {
                    return x.exponent < y.exponent;
                  })->exponent;
  std::int64_t sum = 0;
  for (const Term& term : terms) {
    const int shift = term.fraction_bits - fraction_width + (top - term.exponent);
    const auto aligned = static_cast<std::int64_t>(shift_right(term.significand, shift));
    sum += term.negative ? -aligned : aligned;
  }
  const bool negative = sum < 0;
  const auto magnitude = static_cast<std::uint64_t>(negative ? -sum : sum);
  return round_to(DataType::f32, negative, magnitude, top - fraction_width);
}

std::uint32_t positive_zero(std::uint32_t bits) { return bits == f32.sign_bit() ? 0 : bits; }

std::uint32_t fused(Terms terms, std::uint32_t acc_bits) {
  const Decoded acc = decode(DataType::f32, acc_bits);
  if (acc.kind == NumberClass::nan) return canonical_nan;
  if (acc.kind == NumberClass::infinite) return acc_bits;
  if (acc.kind == NumberClass::finite) {
    terms.push({acc.negative, acc.exponent, acc.significand, f32.fraction_bits});
  }
  return positive_zero(aligned_sum(terms));
}

std::uint32_t rounded_product(DataType type, const Decoded& a, const Decoded& b) {
  if (a.kind == NumberClass::zero || b.kind == NumberClass::zero) return 0;
  const Term product = multiply(type, a, b);
  return round_to(DataType::f32, product.negative, product.significand,
                  product.exponent - product.fraction_bits);
}

// Joins neighbours level by level; `values` is scratch.
std::uint32_t pairwise_sum(std::span<std::uint32_t> values) {
  for (std::size_t size = values.size(); size > 1; size /= 2) {
    for (std::size_t i = 0; i < size / 2; ++i) values[i] = add(values[2 * i], values[2 * i + 1]);
  }
  return values[0];
}

std::uint32_t dot_floating(Numerics numerics, DataType type, std::span<const std::uint32_t> a_bits,
                           std::span<const std::uint32_t> b_bits, std::uint32_t acc_bits) {
  SpecialValues special;
  Terms products;
  std::array<std::uint32_t, max_tile_depth> rounded;
  for (std::size_t k = 0; k < a_bits.size(); ++k) {
    const Decoded a = decode(type, a_bits[k]);
    const Decoded b = decode(type, b_bits[k]);
    special.look_at(a, b);
    if (numerics == Numerics::tree) {
      rounded[k] = rounded_product(type, a, b);
    } else if (a.kind == NumberClass::finite && b.kind == NumberClass::finite) {
      products.push(multiply(type, a, b));
    }
  }
  if (const auto tile = special.tile()) return add(acc_bits, *tile);
  switch (numerics) {
    case Numerics::dot24:
      return add(acc_bits, aligned_sum(products));
    case Numerics::fused24:
      return fused(products, acc_bits);
    case Numerics::tree:
      break;
  }
  return add(acc_bits, pairwise_sum(std::span{rounded}.first(a_bits.size())));
}

std::uint32_t dot_integer(DataType type, std::span<const std::uint32_t> a_bits,
                          std::span<const std::uint32_t> b_bits, std::uint32_t acc_bits) {
  std::int64_t sum = static_cast<std::int32_t>(acc_bits);
  for (std::size_t k = 0; k < a_bits.size(); ++k) {
    sum += to_integer(type, a_bits[k]) * to_integer(type, b_bits[k]);
  }
  using Limits = std::numeric_limits<std::int32_t>;
  const std::int64_t saturated = std::clamp<std::int64_t>(sum, Limits::min(), Limits::max());
  return static_cast<std::uint32_t>(saturated);
}

// The sum of two finite non-zero numbers. The smaller one is cut 34 places below the larger one's
// last bit; whether anything was lost there is kept in its last bit, which is all rounding needs.
std::uint32_t add_finite(Decoded large, Decoded small) {
  if (large.exponent < small.exponent) std::swap(large, small);
  constexpr int extra = 34;
  const int gap = large.exponent - small.exponent;
  const std::uint64_t whole = std::uint64_t{small.significand} << extra;
  const std::uint64_t kept = shift_right(whole, gap);
  const bool lost = gap > 63 || (kept << gap) != whole;
  const auto x = static_cast<std::int64_t>(std::uint64_t{large.significand} << extra);
  const auto y = static_cast<std::int64_t>(kept | (lost ? 1u : 0u));
  const std::int64_t sum = (large.negative ? -x : x) + (small.negative ? -y : y);
  const bool negative = sum < 0;
  return round_to(DataType::f32, negative, static_cast<std::uint64_t>(negative ? -sum : sum),
                  large.exponent - f32.fraction_bits - extra);
}

}  // namespace

std::uint32_t add(std::uint32_t x_bits, std::uint32_t y_bits) {
  const Decoded x = decode(DataType::f32, x_bits);
  const Decoded y = decode(DataType::f32, y_bits);
  if (x.kind == NumberClass::nan || y.kind == NumberClass::nan) return canonical_nan;
  if (x.kind == NumberClass::infinite && y.kind == NumberClass::infinite) {
    return x.negative == y.negative ? x_bits : canonical_nan;
  }
  if (x.kind == NumberClass::infinite || y.kind == NumberClass::zero) return positive_zero(x_bits);
  if (y.kind == NumberClass::infinite || x.kind == NumberClass::zero) return y_bits;
  return positive_zero(add_finite(x, y));
}

std::uint32_t dot(Numerics numerics, DataType type, std::span<const std::uint32_t> a_bits,
                  std::span<const std::uint32_t> b_bits, std::uint32_t acc_bits) {
  if (!is_floating(type)) return dot_integer(type, a_bits, b_bits, acc_bits);
  return dot_floating(numerics, type, a_bits, b_bits, acc_bits);
}

}  // namespace vitruvian::models
