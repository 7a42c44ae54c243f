// SPDX-License-Identifier: Apache-2.0
//
// Makers of the kinds of workload; make_workload() picks one.
#pragma once

#include <string>

#include "tb/run/workload.h"

namespace vitruvian::tb {

// `text` begins with "matmul".
Workload matmul_workload(const std::string& text, const ChipConfig& chip,
                         const WorkloadOptions& options);
// `text` begins with "conv2d".
Workload conv2d_workload(const std::string& text, const ChipConfig& chip,
                         const WorkloadOptions& options);
Workload onnx_workload(const std::string& file, const ChipConfig& chip,
                       const WorkloadOptions& options);
Workload assembly_workload(const std::string& file, const ChipConfig& chip,
                           const WorkloadOptions& options);

}  // namespace vitruvian::tb
