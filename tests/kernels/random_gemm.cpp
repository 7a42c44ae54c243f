// SPDX-License-Identifier: Apache-2.0
#include "tests/kernels/random_gemm.h"

#include <algorithm>

namespace vitruvian::tests {
namespace {

using Random = std::mt19937_64;

std::uint64_t below(Random& random, std::uint64_t n) { return random() % n; }

std::uint64_t size(Random& random) {
  static constexpr std::uint64_t edges[] = {1,   2,   7,   8,   9,   15,  16,  17,  24,  31,
                                            32,  33,  40,  47,  48,  49,  63,  64,  65,  97,
                                            127, 128, 129, 131, 144, 145, 255, 256, 257, 509};
  return below(random, 3) ? edges[below(random, std::size(edges))] : 1 + below(random, 300);
}

DataType output(Random& random, DataType dtype) {
  static constexpr DataType floating[] = {DataType::f32, DataType::f16, DataType::bf16};
  static constexpr DataType integer[] = {DataType::s32, DataType::f16, DataType::s8};
  return (is_floating(dtype) ? floating : integer)[below(random, 3)];
}

// Two s4 fill a byte: what stands along a row is made even.
void make_rows_even(models::GemmProblem& p) {
  const auto even = [](std::uint64_t& side) { side += side % 2; };
  if (p.k == 1) p.k = 2;
  even(models::a_is_turned(p) ? p.m : p.k);
  even(models::b_is_turned(p) ? p.n : p.k);
}

std::uint64_t tile(Random& random, std::uint64_t unit, std::uint64_t most) {
  return unit * (1 + below(random, most / unit));
}

}  // namespace

GemmCase random_gemm(std::uint64_t seed, std::uint64_t most_macs) {
  Random random{seed};
  GemmCase c;
  c.seed = seed;
  models::GemmProblem& p = c.problem;
  static constexpr DataType types[] = {DataType::f16, DataType::bf16, DataType::f32,
                                       DataType::s8,  DataType::f32,  DataType::s4};
  const std::uint64_t kind = below(random, std::size(types));
  p.dtype = types[kind];
  if (kind == 4) p.hf32 = models::Hf32::nearest_even;
  p.out = output(random, p.dtype);
  do {
    p.m = size(random);
    p.n = size(random);
    p.k = size(random);
    c.batch = below(random, 8) ? 1 : 2 + below(random, 2);
  } while (p.m * p.n * p.k * c.batch > most_macs);
  p.trans_a = below(random, 2);
  p.trans_b = below(random, 2);
  p.bias = below(random, 2);
  p.relu = below(random, 2);
  if (p.dtype == DataType::s4) make_rows_even(p);
  if (!is_floating(p.dtype) && p.out != DataType::s32) {
    p.scale = 1.0f / static_cast<float>(1 << below(random, 12));
  }
  const models::TileShape unit = models::gemm_granule(p);
  if (below(random, 2)) {
    c.request.l0 = models::TileShape{tile(random, unit.m, 96), tile(random, unit.n, 96),
                                     tile(random, unit.k, std::min(models::gemm_longest_k(p), std::max<std::uint64_t>(64, 2 * unit.k)))};
  }
  if (c.request.l0 && below(random, 2)) {
    const models::TileShape& l0 = *c.request.l0;
    c.request.l1 = models::TileShape{l0.m * (1 + below(random, 2)), l0.n * (1 + below(random, 2)),
                                     l0.k * (1 + below(random, 3))};
  }
  return c;
}

}  // namespace vitruvian::tests
