// SPDX-License-Identifier: Apache-2.0
#include "systemc/chip/simulation.h"

#include "systemc/chip/chip.h"
#include "systemc/chip/kernel.h"

// The kernel's library asks for it; our programs have a main of their own.
int sc_main(int, char**) { return 0; }

namespace vitruvian::systemc {

Simulation::Simulation(const ChipConfig& chip, const models::Program& program, models::Memory& gm,
                       SimulationOptions options)
    : chip_{chip}, program_{program}, state_{chip, gm}, options_{std::move(options)} {}

CoreResult Simulation::run() {
  const Kernel kernel;
  const CoreOptions options{options_.numerics, options_.trace_limit, options_.cube,
                            options_.progress, options_.observer};
  Chip chip{"chip", chip_, state_.gm, {{program_, options_.values ? &state_ : nullptr}}, options,
            options_.gm, options_.core};
  sc_core::sc_start();
  CoreModule& core = *chip.cores().front();
  if (core.failure()) std::rethrow_exception(core.failure());
  return core.result();
}

}  // namespace vitruvian::systemc
