// SPDX-License-Identifier: Apache-2.0
//
// A cube core in a chip, whatever it is made of: the SystemC core (systemc/core/core.h), or a
// Verilated one in its place. A socket to global memory, and what the run left behind.
#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <systemc>
#include <tlm_utils/simple_initiator_socket.h>

#include "models/core/state.h"
#include "models/program/program.h"
#include "systemc/memory/burst_list.h"
#include "systemc/memory/clock.h"
#include "systemc/observe/observer.h"
#include "systemc/observe/stats.h"
#include "systemc/pipe/cube_block.h"
#include "systemc/pipe/mover_block.h"

namespace vitruvian::systemc {

// Called now and then: instructions issued, of how many.
using ReportProgress = std::function<void(std::uint64_t done, std::uint64_t total)>;

struct CoreOptions {
  models::Numerics numerics = models::Numerics::dot24;
  std::size_t trace_limit = 50'000;  // instructions with records and segments
  CubeFactory cube;                  // empty: the SystemC twin
  ReportProgress progress;           // may be empty
  CoreObserver* observer = nullptr;  // told everything that can be seen; null costs nothing
  MoverFactories movers = {};        // empty: the SystemC pipes
};

class CoreModule : public sc_core::sc_module {
 public:
  tlm_utils::simple_initiator_socket<CoreModule> gm{"gm"};

  // What stopped it before the program's end, if anything did.
  virtual std::exception_ptr failure() const = 0;
  // After the simulation, once.
  virtual CoreResult result() = 0;

 protected:
  CoreModule(const sc_core::sc_module_name& name, const ChipConfig& chip)
      : sc_module{name}, clock_{chip.clock_khz} {}

  // Asks memory about a list: one payload, which moves no bytes. Memory fills in the list's cycles.
  void send(BurstList& list);
  // From now to the start of `cycle`.
  sc_core::sc_time until(Cycle cycle) const { return clock_.at(cycle) - sc_core::sc_time_stamp(); }
  const Clock& clock() const { return clock_; }

 private:
  const Clock clock_;
  tlm::tlm_generic_payload payload_;
};

// Makes a core; `state` null: no values. Program, chip and state outlive it.
using CoreMaker = std::function<std::unique_ptr<CoreModule>(const char* name, const ChipConfig& chip, const models::Program& program,
                                                            models::CoreState* state, const CoreOptions& options)>;

}  // namespace vitruvian::systemc
