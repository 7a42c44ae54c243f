// SPDX-License-Identifier: Apache-2.0
#include "systemc/pipe/cube_beats.h"

#include <algorithm>
#include <bit>

namespace vitruvian::systemc {
namespace {

constexpr std::uint64_t side = 16, row_bytes = 32, fractal = 512;
constexpr std::uint64_t word = 4, c_row = 64, c_fractal = 1024;

// Stages: operands are addressed, accumulators are addressed.
struct Stages {
  Cycles fetch, accumulators;
};
Stages stages_of(models::Numerics numerics, std::uint32_t k0) {
  switch (numerics) {
    case models::Numerics::dot24: return {Cycles{1}, Cycles{12}};
    case models::Numerics::fused24: return {Cycles{8}, Cycles{11}};
    default: {
      const auto levels = static_cast<std::uint64_t>(std::countr_zero(k0));
      return {Cycles{11 - 2 * levels}, Cycles{16}};
    }
  }
}

// Fractals along k of A.
std::uint64_t fractals_of_k(const models::Mmad& mmad) {
  const auto c0 = static_cast<std::uint64_t>(elements_per_block(mmad.dtype));
  const std::uint64_t k1 = ceil_div(mmad.k, c0);
  return mmad.k_align ? round_up(k1, 2) : k1;
}

// The tile's first word in L0C.
std::uint64_t result_address(const models::Mmad& mmad, std::uint64_t row, std::uint64_t column) {
  const std::uint64_t m1 = ceil_div(mmad.m, side);
  return mmad.c.value() + (column / side * m1 + row / side) * c_fractal + row % side * c_row +
         column % side * word;
}

}  // namespace

CubeBeats::CubeBeats(const CubeConfig& cube, models::Numerics numerics, CoreObserver* observer,
                     models::CoreState* state)
    : cube_{cube}, accumulators_with_last_slot_{numerics == models::Numerics::fused24},
      fetch_{stages_of(numerics, cube.k).fetch},
      accumulators_{stages_of(numerics, cube.k).accumulators}, beats_{observer, state} {}

void CubeBeats::issued(const models::Mmad& mmad, TilePlace tile, std::uint32_t cost, bool last,
                       Cycle now) {
  const Cycle last_slot = now + Cycles{cost - 1};
  read_operands(mmad, tile, now + fetch_);
  read_accumulators(mmad, tile, (accumulators_with_last_slot_ ? last_slot : now) + accumulators_);
  writes_.push({&mmad, tile, last, last_slot + cube_.depth});
}

// A: M0 rows of 2 K0 bytes, those of 16 in a fractal; with m = 1 it is a plain row. B: N0 rows.
// They run on over the edge of a partial tile.
void CubeBeats::read_operands(const models::Mmad& mmad, TilePlace tile, Cycle at) {
  const std::uint64_t size = 2 * std::uint64_t{cube_.k}, k_byte = tile.l * size;
  const std::uint64_t row = std::uint64_t{tile.i} * cube_.m;
  const std::uint64_t column = std::uint64_t{tile.j} * cube_.n;
  const std::uint64_t in_part = std::min<std::uint64_t>(cube_.m, side);
  for (std::uint64_t part = 0; part < cube_.m / in_part; ++part) {
    const std::uint64_t place = (row / side + part) * fractals_of_k(mmad) + k_byte / row_bytes;
    const bool plain = mmad.m == 1 && !mmad.no_gemv;
    const std::uint64_t first =
        mmad.a.value() +
        (plain ? k_byte : place * fractal + row % side * row_bytes + k_byte % row_bytes);
    for (std::uint64_t r = 0; r < in_part; ++r) beats_.add(first + r * row_bytes, size);
  }
  beats_.read(Port::l0a_read, at);

  const std::uint64_t n1 = ceil_div(mmad.n, side);
  const std::uint64_t first = mmad.b.value() + (k_byte / row_bytes * n1 + column / side) * fractal +
                              column % side * row_bytes + k_byte % row_bytes;
  for (std::uint64_t r = 0; r < cube_.n; ++r) beats_.add(first + r * row_bytes, size);
  beats_.read(Port::l0b_read, at);
}

// What the tile adds to, if anything: M0 rows of N0 words of L0C, or N0 words of BT.
void CubeBeats::read_accumulators(const models::Mmad& mmad, TilePlace tile, Cycle at) {
  const std::uint64_t row = std::uint64_t{tile.i} * cube_.m;
  const std::uint64_t column = std::uint64_t{tile.j} * cube_.n;
  if (tile.l > 0 || mmad.init == models::Init::accumulate) {
    const std::uint64_t first = result_address(mmad, row, column);
    for (std::uint64_t r = 0; r < cube_.m; ++r) beats_.add(first + r * c_row, cube_.n * word);
    beats_.read(Port::l0c_read, at);
  } else if (mmad.init == models::Init::bias) {
    beats_.add(mmad.bias.value() + column * word, cube_.n * word);
    beats_.read(Port::bt_read, at);
  }
}

void CubeBeats::retired(const models::Mmad& mmad) {
  while (!writes_.empty() && writes_.front().mmad == &mmad) {
    write(writes_.front());
    writes_.pop();
  }
}

void CubeBeats::write(const Write& write) {
  const models::Mmad& mmad = *write.mmad;
  const std::uint64_t row = std::uint64_t{write.tile.i} * cube_.m;
  const std::uint64_t column = std::uint64_t{write.tile.j} * cube_.n;
  const std::uint64_t rows = std::min<std::uint64_t>(cube_.m, mmad.m - row);
  const std::uint64_t columns = std::min<std::uint64_t>(cube_.n, mmad.n - column);
  const std::uint64_t first = result_address(mmad, row, column);
  for (std::uint64_t r = 0; r < rows; ++r) beats_.add(first + r * c_row, columns * word);
  if (write.last) {
    beats_.write(Port::l0c_write, write.at, Space::L0C);
  } else {
    beats_.read(Port::l0c_write, write.at);  // no bytes
  }
}

}  // namespace vitruvian::systemc
