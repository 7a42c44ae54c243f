// SPDX-License-Identifier: Apache-2.0
//
// An assembly file, text or binary, with its .tensor lines.
#include <fmt/format.h>

#include "models/arch/error.h"
#include "models/program/binary.h"
#include "tb/run/workload_kinds.h"
#include "tb/run/workload_plan.h"
#include "tb/run/workload_text.h"

namespace vitruvian::tb {
namespace {

std::vector<NamedType> types_of(const std::vector<models::Tensor>& tensors) {
  std::vector<NamedType> found;
  for (const models::Tensor& t : tensors) found.push_back({t.name, {t.dtype, t.dims}});
  return found;
}

// Useful multiply-adds, and the type of the first mmad.
void count_macs(Workload& workload) {
  for (const models::Instruction& instruction : workload.program.instructions) {
    const auto* mmad = std::get_if<models::Mmad>(&instruction);
    if (!mmad) continue;
    if (workload.dtype.empty()) workload.dtype = user_name(mmad->dtype, mmad->hf32);
    workload.macs += std::uint64_t{mmad->m} * mmad->n * mmad->k;
  }
}

}  // namespace

Workload assembly_workload(const std::string& file, const ChipConfig& chip,
                           const WorkloadOptions& options) {
  models::AssemblyFile read = models::read_program(file, chip);
  Workload workload;
  workload.name = file;
  workload.program = std::move(read.program);
  count_macs(workload);
  for (const models::TensorDirective& t : read.tensors) {
    (t.input ? workload.inputs : workload.outputs).push_back(t.tensor);
  }
  WorkloadPlan plan{chip};
  if (options.inputs) {
    TensorFiles files =
        read_tensor_files(*options.inputs, types_of(workload.inputs), types_of(workload.outputs));
    for (std::size_t i = 0; i < workload.inputs.size(); ++i) {
      plan.fill_with(workload.inputs[i], std::move(files.inputs[i].bytes));
    }
    for (auto& [i, value] : files.outputs) {
      plan.expect({fmt::format("output_{}", i), workload.outputs[i], std::move(value), 0});
    }
  } else {
    for (const models::TensorDirective& t : read.tensors) {
      if (t.input) plan.fill_with(t.tensor, models::contents(t, options.seed));
    }
  }
  plan.finish(workload);
  return workload;
}

}  // namespace vitruvian::tb
