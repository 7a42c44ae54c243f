// SPDX-License-Identifier: Apache-2.0
//
// A chip: cube cores on one global memory.
#pragma once

#include <memory>
#include <systemc>
#include <vector>

#include "systemc/core/core.h"
#include "systemc/memory/memory.h"

namespace vitruvian::systemc {

// What one core runs; `state` null: no values.
struct CoreWork {
  const models::Program& program;
  models::CoreState* state;
};

class Chip : public sc_core::sc_module {
 public:
  // One core for each piece of work, named aic0, aic1 ...; no more than the chip has. `gm` answers
  // for memory (systemc/memory/memory.h). `make` empty: SystemC cores.
  Chip(const sc_core::sc_module_name& name, const ChipConfig& config, models::Memory& contents,
       const std::vector<CoreWork>& work, const CoreOptions& options,
       const GmAnswers* gm = nullptr, const CoreMaker& make = {});

  std::vector<std::unique_ptr<CoreModule>>& cores() { return cores_; }

 private:
  Memory memory_;
  std::vector<std::unique_ptr<CoreModule>> cores_;
};

}  // namespace vitruvian::systemc
