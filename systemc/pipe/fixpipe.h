// SPDX-License-Identifier: Apache-2.0
//
// Pipe FIX: L0C -> GM or L1, fractal by fractal, and L1 -> FB (docs/timing.md, "Movers", G4 and
// "L0C sharing"). A cycle in which the fractal at hand may not be read, or GM does not take a beat,
// freezes the pipe, so its times are kept in cycles that are not frozen. Once a fractal has been
// read, the cycles of all it sends are known. Twins: models/pipe/fixpipe.h (what),
// rtl/pipe/vit_fixpipe.sv (how).
#pragma once

#include "models/pipe/fixpipe.h"
#include "systemc/buffer/l0c.h"
#include "systemc/pipe/cube_pipe.h"
#include "systemc/pipe/frozen_clock.h"
#include "systemc/pipe/mover.h"

namespace vitruvian::systemc {

class FixpipePipe final : public Mover {
 public:
  FixpipePipe(PipeContext& context, L0cPort& port, UnitFlags& flags, CubePipe& cube, GmAccess gm);

  std::optional<Held> held() const override;

 private:
  struct Job {
    std::uint32_t instruction = 0;
    std::optional<models::FixpipeView> fixpipe;  // none: copy_l1_fb
    std::uint64_t beats = 0, next = 0;           // fractals, or rows of FB
    Cycle first;                                 // read or beat, in cycles that are not frozen
  };
  // The fractal at hand.
  struct Fractal {
    models::FixpipeFractal place;
    std::uint32_t source = 0;                      // byte of L0C
    std::uint32_t first_granule = 0, granules = 0; // it touches with rows < m
  };
  // What a fractal sent, or the last beat of a copy, and when it was complete.
  struct Sent {
    Cycle last_beat, done;
  };
  // The output cycles of a fractal, or the beats of a copy.
  struct Told {
    models::FixpipeFractal place;
    std::vector<Cycle> cycles;
  };

  void advance(Cycle now) override;
  Hold hold(const models::Instruction&, Cycle now) override;
  void begin(std::uint32_t instruction, const models::Instruction& work, Cycle now) override;
  void apply(const models::Instruction& instruction) override;
  void tell_written(const models::Instruction& instruction) override;

  Cycles beats_a_fractal() const { return Cycles{1 + output_cycles_}; }
  Job job_of(std::uint32_t instruction, const models::Instruction& work, Cycle now);
  Cycle next_read() const;
  void look_at_front(Cycle now);
  void bring_up(Job& job);
  std::optional<State> obstacle(const Job& job, Cycle now);
  void freeze(State why, Cycle now);
  void read(Job& job, Cycle now);
  Sent send(const Job& job, Cycle now);
  Sent copy(const Job& job);
  void finish(const Sent& sent, Cycle now);

  // For the observer. Writes are told with their effect, so what they need is kept till then.
  void tell_read(const models::FixpipeView& fixpipe, Cycle now);
  void tell_copy_read(const Job& job);
  void tell_output(const models::FixpipeView& fixpipe);
  void tell_copy_written(const models::CopyL1Fb& copy);

  L0cPort& port_;
  UnitFlags& flags_;
  CubePipe& cube_;
  GmAccess gm_;
  const std::uint32_t rows_a_cycle_, output_cycles_;  // of a fractal that leaves

  FrozenClock clock_;
  Ring<Job> jobs_;  // started, not read to the end
  Fractal at_hand_; // of the first of them
  bool waits_for_flags_ = false;
  Cycle next_start_;  // in cycles that are not frozen
  Cycle working_until_;
  InFlight in_flight_;      // those whose end is known
  Cycle next_end_;          // M5
  BurstList list_;
  Ring<Told> told_;
};

}  // namespace vitruvian::systemc
