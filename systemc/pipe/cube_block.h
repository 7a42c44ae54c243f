// SPDX-License-Identifier: Apache-2.0
//
// What stands in the M pipe's place: the SystemC twin computes it (systemc/pipe/cube.h), the
// Verilated block clocks it (tb/pipe/cube_rtl.h), lockstep does both (tb/lockstep/cube_lockstep.h).
// No SystemC here: a Verilated header after <systemc> does not compile.
//
// The protocol of one cycle `now` (docs/pipe/cube.md), in this order:
//   1. if the queue's head is an mmad and ready(now): start(..., now)
//   2. step(now), if next_event() named this cycle, an instruction was started in it, FIX takes L0C
//      in it, or (while stalled by a unit flag) a unit flag was cleared in the cycle before;
//      the block asks and tells its environment from inside step()
//   3. stall(now) and reads_l0c(now) are asked; then FIX has its turn, and may call settle(.., now)
// Cycles ascend. Cycles in which nothing can happen are left out; calling step() in every cycle, as
// lockstep does, must give the same.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "models/arch/chip_config.h"
#include "models/arch/count.h"
#include "models/core/core.h"
#include "models/pipe/cube_dot.h"
#include "models/program/instruction.h"
#include "systemc/observe/observer.h"

namespace vitruvian::systemc {

// Why the sequencer did not move in a cycle.
enum class Stall : std::uint8_t { none, unit_flag, bank };

// What the block asks of L0C's neighbours.
class CubeEnvironment {
 public:
  virtual ~CubeEnvironment() = default;
  // Must a first-step tile wait for any of `count` unit flags from granule `first` (512 B each)?
  // M's own view: a flag counts as up as soon as the tile that will raise it has been issued by an
  // earlier mmad, and as down from the cycle after FIX cleared it (docs/timing.md, L3). The
  // environment keeps that; the block just asks.
  virtual bool unit_flag_up(std::uint32_t first, std::uint32_t count, Cycle now) = 0;
  // The tile at its last stage in this cycle raises them: FIX sees them up from cycle now + 1.
  virtual void raise_unit_flags(std::uint32_t first, std::uint32_t count, Cycle now) = 0;
  // Does FIX take L0C's read port in this cycle (docs/timing.md, L2)? Registered: known before the
  // cycle.
  virtual bool fix_takes_l0c(Cycle now) = 0;
  // The instruction's last cycle is `end` (the cycle being stepped); values it wrote are in L0C.
  virtual void retired(std::uint32_t instruction, Cycle end) = 0;
};

class CubeBlock {
 public:
  virtual ~CubeBlock() = default;
  virtual void connect(CubeEnvironment& environment) = 0;
  // Can an instruction start in this cycle? Registered: depends on earlier cycles only.
  virtual bool ready(Cycle now) = 0;
  // Starts it: this is its start cycle. Only when ready(now), before step(now). `mmad` lives until
  // it has retired.
  virtual void start(const models::Mmad& mmad, std::uint32_t instruction, Cycle now) = 0;
  // Does all of cycle `now`.
  virtual void step(Cycle now) = 0;
  // Why the sequencer stood still in cycle `now` (asked after step(now)). A stall by a unit flag
  // holds until a later step() ends it; one by a bank holds for its one cycle.
  virtual Stall stall(Cycle now) = 0;
  // Did the block take L0C's read port in cycle `now` (asked after step(now))?
  virtual bool reads_l0c(Cycle now) = 0;
  // Makes L0C hold what fractals [first, first + count) of 1024 B hold once every tile finished by
  // `now` is written (FIX reads with unit flags before the mmad has ended).
  virtual void settle(std::uint32_t first, std::uint32_t count, Cycle now) = 0;
  // The next cycle after `now` in which step() must be called or ready() may turn true, if nothing
  // from outside changes. A clocked block says now + 1 while anything is in it, and nothing when
  // idle.
  virtual std::optional<Cycle> next_event(Cycle now) = 0;
};

// What a block is made for.
struct CubeContext {
  const ChipConfig& chip;
  models::Numerics numerics;
  // The buffers operands stand in and results go to; null when values are off (a Verilated block
  // needs them all the same, and refuses to be made without).
  models::CoreState* state;
  CoreObserver* observer = nullptr;  // told the beats of M's ports, if there is one
};

using CubeFactory = std::function<std::unique_ptr<CubeBlock>(const CubeContext&)>;

}  // namespace vitruvian::systemc
