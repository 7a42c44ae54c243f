// SPDX-License-Identifier: Apache-2.0
//
// A model file, read and found sound: parsed, of operators we have, of a version the ONNX library
// knows, accepted by its checker, shapes inferred.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace onnx {
class ModelProto;
}

namespace vitruvian::models {

inline constexpr std::string_view onnx_operators = "MatMul, Gemm (alpha = beta = 1, C absent or a vector of N)";

// `file` is for messages. Throws InputError, naming file and cause, for anything else.
std::shared_ptr<const onnx::ModelProto> read_model(std::string_view bytes, const std::string& file);

}  // namespace vitruvian::models
