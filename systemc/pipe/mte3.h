// SPDX-License-Identifier: Apache-2.0
//
// Pipe MTE3: L1 -> GM (docs/timing.md, M3, G5). A beat GM does not take freezes all of it; GM
// answers an instruction's beats when it starts, so all its cycles are known then. Twins:
// models/pipe/mte3.h (what), rtl/pipe/vit_mte3.sv (how).
#pragma once

#include "systemc/pipe/frozen_clock.h"
#include "systemc/pipe/mover.h"

namespace vitruvian::systemc {

class Mte3Pipe final : public Mover {
 public:
  Mte3Pipe(PipeContext& context, GmAccess gm)
      : Mover{models::Pipe::MTE3, context.chip.queue_depth.mte3, context}, gm_{std::move(gm)} {}

 private:
  void advance(Cycle now) override;
  Hold hold(const models::Instruction& work, Cycle now) override;
  void begin(std::uint32_t instruction, const models::Instruction& work, Cycle now) override;
  void tell_written(const models::Instruction& instruction) override;

  void tell_reads(const models::CopyL1Gm& copy, Cycle now);

  GmAccess gm_;
  BurstList list_;
  FrozenClock clock_;
  Cycle next_start_;  // counted in cycles that are not frozen
  InFlight in_flight_;
  Ring<std::vector<Burst>> sent_;  // of those whose effect is to come, if there is an observer
};

// The pieces of GM a copy writes, in order, each a beat.
void write_beats(const models::CopyL1Gm& copy, BytesPerCycle rate, BurstList& list);

}  // namespace vitruvian::systemc
