// SPDX-License-Identifier: Apache-2.0
//
// Which instruction of the program the core is at: from what the Verilated core shows in each cycle to
// instructions' three cycles, states of pipes, and a CoreResult as the SystemC core leaves it.
#pragma once

#include <array>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "models/program/program.h"
#include "systemc/observe/observer.h"
#include "systemc/observe/trace.h"
#include "tb/core/core_block.h"

namespace vitruvian::tb {

class CoreRecords {
 public:
  // `observer` may be null. The program outlives it.
  CoreRecords(const models::Program& program, std::size_t trace_limit, systemc::CoreObserver* observer);

  // What the core showed in cycle `now`; cycles ascend without gaps. Throws systemc::ProgramError if an event was
  // raised that is up.
  void cycle(Cycle now, const VitCoreOut& out);

  // The instruction that comes to the port next.
  std::uint32_t next() const { return next_; }
  bool all_ended() const { return ended_ == program_.instructions.size(); }
  // Has anything happened in a cycle since `since`, or is any pipe at work in the latest?
  bool moves(Cycle since) const;
  // Where everybody stands, for a deadlock's message.
  std::string standing() const;

  // Once, after the last cycle.
  systemc::CoreResult result();

 private:
  static constexpr int pipe_count = 6;  // S, M, MTE1, MTE2, MTE3, FIX, as in VitCoreOut
  enum class Kind : std::uint8_t { work, set, wait, barrier };
  struct Entry {
    std::uint8_t pipe;
    Kind kind;
  };
  struct Queue {
    std::deque<std::uint32_t> waiting, works, sets;  // issued; under way; started, not raised
    std::uint64_t left = 0;                          // of the program's, not started
  };
  using Raised = std::map<models::SetFlag, std::pair<std::uint32_t, Cycle>, bool (*)(const models::SetFlag&, const models::SetFlag&)>;

  void events(Cycle now, const VitCoreOut& out);
  void states(Cycle now, std::uint32_t states);
  void start(int pipe, bool noop, Cycle now);
  void raise(int pipe, bool error, Cycle now);
  void end(std::uint32_t instruction, Cycle now);
  systemc::State state_of(int pipe) const;
  void close(int pipe, Cycle to);

  const models::Program& program_;
  systemc::Trace trace_;
  std::vector<Entry> entries_;
  std::array<Queue, pipe_count> queues_;
  std::deque<systemc::StateLine> lines_;
  std::array<systemc::State, pipe_count> state_;
  std::uint32_t states_ = ~std::uint32_t{0};  // as the core encodes them
  std::uint32_t next_ = 0;
  std::uint64_t ended_ = 0;
  Cycle last_event_, last_end_;
  Raised raised_;
  std::uint64_t mmads_ = 0, held_by_flag_ = 0, held_by_bank_ = 0;
  bool counted_flag_ = false, counted_bank_ = false;  // for the mmad in the sequencer
};

}  // namespace vitruvian::tb
