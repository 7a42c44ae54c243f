// SPDX-License-Identifier: Apache-2.0
//
// The Verilated core in the place of the SystemC core in a chip: one process, a cycle a call, and the socket to
// global memory, which says of every request when it is taken and done.
#pragma once

#include <memory>

#include "systemc/core/core_module.h"
#include "tb/core/core_rtl.h"

namespace vitruvian::tb {

class CoreRtlModule final : public systemc::CoreModule, private GmOracle {
 public:
  // Throws InputError if `state` is null: RTL computes values.
  CoreRtlModule(const sc_core::sc_module_name& name, const ChipConfig& chip, const models::Program& program, models::CoreState* state,
                const systemc::CoreOptions& options, std::shared_ptr<const CoreLibrary> library, std::optional<CoreWaves> waves);

  std::exception_ptr failure() const override { return failure_; }
  systemc::CoreResult result() override;

 private:
  void cycle();
  GmVerdict read(systemc::GmPort port, Cycle offered, const VitCoreRead& request) override;
  GmVerdict write(systemc::GmPort port, Cycle offered, const VitCoreWrite& beat) override;

  systemc::BurstList list_;
  CoreRtl core_;
  std::exception_ptr failure_;
};

// For systemc::Chip and systemc::Simulation.
systemc::CoreMaker core_rtl_maker(std::shared_ptr<const CoreLibrary> library, std::optional<CoreWaves> waves = std::nullopt);

}  // namespace vitruvian::tb
