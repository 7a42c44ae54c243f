// SPDX-License-Identifier: Apache-2.0
//
// What stands in the M pipe's place: the SystemC twin computes it (systemc/pipe/cube.h), the Verilated
// block clocks it (tb/pipe/cube_rtl.h), lockstep does both (tb/lockstep/cube_lockstep.h). No SystemC
// here: a Verilated header after <systemc> does not compile.
//
// The protocol, cycle by cycle (docs/pipe/cube.md). The caller skips cycles in which nothing can
// happen: next_event() says when the block must be looked at again if nothing from outside changes.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "models/arch/count.h"
#include "models/program/instruction.h"

namespace vitruvian::systemc {

// What the block asks of L0C's neighbours.
class CubeEnvironment {
 public:
  virtual ~CubeEnvironment() = default;
  // Is any of `count` unit flags from granule `first` (512 B each) up in this cycle?
  virtual bool unit_flag_up(std::uint32_t first, std::uint32_t count, Cycle now) = 0;
  // Raises them: up from cycle now + 1.
  virtual void raise_unit_flags(std::uint32_t first, std::uint32_t count, Cycle now) = 0;
  // Does FIX take L0C's read port in this cycle (docs/timing.md, L2)? Registered: known before the cycle.
  virtual bool fix_takes_l0c(Cycle now) = 0;
  // The instruction's last cycle is `end`; values it wrote are in L0C.
  virtual void retired(std::uint32_t instruction, Cycle end) = 0;
};

class CubeBlock {
 public:
  virtual ~CubeBlock() = default;
  virtual void connect(CubeEnvironment& environment) = 0;
  // Can an instruction start in this cycle?
  virtual bool ready(Cycle now) = 0;
  // Starts it: this is its start cycle. Only when ready(now).
  virtual void start(const models::Mmad& mmad, std::uint32_t instruction, Cycle now) = 0;
  // Does all of cycle `now`; after it reads_l0c(now) is known.
  virtual void step(Cycle now) = 0;
  // Did the block take L0C's read port in cycle `now` (asked after step(now))?
  virtual bool reads_l0c(Cycle now) = 0;
  // Makes L0C hold what fractals [first, first + count) of 1024 B hold once every tile finished by
  // `now` is written (FIX reads with unit flags before the mmad has ended).
  virtual void settle(std::uint32_t first, std::uint32_t count, Cycle now) = 0;
  // The next cycle after `now` in which step() must be called, if there is one.
  virtual std::optional<Cycle> next_event(Cycle now) = 0;
};

}  // namespace vitruvian::systemc
