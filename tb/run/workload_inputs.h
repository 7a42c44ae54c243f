// SPDX-License-Identifier: Apache-2.0
//
// The numbers a workload starts from: random ones, or files in ONNX's test-data layout.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "models/arch/tensor.h"

namespace vitruvian::tb {

// Numbers that depend on `seed` and `name` only. Floating types: both signs, magnitudes in [2^-14,
// 1) distributed as uniform ones are, every fraction bit random. s8, s4: all values; s32: 20 bits.
void fill_random(std::span<std::uint8_t> bytes, DataType dtype, std::uint64_t seed,
                 const std::string& name);

struct NamedType {
  std::string name;
  TensorType type;
};

// The input_N and output_N files (.pb or .npy) of a folder.
struct TensorFiles {
  std::vector<TensorValue> inputs;             // one for each expected input
  std::map<std::size_t, TensorValue> outputs;  // those that are there
};

// Reads them and compares types and shapes with what is expected; an output may also be f32 where a
// narrower floating type is expected. s4 is read from files of s8, whose numbers must fit, and comes
// packed. Throws InputError naming the file, or the one that is
// missing.
TensorFiles read_tensor_files(const std::filesystem::path& folder,
                              const std::vector<NamedType>& inputs,
                              const std::vector<NamedType>& outputs);

}  // namespace vitruvian::tb
