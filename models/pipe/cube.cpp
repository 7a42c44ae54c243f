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

std::uint32_t load_word(const std::uint8_t* from) {
  std::uint32_t word = 0;
  std::memcpy(&word, from, sizeof word);
  return word;
}

// Element `i` of the 32 bytes at `block`, in the low bits of its word, as the multipliers see it.
std::uint32_t load_element(const std::uint8_t* block, int i, DataType type, Hf32 hf32) {
  if (type == DataType::s4) return block[i / 2] >> (i % 2 * 4) & 15u;
  const int size = element_size(type);
  std::uint32_t bits = 0;
  std::memcpy(&bits, block + i * size, static_cast<std::size_t>(size));
  if (hf32 == Hf32::off) return bits;
  return to_hf32(bits, hf32 == Hf32::nearest_even ? Ties::to_even : Ties::to_zero);
}

simd::Operands operands_of(const MmadArgs& args, int depth) {
  return {.type = args.type,
          .hf32 = args.hf32,
          .m = args.m,
          .n = args.n,
          .k = args.k,
          .depth = depth,
          .plain_row = args.m == 1 && !args.no_gemv,
          .even_depth = args.k_align,
          .a = args.a.data(),
          .b = args.b.data()};
}

}  // namespace

MmadArgs args_of(const Mmad& mmad) {
  return {.type = mmad.dtype,
          .m = mmad.m,
          .n = mmad.n,
          .k = mmad.k,
          .init = mmad.init,
          .a = {},
          .b = {},
          .bias = {},
          .hf32 = mmad.hf32,
          .k_align = mmad.k_align != 0,
          .no_gemv = mmad.no_gemv != 0};
}

// With an odd depth in an even pitch the last fractal of the last row is not read.
std::size_t mmad_a_bytes(const MmadArgs& args) {
  if (args.m == 0 || args.k == 0) return 0;
  const simd::Operands o = operands_of(args, 1);
  const auto depth = static_cast<std::size_t>(o.depth_fractals());
  if (o.plain_row) return depth * 32;
  const auto above = static_cast<std::size_t>((o.row_fractals() - 1) * o.a_pitch());
  return (above + depth) * simd::fractal_bytes;
}

std::size_t mmad_b_bytes(const MmadArgs& args) {
  return fractals(args.n, 16) * fractals(args.k, elements_per_block(args.type)) *
         simd::fractal_bytes;
}

std::size_t mmad_c_bytes(int m, int n) {
  return fractals(m, 16) * fractals(n, 16) * c_fractal_bytes;
}

void Cube::start(const MmadArgs& args) {
  ensure(args.type != DataType::s32, "an mmad multiplies f16, bf16, f32, s8 or s4");
  ensure(args.type == DataType::f32 || (args.hf32 == Hf32::off && !args.k_align),
         "hf32 and k_align are for fp32");
  operands_ = operands_of(args, tile_depth(args.type, shape_));
  if (args.m == 0 || args.n == 0 || args.k == 0) return;
  const auto a_size = mmad_a_bytes(args);
  const auto b_size = mmad_b_bytes(args);
  ensure(args.a.size() >= a_size && args.b.size() >= b_size, "mmad operands outside L0A or L0B");
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
  const DataType type = operands_.type;
  const int block = elements_per_block(type);
  const auto depth = static_cast<std::size_t>(operands_.depth);
  std::array<std::uint32_t, max_tile_depth> a, b;
  std::uint32_t acc = accumulates_ ? load_word(at) : start_[static_cast<std::size_t>(column)];
  for (int first = 0; first < operands_.k; first += operands_.depth) {
    for (std::size_t lane = 0; lane < depth; ++lane) {
      const int k = first + static_cast<int>(lane);
      const bool valid = k < operands_.k;
      const auto element = [&](const std::uint8_t* bytes) {
        return load_element(bytes, k % block, type, operands_.hf32);
      };
      a[lane] = valid ? element(operands_.a_block(row, k / block)) : 0;
      b[lane] = valid ? element(operands_.b_block(column, k / block)) : 0;
    }
    acc = dot(numerics_, type, std::span{a}.first(depth), std::span{b}.first(depth), acc);
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
