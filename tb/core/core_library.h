// SPDX-License-Identifier: Apache-2.0
//
// Verilated cube cores as shared objects: built, found and loaded.
#pragma once

#include <filesystem>
#include <string>

#include "models/arch/chip_config.h"
#include "models/pipe/cube_dot.h"
#include "tb/common/shared_object.h"
#include "tb/core/core_block.h"

namespace vitruvian::tb {

// The core of a chip: from the cache of scripts/build_block, or built now. `rtl`: another rtl/; empty: ours.
// Throws InputError with the tools' own words if it cannot be built, or the chip has what the RTL cannot be.
std::filesystem::path build_core(const ChipConfig& chip, models::Numerics numerics, const std::string& variant,
                                 const std::filesystem::path& rtl = {});

// A loaded block: its functions. Throws InputError if the file is none, or speaks another version.
class CoreLibrary {
 public:
  explicit CoreLibrary(const std::filesystem::path& file);

  const VitCoreParameters& parameters() const { return parameters_; }
  const std::filesystem::path& file() const { return object_.file(); }

  decltype(&vit_core_create) create;
  decltype(&vit_core_destroy) destroy;
  decltype(&vit_core_set) set;
  decltype(&vit_core_ask) ask;
  decltype(&vit_core_clock) clock;
  decltype(&vit_core_beats) beats;
  decltype(&vit_core_buffer) buffer;
  decltype(&vit_core_failure) failure;
  decltype(&vit_core_trace_open) trace_open;
  decltype(&vit_core_trace_cycle) trace_cycle;
  decltype(&vit_core_trace_close) trace_close;

 private:
  SharedObject object_;
  VitCoreParameters parameters_{};
};

// Throws InputError, naming the key, unless the block was built for this chip and numerics.
void check_fits(const CoreLibrary& library, const ChipConfig& chip, models::Numerics numerics);

// Is it the default shape, for which CMake builds the block?
bool is_usual_core(const ChipConfig& chip, models::Numerics numerics);

}  // namespace vitruvian::tb
