// SPDX-License-Identifier: Apache-2.0
//
// What stands in the place of a mover's timing when MTE1, MTE2, MTE3 or FIX is not the SystemC twin:
// the Verilated block clocks it (tb/pipe/mover_rtl.h), the queue in front of it stays SystemC's
// (systemc/pipe/rtl_mover_pipe.h). No SystemC here: a Verilated header after <systemc> does not compile.
//
// A cycle `now` is one call of step(), which asks its environment from inside. Cycles ascend. They may
// be left out from the one next_event() does not name until the next with something at the port, or
// until a unit flag the block waits for has risen; calling step() in them gives the same.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>

#include "models/arch/chip_config.h"
#include "models/core/core.h"
#include "models/program/instruction.h"
#include "systemc/observe/observer.h"

namespace vitruvian::systemc {

// Contiguous bytes of GM.
struct GmPiece {
  GmAddress address;
  Bytes size;
};

// What GM makes of a request: the cycle its port takes it, and the cycle of its last data, or of the
// acknowledgement a beat asked for.
struct GmTurn {
  Cycle taken, done;
};

// FIX asked for L0C's read port. `goes_first`: refused so often that it need not be a next time.
struct L0cTurn {
  bool granted, goes_first;
};

// What the block asks of its neighbours. Unit flags count granules of 512 B of L0C.
class MoverEnvironment {
 public:
  virtual ~MoverEnvironment() = default;
  // A request is offered for the first time in cycle `now`, this one or the next (docs/timing.md, "GM").
  virtual GmTurn read_gm(const GmPiece& burst, Cycle now) = 0;
  // So is a beat: its pieces, none if all it does is ask for the acknowledgement.
  virtual GmTurn write_gm(std::span<const GmPiece> pieces, bool acknowledged, Cycle now) = 0;
  // FIX asks for the fractal at hand, as L2 and L3 say: at most once a cycle each.
  virtual bool unit_flags_up(std::uint32_t first, std::uint32_t count, Cycle now) = 0;
  virtual L0cTurn ask_l0c(Cycle now) = 0;
  // After a refusal that said so: the next cycle FIX will ask in.
  virtual void go_first(Cycle next) = 0;
  // It reads fractal `address` of L0C that unit flags hand over: L0C must hold it.
  virtual void settle_l0c(std::uint32_t address, Cycle now) = 0;
  virtual void clear_unit_flags(std::uint32_t first, std::uint32_t count, Cycle now) = 0;
};

// What a mover did in a cycle (docs/core/aic.md, "Interface of a unit").
struct MoverCycle {
  bool taken = false, noop = false;  // the head has started; it moves nothing and has ended
  bool held = false;                 // the head waits for `in_flight` or G6
  bool done = false;                 // the oldest under way has ended
  bool busy = false, memory = false;
  std::optional<State> stall;        // why the beat or fractal at hand stood still
};

class MoverBlock {
 public:
  virtual ~MoverBlock() = default;
  virtual void connect(MoverEnvironment& environment) = 0;
  // All of cycle `now`, with `head` at the port, or nothing. Bytes read and written, in GM too, are
  // read and written in their cycle.
  virtual MoverCycle step(const models::Instruction* head, Cycle now) = 0;
  // The next cycle after `now` in which step() must be called, if nothing from outside changes.
  virtual std::optional<Cycle> next_event(Cycle now) = 0;
};

// What a block is made for.
struct MoverContext {
  models::Pipe pipe;
  const ChipConfig& chip;
  models::CoreState* state;           // null when values are off: a Verilated block refuses that
  CoreObserver* observer = nullptr;   // told the beats of the mover's ports, if there is one
};

using MoverFactory = std::function<std::unique_ptr<MoverBlock>(const MoverContext&)>;

// Those of a core; empty: the SystemC pipe.
struct MoverFactories {
  MoverFactory mte1 = {}, mte2 = {}, mte3 = {}, fix = {};

  // That of MTE1, MTE2, MTE3 or FIX.
  MoverFactory& of(models::Pipe pipe) {
    switch (pipe) {
      case models::Pipe::MTE1: return mte1;
      case models::Pipe::MTE2: return mte2;
      case models::Pipe::MTE3: return mte3;
      default: return fix;
    }
  }
};

}  // namespace vitruvian::systemc
