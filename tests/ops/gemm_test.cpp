// SPDX-License-Identifier: Apache-2.0
//
// The operator's definition against sums written out by hand, and against ONNX's published results.
#include "models/ops/gemm.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <limits>
#include <numeric>

#include "models/onnx/tensor_proto.h"
#include "models/program/file.h"

namespace vitruvian::tests {
namespace {

using models::GemmInputs;
using models::GemmValues;
using models::row_major;

std::vector<std::uint64_t> lines(std::uint64_t count) {
  std::vector<std::uint64_t> all(count);
  std::iota(all.begin(), all.end(), 0);
  return all;
}

template <class T>
const std::uint8_t* bytes(const std::vector<T>& numbers) {
  return reinterpret_cast<const std::uint8_t*>(numbers.data());
}

TEST(GemmDefinition, OfSmallIntegersIsTheSumOfProducts) {
  const std::vector<std::int8_t> a{1, 2, 3, -4, 5, -6};     // 2 x 3
  const std::vector<std::int8_t> b{7, 8, 9, 10, 11, -128};  // 3 x 2
  const std::vector<std::int32_t> c{1000, -1000};
  GemmInputs in{row_major(bytes(a), DataType::s8, 2, 3), row_major(bytes(b), DataType::s8, 3, 2),
                row_major(bytes(c), DataType::s32, 1, 2), false};
  const GemmValues y = models::gemm(in, lines(2), lines(2));
  EXPECT_EQ(y.value, (std::vector<double>{7 + 18 + 33 + 1000, 8 + 20 - 384 - 1000,
                                          -28 + 45 - 66 + 1000, -32 + 50 + 768 - 1000}));
  EXPECT_EQ(y.magnitude, (std::vector<double>{1058, 8 + 20 + 384 + 1000, 28 + 45 + 66 + 1000,
                                              32 + 50 + 768 + 1000}));
  in.relu = true;
  EXPECT_EQ(models::gemm(in, lines(2), lines(2)).value, (std::vector<double>{1058, 0, 951, 0}));
}

TEST(GemmDefinition, OfHf32RoundsTheOperandsFirst) {
  const float tie = 1 + 0x1p-12f, odd = 1 + 0x3p-12f, above = 1 + 0x1p-12f + 0x1p-23f;
  const std::vector<float> a{tie, odd, above, 0x1p-138f, 0x1.8p-138f, -0x1.fff8p127f};
  const std::vector<float> ones(6, 1.0f);
  for (std::size_t i = 0; i < a.size(); ++i) {
    GemmInputs in{row_major(bytes(a) + 4 * i, DataType::f32, 1, 1),
                  row_major(bytes(ones), DataType::f32, 1, 1), {}, false, true};
    const double rounded[] = {1, 1 + 0x1p-10, 1 + 0x1p-11, 0, 0x1p-137, -INFINITY};
    EXPECT_EQ(models::gemm(in, lines(1), lines(1)).value[0], rounded[i]) << i;
    EXPECT_EQ(models::gemm(in, lines(1), lines(1)).magnitude[0], std::abs(rounded[i])) << i;
    std::swap(in.a, in.b);
    EXPECT_EQ(models::gemm(in, lines(1), lines(1)).value[0], rounded[i]) << i;
    in.hf32 = false;
    EXPECT_EQ(models::gemm(in, lines(1), lines(1)).value[0], a[i]) << i;
  }
}

TEST(GemmDefinition, OfInt4ReadsTwoNumbersAByte) {
  const std::vector<std::uint8_t> a{0x21, 0xf3, 0x78, 0x05};  // 2 x 4: 1 2 3 -1; -8 7 5 0
  const std::vector<std::uint8_t> b{0x81, 0x72, 0xe3, 0x04};  // 4 x 2: 1 -8; 2 7; 3 -2; 4 0
  const GemmInputs in{row_major(bytes(a), DataType::s4, 2, 4),
                      row_major(bytes(b), DataType::s4, 4, 2), {}, false};
  EXPECT_EQ(models::gemm(in, lines(2), lines(2)).value,
            (std::vector<double>{1 + 4 + 9 - 4, -8 + 14 - 6, -8 + 14 + 15, 64 + 49 - 10}));
}

TEST(GemmDefinition, TransposedViewsReadTheSameNumbersCrosswise) {
  const std::vector<float> a{1, 2, 3, 4, 5, 6};  // 3 x 2
  const auto view = models::transposed(row_major(bytes(a), DataType::f32, 3, 2));
  EXPECT_EQ(view.rows, 2u);
  EXPECT_EQ(view.columns, 3u);
  EXPECT_EQ(view.at(1, 2), 6);
  EXPECT_EQ(view.at(0, 1), 3);
}

// Sizes on both sides of the loops' blocks, against one plain sum an element.
TEST(GemmDefinition, SelectedRowsAndColumnsEqualPlainSums) {
  const std::uint64_t m = 13, n = 21, k = 1030;
  std::vector<float> a(m * k), b(k * n);
  for (std::size_t i = 0; i < a.size(); ++i) a[i] = static_cast<float>((i * 7919) % 257) - 128;
  for (std::size_t i = 0; i < b.size(); ++i) b[i] = static_cast<float>((i * 104729) % 509) - 254;
  const GemmInputs in{row_major(bytes(a), DataType::f32, m, k),
                      row_major(bytes(b), DataType::f32, k, n),
                      {},
                      false};
  const std::vector<std::uint64_t> rows{0, 5, 12}, columns{20, 3, 3, 9};
  const GemmValues y = models::gemm(in, rows, columns);
  for (std::size_t r = 0; r < rows.size(); ++r) {
    for (std::size_t c = 0; c < columns.size(); ++c) {
      double sum = 0, magnitude = 0;
      for (std::uint64_t i = 0; i < k; ++i) {
        const double product = double{a[rows[r] * k + i]} * b[i * n + columns[c]];
        sum += product;
        magnitude += std::abs(product);
      }
      EXPECT_EQ(y.value[r * columns.size() + c], sum);
      EXPECT_EQ(y.magnitude[r * columns.size() + c], magnitude);
    }
  }
}

TEST(GemmDefinition, InfinitiesAndNaNGoThrough) {
  const float inf = std::numeric_limits<float>::infinity();
  const std::vector<float> a{1, inf}, b{1, 0, 1, 1};
  const GemmInputs in{
      row_major(bytes(a), DataType::f32, 1, 2), row_major(bytes(b), DataType::f32, 2, 2), {}, true};
  EXPECT_EQ(models::gemm(in, lines(1), lines(1)).value[0], inf);
  const std::vector<float> zero{1, 0, 0, 0};
  const GemmInputs nan{in.a, row_major(bytes(zero), DataType::f32, 2, 2), {}, true};
  EXPECT_TRUE(std::isnan(models::gemm(nan, lines(1), lines(1)).value[0])) << "relu keeps NaN";
}

TEST(GemmDefinition, ReproducesThePublishedMatMul) {
  const auto folder =
      std::filesystem::path{VITRUVIAN_TEST_DATA} / "onnx/test_matmul_2d/test_data_set_0";
  const auto load = [&](const char* name) {
    return models::parse_tensor_proto(models::read_file(folder / name), name);
  };
  const TensorValue a = load("input_0.pb"), b = load("input_1.pb"), y = load("output_0.pb");
  const GemmInputs in{row_major(a.bytes.data(), DataType::f32, 3, 4),
                      row_major(b.bytes.data(), DataType::f32, 4, 3),
                      {},
                      false};
  const auto want = row_major(y.bytes.data(), DataType::f32, 1, 9);
  const GemmValues got = models::gemm(in, lines(3), lines(3));
  for (std::uint64_t i = 0; i < 9; ++i) EXPECT_NEAR(got.value[i], want.at(0, i), 1e-6);
}

}  // namespace
}  // namespace vitruvian::tests
