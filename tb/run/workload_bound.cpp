// SPDX-License-Identifier: Apache-2.0
#include "tb/run/workload_bound.h"

#include <cmath>

namespace vitruvian::tb {

double gemm_bound(const models::GemmProblem& p, models::CubeShape shape, models::Numerics numerics,
                  double value, double magnitude) {
  if (p.dtype == DataType::s8) {
    return p.out == DataType::f16 ? std::ldexp(std::abs(value), -12) + std::ldexp(1.0, -25) : 0.5;
  }
  const double k0 = models::tile_depth(p.dtype, shape), tiles = static_cast<double>(p.k) / k0 + 3;
  double units = k0 + 1 + tiles;
  if (numerics == models::Numerics::fused24) units = (k0 + 2) * tiles;
  if (numerics == models::Numerics::tree) units = std::log2(k0) + 1 + tiles;
  const double sum = std::ldexp(magnitude, -24) * units + std::ldexp(tiles, -149);
  if (p.out == DataType::f32) return sum;
  const FloatFormat f = float_format(p.out);
  return sum + std::ldexp(std::abs(value) + sum, -f.fraction_bits - 1) +
         std::ldexp(1.0, f.min_exponent() - f.fraction_bits - 1);
}

}  // namespace vitruvian::tb
