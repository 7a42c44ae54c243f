// SPDX-License-Identifier: Apache-2.0
//
// What the ONNX reader makes of models, and how it refuses them.
#include "models/onnx/graph.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "models/arch/error.h"
#include "models/onnx/tensor_proto.h"
#include "models/program/file.h"
#include "tests/onnx/model_builder.h"

namespace vitruvian::tests {
namespace {

using models::GemmNode;
using models::OnnxGraph;

std::filesystem::path data(const std::string& name) {
  return std::filesystem::path{VITRUVIAN_TEST_DATA} / "onnx" / name;
}

OnnxGraph load(const std::string& name) {
  const auto path = data(name) / "model.onnx";
  return models::read_onnx(models::read_file(path), path.string());
}

OnnxGraph read(const ModelBuilder& model) { return models::read_onnx(model.bytes(), "m.onnx"); }

template <class Action>
std::string refusal(Action action) {
  try {
    action();
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

void expect_part(const std::string& text, const std::string& part) {
  EXPECT_NE(text.find(part), std::string::npos) << "'" << text << "' lacks '" << part << "'";
}

TEST(OnnxGraph, PublicMatMulAndGemmModelsAreRead) {
  const struct {
    const char* name;
    std::uint64_t m, n, k, batch;
    bool trans_b, has_c;
  } rows[] = {
      {"test_matmul_2d", 3, 3, 4, 1, false, false},
      {"test_matmul_4d", 3, 3, 4, 2, false, false},
      {"test_gemm_default_no_bias", 2, 3, 10, 1, false, false},
      {"test_gemm_default_vector_bias", 2, 4, 7, 1, false, true},
      {"test_gemm_transposeB", 3, 4, 6, 1, true, true},
      {"test_Linear", 4, 8, 10, 1, true, true},
  };
  for (const auto& row : rows) {
    const OnnxGraph graph = load(row.name);
    ASSERT_EQ(graph.nodes.size(), 1u) << row.name;
    const GemmNode& node = graph.nodes[0];
    EXPECT_EQ(node.m, row.m) << row.name;
    EXPECT_EQ(node.n, row.n) << row.name;
    EXPECT_EQ(node.k, row.k) << row.name;
    EXPECT_EQ(node.batch.size(), row.batch) << row.name;
    EXPECT_EQ(node.trans_b, row.trans_b) << row.name;
    EXPECT_EQ(!node.c.empty(), row.has_c) << row.name;
  }
}

TEST(OnnxGraph, InitialisersThatAreListedAsInputsAreConstants) {
  const OnnxGraph graph = load("test_Linear");
  EXPECT_EQ(graph.inputs.size(), 1u);
  EXPECT_EQ(graph.constants.size(), 2u);
}

TEST(OnnxGraph, OtherOperatorsAreRefusedByNameWithTheSupportedOnes) {
  const char* rows[][2] = {{"test_matmulinteger", "MatMulInteger"},
                           {"test_qlinearmatmul_2D", "QLinearMatMul"},
                           {"test_attention_4d", "Attention"},
                           {"test_basic_conv_with_padding", "Conv"},
                           {"test_einsum_batch_matmul", "Einsum"},
                           {"test_relu", "Relu"},
                           {"test_group_normalization_example", "GroupNormalization"}};
  for (const auto& [name, op] : rows) {
    const std::string text = refusal([&, n = name] { load(n); });
    expect_part(text, op);
    expect_part(text, "MatMul, Gemm");
    expect_part(text, "model.onnx");
  }
}

TEST(OnnxGraph, AttributesAndFormsOfGemmWithoutASupportedFormAreRefused) {
  expect_part(refusal([] { load("test_gemm_alpha"); }), "alpha = 0.5");
  const auto gemm = [](const std::vector<std::int64_t>& c) {
    ModelBuilder model;
    model.input("a", {3, 4})
        .input("b", {4, 5})
        .input("c", c)
        .output("y", {3, 5})
        .node("Gemm", {"a", "b", "c"}, "y");
    return model;
  };
  for (const auto& c : {std::vector<std::int64_t>{3, 5}, {3, 1}, {1}}) {
    expect_part(refusal([&] { read(gemm(c)); }), "only a vector of N = 5");
  }
  EXPECT_EQ(read(gemm({5})).nodes[0].c, "c");
  EXPECT_EQ(read(gemm({1, 5})).nodes[0].c, "c");
  ModelBuilder beta = gemm({5});
  auto& attribute = *beta.graph().mutable_node(0)->add_attribute();
  attribute.set_name("beta");
  attribute.set_type(onnx::AttributeProto::FLOAT);
  attribute.set_f(2);
  expect_part(refusal([&] { read(beta); }), "beta = 2");
}

TEST(OnnxGraph, MatMulBroadcastsStacksAsNumpyDoes) {
  ModelBuilder model;
  model.input("a", {2, 1, 3, 4})
      .input("b", {5, 4, 6})
      .output("y", {2, 5, 3, 6})
      .node("MatMul", {"a", "b"}, "y");
  const GemmNode node = read(model).nodes[0];
  ASSERT_EQ(node.batch.size(), 10u);
  for (std::uint64_t i = 0; i < 2; ++i) {
    for (std::uint64_t j = 0; j < 5; ++j) {
      const models::MatrixOffsets& at = node.batch[i * 5 + j];
      EXPECT_EQ(at.a, i * 12);
      EXPECT_EQ(at.b, j * 24);
      EXPECT_EQ(at.y, (i * 5 + j) * 18);
    }
  }
}

TEST(OnnxGraph, AStackTimesOneMatrixIsOneTallProduct) {
  ModelBuilder model;
  model.input("a", {2, 3, 4, 8})
      .input("b", {8, 6})
      .output("y", {2, 3, 4, 6})
      .node("MatMul", {"a", "b"}, "y");
  const GemmNode node = read(model).nodes[0];
  EXPECT_EQ(node.batch.size(), 1u);
  EXPECT_EQ(node.m, 24u);
}

TEST(OnnxGraph, VectorsLoseTheirSide) {
  const auto dims = [](std::vector<std::int64_t> a, std::vector<std::int64_t> b,
                       std::vector<std::int64_t> y) {
    ModelBuilder model;
    model.input("a", a).input("b", b).output("y", y).node("MatMul", {"a", "b"}, "y");
    return read(model).types.at("y").dims;
  };
  EXPECT_EQ(dims({4}, {4, 3}, {3}), (std::vector<std::uint64_t>{3}));
  EXPECT_EQ(dims({2, 4}, {4}, {2}), (std::vector<std::uint64_t>{2}));
  EXPECT_TRUE(dims({4}, {4}, {}).empty());
}

TEST(OnnxGraph, OperatorsInSequenceAreRead) {
  ModelBuilder model;
  model.input("x", {3, 4})
      .constant("w", {4, 5}, 0.5f)
      .constant("v", {5, 2}, 0.25f)
      .output("y", {3, 2});
  model.node("MatMul", {"x", "w"}, "h");
  model.node("Gemm", {"h", "v"}, "y");
  const OnnxGraph graph = read(model);
  ASSERT_EQ(graph.nodes.size(), 2u);
  EXPECT_EQ(graph.types.at("h").dims, (std::vector<std::uint64_t>{3, 5}));
}

TEST(OnnxGraph, BrokenModelsAreRefusedWithTheirFile) {
  ModelBuilder good;
  good.input("a", {3, 4}).input("b", {4, 5}).output("y", {3, 5}).node("MatMul", {"a", "b"}, "y");
  const std::string bytes = good.bytes();
  EXPECT_EQ(read(good).nodes.size(), 1u);
  EXPECT_NE(refusal([] { models::read_onnx("", "m.onnx"); }), "");
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const std::string text = refusal([&] { models::read_onnx(bytes.substr(0, size), "m.onnx"); });
    if (!text.empty()) expect_part(text, "m.onnx");
  }
  expect_part(refusal([] { models::read_onnx("this is no model", "m.onnx"); }),
              "not an ONNX model");
}

TEST(OnnxGraph, EachMistakeIsNamed) {
  const auto matmul = [](std::vector<std::int64_t> a, std::vector<std::int64_t> b,
                         std::vector<std::int64_t> y, int type = onnx::TensorProto::FLOAT) {
    ModelBuilder model;
    model.input("a", a, type)
        .input("b", b, type)
        .output("y", y, type)
        .node("MatMul", {"a", "b"}, "y");
    return model;
  };
  const auto text = [](const ModelBuilder& model) { return refusal([&] { read(model); }); };
  expect_part(text(matmul({3, 4}, {5, 6}, {3, 6})), "m.onnx");
  expect_part(text(matmul({3, 4}, {4, 5}, {3, 6})), "m.onnx");
  expect_part(text(matmul({0, 4}, {4, 5}, {0, 5})), "outside 1..");
  expect_part(text(matmul({3, 4}, {4, 5}, {3, 5}, onnx::TensorProto::DOUBLE)), "double");
  ModelBuilder newer = matmul({3, 4}, {4, 5}, {3, 5});
  newer.model.mutable_opset_import(0)->set_version(99);
  expect_part(text(newer), "operator set 99");
  ModelBuilder format = matmul({3, 4}, {4, 5}, {3, 5});
  format.model.set_ir_version(99);
  expect_part(text(format), "IR version 99");
  ModelBuilder symbolic = matmul({3, 4}, {4, 5}, {3, 5});
  symbolic.graph()
      .mutable_input(0)
      ->mutable_type()
      ->mutable_tensor_type()
      ->mutable_shape()
      ->mutable_dim(0)
      ->set_dim_param("N");
  expect_part(text(symbolic), "'N' has no fixed size");
  ModelBuilder external = matmul({3, 4}, {4, 5}, {3, 5});
  onnx::TensorProto& t = *external.graph().add_initializer();
  t.set_name("w");
  t.set_data_type(onnx::TensorProto::FLOAT);
  t.set_data_location(onnx::TensorProto::EXTERNAL);
  expect_part(text(external), "external data");
}

TEST(OnnxTensor, AWrittenTensorIsReadBack) {
  for (const DataType dtype :
       {DataType::f32, DataType::f16, DataType::bf16, DataType::s8, DataType::s32}) {
    TensorValue value{"t", {dtype, {2, 3}}, {}};
    for (std::uint64_t i = 0; i < value.type.bytes(); ++i) {
      value.bytes.push_back(static_cast<std::uint8_t>(17 * i + 3));
    }
    const TensorValue again =
        models::parse_tensor_proto(models::serialise_tensor_proto(value), "t.pb");
    EXPECT_EQ(again.type, value.type);
    EXPECT_EQ(again.bytes, value.bytes);
    EXPECT_EQ(again.name, "t");
  }
}

TEST(OnnxTensor, NumbersInTypedFieldsAreRead) {
  onnx::TensorProto t;
  t.add_dims(2);
  t.set_data_type(onnx::TensorProto::FLOAT16);
  t.add_int32_data(0x3c00);
  t.add_int32_data(0xbc00);
  EXPECT_EQ(models::parse_tensor_proto(t.SerializeAsString(), "t.pb").bytes,
            (std::vector<std::uint8_t>{0, 0x3c, 0, 0xbc}));
  t.add_int32_data(0);
  expect_part(refusal([&] { models::parse_tensor_proto(t.SerializeAsString(), "t.pb"); }),
              "holds 3 numbers, its dimensions say 2");
}

TEST(OnnxTensor, DimensionsThatClaimGigabytesAreRefusedForWhatIsThere) {
  onnx::TensorProto t;
  t.add_dims(1 << 20);
  t.add_dims(1 << 13);
  t.set_data_type(onnx::TensorProto::FLOAT);
  t.add_float_data(1);
  expect_part(refusal([&] { models::parse_tensor_proto(t.SerializeAsString(), "t.pb"); }),
              "holds 1 numbers");
}

}  // namespace
}  // namespace vitruvian::tests
