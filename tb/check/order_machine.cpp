// SPDX-License-Identifier: Apache-2.0
#include "tb/check/order_machine.h"

#include <algorithm>

#include "models/program/encoding.h"

namespace vitruvian::tb {

using models::Instruction;
using models::Pipe;
using models::UnitFlag;

namespace {

struct Depth {
  Pipe pipe;
  std::uint32_t QueueDepths::*of;
};
constexpr Depth depths[] = {{Pipe::M, &QueueDepths::m},
                            {Pipe::MTE1, &QueueDepths::mte1},
                            {Pipe::MTE2, &QueueDepths::mte2},
                            {Pipe::MTE3, &QueueDepths::mte3},
                            {Pipe::FIX, &QueueDepths::fix}};

constexpr std::uint64_t progress_step = 1024;

}  // namespace

Pipe queue_of(const Instruction& instruction) {
  const Pipe pipe = models::pipe_of(instruction);
  return pipe == Pipe::ALL ? Pipe::S : pipe;
}

OrderMachine::OrderMachine(const models::Program& program, const ChipConfig& chip,
                           OrderListener& listener)
    : program_{program},
      chip_{chip},
      listener_{listener},
      unit_flags_{chip},
      place_(program.instructions.size()),
      s_history_(1) {
  for (const Depth& depth : depths) {
    queue(depth.pipe).pipe = depth.pipe;
    queue(depth.pipe).depth = chip.queue_depth.*depth.of;
  }
}

OrderMachine::EventState& OrderMachine::event(Pipe from, Pipe to, std::uint8_t id) {
  return events_.at((static_cast<std::size_t>(from) * 8 + static_cast<std::size_t>(to)) * 16 + id);
}

void OrderMachine::run(const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
  for (bool moved = true; moved;) {
    moved = deal();
    for (bool again = true; again;) {
      again = false;
      for (const Pipe pipe : queues) {
        while (advance(queue(pipe))) again = moved = true;
      }
    }
    if (progress && next_ % progress_step == 0) progress(done_, program_.instructions.size());
  }
  if (at_end()) report_left_up();
}

bool OrderMachine::at_end() const { return done_ == program_.instructions.size(); }

// ---------------------------------------------------------------- S

bool OrderMachine::deal() {
  if (next_ == program_.instructions.size()) return false;
  const Pipe pipe = queue_of(program_.instructions[next_]);
  if (pipe == Pipe::S) {
    place_[next_] = length_[0];
    if (!scalar(next_)) return false;
    queue(Pipe::S).known.learn(Pipe::S, ++length_[0]);
    const bool touches_nothing =
        std::holds_alternative<models::Scalar>(program_.instructions[next_]);
    if (!touches_nothing) s_history_.push_back(queue(Pipe::S).known);
    ++done_;
  } else {
    if (is_full(pipe)) return false;
    place_[next_] = length_[static_cast<std::size_t>(pipe)]++;
    queue(pipe).waiting.push_back({next_, static_cast<std::uint32_t>(s_history_.size() - 1)});
  }
  ++next_;
  return true;
}

bool OrderMachine::drained() const {
  return std::ranges::none_of(queues, [&](Pipe pipe) { return head(pipe).has_value(); });
}

bool OrderMachine::scalar(std::uint32_t number) {
  const Instruction& instruction = program_.instructions[number];
  Known& known = queue(Pipe::S).known;
  if (const auto* flag = std::get_if<models::WaitFlag>(&instruction)) {
    const auto taken = take(*flag, number);
    if (taken) known.learn(*taken);
    return taken.has_value();
  }
  if (std::holds_alternative<models::PipeBarrier>(instruction)) {
    if (!drained()) return false;
    for (const Pipe pipe : queues) {
      known.learn(queue(pipe).known);
      known.learn(pipe, length_[static_cast<std::size_t>(pipe)]);
    }
    return true;
  }
  if (const auto* flag = std::get_if<models::SetFlag>(&instruction)) {
    set(known, *flag, number);
    return true;
  }
  touch(number, {});
  return true;
}

// ---------------------------------------------------------------- queues

bool OrderMachine::is_full(Pipe pipe) const {
  return queue(pipe).waiting.size() >= std::max(1u, queue(pipe).depth);
}

std::optional<std::uint32_t> OrderMachine::head(Pipe pipe) const {
  const Queue& q = queue(pipe);
  if (q.walk) return q.walk->number;
  if (q.waiting.empty()) return std::nullopt;
  return q.waiting.front().number;
}

std::optional<GranuleRun> OrderMachine::held_at(Pipe pipe) const {
  const Queue& q = queue(pipe);
  if (!q.walk) return std::nullopt;
  return q.walk->runs[q.walk->at];
}

bool OrderMachine::advance(Queue& queue) {
  if (queue.walk) return go_on(queue) || go_ahead(queue);
  if (queue.waiting.empty()) return false;
  const Entry entry = queue.waiting.front();
  queue.known.learn(s_history_[entry.s_knew]);
  if (unit_flag_of(program_.instructions[entry.number]) != UnitFlag::off) {
    queue.waiting.pop_front();
    queue.walk = Walk{entry.number, unit_flag_walk(program_.instructions[entry.number], chip_)};
    go_on(queue);
    return true;
  }
  if (!do_head(queue, entry.number)) return false;
  queue.waiting.pop_front();
  ++done_;
  return true;
}

bool OrderMachine::do_head(Queue& queue, std::uint32_t number) {
  const Instruction& instruction = program_.instructions[number];
  if (const auto* flag = std::get_if<models::WaitFlag>(&instruction)) {
    const auto taken = take(*flag, number);
    if (taken) queue.known.learn(*taken);
    return taken.has_value();
  }
  if (const auto* flag = std::get_if<models::SetFlag>(&instruction)) {
    set(queue.known, *flag, number);
  } else if (std::holds_alternative<models::PipeBarrier>(instruction)) {
    queue.known.learn(queue.pipe, place_[number]);
  } else {
    touch(number, {});
  }
  return true;
}

void OrderMachine::touch(std::uint32_t number, const Touched& what) {
  at_hand_ = number;
  listener_.touches(number, what);
}

bool OrderMachine::ended(std::uint32_t earlier) const {
  const Known& known = queue(queue_of(program_.instructions[at_hand_])).known;
  return known.ended(queue_of(program_.instructions[earlier]), place_[earlier]);
}

bool OrderMachine::handed_over(std::uint32_t earlier, std::uint64_t granule) const {
  // A fixpipe without unit flags may be taken to read as late as it ends.
  const bool flagless = unit_flag_of(program_.instructions[earlier]) == UnitFlag::off;
  if (flagless && queue_of(program_.instructions[earlier]) == Pipe::FIX) return false;
  return unit_flags_.orders(queue_of(program_.instructions[at_hand_]),
                            queue_of(program_.instructions[earlier]), place_[earlier], granule);
}

// ---------------------------------------------------------------- events

void OrderMachine::set(const Known& known, const models::SetFlag& flag, std::uint32_t number) {
  EventState& state = event(flag.from, flag.to, flag.id);
  at_hand_ = number;
  if (!state.raised.empty()) {
    listener_.raised_twice(number, std::nullopt);
  } else if (state.waited && !ended(*state.waited)) {
    listener_.raised_twice(number, state.waited);
  }
  Known told = known;
  told.learn(flag.from, place_[number] + 1);
  state.raised.push_back({number, told});
}

// What its set_flag knew, if there is one.
std::optional<Known> OrderMachine::take(const models::WaitFlag& flag, std::uint32_t number) {
  EventState& state = event(flag.from, flag.to, flag.id);
  if (state.raised.empty()) return std::nullopt;
  const Known taken = state.raised.front().known;
  state.raised.erase(state.raised.begin());
  state.waited = number;
  return taken;
}

void OrderMachine::report_left_up() {
  std::vector<std::uint32_t> sets;
  for (const EventState& state : events_) {
    for (const auto& raised : state.raised) sets.push_back(raised.number);
  }
  for (const auto& up : unit_flags_.left_up()) sets.push_back(up.raised_by);
  std::ranges::sort(sets);
  sets.erase(std::unique(sets.begin(), sets.end()), sets.end());
  for (const std::uint32_t set : sets) listener_.left_up(set);
}

}  // namespace vitruvian::tb
