// SPDX-License-Identifier: Apache-2.0
#include "models/ops/conv.h"

#include <cmath>

namespace vitruvian::models {

ConvValue conv(const ConvInputs& in, const ConvPoint& y) {
  const auto [images, channels, height, width] = in.x.sides;
  ConvValue sum{in.bias.empty() ? 0.0 : in.bias[y.channel], 0};
  sum.magnitude = std::abs(sum.value);
  for (std::uint64_t c = 0; c < channels; ++c) {
    for (std::uint64_t r = 0; r < in.w.sides[2]; ++r) {
      const std::uint64_t row = y.row * in.stride[0] + r * in.dilation[0];
      if (row < in.pad[0] || row - in.pad[0] >= height) continue;
      for (std::uint64_t s = 0; s < in.w.sides[3]; ++s) {
        const std::uint64_t column = y.column * in.stride[1] + s * in.dilation[1];
        if (column < in.pad[1] || column - in.pad[1] >= width) continue;
        const double product = in.x.at(y.image, c, row - in.pad[0], column - in.pad[1]) * in.w.at(y.channel, c, r, s);
        sum.value += product;
        sum.magnitude += std::abs(product);
      }
    }
  }
  if (in.relu && sum.value < 0) sum.value = 0;  // not std::max: NaN stays NaN
  return sum;
}

}  // namespace vitruvian::models
