// SPDX-License-Identifier: Apache-2.0
#include "tb/lockstep/operands.h"

#include <cstring>

#include "models/pipe/cube.h"

namespace vitruvian::tb {
namespace {

std::vector<std::uint8_t> copy(const models::Buffer& buffer, std::uint64_t start, std::uint64_t size) {
  const auto bytes = buffer.at(start, size);
  return {bytes.begin(), bytes.end()};
}

constexpr std::uint64_t block_bytes = 32, fractal_bytes = 512;

bool empty(const models::Mmad& mmad) { return mmad.m == 0 || mmad.n == 0 || mmad.k == 0; }

}  // namespace

Operands::Operands(const models::Mmad& mmad, const models::CoreState& state) : mmad_{mmad} {
  if (empty(mmad)) return;
  const models::MmadArgs args = models::args_of(mmad);
  a_ = copy(state.l0a, mmad.a.value(), models::mmad_a_bytes(args));
  b_ = copy(state.l0b, mmad.b.value(), models::mmad_b_bytes(args));
  if (mmad.init == models::Init::bias) bias_ = copy(state.bt, mmad.bias.value(), mmad.n * 4ull);
}

std::uint32_t Operands::element(const std::vector<std::uint8_t>& bytes, std::uint64_t block,
                                std::uint32_t k) const {
  const auto bits = static_cast<std::uint32_t>(element_bits(mmad_.dtype));
  const std::uint64_t bit = block * 8 + k % (block_bytes * 8 / bits) * bits;
  std::uint32_t word = 0;
  std::memcpy(&word, bytes.data() + bit / 8, (bits + 7) / 8);
  if (bits < 8) word = word >> bit % 8 & ((1u << bits) - 1);
  return word;
}

std::uint64_t Operands::a_pitch() const {
  return round_up(depth_fractals(), mmad_.k_align ? 2u : 1u);
}

std::uint64_t Operands::depth_fractals() const {
  return ceil_div(mmad_.k, static_cast<std::uint64_t>(elements_per_block(mmad_.dtype)));
}

std::uint32_t Operands::a(std::uint32_t row, std::uint32_t k) const {
  const std::uint64_t l = k / static_cast<std::uint32_t>(elements_per_block(mmad_.dtype));
  if (plain_row()) return element(a_, l * block_bytes, k);
  return element(a_, (row / 16 * a_pitch() + l) * fractal_bytes + row % 16 * block_bytes, k);
}

std::uint32_t Operands::b(std::uint32_t k, std::uint32_t column) const {
  const std::uint64_t l = k / static_cast<std::uint32_t>(elements_per_block(mmad_.dtype));
  const std::uint64_t n1 = ceil_div(mmad_.n, 16);
  return element(b_, (l * n1 + column / 16) * fractal_bytes + column % 16 * block_bytes, k);
}

std::uint32_t Operands::multiplied(std::uint32_t bits) const {
  if (mmad_.hf32 == models::Hf32::off) return bits;
  return to_hf32(bits, mmad_.hf32 == models::Hf32::nearest_even ? Ties::to_even : Ties::to_zero);
}

std::uint32_t Operands::start(std::uint32_t column, std::uint32_t in_l0c) const {
  if (mmad_.init == models::Init::accumulate) return in_l0c;
  if (mmad_.init == models::Init::zero) return 0;
  std::uint32_t word = 0;
  std::memcpy(&word, bias_.data() + column * 4, 4);
  return word;
}

std::vector<std::uint32_t> Operands::row_of_a(std::uint32_t row, std::uint32_t l,
                                              const TileGrid& grid) const {
  std::vector<std::uint32_t> out(grid.k0);
  for (std::uint32_t i = 0; i < grid.k0 && l * grid.k0 + i < grid.k; ++i) out[i] = multiplied(a(row, l * grid.k0 + i));
  return out;
}

std::vector<std::uint32_t> Operands::column_of_b(std::uint32_t column, std::uint32_t l,
                                                 const TileGrid& grid) const {
  std::vector<std::uint32_t> out(grid.k0);
  for (std::uint32_t i = 0; i < grid.k0 && l * grid.k0 + i < grid.k; ++i) out[i] = multiplied(b(l * grid.k0 + i, column));
  return out;
}

std::vector<std::uint32_t> Operands::chain(std::uint32_t row, std::uint32_t column,
                                           std::uint32_t in_l0c, models::Numerics numerics,
                                           const TileGrid& grid) const {
  std::vector<std::uint32_t> out;
  std::uint32_t acc = start(column, in_l0c);
  for (std::uint32_t l = 0; l < grid.kt; ++l) {
    acc = models::dot(numerics, mmad_.dtype, row_of_a(row, l, grid), column_of_b(column, l, grid), acc);
    out.push_back(acc);
  }
  return out;
}

}  // namespace vitruvian::tb
