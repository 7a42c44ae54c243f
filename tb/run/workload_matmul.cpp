// SPDX-License-Identifier: Apache-2.0
//
// `matmul:M=..,N=..,K=..`: tensors A, B, bias and C.
#include <fmt/format.h>

#include "models/arch/error.h"
#include "tb/run/workload_kinds.h"
#include "tb/run/workload_plan.h"
#include "tb/run/workload_text.h"

namespace vitruvian::tb {
namespace {

using Dims = std::vector<std::uint64_t>;

std::vector<NamedType> inputs_of(const models::GemmProblem& p) {
  std::vector<NamedType> inputs{{"A", {p.dtype, p.trans_a ? Dims{p.k, p.m} : Dims{p.m, p.k}}},
                                {"B", {p.dtype, p.trans_b ? Dims{p.n, p.k} : Dims{p.k, p.n}}}};
  if (p.bias) inputs.push_back({"bias", {p.accumulator(), {p.n}}});
  return inputs;
}

}  // namespace

Workload matmul_workload(const std::string& text, const ChipConfig& chip,
                         const WorkloadOptions& options) {
  const auto colon = text.find(':');
  if (colon == std::string::npos) {
    throw InputError{"matmul: sizes are missing: matmul:M=...,N=...,K=...,dtype=fp16"};
  }
  const MatmulText parsed = parse_matmul(std::string_view{text}.substr(colon + 1));
  const models::GemmProblem& p = parsed.problem;
  models::check_gemm_rows(p);
  const std::vector<NamedType> inputs = inputs_of(p);
  const NamedType result{"C", {p.out, {p.m, p.n}}};
  TensorFiles files;
  if (options.inputs) files = read_tensor_files(*options.inputs, inputs, {result});

  Workload workload;
  workload.name = text;
  workload.dtype = user_name(p.dtype, p.hf32);
  WorkloadPlan plan{chip};
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    workload.inputs.push_back(plan.place(inputs[i].name, inputs[i].type));
    if (options.inputs) {
      plan.fill_with(workload.inputs[i], std::move(files.inputs[i].bytes));
    } else {
      plan.fill_with_random(workload.inputs[i], options.seed);
    }
  }
  workload.outputs.push_back(plan.place(result.name, result.type));
  for (auto& [i, value] : files.outputs) {
    plan.expect({"output_0", workload.outputs[0], std::move(value), p.k});
  }
  models::GemmTensors tensors{
      workload.inputs[0].address, workload.inputs[1].address, workload.outputs[0].address, {}};
  if (p.bias) tensors.bias = workload.inputs[2].address;
  plan.add({"C", p, models::choose_gemm_tiles(p, chip, parsed.tiles), {tensors}});
  plan.finish(workload, {false}, options.numerics);
  return workload;
}

}  // namespace vitruvian::tb
