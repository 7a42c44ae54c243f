// SPDX-License-Identifier: Apache-2.0
//
// How far results in GM are from the operator's definition (models/ops), and from expected outputs.
#pragma once

#include <string>
#include <vector>

#include "models/kernels/gemm.h"
#include "tb/run/workload.h"
#include "models/arch/tensor.h"

namespace vitruvian::tb {

// One operator of a workload as it was planned.
struct GemmJob {
  std::string name;  // in messages
  models::GemmProblem problem;
  models::GemmTiles tiles;
  std::vector<models::GemmTensors> batch;
};

// An output_N file and where its counterpart stands.
struct ExpectedOutput {
  std::string name;
  models::Tensor tensor;
  TensorValue value;
  std::uint64_t depth = 1;  // products in a sum; 0: must be equal
};

// Every element, or where that takes more than 2^30 multiply-adds a sample: all corners, the lines
// on both sides of tile and fractal boundaries, and random ones, at least 4096 elements an
// operator. Each operator is judged by what it found in GM, so an error is charged to the one that
// made it.
Judgement judge_gemms(const std::vector<GemmJob>& jobs, const ChipConfig& chip,
                      models::Numerics numerics, const models::Memory& gm);

// How an operator's sums leave the core.
struct OutputRule {
  DataType dtype = DataType::f16;  // of the operands
  DataType out = DataType::f32;
  float scale = 1.0f;  // integers to f16 or s8
};

// What the definition's value becomes on its way out: integer sums saturate and are scaled with one
// rounding; floating results are compared unrounded.
double as_output(const OutputRule& rule, double value);

// error / bound of one element. Integer results must be equal. Infinite and NaN operands (their sum
// of magnitudes is not finite) must give the same infinity, or NaN.
double over_bound(const OutputRule& rule, double got, double want, double bound, double magnitude);

// Do they agree? Sums of products in fp32: within 1e-5 |y| + 2e-6 sqrt(K) max |y|; narrower results
// also within a unit in the last place; integers equal. NaN meets NaN, an infinity the same one.
// `worst` gets one line about the first that does not.
bool agree(const std::vector<ExpectedOutput>& expected, const models::Memory& gm,
           std::string& worst);

// Lines of a side of `count` worth looking at: ends, neighbours of boundaries every `tiles` and 16
// apart (the first, second, middle and last), then random ones; up to `most`, in ascending order.
std::vector<std::uint64_t> sample_lines(std::uint64_t count,
                                        const std::vector<std::uint64_t>& tiles, std::uint64_t most,
                                        const std::string& stream);

}  // namespace vitruvian::tb
