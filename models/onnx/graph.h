// SPDX-License-Identifier: Apache-2.0
//
// A model file as matrix multiplications: its values with their shapes, and its operators in order.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "models/arch/tensor.h"

namespace vitruvian::models {

// Where one m x n x k product starts in its three tensors, in elements.
struct MatrixOffsets {
  std::uint64_t a = 0, b = 0, y = 0;
};

// A MatMul or Gemm: y = a' * b' + c for every entry of `batch`. c is a vector of n, or absent.
struct GemmNode {
  std::string name;        // of the node, or of its result
  std::string a, b, c, y;  // values; c empty: none
  bool trans_a = false, trans_b = false;
  std::uint64_t m = 1, n = 1, k = 1;
  std::vector<MatrixOffsets> batch;
};

struct OnnxGraph {
  std::string name;
  std::vector<std::string> inputs, outputs;  // in the file's order; constants are no inputs
  std::map<std::string, TensorType> types;   // of every value
  std::vector<TensorValue> constants;
  std::vector<GemmNode> nodes;
};

// Reads a file's bytes; `file` is for messages. Throws InputError naming the file, and the
// operator, attribute or value it is about.
OnnxGraph read_onnx(std::string_view bytes, const std::string& file);

}  // namespace vitruvian::models
