// SPDX-License-Identifier: Apache-2.0
#include "tb/run/workload.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "models/arch/error.h"
#include "models/arch/suggest.h"
#include "tb/run/workload_kinds.h"

namespace vitruvian::tb {
namespace {

// Names of operators that are written with their shape, and extensions of files.
constexpr std::string_view operators[] = {"matmul", "conv2d"};
constexpr std::string_view known =
    "matmul:M=...,N=...,K=...,dtype=fp16, conv2d:N=...,C=...,H=...,W=...,K=...,R=...,S=... or a file ending in .onnx, .vasm, .vbin";

bool is_word(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_';
  });
}

}  // namespace

Workload make_workload(const std::string& text, const ChipConfig& chip,
                       const WorkloadOptions& options) {
  const std::string extension = std::filesystem::path{text}.extension().string();
  if (extension == ".onnx") return onnx_workload(text, chip, options);
  if (extension == ".vasm" || extension == ".vbin") return assembly_workload(text, chip, options);
  const std::string_view name = std::string_view{text}.substr(0, text.find(':'));
  if (name == "matmul") return matmul_workload(text, chip, options);
  if (name == "conv2d") return conv2d_workload(text, chip, options);
  const std::vector<std::string_view> names{std::begin(operators), std::end(operators)};
  const std::string hint = is_word(name) ? did_you_mean(name, names) : "";
  throw InputError{fmt::format("workload '{}' is none we know{}: {}", text, hint, known)};
}

}  // namespace vitruvian::tb
