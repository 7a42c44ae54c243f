// SPDX-License-Identifier: Apache-2.0
//
// Runs a program on one cube core of a chip. Includes no SystemC, so it may stand beside Verilated
// headers.
#pragma once

#include "models/arch/chip_config.h"
#include "models/core/core.h"
#include "models/program/program.h"
#include "systemc/memory/gm_answers.h"
#include "systemc/observe/observer.h"
#include "systemc/pipe/cube_block.h"
#include "systemc/pipe/mover_block.h"

namespace vitruvian::systemc {

class Chip;
class CoreModule;
struct CoreOptions;
// As systemc/core/core_module.h has it.
using CoreMaker = std::function<std::unique_ptr<CoreModule>(
    const char* name, const ChipConfig& chip, const models::Program& program,
    models::CoreState* state, const CoreOptions& options)>;

struct SimulationOptions {
  models::Numerics numerics = models::Numerics::dot24;
  bool values = true;                // false: time only
  std::size_t trace_limit = 50'000;  // instructions with records and segments
  CubeFactory cube;                  // empty: the SystemC twin
  CoreMaker core;                    // what stands in the core's place; empty: the SystemC core
  // Called now and then: instructions issued, of how many. May be empty.
  std::function<void(std::uint64_t done, std::uint64_t total)> progress;
  const GmAnswers* gm = nullptr;     // what memory answers; null: UnloadedGm
  CoreObserver* observer = nullptr;  // told everything that can be seen; null costs nothing
  MoverFactories movers = {};        // empty: the SystemC pipes
};

// Each run() has a SystemC kernel of its own, so any number of simulations can follow each other in
// a process (one at a time: the kernel is not thread-safe). `chip`, `program` and `gm` outlive it.
class Simulation {
 public:
  Simulation(const ChipConfig& chip, const models::Program& program, models::Memory& gm,
             SimulationOptions options = {});

  // Once. Throws ProgramError or DeadlockError (systemc/pipe/errors.h), and whatever a block
  // throws.
  CoreResult run();

  // Both in one kernel, cycle beside cycle. Throws what stopped the first, or else the second.
  static std::pair<CoreResult, CoreResult> run_together(Simulation& first, Simulation& second);

  // The buffers, as the program left them.
  const models::CoreState& state() const { return state_; }
  models::CoreState& state() { return state_; }

 private:
  std::unique_ptr<Chip> make_chip(const char* name);

  const ChipConfig& chip_;
  const models::Program& program_;
  models::CoreState state_;
  SimulationOptions options_;
};

}  // namespace vitruvian::systemc
