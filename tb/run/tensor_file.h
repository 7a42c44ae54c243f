// SPDX-License-Identifier: Apache-2.0
//
// Tensors in files: NumPy's .npy and ONNX's serialised TensorProto .pb.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "models/arch/tensor.h"

namespace vitruvian::tb {

// Reads a .npy or .pb file, told apart by the extension. Element types: f32, f16, s8, s32, and bf16
// in .pb only (NumPy has none). Throws InputError naming the file and what is wrong with it.
TensorValue read_tensor_file(const std::filesystem::path& path);

// Writes one, all or nothing. Throws InputError naming the file and the cause.
void write_tensor_file(const std::filesystem::path& path, const TensorValue& tensor);

// The bytes of a .npy file; `where` begins every message.
TensorValue parse_npy(std::string_view bytes, const std::string& where);
std::string to_npy(const TensorValue& tensor, const std::string& where);

}  // namespace vitruvian::tb
