// SPDX-License-Identifier: Apache-2.0
#include "tb/core/core_records.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "models/arch/error.h"
#include "models/program/assembler.h"
#include "models/program/encoding.h"
#include "systemc/pipe/errors.h"

namespace vitruvian::tb {
namespace {

using models::Pipe;
using systemc::State;

constexpr std::array<Pipe, 6> pipes{Pipe::S, Pipe::M, Pipe::MTE1, Pipe::MTE2, Pipe::MTE3, Pipe::FIX};
constexpr int S = 0, M = 1;
constexpr std::uint32_t hardware_idle = static_cast<std::uint32_t>(State::empty);

int index_of(Pipe pipe) {
  if (pipe == Pipe::ALL) return S;
  const auto found = std::ranges::find(pipes, pipe);
  return found == pipes.end() ? -1 : static_cast<int>(found - pipes.begin());
}

bool before(const models::SetFlag& a, const models::SetFlag& b) {
  return std::tie(a.from, a.to, a.id) < std::tie(b.from, b.to, b.id);
}

}  // namespace

CoreRecords::CoreRecords(const models::Program& program, std::size_t trace_limit, systemc::CoreObserver* observer)
    : program_{program}, trace_{trace_limit, program.instructions.size(), observer}, raised_{before} {
  for (const models::Instruction& instruction : program.instructions) {
    const int pipe = index_of(models::pipe_of(instruction));
    if (pipe < 0) {
      throw InputError{fmt::format("instruction {}: {} goes to a queue a cube core lacks", entries_.size(), models::disassemble(instruction))};
    }
    const Kind kind = std::holds_alternative<models::SetFlag>(instruction)       ? Kind::set
                      : std::holds_alternative<models::WaitFlag>(instruction)    ? Kind::wait
                      : std::holds_alternative<models::PipeBarrier>(instruction) ? Kind::barrier
                                                                                 : Kind::work;
    entries_.push_back({static_cast<std::uint8_t>(pipe), kind});
    ++queues_[pipe].left;
  }
  for (int pipe = 0; pipe < pipe_count; ++pipe) {
    lines_.emplace_back(pipes[pipe], trace_);
    state_[pipe] = State::empty;
  }
}

void CoreRecords::cycle(Cycle now, const VitCoreOut& out) {
  if (out.taken || out.started || out.ended || out.raised) events(now, out);
  if (out.states != states_) states(now, out.states);
}

void CoreRecords::events(Cycle now, const VitCoreOut& out) {
  last_event_ = now;
  if (out.taken) {
    const std::uint32_t instruction = next_++;
    const int pipe = entries_[instruction].pipe;
    trace_.issued(instruction, pipes[pipe], now);
    queues_[pipe].waiting.push_back(instruction);
  }
  for (int pipe = 0; pipe < pipe_count; ++pipe) {
    Queue& queue = queues_[pipe];
    // What starts in this cycle is behind the work that ends in it, unless it ends itself at once.
    if (out.started >> pipe & 1) start(pipe, out.noop >> pipe & 1, now);
    if (out.ended >> pipe & 1) {
      ensure(!queue.works.empty(), "the RTL core ends only what is under way");
      end(queue.works.front(), now);
      queue.works.pop_front();
    }
    if (out.raised >> pipe & 1) raise(pipe, out.error >> pipe & 1, now);
  }
}

void CoreRecords::start(int pipe, bool noop, Cycle now) {
  Queue& queue = queues_[pipe];
  ensure(!queue.waiting.empty(), "the RTL core starts only what it was given");
  const std::uint32_t instruction = queue.waiting.front();
  queue.waiting.pop_front();
  --queue.left;
  trace_.started(instruction, pipes[pipe], now);
  const Kind kind = entries_[instruction].kind;
  if (pipe == M && kind == Kind::work) {
    ++mmads_;
    counted_flag_ = counted_bank_ = false;
  }
  if (kind == Kind::set) return queue.sets.push_back(instruction);
  const bool ends = pipe != S && (noop || kind != Kind::work);
  if (ends) return end(instruction, now);
  queue.works.push_back(instruction);
}

void CoreRecords::raise(int pipe, bool error, Cycle now) {
  Queue& queue = queues_[pipe];
  ensure(!queue.sets.empty(), "the RTL core raises only what a set_flag asks for");
  const std::uint32_t instruction = queue.sets.front();
  const auto& set = std::get<models::SetFlag>(program_.instructions[instruction]);
  if (error) {
    const auto& [by, at] = raised_.at(set);
    throw systemc::ProgramError{fmt::format(
        "event ({}, {}, {}) is raised while it is up: instruction {} raises it in cycle {}, instruction {} raised it in cycle {} "
        "and no wait_flag cleared it in between",
        name(set.from), name(set.to), set.id, instruction, now.value(), by, at.value())};
  }
  raised_[set] = {instruction, now};
  queue.sets.pop_front();
  end(instruction, now);
}

void CoreRecords::end(std::uint32_t instruction, Cycle now) {
  ++ended_;
  last_end_ = now;
  trace_.ended(instruction, pipes[entries_[instruction].pipe], now);
}

State CoreRecords::state_of(int pipe) const {
  const std::uint32_t state = states_ >> 3 * pipe & 7;
  if (state != hardware_idle) return static_cast<State>(state);
  return queues_[pipe].left == 0 ? State::done : State::empty;
}

void CoreRecords::states(Cycle now, std::uint32_t states) {
  states_ = states;
  for (int pipe = 0; pipe < pipe_count; ++pipe) {
    const State state = state_of(pipe);
    if (state == state_[pipe]) continue;
    close(pipe, now);
    state_[pipe] = state;
  }
  if (state_[M] == State::unit_flag && !counted_flag_) counted_flag_ = true, ++held_by_flag_;
  if (state_[M] == State::bank && !counted_bank_) counted_bank_ = true, ++held_by_bank_;
}

// The state the pipe was in lasted up to, not including, cycle `to`.
void CoreRecords::close(int pipe, Cycle to) {
  lines_[pipe].advance(state_[pipe], to);
}

bool CoreRecords::moves(Cycle since) const {
  constexpr auto works = [](State state) { return state == State::busy || state == State::memory || state == State::bank; };
  return last_event_ >= since || std::ranges::any_of(state_, works);
}

std::string CoreRecords::standing() const {
  std::string text;
  for (int pipe = 0; pipe < pipe_count; ++pipe) {
    const Queue& queue = queues_[pipe];
    const bool at_port = pipe == S && next_ < entries_.size();
    if (queue.waiting.empty() && queue.works.empty() && !at_port) continue;
    const std::uint32_t at = !queue.works.empty() ? queue.works.front() : !queue.waiting.empty() ? queue.waiting.front() : next_;
    text += fmt::format("\n  {}: instruction {} ({}) waits: {}", name(pipes[pipe]), at, models::disassemble(program_.instructions[at]),
                        systemc::state_names[static_cast<int>(state_[pipe])]);
  }
  return text;
}

systemc::CoreResult CoreRecords::result() {
  systemc::CoreResult result;
  const Cycle end = entries_.empty() ? Cycle{0} : last_end_ + Cycles{1};
  result.kind = "AIC";
  result.cycles = end - Cycle{0};
  result.instructions = program_.instructions.size();
  result.mmads = mmads_;
  result.mmads_stalled_by_unit_flag = held_by_flag_;
  result.mmads_stalled_by_bank = held_by_bank_;
  for (int pipe = 0; pipe < pipe_count; ++pipe) {
    close(pipe, end);
    lines_[pipe].finish(end);
    result.pipes.push_back({pipes[pipe], lines_[pipe].cycles()});
    lines_[pipe].append_segments(result.segments);
  }
  result.records = trace_.take_records();
  return result;
}

}  // namespace vitruvian::tb
