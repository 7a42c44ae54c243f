// SPDX-License-Identifier: Apache-2.0
#include "models/onnx/reader.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <google/protobuf/stubs/logging.h>
#include <onnx/checker.h>
#include <onnx/defs/schema.h>
#include <onnx/onnx_pb.h>
#include <onnx/shape_inference/implementation.h>

#include <algorithm>
#include <set>

#include "models/arch/error.h"

namespace vitruvian::models {
namespace {

using onnx::ModelProto;

constexpr std::string_view supported[] = {"MatMul", "Gemm"};
constexpr int most_nodes = 100'000;

std::shared_ptr<ModelProto> parse(std::string_view bytes, const std::string& file) {
  google::protobuf::SetLogHandler(nullptr);  // messages go into our errors
  auto model = std::make_shared<ModelProto>();
  if (bytes.size() > INT32_MAX) throw InputError{fmt::format("{}: larger than 2 GB", file)};
  if (!model->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    throw InputError{fmt::format("{}: not an ONNX model, or cut off", file)};
  }
  if (!model->has_graph() || model->ir_version() <= 0) {
    throw InputError{fmt::format("{}: not an ONNX model: it has no graph or no IR version", file)};
  }
  return model;
}

std::string full_name(const onnx::NodeProto& node) {
  const bool standard = node.domain().empty() || node.domain() == "ai.onnx";
  return standard ? node.op_type() : fmt::format("{}.{}", node.domain(), node.op_type());
}

// Named all at once, so that the user sees what a model would need.
void check_operators(const ModelProto& model, const std::string& file) {
  const auto& nodes = model.graph().node();
  if (nodes.empty()) throw InputError{fmt::format("{}: the graph has no operator", file)};
  if (nodes.size() > most_nodes) {
    throw InputError{fmt::format("{}: more than {} operators", file, most_nodes)};
  }
  std::set<std::string> unknown;
  for (const onnx::NodeProto& node : nodes) {
    const std::string name = full_name(node);
    if (std::ranges::find(supported, name) == std::end(supported)) unknown.insert(name);
  }
  if (unknown.empty()) return;
  throw InputError{fmt::format("{}: operator{} {} not supported; supported are {}", file,
                               unknown.size() > 1 ? "s" : "", fmt::join(unknown, ", "),
                               onnx_operators)};
}

// libonnx infers nothing, or wrongly, above what it knows.
void check_version(const ModelProto& model, const std::string& file) {
  if (model.ir_version() > onnx::Version::IR_VERSION) {
    throw InputError{fmt::format("{}: IR version {}, the ONNX library here knows up to {}", file,
                                 model.ir_version(), static_cast<int>(onnx::Version::IR_VERSION))};
  }
  const auto& ranges = onnx::OpSchemaRegistry::DomainToVersionRange::Instance().Map();
  const int newest = ranges.at("").second;
  for (const onnx::OperatorSetIdProto& set : model.opset_import()) {
    const bool standard = set.domain().empty() || set.domain() == "ai.onnx";
    if (standard && (set.version() > newest || set.version() < 1)) {
      throw InputError{fmt::format("{}: operator set {}, the ONNX library here knows 1 to {}", file,
                                   set.version(), newest)};
    }
  }
}

// What the format allows and this reader does not follow.
void check_plain(const ModelProto& model, const std::string& file) {
  const auto refuse = [&](bool has, std::string_view what) {
    if (has) throw InputError{fmt::format("{}: {} are not supported", file, what)};
  };
  refuse(model.functions_size() > 0, "model-local functions");
  refuse(model.training_info_size() > 0, "training graphs");
  refuse(model.graph().sparse_initializer_size() > 0, "sparse initialisers");
  for (const onnx::TensorProto& t : model.graph().initializer()) {
    refuse(t.data_location() == onnx::TensorProto::EXTERNAL || t.external_data_size() > 0,
           fmt::format("initialisers in another file (external data; here '{}')", t.name()));
  }
}

template <class Action>
void by_library(const std::string& file, const Action& action) {
  try {
    action();
  } catch (const std::exception& error) {
    throw InputError{fmt::format("{}: not a valid ONNX model: {}", file, error.what())};
  }
}

}  // namespace

std::shared_ptr<ModelProto> read_model(std::string_view bytes, const std::string& file) {
  const std::shared_ptr<ModelProto> model = parse(bytes, file);
  check_operators(*model, file);
  check_version(*model, file);
  check_plain(*model, file);
  by_library(file, [&] { onnx::checker::check_model(*model); });
  return model;
}

// What the file itself says of intermediate values is left out: the library would believe it.
void infer_shapes(ModelProto& model, const std::string& file) {
  model.mutable_graph()->clear_value_info();
  by_library(file, [&] {
    onnx::shape_inference::InferShapes(model, onnx::OpSchemaRegistry::Instance(),
                                       onnx::ShapeInferenceOptions{true, 1, false});
  });
}

}  // namespace vitruvian::models
