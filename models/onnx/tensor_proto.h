// SPDX-License-Identifier: Apache-2.0
//
// ONNX's TensorProto: the constants of a model, and the test-data files input_N.pb, output_N.pb.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/arch/tensor.h"

namespace onnx {
class TensorProto;
}

namespace vitruvian::models {

inline constexpr std::string_view onnx_types_read = "float, float16, bfloat16, int8, int32";

// Our element type for ONNX's number of it; none if the cube path has no such type.
std::optional<DataType> dtype_from_onnx(int onnx_type);

// ONNX's name of one of its element types, "type 99" if it has none.
std::string onnx_type_name(int onnx_type);

// The tensor's numbers, wherever the message keeps them. `where` (file, name) begins every message.
// Throws InputError for a type we do not read, external data, or a size that is not what dims say.
TensorValue tensor_value(const onnx::TensorProto& tensor, const std::string& where);

// The same from and to a serialised message.
TensorValue parse_tensor_proto(std::string_view bytes, const std::string& where);
std::string serialise_tensor_proto(const TensorValue& tensor);

}  // namespace vitruvian::models
