// SPDX-License-Identifier: Apache-2.0
//
// The operator's definition, named as in ONNX: Conv in two dimensions, one group, then ReLU, in double. It knows nothing of
// layouts, pipes or tiles.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace vitruvian::models {

// A dense tensor of four sides, the last fastest.
struct Tensor4 {
  std::array<std::uint64_t, 4> sides{};
  std::vector<double> numbers;

  double at(std::uint64_t a, std::uint64_t b, std::uint64_t c, std::uint64_t d) const {
    return numbers[((a * sides[1] + b) * sides[2] + c) * sides[3] + d];
  }
};

struct ConvInputs {
  const Tensor4& x;                   // N, C, H, W
  const Tensor4& w;                   // K, C, R, S
  std::span<const double> bias;       // K numbers, or none
  std::array<std::uint64_t, 2> stride{1, 1}, dilation{1, 1};  // down, across
  std::array<std::uint64_t, 2> pad{0, 0};                     // above, on the left: zeros
  bool relu = false;
};

// An element of Y: image, output channel, row, column.
struct ConvPoint {
  std::uint64_t image, channel, row, column;
};

// Y at a point, and the sum of |x * w| and |bias| from which its bound follows.
struct ConvValue {
  double value, magnitude;
};
ConvValue conv(const ConvInputs& inputs, const ConvPoint& point);

}  // namespace vitruvian::models
