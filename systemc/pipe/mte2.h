// SPDX-License-Identifier: Apache-2.0
//
// Pipe MTE2: GM -> L1, L0A, L0B, and fills of L1 (docs/timing.md, G1-G3 and G6). GM answers an
// instruction's bursts when it starts, so all its cycles are known then. Twins: models/pipe/mte2.h
// (what), rtl/pipe/vit_mte2.sv (how).
#pragma once

#include "systemc/pipe/mover.h"

namespace vitruvian::systemc {

class Mte2Pipe final : public Mover {
 public:
  Mte2Pipe(PipeContext& context, GmAccess gm)
      : Mover{models::Pipe::MTE2, context.chip.queue_depth.mte2, context}, gm_{std::move(gm)} {}

 private:
  Hold hold(const models::Instruction& work, Cycle now) override;
  void begin(std::uint32_t instruction, const models::Instruction& work, Cycle now) override;
  void tell_written(const models::Instruction& instruction) override;

  void begin_fill(std::uint32_t instruction, const models::FillL1& fill, Cycle now);
  void tell_requests();

  GmAccess gm_;
  BurstList list_;
  Cycle next_start_;
  InFlight in_flight_;
  // Of those whose effect is to come, if there is an observer: bursts of copies, first cycles of
  // fills.
  Ring<std::vector<Burst>> bursts_;
  Ring<Cycle> first_beats_;
};

}  // namespace vitruvian::systemc
