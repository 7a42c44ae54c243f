// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/onnx_target.h"

#include "models/arch/error.h"
#include "models/onnx/graph.h"
#include "models/onnx/tensor_proto.h"

namespace vitruvian::tests {
namespace {

std::uint64_t elements(const models::OnnxGraph& graph, const std::string& value) {
  const auto found = graph.types.find(value);
  ensure(found != graph.types.end(), "a value without a type");
  return found->second.elements();
}

// Every product lies inside its tensors: what a program built from the graph relies on.
void check(const models::OnnxGraph& graph) {
  for (const models::GemmNode& node : graph.nodes) {
    ensure(!node.batch.empty(), "an operator without a product");
    for (const models::MatrixOffsets& at : node.batch) {
      ensure(at.a + node.m * node.k <= elements(graph, node.a), "A leaves its tensor");
      ensure(at.b + node.k * node.n <= elements(graph, node.b), "B leaves its tensor");
      ensure(at.y + node.m * node.n <= elements(graph, node.y), "Y leaves its tensor");
    }
    ensure(node.c.empty() || elements(graph, node.c) == node.n, "C is not a vector of N");
  }
  for (const TensorValue& constant : graph.constants) {
    ensure(constant.bytes.size() == constant.type.bytes(), "a constant of another size");
  }
  for (const std::string& output : graph.outputs) elements(graph, output);
}

}  // namespace

bool try_onnx(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  try {
    const TensorValue tensor = models::parse_tensor_proto(bytes, "fuzz.pb");
    ensure(tensor.bytes.size() == tensor.type.bytes(), "a tensor of another size");
  } catch (const InputError&) {}
  try {
    check(models::read_onnx(bytes, "fuzz.onnx"));
    return true;
  } catch (const InputError&) {
    return false;
  }
}

}  // namespace vitruvian::tests
