// SPDX-License-Identifier: Apache-2.0
#include "models/program/tensor_directive.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <bit>
#include <cstring>

#include "models/arch/error.h"
#include "models/program/assembler.h"

namespace vitruvian::models {
namespace {

const ChipConfig chip;

std::string message(const std::string& text) {
  try {
    parse_assembly(text, "t.vasm", chip);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

TensorDirective directive(const std::string& words) {
  return parse_assembly(".tensor " + words, "t.vasm", chip).tensors.at(0);
}

std::vector<float> floats(const TensorDirective& d, std::uint64_t seed) {
  const std::vector<std::uint8_t> bytes = contents(d, seed);
  std::vector<float> values(bytes.size() / 4);
  std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

TEST(TensorDirective, ReadsEveryPart) {
  const TensorDirective d = directive("weights.1 0x1000 bf16 16x32x2 in ones");
  EXPECT_EQ(d.tensor.name, "weights.1");
  EXPECT_EQ(d.tensor.address, GmAddress{0x1000});
  EXPECT_EQ(d.tensor.dtype, DataType::bf16);
  EXPECT_EQ(d.tensor.dims, (std::vector<std::uint64_t>{16, 32, 2}));
  EXPECT_TRUE(d.input);
  EXPECT_EQ(d.fill, Fill::ones);
  EXPECT_EQ(d.tensor.size(), Bytes{2048});
}

TEST(TensorDirective, PrintsWhatItReads) {
  for (const char* words :
       {"a 0x0 f16 1 in random", "b 0x40 s32 3x5 out", "c 0x100 s8 7 in iota"}) {
    EXPECT_EQ(to_text(directive(words)), std::string{".tensor "} + words);
  }
}

TEST(TensorDirective, AnInputIsRandomUnlessItSaysOtherwise) {
  EXPECT_EQ(directive("a 0 f32 4 in").fill, Fill::random);
}

TEST(TensorDirective, RandomNumbersLieBetweenMinusOneAndOneAndDependOnSeedAndName) {
  const TensorDirective a = directive("a 0 f32 64x64 in"), b = directive("b 0 f32 64x64 in");
  const std::vector<float> values = floats(a, 1);
  float least = 0, most = 0;
  for (const float v : values) least = std::min(least, v), most = std::max(most, v);
  EXPECT_GE(least, -1.0f);
  EXPECT_LT(least, -0.9f);
  EXPECT_LT(most, 1.0f);
  EXPECT_GT(most, 0.9f);
  EXPECT_EQ(values, floats(a, 1));
  EXPECT_NE(values, floats(a, 2));
  EXPECT_NE(values, floats(b, 1));
}

TEST(TensorDirective, IotaCountsTo127AndBeginsAgain) {
  const std::vector<float> values = floats(directive("a 0 f32 200 in iota"), 1);
  for (int i = 0; i < 200; ++i) EXPECT_EQ(values[i], static_cast<float>(i % 128));
  const std::vector<std::uint8_t> bytes = contents(directive("a 0 s8 130 in iota"), 1);
  EXPECT_EQ(bytes[127], 127);
  EXPECT_EQ(bytes[129], 1);
}

TEST(TensorDirective, OnesAreOneInEveryType) {
  const auto first = [](const std::string& type) {
    const auto bytes = contents(directive("a 0 " + type + " 2 in ones"), 1);
    std::uint32_t value = 0;
    std::memcpy(&value, bytes.data(), bytes.size() / 2);
    return value;
  };
  EXPECT_EQ(first("f16"), 0x3c00u);
  EXPECT_EQ(first("bf16"), 0x3f80u);
  EXPECT_EQ(first("f32"), 0x3f800000u);
  EXPECT_EQ(first("s8"), 1u);
  EXPECT_EQ(first("s32"), 1u);
}

TEST(TensorDirective, RefusesWhatItCannotRead) {
  const std::string at = "t.vasm:1: .tensor: ";
  EXPECT_EQ(message(".tensor a 0 f16 1"),
            at + "expects NAME ADDRESS DTYPE DIMxDIM in|out [random|zero|iota|ones]");
  EXPECT_EQ(message(".tensor 1a 0 f16 1 in"),
            at + "name '1a' is not a letter or _ followed by letters, digits, _ and .");
  EXPECT_EQ(message(".tensor a -1 f16 1 in"),
            at + "address '-1' is not a number (decimal, or hex as 0x...)");
  EXPECT_EQ(message(".tensor a 0 f17 1 in"),
            at + "type 'f17' is not one of f16, bf16, f32, s8, s32");
  for (const char* bad : {"0", "x", "4x", "x4", "4xx4", "4X4", "1x1x1x1x1x1x1x1x1", "4294967297"}) {
    EXPECT_EQ(
        message(fmt::format(".tensor a 0 f16 {} in", bad)),
        fmt::format("{}shape '{}' is not one to 8 sizes of 1..4294967296 joined by x", at, bad));
  }
  EXPECT_EQ(message(".tensor a 0 f16 1 inout"), at + "'inout' is not one of in, out");
  EXPECT_EQ(message(".tensor a 0 f16 1 out zero"), at + "an out tensor takes no fill");
  EXPECT_EQ(message(".tensor a 0 f16 1 in two"),
            at + "fill 'two' is not one of random, zero, iota, ones");
}

TEST(TensorDirective, TensorsLieInGmApartAndAlignedUnderNamesOfTheirOwn) {
  EXPECT_EQ(message(".tensor a 0x100000000000 f16 1 in"),
            "t.vasm: .tensor: a at 0x100000000000 does not fit into GM, which has 68719476736 B");
  EXPECT_EQ(message(".tensor a 0 s8 4294967296x4294967296x4294967296 in"),
            "t.vasm: .tensor: a at 0x0 does not fit into GM, which has 68719476736 B");
  EXPECT_EQ(message(".tensor a 68719476735 s8 1 in"), "");
  EXPECT_EQ(message(".tensor a 2 f32 1 in"),
            "t.vasm: .tensor: a at 0x2 is not at a multiple of its 4 B elements");
  EXPECT_EQ(message(".tensor a 0 s8 1 in\n.tensor a 1 s8 1 in"),
            "t.vasm: .tensor: a is declared twice");
  EXPECT_EQ(message(".tensor a 0 s8 4 in\n.tensor b 3 s8 4 out"),
            "t.vasm: .tensor: a and b share bytes of GM from 0x3 on");
  EXPECT_EQ(message(".tensor a 0 s8 4 in\n.tensor b 4 s8 4 out"), "");
}

}  // namespace
}  // namespace vitruvian::models
