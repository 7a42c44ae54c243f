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

namespace {

CoreResult result_of(Chip& chip) {
  CoreModule& core = *chip.cores().front();
  if (core.failure()) std::rethrow_exception(core.failure());
  return core.result();
}

}  // namespace

std::unique_ptr<Chip> Simulation::make_chip(const char* name) {
  const CoreOptions options{options_.numerics, options_.trace_limit, options_.cube,
                            options_.progress, options_.observer, options_.movers};
  const std::vector<CoreWork> work{{program_, options_.values ? &state_ : nullptr}};
  return std::make_unique<Chip>(name, chip_, state_.gm, work, options, options_.gm, options_.core);
}

CoreResult Simulation::run() {
  const Kernel kernel;
  const auto chip = make_chip("chip");
  sc_core::sc_start();
  return result_of(*chip);
}

std::pair<CoreResult, CoreResult> Simulation::run_together(Simulation& first, Simulation& second) {
  const Kernel kernel;
  const auto one = first.make_chip("chip"), other = second.make_chip("twin");
  sc_core::sc_start();
  CoreResult result = result_of(*one);
  return {std::move(result), result_of(*other)};
}

}  // namespace vitruvian::systemc
