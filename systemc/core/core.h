// SPDX-License-Identifier: Apache-2.0
//
// One cube core (AIC) in time: dispatch, the queues of M, MTE1, MTE2, MTE3 and FIX, flags, L0C, and
// a socket to global memory. One process drives it: it sleeps until the next cycle in which
// anything happens. Inside, time is whole cycles; docs/timing.md holds every rule. Twin:
// models/core/core.h (what).
#pragma once

#include <exception>
#include <systemc>
#include <tlm>

#include "models/program/program.h"
#include "systemc/core/core_module.h"
#include "systemc/core/deadlock.h"
#include "systemc/core/dispatch.h"
#include "systemc/memory/clock.h"
#include "systemc/observe/stats.h"
#include "systemc/pipe/cube_pipe.h"
#include "systemc/pipe/mover.h"

namespace vitruvian::systemc {

class Core final : public CoreModule {
 public:
  // `state` null: no values are computed. Program, chip and state outlive the core.
  Core(const sc_core::sc_module_name& name, const ChipConfig& chip, const models::Program& program,
       models::CoreState* state, const CoreOptions& options);

  std::exception_ptr failure() const override { return failure_; }
  CoreResult result() override;

 private:
  void wake_up();
  void look_around();
  void run_cycle(Cycle now);
  GmAccess gm_access() {
    return [this](BurstList& list) { access_gm(list); };
  }
  void access_gm(BurstList& list);
  std::unique_ptr<Pipe> make_fix(const MoverFactory& rtl);
  std::unique_ptr<Pipe> make_mte1(const MoverFactory& rtl);
  std::unique_ptr<Pipe> make_mte2(const MoverFactory& rtl);
  std::unique_ptr<Pipe> make_mte3(const MoverFactory& rtl);
  Cycle next_cycle(Cycle now) const;
  void check_finished(Cycle now) const;
  Cycle program_end() const;

  PipeContext context_;
  L0cPort l0c_port_;
  UnitFlags unit_flags_;
  CubePipe cube_;
  const std::unique_ptr<Pipe> fix_, mte1_, mte2_, mte3_;
  const Dispatch::Pipes pipes_;
  Dispatch dispatch_;
  Cycle next_;
  Cycle ours_until_;  // nobody else does anything before it
  bool finished_ = false;
  ReportProgress progress_;
  std::uint32_t wake_ups_ = 0;
  std::exception_ptr failure_;
};

}  // namespace vitruvian::systemc
