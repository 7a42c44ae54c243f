// SPDX-License-Identifier: Apache-2.0
//
// A program run without time: S deals it out to queues of their depths, and each queue does what
// its flags and unit flags let it. The order in which things happen here is one of many the
// hardware may take; what is kept beside it, per queue, is what must have ended in all of them.
//
// Whatever one queue does never takes away what another may do, so whether a program comes to its
// end, and which set_flag a wait_flag takes, is the same in every order.
#pragma once

#include <array>
#include <deque>
#include <functional>
#include <optional>
#include <vector>

#include "models/program/program.h"
#include "tb/check/known.h"
#include "tb/check/unit_flags.h"

namespace vitruvian::tb {

// What of an instruction's bytes is touched.
struct Touched {
  bool elsewhere = true;                        // all it touches outside L0C
  const std::vector<bool>* granules = nullptr;  // of L0C; null: all
  bool last = true;                             // the instruction is through
};

class OrderListener {
 public:
  virtual ~OrderListener() = default;
  // Instruction `number` touches its bytes. OrderMachine::ended() and handed_over() speak of it.
  virtual void touches(std::uint32_t number, const Touched& what) = 0;
  // set_flag `set` may find its event up: nothing orders wait_flag `wait`, or there is none yet.
  virtual void raised_twice(std::uint32_t set, std::optional<std::uint32_t> wait) = 0;
  // The event of set_flag `set`, or a unit flag mmad `set` raised, is up at the end.
  virtual void left_up(std::uint32_t set) = 0;
};

class OrderMachine {
 public:
  static constexpr std::array queues = {models::Pipe::M, models::Pipe::MTE1, models::Pipe::MTE2,
                                        models::Pipe::MTE3, models::Pipe::FIX};

  OrderMachine(const models::Program& program, const ChipConfig& chip, OrderListener& listener);

  // Until the end, or until nothing moves any more.
  void run(const std::function<void(std::uint64_t done, std::uint64_t total)>& progress);
  bool at_end() const;

  // While an instruction touches its bytes: must `earlier` have ended before it starts?
  bool ended(std::uint32_t earlier) const;
  // ... or its accesses to a granule of L0C be over before those of the instruction at hand?
  bool handed_over(std::uint32_t earlier, std::uint64_t granule) const;

  // Where things stand, for the explanation of a deadlock.
  const models::Program& program() const { return program_; }
  std::uint32_t next() const { return next_; }  // S's
  std::optional<std::uint32_t> head(models::Pipe queue) const;
  bool is_full(models::Pipe queue) const;
  // The unit flags the head of M or FIX waits for.
  std::optional<GranuleRun> held_at(models::Pipe queue) const;

 private:
  struct Entry {
    std::uint32_t number;
    std::uint32_t s_knew;  // place in s_history_
    Known taken = {};      // by a wait_flag that has gone ahead
  };
  // An mmad or fixpipe with unit flags that has left its queue and goes over its granules. What
  // it learns at the first holds for all it does, what it learns later only for those behind it.
  struct Walk {
    std::uint32_t number;
    std::vector<GranuleRun> runs;
    std::size_t at = 0;
    Known later = {};
    std::vector<bool> told = {};   // granules the listener knows of
    std::deque<Entry> ahead = {};  // flags behind it that have left the queue too
    std::uint32_t sets = 0;        // of these
  };
  struct Queue {
    models::Pipe pipe = models::Pipe::S;
    std::uint32_t depth = 0;
    std::deque<Entry> waiting;
    Known known;
    std::optional<Walk> walk;
  };
  struct EventState {
    struct Raised {
      std::uint32_t number;
      Known known;
    };
    std::vector<Raised> raised;  // and not waited for: one, in a sound program
    std::optional<std::uint32_t> waited;
  };

  Queue& queue(models::Pipe pipe) { return queues_[static_cast<std::size_t>(pipe)]; }
  const Queue& queue(models::Pipe pipe) const { return queues_[static_cast<std::size_t>(pipe)]; }
  EventState& event(models::Pipe from, models::Pipe to, std::uint8_t id);

  bool deal();  // S does its next; false: it cannot
  bool scalar(std::uint32_t number);
  bool drained() const;
  bool advance(Queue& queue);  // something of it is done, if it can be
  bool do_head(Queue& queue, std::uint32_t number);
  bool go_on(Queue& queue);  // with the walk
  bool pass(Queue& queue, const GranuleRun& run);
  void finish_walk(Queue& queue);
  bool go_ahead(Queue& queue);  // a flag behind the walk leaves the queue
  void tell(Queue& queue, std::size_t from);
  void set(const Known& known, const models::SetFlag& flag, std::uint32_t number);
  std::optional<Known> take(const models::WaitFlag& flag, std::uint32_t number);
  void touch(std::uint32_t number, const Touched& what);
  void report_left_up();

  const models::Program& program_;
  const ChipConfig& chip_;
  OrderListener& listener_;
  std::array<Queue, 7> queues_;  // S's has no entries, only what it knows
  std::array<EventState, 8 * 8 * 16> events_;
  UnitFlagStates unit_flags_;
  std::vector<std::uint32_t> place_;       // of each instruction in its queue
  std::array<std::uint32_t, 7> length_{};  // instructions dealt to each queue
  std::vector<Known> s_history_;           // what S knew, each time it learnt something
  std::uint32_t next_ = 0;
  std::uint64_t done_ = 0;
  std::uint32_t at_hand_ = 0;
};

// The queue of an instruction; a barrier on ALL is S's.
models::Pipe queue_of(const models::Instruction& instruction);

}  // namespace vitruvian::tb
