// SPDX-License-Identifier: Apache-2.0
#include "models/arch/bound.h"

#include <cmath>
#include <limits>

namespace vitruvian {
namespace {

constexpr double nothing_promised = std::numeric_limits<double>::infinity();
constexpr double unit = 0x1p-24;   // largest relative error of rounding to fp32
constexpr double tiny = 0x1p-150;  // largest error of rounding to an fp32 subnormal
constexpr double double_unit = 0x1p-53;

double tiles_of(const ProductElement& e) {
  if (e.tiles > 0) return static_cast<double>(e.tiles);
  return static_cast<double>((e.k + e.depth - 1) / e.depth);
}

// The error in units of `unit` times the largest magnitude of anything added.
double units(const ProductElement& e) {
  const double tiles = tiles_of(e);
  const double depth = e.depth;
  const double additions = tiles - (e.has_start ? 0 : 1);  // the first one to zero is exact
  const double product = e.type == DataType::f32 && !e.hf32;  // 48 bits; the others' are exact
  switch (e.numerics) {
    case Numerics::dot24:  // cut: all but the largest, or all; one rounding; the additions
      return (depth - 1 + product) + 1 + additions;
    case Numerics::fused24:  // every tile cuts all terms but the largest, and rounds
      return tiles * (depth + product + 1) - (e.has_start ? 0 : 1);
    case Numerics::tree:
      return product + std::log2(depth) + additions;
  }
  return nothing_promised;
}

// Roundings that may meet subnormals: those of tiles, or of products.
double subnormal_roundings(const ProductElement& e) {
  return e.numerics == Numerics::tree ? static_cast<double>(e.k) : tiles_of(e);
}

double rounded(DataType output, double result, double error) {
  if (output == DataType::f32) return error;
  const FloatFormat format = float_format(output);
  const double size = std::abs(result) + error;
  const double half_ulp = std::ldexp(1.0, -format.fraction_bits - 1);
  if (size >= std::ldexp(2 - half_ulp, format.max_exponent())) return nothing_promised;
  return error + std::max(size * half_ulp, std::ldexp(half_ulp, format.min_exponent()));
}

double integer_bound(const ProductElement& e) {
  if (e.magnitude > std::numeric_limits<std::int32_t>::max()) return nothing_promised;
  if (e.output == DataType::s32 || e.output == DataType::s8) return 0;
  return rounded(e.output, e.result, 0);
}

}  // namespace

double error_bound(const ProductElement& e) {
  if (!is_floating(e.type)) return integer_bound(e);
  const double relative = units(e) * unit;
  const double largest = (e.magnitude + subnormal_roundings(e) * tiny) / (1 - relative);
  if (!(relative < 0.5) || largest >= 0x1.fffffep127) return nothing_promised;
  const double reference = 2 * (static_cast<double>(e.k) + 1) * double_unit * e.magnitude;
  const double error = relative * largest + subnormal_roundings(e) * tiny + reference;
  return rounded(e.output, e.result, error);
}

}  // namespace vitruvian
