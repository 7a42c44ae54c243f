// SPDX-License-Identifier: Apache-2.0
#include "models/pipe/cube.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "models/arch/error.h"

namespace vitruvian::models {
namespace {

constexpr std::size_t c_fractal_bytes = 1024;

std::size_t fractals(int elements, int unit) {
  return static_cast<std::size_t>((elements + unit - 1) / unit);
}

// The low bits of an element in memory.
std::uint32_t load_bits(const std::uint8_t* from, int size) {
  std::uint32_t bits = 0;
  std::memcpy(&bits, from, static_cast<std::size_t>(size));
  return bits;
}

}  // namespace

std::size_t mmad_a_bytes(DataType type, int m, int k) {
  if (m == 1) return fractals(k, elements_per_block(type)) * 32;
  return fractals(m, 16) * fractals(k, elements_per_block(type)) * simd::fractal_bytes;
}

std::size_t mmad_b_bytes(DataType type, int n, int k) {
  return fractals(n, 16) * fractals(k, elements_per_block(type)) * simd::fractal_bytes;
}

std::size_t mmad_c_bytes(int m, int n) {
  return fractals(m, 16) * fractals(n, 16) * c_fractal_bytes;
}

void Cube::start(const MmadArgs& args) {
  ensure(args.type != DataType::s32, "an mmad multiplies f16, bf16, f32 or s8");
  operands_ = {args.type, args.m, args.n, args.k, tile_depth(args.type, shape_)};
  if (args.m == 0 || args.n == 0 || args.k == 0) return;
  const auto a_size = mmad_a_bytes(args.type, args.m, args.k);
  const auto b_size = mmad_b_bytes(args.type, args.n, args.k);
  ensure(args.a.size() >= a_size && args.b.size() >= b_size, "mmad operands outside L0A or L0B");
  operands_.a = args.a.data();
  operands_.b = args.b.data();
  set_start(args);
  simd::pack(operands_, numerics_, packed_);
  keep_operands(a_size, b_size);
}

// Packing has copied all the vectors need; the scalar definition needs the operands themselves.
void Cube::keep_operands(std::size_t a_size, std::size_t b_size) {
  const bool may_saturate = packed_.path == simd::Path::integers;
  if (packed_.path != simd::Path::scalar && !packed_.any_special && !may_saturate) return;
  copy_.resize(std::max(copy_.size(), a_size + b_size));
  std::memcpy(copy_.data(), operands_.a, a_size);
  std::memcpy(copy_.data() + a_size, operands_.b, b_size);
  operands_.a = copy_.data();
  operands_.b = copy_.data() + a_size;
}

void Cube::set_start(const MmadArgs& args) {
  accumulates_ = args.init == Init::accumulate;
  if (accumulates_) return;
  start_.assign(static_cast<std::size_t>(column_fractals()) * 16, 0);
  if (args.init != Init::bias) return;
  const auto size = static_cast<std::size_t>(args.n) * sizeof(std::uint32_t);
  ensure(args.bias.size() >= size, "bias outside BT");
  std::memcpy(start_.data(), args.bias.data(), size);
}

void Cube::compute(std::span<std::uint8_t> c) {
  compute_fractals({0, row_fractals(), 0, column_fractals()}, c);
}

void Cube::mmad(const MmadArgs& args, std::span<std::uint8_t> c) {
  start(args);
  compute(c);
}

std::uint8_t* Cube::output(int row, int column, std::uint8_t* c) const {
  const auto fractal = static_cast<std::size_t>(column / 16 * row_fractals() + row / 16);
  return c + fractal * c_fractal_bytes + row % 16 * 64 + column % 16 * 4;
}

// The output at `at` as the chain of tiles, in the scalar definition.
std::uint32_t Cube::by_definition(int row, int column, const std::uint8_t* at) const {
  const int size = element_size(operands_.type);
  const int block = elements_per_block(operands_.type);
  const auto depth = static_cast<std::size_t>(operands_.depth);
  std::array<std::uint32_t, max_tile_depth> a, b;
  std::uint32_t acc = accumulates_ ? load_bits(at, 4) : start_[static_cast<std::size_t>(column)];
  for (int first = 0; first < operands_.k; first += operands_.depth) {
    for (std::size_t lane = 0; lane < depth; ++lane) {
      const int k = first + static_cast<int>(lane);
      const int inside = k % block * size;
      const bool valid = k < operands_.k;
      a[lane] = valid ? load_bits(operands_.a_block(row, k / block) + inside, size) : 0;
      b[lane] = valid ? load_bits(operands_.b_block(column, k / block) + inside, size) : 0;
    }
    acc = dot(numerics_, operands_.type, std::span{a}.first(depth), std::span{b}.first(depth), acc);
  }
  return acc;
}

// Outputs of rows or columns with infinities or NaN, before the vectors touch them.
void Cube::find_special(const simd::Block& block, std::uint8_t* c) {
  special_.clear();
  if (!packed_.any_special) return;
  for (int row = block.row_begin; row < block.row_end; ++row) {
    for (int column = block.column_begin; column < block.column_end; ++column) {
      if (!packed_.a_special.data()[row] && !packed_.b_special.data()[column]) continue;
      std::uint8_t* at = output(row, column, c);
      special_.push_back({at, by_definition(row, column, at)});
    }
  }
}

void Cube::compute_fractals(simd::FractalRange range, std::span<std::uint8_t> c) {
  const auto& o = operands_;
  if (o.m == 0 || o.n == 0 || o.k == 0) return;
  ensure(c.size() >= mmad_c_bytes(o.m, o.n), "mmad result outside L0C");
  const simd::Block all{range.row_begin * 16, std::min(o.m, range.row_end * 16),
                        range.column_begin * 16, std::min(o.n, range.column_end * 16)};
  const simd::StartRow start = accumulates_ ? nullptr : start_.data();
  skipped_.clear();
  special_.clear();
  switch (packed_.path) {
    case simd::Path::scalar:
      skipped_.push_back(all);
      break;
    case simd::Path::integers:
      simd::compute_integers(packed_, range, start, c.data(), skipped_);
      break;
    default:
      find_special(all, c.data());
      simd::compute_floating(packed_, range, start, c.data());
  }
  for (const Result& result : special_) std::memcpy(result.at, &result.word, sizeof result.word);
  for (const simd::Block& block : skipped_) {
    for (int row = block.row_begin; row < block.row_end; ++row) {
      for (int column = block.column_begin; column < block.column_end; ++column) {
        std::uint8_t* at = output(row, column, c.data());
        const std::uint32_t word = by_definition(row, column, at);
        std::memcpy(at, &word, sizeof word);
      }
    }
  }
}

}  // namespace vitruvian::models
