// SPDX-License-Identifier: Apache-2.0
#include "models/ops/conv.h"

#include <gtest/gtest.h>

namespace vitruvian::tests {
namespace {

using namespace models;

// The example of ONNX's Conv page: ones over 0 .. 24, padded by one.
TEST(ConvOperator, SumsTheWindowAroundEachPixel) {
  Tensor4 x{{1, 1, 5, 5}, {}}, w{{1, 1, 3, 3}, std::vector<double>(9, 1.0)};
  for (int i = 0; i < 25; ++i) x.numbers.push_back(i);
  const ConvInputs in{x, w, {}, {1, 1}, {1, 1}, {1, 1}};
  EXPECT_EQ(conv(in, {0, 0, 0, 0}).value, 12.0);
  EXPECT_EQ(conv(in, {0, 0, 2, 2}).value, 108.0);
  EXPECT_EQ(conv(in, {0, 0, 4, 4}).value, 84.0);
}

TEST(ConvOperator, StridesAndDilationsStepDownAndAcross) {
  Tensor4 x{{1, 1, 5, 7}, {}}, w{{1, 1, 2, 2}, {1, 10, 100, 1000}};
  for (int i = 0; i < 35; ++i) x.numbers.push_back(i);
  const ConvInputs in{x, w, {}, {2, 3}, {2, 3}};
  // Window of output (1, 1): rows 2 and 4, columns 3 and 6.
  EXPECT_EQ(conv(in, {0, 0, 1, 1}).value, 17 + 10 * 20 + 100 * 31 + 1000 * 34);
}

TEST(ConvOperator, AddsTheBiasOfItsChannelAndSumsMagnitudes) {
  Tensor4 x{{1, 2, 1, 1}, {3, -4}}, w{{2, 2, 1, 1}, {1, 1, -2, 5}};
  const std::vector<double> bias{0.5, -7};
  const ConvInputs in{x, w, bias};
  EXPECT_EQ(conv(in, {0, 0, 0, 0}).value, -0.5);
  EXPECT_EQ(conv(in, {0, 0, 0, 0}).magnitude, 7.5);
  EXPECT_EQ(conv(in, {0, 1, 0, 0}).value, -33.0);
  ConvInputs clipped = in;
  clipped.relu = true;
  EXPECT_EQ(conv(clipped, {0, 1, 0, 0}).value, 0.0);
}

}  // namespace
}  // namespace vitruvian::tests
