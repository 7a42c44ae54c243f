// SPDX-License-Identifier: Apache-2.0
//
// Kernels with what they find in GM and leave there, and faults to put into them.
#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "models/kernels/conv.h"
#include "models/kernels/gemm_tiles.h"
#include "models/program/program.h"

namespace vitruvian::tests {

struct Kernel {
  std::string name;
  models::Program program;
  std::vector<models::Tensor> inputs;
  models::Tensor output;
};

Kernel gemm_kernel(const models::GemmProblem& problem, const models::GemmTileRequest& request,
                   const ChipConfig& chip);
Kernel conv_kernel(const models::ConvProblem& problem, const ChipConfig& chip);
// Several shapes, types, tiles and bufferings; some hundred instructions each.
std::vector<Kernel> small_kernels(const ChipConfig& chip);

// The bytes of the output after the program has run in order on random inputs.
std::vector<std::uint8_t> output_of(const models::Program& program, const Kernel& kernel,
                                    const ChipConfig& chip);

// One way to break a program.
struct Fault {
  std::string_view name;
  bool order;  // breaks the order; else what is touched
  // A program with one such fault at a random place, or nothing if there is no such place.
  std::optional<models::Program> (*put)(const models::Program&, const ChipConfig&,
                                        std::mt19937_64&);
};
const std::vector<Fault>& faults();

}  // namespace vitruvian::tests
