// SPDX-License-Identifier: Apache-2.0
//
// An .onnx file: its MatMul and Gemm operators as one program, in the file's order.
#include <fmt/format.h>

#include <map>
#include <set>

#include "models/arch/error.h"
#include "models/onnx/graph.h"
#include "models/program/file.h"
#include "tb/run/workload_kinds.h"
#include "tb/run/workload_plan.h"
#include "tb/run/workload_text.h"

namespace vitruvian::tb {
namespace {

using models::GemmNode;
using models::OnnxGraph;

class OnnxPlan {
 public:
  OnnxPlan(const OnnxGraph& graph, const ChipConfig& chip, const WorkloadOptions& options)
      : graph_{graph}, chip_{chip}, options_{options}, plan_{chip} {
    for (const GemmNode& node : graph.nodes) {
      if (!node.c.empty()) biases_.insert(node.c);
      for (const std::string& operand : {node.a, node.b}) operands_.insert(operand);
    }
  }

  Workload make(const std::string& name) {
    Workload workload;
    workload.name = name;
    workload.dtype = user_name(graph_.types.at(graph_.nodes.front().a).dtype);
    place_given(workload);
    std::vector<bool> after;
    std::set<std::string> unwritten;  // results since the last wait
    for (const GemmNode& node : graph_.nodes) {
      place_result(node, workload);
      const bool waits =
          unwritten.contains(node.a) || unwritten.contains(node.b) || unwritten.contains(node.c);
      if (waits) unwritten.clear();
      after.push_back(waits);
      plan_.add(job(node));
      unwritten.insert(node.y);
    }
    plan_.finish(workload, after, options_.numerics);
    return workload;
  }

 private:
  std::vector<NamedType> named(const std::vector<std::string>& values) const {
    std::vector<NamedType> found;
    for (const std::string& v : values) found.push_back({v, graph_.types.at(v)});
    return found;
  }

  bool narrow(const std::string& value) const {
    return graph_.types.at(value).dtype != DataType::f32;
  }

  // Constants, then inputs: from files, or random.
  void place_given(Workload& workload) {
    for (const TensorValue& constant : graph_.constants) {
      place_value(constant.name, &constant, workload);
    }
    TensorFiles files;
    if (options_.inputs) {
      files = read_tensor_files(*options_.inputs, named(graph_.inputs), named(graph_.outputs));
    }
    for (std::size_t i = 0; i < graph_.inputs.size(); ++i) {
      if (options_.inputs) {
        place_value(graph_.inputs[i], &files.inputs[i], workload);
      } else {
        place_random(graph_.inputs[i], workload);
      }
    }
    expected_ = std::move(files.outputs);
  }

  // An operand stands in GM as it is, a bias in fp32; a value can be both.
  void place_value(const std::string& name, const TensorValue* value, Workload& workload) {
    if (biases_.contains(name) && narrow(name)) {
      const models::Tensor at = plan_.place(name + " (fp32)", {DataType::f32, value->type.dims});
      plan_.fill_with(at, widened(*value));
      bias_places_[name] = at.address;
      workload.inputs.push_back(at);
      if (!operands_.contains(name)) return;
    }
    const models::Tensor at = plan_.place(name, value->type);
    plan_.fill_with(at, value->bytes);
    places_[name] = at;
    workload.inputs.push_back(at);
  }

  void place_random(const std::string& name, Workload& workload) {
    TensorValue value{name, graph_.types.at(name), {}};
    if (biases_.contains(name) && narrow(name)) {
      value.bytes.resize(value.type.bytes());
      fill_random(value.bytes, value.type.dtype, options_.seed, name);
      return place_value(name, &value, workload);
    }
    const models::Tensor at = plan_.place(name, value.type);
    plan_.fill_with_random(at, options_.seed);
    places_[name] = at;
    workload.inputs.push_back(at);
  }

  void place_result(const GemmNode& node, Workload& workload) {
    const models::Tensor at = plan_.place(node.y, graph_.types.at(node.y));
    places_[node.y] = at;
    for (std::size_t i = 0; i < graph_.outputs.size(); ++i) {
      if (graph_.outputs[i] != node.y) continue;
      workload.outputs.push_back(at);
      const auto expected = expected_.find(i);
      if (expected != expected_.end()) {
        plan_.expect({fmt::format("output_{} ('{}')", i, node.y), at, expected->second, node.k});
      }
    }
  }

  GmAddress bias(const std::string& name) const {
    const auto widened = bias_places_.find(name);
    return widened != bias_places_.end() ? widened->second : places_.at(name).address;
  }

  GemmJob job(const GemmNode& node) const {
    const DataType dtype = graph_.types.at(node.a).dtype;
    models::GemmProblem p{.m = node.m, .n = node.n, .k = node.k, .dtype = dtype, .out = dtype};
    p.trans_a = node.trans_a;
    p.trans_b = node.trans_b;
    p.bias = !node.c.empty();
    GemmJob job{node.y, p, models::choose_gemm_tiles(p, chip_), {}};
    const auto at = [&](const std::string& value, std::uint64_t element) {
      return places_.at(value).address +
             Bytes{element * static_cast<std::uint64_t>(element_size(dtype))};
    };
    for (const models::MatrixOffsets& o : node.batch) {
      job.batch.push_back(
          {at(node.a, o.a), at(node.b, o.b), at(node.y, o.y), p.bias ? bias(node.c) : GmAddress{}});
    }
    return job;
  }

  const OnnxGraph& graph_;
  const ChipConfig& chip_;
  const WorkloadOptions& options_;
  WorkloadPlan plan_;
  std::set<std::string> biases_, operands_;
  std::map<std::string, models::Tensor> places_;
  std::map<std::string, GmAddress> bias_places_;
  std::map<std::size_t, TensorValue> expected_;
};

}  // namespace

Workload onnx_workload(const std::string& file, const ChipConfig& chip,
                       const WorkloadOptions& options) {
  const OnnxGraph graph = models::read_onnx(models::read_file(file), file);
  try {
    return OnnxPlan{graph, chip, options}.make(file);
  } catch (const InputError& error) {
    if (std::string_view{error.what()}.starts_with("matmul")) {
      throw InputError{fmt::format("{}: {}", file, error.what())};
    }
    throw;
  }
}

}  // namespace vitruvian::tb
