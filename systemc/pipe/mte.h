// SPDX-License-Identifier: Apache-2.0
//
// The movers MTE1 (L1 -> L0A, L0B, BT) and MTE2 (GM -> L1): docs/timing.md, M1, M2 and G1-G3. Once
// one has started, all its cycles are known. Twins: models/pipe/mte1.h, mte2.h (what), rtl/pipe/vit_mte.sv
// (how).
#pragma once

#include <functional>

#include "systemc/memory/memory.h"
#include "systemc/pipe/pipe.h"

namespace vitruvian::systemc {

// A pipe whose instructions' ends are known at their start, and never descend.
class Mover : public Pipe {
 protected:
  using Pipe::Pipe;
  // The instruction works in cycles before `busy`, then waits for memory until `end`.
  void move(std::uint32_t instruction, Cycle now, Cycle busy, Cycle end);
  void advance(Cycle now) override;

 private:
  struct Effect {
    std::uint32_t instruction;
    Cycle at;
  };
  Ring<Effect> effects_{64};  // values to be applied
};

// What an MTE1 instruction takes (docs/timing.md, table of movers).
struct Mte1Timing {
  Cycles beats, tail;
};
Mte1Timing mte1_timing(const models::Instruction& instruction, const Mte1Config& config);

class Mte1Pipe final : public Mover {
 public:
  explicit Mte1Pipe(PipeContext& context)
      : Mover{models::Pipe::MTE1, context.chip.queue_depth.mte1, context} {}

 private:
  Hold hold(const models::Instruction&, Cycle) override { return {next_start_, State::busy}; }
  void begin(std::uint32_t instruction, const models::Instruction& work, Cycle now) override;

  Cycle next_start_;
};

// How a pipe reaches GM: sends a list of bursts, fills in when each is done.
using GmPort = std::function<void(tlm::tlm_command, BurstList&)>;

// The pieces of GM a copy reads, in order, cut into bursts.
void read_bursts(const models::Instruction& copy, BurstList& list);

class Mte2Pipe final : public Mover {
 public:
  Mte2Pipe(PipeContext& context, GmPort gm)
      : Mover{models::Pipe::MTE2, context.chip.queue_depth.mte2, context}, gm_{std::move(gm)} {}

 private:
  Hold hold(const models::Instruction&, Cycle now) override;
  void begin(std::uint32_t instruction, const models::Instruction& work, Cycle now) override;

  GmPort gm_;
  BurstList list_;
  Cycle next_start_;
  Ring<Cycle> in_flight_{64};  // ends
};

}  // namespace vitruvian::systemc
