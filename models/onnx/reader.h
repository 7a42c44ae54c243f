// SPDX-License-Identifier: Apache-2.0
//
// A model file, read and found sound by the ONNX library.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace onnx {
class ModelProto;
}

namespace vitruvian::models {

inline constexpr std::string_view onnx_operators =
    "MatMul, Gemm (alpha = beta = 1, C absent or a vector of N)";

// Parsed, of operators and a version we know, and accepted by the ONNX library's checker. `file` is
// for messages. Throws InputError, naming file and cause, for anything else.
std::shared_ptr<onnx::ModelProto> read_model(std::string_view bytes, const std::string& file);

// Writes the shapes the ONNX library infers into the model; throws InputError where it finds a
// contradiction. Operators must have inputs of a rank they can take: the library does not look.
void infer_shapes(onnx::ModelProto& model, const std::string& file);

}  // namespace vitruvian::models
