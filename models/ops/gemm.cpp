// SPDX-License-Identifier: Apache-2.0
#include "models/ops/gemm.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "models/arch/error.h"

namespace vitruvian::models {
namespace {

// Blocks of the loops below: what one pass touches stays in the host's caches.
constexpr std::uint64_t row_step = 4, column_step = 8, depth_step = 512;

// Element `index` of an array of s4.
double read_s4(const std::uint8_t* data, std::uint64_t index) {
  const int nibble = data[index / 2] >> (index % 2 * 4) & 15;
  return nibble < 8 ? nibble : nibble - 16;
}

// The nearest number of 11 fraction bits and fp32's exponents, ties to even.
double rounded_to_hf32(double x) {
  if (!std::isfinite(x) || x == 0) return x;
  const int last_place = std::max(std::ilogb(x), -126) - 11;
  const double y = std::ldexp(std::nearbyint(std::ldexp(x, -last_place)), last_place);
  return std::abs(y) < 0x1p128 ? y : std::copysign(INFINITY, y);
}

double read(const std::uint8_t* at, DataType dtype) {
  switch (dtype) {
    case DataType::s8:
      return static_cast<std::int8_t>(*at);
    case DataType::s32: {
      std::int32_t value;
      std::memcpy(&value, at, sizeof value);
      return value;
    }
    default: {
      std::uint32_t bits = 0;
      std::memcpy(&bits, at, static_cast<std::size_t>(element_size(dtype)));
      return to_float(dtype, bits);
    }
  }
}

// One operand's asked lines (rows of A, columns of B) in doubles, `step` of them side by side for
// every k: (line / step, k, line mod step), filled up with zero.
struct Packed {
  std::uint64_t count, padded;
  std::vector<double> numbers;
};

template <std::uint64_t Step, class At>
Packed pack(std::span<const std::uint64_t> lines, std::uint64_t depth, const At& at) {
  Packed p{lines.size(), (lines.size() + Step - 1) / Step * Step, {}};
  p.numbers.resize(p.padded * depth);
  for (std::uint64_t i = 0; i < lines.size(); ++i) {
    double* out = &p.numbers[i / Step * Step * depth + i % Step];
    for (std::uint64_t k = 0; k < depth; ++k) out[k * Step] = at(lines[i], k);
  }
  return p;
}

// sum += a * b on 4 x 8 elements over `depth`.
void multiply_tile(const double* a, const double* b, std::uint64_t depth, double* sum,
                   std::uint64_t pitch) {
  double tile[row_step][column_step] = {};
  for (std::uint64_t k = 0; k < depth; ++k) {
    for (std::uint64_t r = 0; r < row_step; ++r) {
      for (std::uint64_t c = 0; c < column_step; ++c) {
        tile[r][c] += a[k * row_step + r] * b[k * column_step + c];
      }
    }
  }
  for (std::uint64_t r = 0; r < row_step; ++r) {
    for (std::uint64_t c = 0; c < column_step; ++c) sum[r * pitch + c] += tile[r][c];
  }
}

std::vector<double> multiply(const Packed& a, const Packed& b, std::uint64_t depth) {
  std::vector<double> sum(a.padded * b.padded);
  for (std::uint64_t k = 0; k < depth; k += depth_step) {
    const std::uint64_t step = std::min(depth - k, depth_step);
    for (std::uint64_t c = 0; c < b.padded; c += column_step) {
      for (std::uint64_t r = 0; r < a.padded; r += row_step) {
        multiply_tile(&a.numbers[r * depth + k * row_step], &b.numbers[c * depth + k * column_step],
                      step, &sum[r * b.padded + c], b.padded);
      }
    }
  }
  return sum;
}

void to_magnitudes(Packed& p) {
  for (double& x : p.numbers) x = std::abs(x);
}

std::vector<double> without_padding(const std::vector<double>& sum, const Packed& a,
                                    const Packed& b) {
  std::vector<double> out;
  out.reserve(a.count * b.count);
  for (std::uint64_t r = 0; r < a.count; ++r) {
    out.insert(out.end(), sum.begin() + static_cast<std::ptrdiff_t>(r * b.padded),
               sum.begin() + static_cast<std::ptrdiff_t>(r * b.padded + b.count));
  }
  return out;
}

}  // namespace

double MatrixView::at(std::uint64_t row, std::uint64_t column) const {
  const std::uint64_t element = row * row_stride + column * column_stride;
  if (dtype == DataType::s4) return read_s4(data, element);
  return read(data + element * static_cast<std::uint64_t>(element_size(dtype)), dtype);
}

MatrixView row_major(const std::uint8_t* data, DataType dtype, std::uint64_t rows,
                     std::uint64_t columns) {
  return {data, dtype, rows, columns, columns, 1};
}

MatrixView transposed(const MatrixView& m) {
  return {m.data, m.dtype, m.columns, m.rows, m.column_stride, m.row_stride};
}

GemmValues gemm(const GemmInputs& in, std::span<const std::uint64_t> rows,
                std::span<const std::uint64_t> columns) {
  ensure(in.a.columns == in.b.rows, "the sides of a product differ");
  const std::uint64_t depth = in.a.columns;
  const auto operand = [&](double x) { return in.hf32 ? rounded_to_hf32(x) : x; };
  Packed a =
      pack<row_step>(rows, depth, [&](auto row, auto k) { return operand(in.a.at(row, k)); });
  Packed b = pack<column_step>(
      columns, depth, [&](auto column, auto k) { return operand(in.b.at(k, column)); });
  GemmValues y;
  y.value = without_padding(multiply(a, b, depth), a, b);
  to_magnitudes(a);
  to_magnitudes(b);
  y.magnitude = without_padding(multiply(a, b, depth), a, b);
  for (std::uint64_t i = 0; i < y.value.size(); ++i) {
    if (in.c) {
      const double c = in.c->at(0, columns[i % columns.size()]);
      y.value[i] += c;
      y.magnitude[i] += std::abs(c);
    }
    // Not std::max: NaN stays NaN.
    if (in.relu && y.value[i] < 0) y.value[i] = 0;
  }
  return y;
}

}  // namespace vitruvian::models
