// SPDX-License-Identifier: Apache-2.0
//
// Pipe MTE1: L1 -> L0A, L0B, BT, and fills of L0 (docs/timing.md, M1, M2, M4). Once an instruction
// has started, all its cycles are known. Twins: models/pipe/mte1.h (what), rtl/pipe/vit_mte1.sv
// (how).
#pragma once

#include "systemc/pipe/mover.h"

namespace vitruvian::systemc {

class Mte1Pipe final : public Mover {
 public:
  explicit Mte1Pipe(PipeContext& context)
      : Mover{models::Pipe::MTE1, context.chip.queue_depth.mte1, context} {}

 private:
  Hold hold(const models::Instruction&, Cycle) override { return {next_start_, State::busy}; }
  void begin(std::uint32_t instruction, const models::Instruction& work, Cycle now) override;
  void tell_written(const models::Instruction& instruction) override;

  Cycle next_start_;
  Ring<Cycle> first_beats_;  // of those whose effect is to come, if there is an observer
};

}  // namespace vitruvian::systemc
