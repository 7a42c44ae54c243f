// SPDX-License-Identifier: Apache-2.0
//
// A cube put together from the scalar definition, tile by tile, to try the lockstep checker on: it can
// be told to be wrong. Its timing is the SystemC block's, with a chip of its own.
#pragma once

#include <deque>
#include <memory>

#include "models/pipe/cube_dot.h"
#include "tb/lockstep/cube_lockstep.h"

namespace vitruvian::tb {

enum class TileFault {
  none,
  value,        // the lowest bit of one word of one write
  transient,    // a wrong word that a later step of the same mmad rewrites rightly
  accumulator,  // the second step starts from zero
  address,      // columns of fractals stand 1024 B too far apart
  mask,         // writes a row beyond m
  early_flag,   // unit flags one cycle early
  lost_flag,    // no unit flag at all
  step_length,  // D is 9
  late_end,     // retires a cycle late
  no_end,       // never retires
};

class TileCube final : public ObservedCube {
 public:
  TileCube(const systemc::CubeContext& context, TileFault fault);
  ~TileCube() override;

  void observe(CubeObserver& observer) override { observer_ = &observer; }
  void connect(systemc::CubeEnvironment& environment) override;
  bool ready(Cycle now) override { return inner_->ready(now); }
  void start(const models::Mmad& mmad, std::uint32_t instruction, Cycle now) override;
  void step(Cycle now) override;
  systemc::Stall stall(Cycle now) override { return inner_->stall(now); }
  bool reads_l0c(Cycle now) override { return inner_->reads_l0c(now); }
  void settle(std::uint32_t, std::uint32_t, Cycle) override {}
  std::optional<Cycle> next_event(Cycle now) override;

 private:
  class Outside;
  struct Job {
    Operands operands;
    TileGrid grid;
    Cycle first_slot;
    std::uint32_t step = 0, slot = 0;
  };
  struct Due {
    Cycle cycle;
    std::shared_ptr<Job> job;
    Tile tile;
  };

  void write(const Due& due);
  void follow(Cycle now);

  ChipConfig chip_;  // the fault's
  models::Numerics numerics_;
  models::CoreState& state_;
  TileFault fault_;
  std::unique_ptr<Outside> outside_;
  std::unique_ptr<systemc::CubeBlock> inner_;
  CubeObserver* observer_ = nullptr;
  std::shared_ptr<Job> job_;
  std::deque<Due> due_;
  bool spoilt_ = false;
};

}  // namespace vitruvian::tb
