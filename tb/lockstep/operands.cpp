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

bool empty(const models::Mmad& mmad) { return mmad.m == 0 || mmad.n == 0 || mmad.k == 0; }

}  // namespace

Operands::Operands(const models::Mmad& mmad, const models::CoreState& state) : mmad_{mmad} {
  if (empty(mmad)) return;
  a_ = copy(state.l0a, mmad.a.value(), models::mmad_a_bytes(mmad.dtype, mmad.m, mmad.k));
  b_ = copy(state.l0b, mmad.b.value(), models::mmad_b_bytes(mmad.dtype, mmad.n, mmad.k));
  if (mmad.init == models::Init::bias) bias_ = copy(state.bt, mmad.bias.value(), mmad.n * 4ull);
}

std::uint32_t Operands::element(const std::vector<std::uint8_t>& bytes, std::uint64_t byte) const {
  std::uint32_t bits = 0;
  std::memcpy(&bits, bytes.data() + byte, static_cast<std::size_t>(element_size(mmad_.dtype)));
  return bits;
}

std::uint32_t Operands::a(std::uint32_t row, std::uint32_t k) const {
  const auto size = static_cast<std::uint64_t>(element_size(mmad_.dtype));
  if (mmad_.m == 1) return element(a_, k * size);
  const auto c0 = static_cast<std::uint32_t>(elements_per_block(mmad_.dtype));
  const std::uint64_t k1 = ceil_div(mmad_.k, c0);
  return element(a_, (row / 16 * k1 + k / c0) * 512 + row % 16 * 32 + k % c0 * size);
}

std::uint32_t Operands::b(std::uint32_t k, std::uint32_t column) const {
  const auto size = static_cast<std::uint64_t>(element_size(mmad_.dtype));
  const auto c0 = static_cast<std::uint32_t>(elements_per_block(mmad_.dtype));
  const std::uint64_t n1 = ceil_div(mmad_.n, 16);
  return element(b_, (k / c0 * n1 + column / 16) * 512 + column % 16 * 32 + k % c0 * size);
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
  for (std::uint32_t i = 0; i < grid.k0 && l * grid.k0 + i < grid.k; ++i) out[i] = a(row, l * grid.k0 + i);
  return out;
}

std::vector<std::uint32_t> Operands::column_of_b(std::uint32_t column, std::uint32_t l,
                                                 const TileGrid& grid) const {
  std::vector<std::uint32_t> out(grid.k0);
  for (std::uint32_t i = 0; i < grid.k0 && l * grid.k0 + i < grid.k; ++i) out[i] = b(l * grid.k0 + i, column);
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
