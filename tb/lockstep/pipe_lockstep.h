// SPDX-License-Identifier: Apache-2.0
//
// A core of which some pipes are RTL, and a core of SystemC alone beside it in the same kernel, on a GM and buffers of
// its own: everything that can be seen of the two is compared (core_compare.h). What memory answers is all they share.
#pragma once

#include "systemc/chip/simulation.h"
#include "tb/lockstep/core_compare.h"

namespace vitruvian::tb {

class PipeLockstep {
 public:
  // `options` says which pipes are RTL; its observer is ours. `gm` and `twin_gm` hold the same bytes. A cube in RTL
  // tells nothing of the beats on M's ports, so they are left out then.
  PipeLockstep(const ChipConfig& chip, const models::Program& program, models::Memory& gm, models::Memory& twin_gm,
               systemc::SimulationOptions options);

  // Both start with their buffers the same.
  models::CoreState& state() { return rtl_.state(); }
  models::CoreState& twin_state() { return twin_.state(); }

  // Once. At the end buffers and the first `gm_bytes` of GM must be the same again: a difference there is a value
  // mismatch. Returns the result of the core with RTL: none if the two drifted apart and were given up. Throws what
  // a core throws if they agreed until then.
  systemc::CoreResult run(Bytes gm_bytes);
  const CoreComparison& comparison() const { return found_; }

 private:
  // One of the two cores.
  class Side final : public systemc::CoreObserver {
   public:
    Side(PipeLockstep& outer, systemc::CoreObserver& to) : outer_{outer}, to_{to} {}
    void issued(std::uint32_t i, models::Pipe pipe, Cycle at) override { to_.issued(i, pipe, at); }
    void started(std::uint32_t i, models::Pipe pipe, Cycle at) override { to_.started(i, pipe, at), outer_.check(); }
    void ended(std::uint32_t i, models::Pipe pipe, Cycle at) override { to_.ended(i, pipe, at); }
    void state(models::Pipe pipe, systemc::State state, Cycle from, Cycle to) override { to_.state(pipe, state, from, to); }
    void beat(systemc::Port port, Cycle at, std::span<const systemc::BeatRow> rows) override;

   private:
    PipeLockstep& outer_;
    systemc::CoreObserver& to_;
  };

  void check() const;

  const bool cube_in_rtl_;
  CoreCompare compare_;
  Side rtl_side_, twin_side_;
  systemc::Simulation rtl_, twin_;
  CoreComparison found_;
};

}  // namespace vitruvian::tb
