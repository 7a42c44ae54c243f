// SPDX-License-Identifier: Apache-2.0
//
// The whole Verilated core for a run: found or built for the chip.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "tb/core/core_rtl_module.h"
#include "tb/run/run.h"

namespace vitruvian::tb {

struct RtlCore {
  std::shared_ptr<const CoreLibrary> library;
  std::optional<CoreWaves> waves;
  std::string variant;  // "fast" or "trace"
};

// Throws InputError if the block cannot be built, or the chip has what it cannot be.
RtlCore make_rtl_core(const RunOptions& options);

}  // namespace vitruvian::tb
