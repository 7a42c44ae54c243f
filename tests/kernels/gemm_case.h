// SPDX-License-Identifier: Apache-2.0
//
// A matrix multiply set up in GM, run on models/core and read back.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/arch/chip_config.h"
#include "models/kernels/gemm.h"
#include "models/memory/memory.h"
#include "models/ops/gemm.h"
#include "models/program/program.h"

namespace vitruvian::tests {

struct GemmCase {
  models::GemmProblem problem = {};
  models::GemmTileRequest request = {};
  std::uint64_t batch = 1;
  std::uint64_t seed = 1;
};
std::string describe(const GemmCase& c);

// Tensors lie close: nothing but a byte pattern stands between them.
class GemmBench {
 public:
  GemmBench(const GemmCase& c, const ChipConfig& chip);

  const models::Program& program() const { return program_; }
  const models::GemmTiles& tiles() const { return tiles_; }

  // Fills inputs, outputs and the gaps, runs the program in order.
  void run();

  // The worst |result - definition| over its bound, all elements of all batches; integers: 0 or
  // 1e9.
  double worst_over_bound() const { return worst_over_bound(case_.problem.hf32); }
  // The same if the operator were defined so.
  double worst_over_bound(models::Hf32 hf32) const;

  // Bytes outside the outputs that the run changed, in words; empty if none.
  std::string damage() const;

 private:
  struct Place {
    std::uint64_t start, size;
  };
  std::uint64_t place(std::uint64_t size);
  models::GemmInputs inputs(std::size_t i) const;
  double result(std::size_t batch, std::uint64_t index) const;

  GemmCase case_;
  const ChipConfig& chip_;
  models::GemmTiles tiles_;
  models::Program program_;
  std::vector<models::GemmTensors> tensors_;
  std::vector<Place> outputs_;
  std::uint64_t end_ = 0;
  models::Memory gm_;
  std::vector<std::uint8_t> before_;
};

}  // namespace vitruvian::tests
