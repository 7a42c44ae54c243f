// SPDX-License-Identifier: Apache-2.0
//
// The operator's definition, named as in ONNX: Gemm with alpha = beta = 1 (MatMul is Gemm without
// C). Y = relu(A' * B' + C), A' and B' perhaps transposed, in double. It knows nothing of pipes or
// tiles. A sum of integer products is exact in a double: |sum| <= 2^14 * k <
// 2^53.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "models/arch/number.h"

namespace vitruvian::models {

// Numbers in memory, little-endian, s4 two a byte with the first in the low half: element (r, c) stands `r * row_stride + c * column_stride`
// elements behind the first.
struct MatrixView {
  const std::uint8_t* data = nullptr;
  DataType dtype = DataType::f32;
  std::uint64_t rows = 0, columns = 0;
  std::uint64_t row_stride = 0, column_stride = 1;

  double at(std::uint64_t row, std::uint64_t column) const;
};

// A row-major matrix, seen as stored or with its sides exchanged.
MatrixView row_major(const std::uint8_t* data, DataType dtype, std::uint64_t rows,
                     std::uint64_t columns);
MatrixView transposed(const MatrixView& matrix);

struct GemmInputs {
  MatrixView a;                 // m x k
  MatrixView b;                 // k x n
  std::optional<MatrixView> c;  // 1 x n
  bool relu = false;
  bool hf32 = false;  // a and b are rounded to 11 fraction bits, nearest even, before all else
};

// Values at the asked rows and columns, row-major; and for each the sum of |a * b| and |c|, from
// which its bound follows.
struct GemmValues {
  std::vector<double> value, magnitude;
};

// Y at every pair of one of `rows` and one of `columns`.
GemmValues gemm(const GemmInputs& inputs, std::span<const std::uint64_t> rows,
                std::span<const std::uint64_t> columns);

}  // namespace vitruvian::models
