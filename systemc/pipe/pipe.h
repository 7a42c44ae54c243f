// SPDX-License-Identifier: Apache-2.0
//
// An instruction queue and the head that leaves it: what all pipes have in common (docs/timing.md,
// D4 and F1-F4). A pipe adds what its own instructions do.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "models/arch/chip_config.h"
#include "models/core/core.h"
#include "models/program/encoding.h"
#include "systemc/common/ring.h"
#include "systemc/observe/trace.h"
#include "systemc/pipe/flags.h"
#include "systemc/pipe/schedule.h"

namespace vitruvian::systemc {

using Instructions = std::vector<models::Instruction>;

// What the queue's head does at the head, by the instruction's place in the variant.
enum class Role : std::uint8_t { scalar, load_scalar, set_flag, wait_flag, barrier, work };
Role role_of(const models::Instruction& instruction);

// What dispatch and queues must know of an instruction, apart from the instruction itself: it is
// small, and they look at it often.
struct Code {
  Role role;
  models::Pipe pipe;
};

// What the parts of one core share.
struct PipeContext {
  PipeContext(const ChipConfig& the_chip, const Instructions& instructions, models::Numerics rule,
              models::CoreState* values, std::size_t trace_limit, CoreObserver* observer)
      : chip{the_chip}, program{instructions}, numerics{rule}, state{values},
        trace{trace_limit, instructions.size(), observer} {
    codes.reserve(instructions.size());
    for (const models::Instruction& i : instructions) {
      codes.push_back({role_of(i), models::pipe_of(i)});
    }
  }

  const ChipConfig& chip;
  const Instructions& program;
  std::vector<Code> codes;  // of each instruction
  models::Numerics numerics;
  models::CoreState* state;  // null when values are off
  Trace trace;
  Schedule schedule;
  Flags flags{schedule};
  // What dispatch stands still for: it is woken in the cycle after that happened.
  std::optional<Part> dispatch_waits_for_place;
  bool dispatch_drains = false;
};

class Pipe {
 public:
  Pipe(models::Pipe id, std::uint32_t depth, PipeContext& context)
      : context_{context}, line_{id, context.trace}, id_{id}, part_{part_of(id)}, depth_{depth},
        queue_{depth} {}
  virtual ~Pipe() = default;
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  // The program holds `count` instructions for this queue.
  void expect(std::uint64_t count);

  // As of the cycles already done. The instruction is accepted in cycle `issue`, now or later.
  bool full() const { return queue_.size() == depth_; }
  void push(std::uint32_t instruction, Cycle issue);

  // All of cycle `now`.
  void run(Cycle now);

  // Has everything dispatched to this queue started, with its end known?
  bool drained() const { return queue_.empty() && opened_ == closed_ && sets_.empty(); }
  // The first cycle before which all works, flags and barriers with a known end have ended.
  Cycle all_ended() const { return all_ended_; }

  models::Pipe id() const { return id_; }
  StateLine& line() { return line_; }
  // Started instructions whose end is not known yet.
  std::uint64_t open() const { return opened_ - closed_; }

  // For explanations. The instruction at the head of the queue, if there is one.
  std::optional<std::uint32_t> head() const;
  // What the instruction under way waits for, if it does.
  struct Held {
    std::uint32_t instruction;
    std::string by;
    Part on;
  };
  virtual std::optional<Held> held() const { return std::nullopt; }

 protected:
  // Until when the head must wait, and what that counts as; `never`: an event of the pipe's own
  // ends it.
  struct Hold {
    Cycle until;
    State as;
  };

  // What is under way, before the head is looked at.
  virtual void advance(Cycle) {}
  // May this work start in cycle `now`?
  virtual Hold hold(const models::Instruction& instruction, Cycle now) = 0;
  virtual void begin(std::uint32_t instruction, const models::Instruction& work, Cycle now) = 0;
  // The rest of the cycle, after the head.
  virtual void close_cycle(Cycle) {}

  void wake(Cycle at) { context_.schedule.wake(part_, at); }
  // Work that has just begun ends in cycle `end`.
  void end_known(std::uint32_t instruction, Cycle end);
  // Work that has just begun will be ended by end_open(), in the order it began.
  void begin_open() { ++opened_; }
  void end_open(std::uint32_t instruction, Cycle end, Cycle now);

  PipeContext& context_;
  StateLine line_;

 private:
  struct Entry {
    std::uint32_t instruction;
    Cycle issue;
  };
  struct PendingSet {
    std::uint32_t instruction;
    Cycle start;
    std::uint64_t behind;  // it raises once so many open works are closed
  };

  void look_at_head(Cycle now);
  bool start_head(Role role, const models::Instruction& instruction, std::uint32_t number,
                  Cycle now);
  bool start_set(std::uint32_t number, Cycle now);
  bool start_barrier(std::uint32_t number, Cycle now);
  void leave_head(Cycle now);
  void raise(std::uint32_t instruction, Cycle start);
  void raise_pending();
  State idle() const { return expected_ == 0 ? State::done : State::empty; }

  const models::Pipe id_;
  const Part part_;
  const std::uint32_t depth_;
  Ring<Entry> queue_;
  Ring<PendingSet> sets_;  // started, waiting for the end of earlier work
  Ring<Cycle> raises_;     // ends of those that know it, until they have passed
  std::uint64_t expected_ = 0;  // instructions that have not left the queue yet
  std::uint64_t opened_ = 0, closed_ = 0;
  Cycle all_ended_;
  bool head_waits_for_end_ = false;
};

}  // namespace vitruvian::systemc
