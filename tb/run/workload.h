// SPDX-License-Identifier: Apache-2.0
//
// What is run: a program with the tensors it finds and leaves in GM, and how its result is judged.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "models/arch/chip_config.h"
#include "models/memory/memory.h"
#include "models/pipe/cube_dot.h"
#include "models/program/program.h"

namespace vitruvian::tb {

// How far the outputs in GM are from the operator's definition in double (models/ops).
struct Judgement {
  double max_abs_error = 0;
  double error_over_bound = 0;          // <= 1 passes; models/arch/bound.h
  std::string reference;                // "full" or "sampled (N elements)"
  std::optional<bool> expected_output;  // output_N files agree, if there are any
  std::string worst;                    // where, what, bound: one line
};

struct Workload {
  std::string name;  // as the user wrote it
  std::string dtype;
  models::Program program;
  std::vector<models::Tensor> inputs, outputs;
  std::vector<models::Tensor> initial;  // all that fill writes: inputs and constants
  std::uint64_t macs = 0;                                 // useful multiply-adds
  std::function<void(models::Memory&)> fill;              // writes the inputs to GM
  std::function<Judgement(const models::Memory&)> judge;  // empty for assembly files
};

struct WorkloadOptions {
  std::uint64_t seed = 1;
  std::optional<std::filesystem::path> inputs = {};  // --inputs DIR
  models::Numerics numerics = models::Numerics::dot24;
};

// `text`: matmul:M=..,N=..,..., an .onnx file, or an assembly file (.vasm). Throws InputError.
Workload make_workload(const std::string& text, const ChipConfig& chip,
                       const WorkloadOptions& options);

}  // namespace vitruvian::tb
