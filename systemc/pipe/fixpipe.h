// SPDX-License-Identifier: Apache-2.0
//
// Pipe FIX: L0C -> GM, fractal by fractal (docs/timing.md, M1, M2, G4 and "L0C sharing"). A cycle
// in which the fractal at hand may not be read freezes the whole pipe, so its times are kept in
// unfrozen cycles. Twins: models/pipe/fixpipe.h (what), rtl/pipe/vit_fixpipe.sv (how).
#pragma once

#include "models/pipe/fixpipe.h"
#include "systemc/buffer/l0c.h"
#include "systemc/pipe/cube_pipe.h"
#include "systemc/pipe/mte.h"

namespace vitruvian::systemc {

class FixpipePipe final : public Pipe {
 public:
  FixpipePipe(PipeContext& context, L0cPort& port, UnitFlags& flags, CubePipe& cube, GmPort gm);

  std::optional<Held> held() const override;

 private:
  struct Job {
    std::uint32_t instruction = 0;
    const models::Fixpipe* fixpipe = nullptr;
    std::uint64_t fractals = 0, next = 0;
    Cycle first_read;  // in unfrozen cycles
  };
  struct Effect {
    std::uint32_t instruction;
    Cycle at;
  };
  // The fractal at hand.
  struct Fractal {
    models::FixpipeFractal place;
    std::uint32_t source;                      // byte of L0C
    std::uint32_t first_granule, granules;     // it touches with rows < m
  };

  Hold hold(const models::Instruction&, Cycle now) override;
  void begin(std::uint32_t instruction, const models::Instruction& work, Cycle now) override;
  void advance(Cycle now) override;

  Cycles beats_a_fractal() const { return Cycles{1} + output_cycles_; }
  Cycle real(Cycle unfrozen) const { return unfrozen + frozen_; }
  Cycle next_read() const;
  void bring_up(Job& job);
  std::optional<State> obstacle(const Job& job, Cycle now);
  void freeze(State why, Cycle now);
  void read(Job& job, Cycle now);
  Cycle write(const Job& job, Cycle now);
  void apply_effects(Cycle now);

  L0cPort& port_;
  UnitFlags& flags_;
  CubePipe& cube_;
  GmPort gm_;
  const Cycles output_cycles_;  // a fractal takes to leave

  Ring<Job> jobs_;              // started, not read to the end
  Fractal at_hand_;             // of the first of them
  Cycles frozen_;               // before now
  std::optional<Cycle> frozen_from_;  // frozen, accounted up to this cycle
  bool waits_for_flags_ = false;
  Cycle next_start_;            // in unfrozen cycles
  Cycle port_left_;             // GM's port has taken what was read before
  Cycle last_done_;
  BurstList list_;
  Ring<Effect> effects_;
};

// The pieces of GM one fractal leaves, in order, cut into bursts. With 8-bit columns, which join
// two fractals, the second leaves both.
void write_bursts(const models::Fixpipe& fixpipe, const models::FixpipeFractal& fractal,
                  BurstList& list);

}  // namespace vitruvian::systemc
