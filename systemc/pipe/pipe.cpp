// SPDX-License-Identifier: Apache-2.0
#include "systemc/pipe/pipe.h"

namespace vitruvian::systemc {
namespace {

template <class Instruction>
constexpr Role role = Role::work;
template <>
constexpr Role role<models::Scalar> = Role::scalar;
template <>
constexpr Role role<models::LoadScalar> = Role::load_scalar;
template <>
constexpr Role role<models::SetFlag> = Role::set_flag;
template <>
constexpr Role role<models::WaitFlag> = Role::wait_flag;
template <>
constexpr Role role<models::PipeBarrier> = Role::barrier;

template <class... Instructions>
Role role_at(const std::variant<Instructions...>& instruction) {
  constexpr Role roles[] = {role<Instructions>...};
  return roles[instruction.index()];
}

}  // namespace

Role role_of(const models::Instruction& instruction) { return role_at(instruction); }

void Pipe::expect(std::uint64_t count) {
  expected_ = count;
  line_.base(idle(), Cycle{0});
}

void Pipe::push(std::uint32_t instruction, Cycle issue) {
  queue_.push({instruction, issue});
  if (queue_.size() == 1) wake(after(issue));
}

void Pipe::run(Cycle now) {
  advance(now);
  look_at_head(now);
  close_cycle(now);
}

std::optional<std::uint32_t> Pipe::head() const {
  if (queue_.empty()) return std::nullopt;
  return queue_.front().instruction;
}

void Pipe::look_at_head(Cycle now) {
  if (queue_.empty()) return;
  const Entry head = queue_.front();
  if (head.issue >= now) return wake(after(head.issue));
  const models::Instruction& instruction = context_.program[head.instruction];
  const Role role = context_.codes[head.instruction].role;
  if (!start_head(role, instruction, head.instruction, now)) return;
  context_.trace.started(head.instruction, id_, now);
  leave_head(now);
}

// Starts the head if its time has come; else says what the pipe waits for, and when to look again.
bool Pipe::start_head(Role role, const models::Instruction& instruction, std::uint32_t number,
                      Cycle now) {
  switch (role) {
    case Role::set_flag:
      return start_set(number, now);
    case Role::wait_flag:
      if (!context_.flags.take(*std::get_if<models::WaitFlag>(&instruction), now)) {
        line_.base(State::flag, now);
        return false;
      }
      end_known(number, now);
      line_.at_least_busy_until(after(now), now);
      return true;
    case Role::barrier:
      return start_barrier(number, now);
    default: {
      const Hold held = hold(instruction, now);
      if (held.until > now) {
        line_.base(held.as, now);
        wake(held.until);
        return false;
      }
      begin(number, instruction, now);
      return true;
    }
  }
}

// F1: a queue keeps only so many that have started and not raised.
bool Pipe::start_set(std::uint32_t number, Cycle now) {
  while (!raises_.empty() && raises_.front() < now) raises_.pop();
  head_waits_for_end_ = false;
  if (raises_.size() + sets_.size() >= context_.chip.pending_sets) {
    line_.base(State::barrier, now);
    head_waits_for_end_ = raises_.empty();
    if (!raises_.empty()) wake(after(raises_.front()));
    return false;
  }
  if (open() == 0 && sets_.empty()) {
    raise(number, now);
  } else {
    sets_.push({number, now, opened_});
  }
  line_.at_least_busy_until(after(now), now);
  return true;
}

bool Pipe::start_barrier(std::uint32_t number, Cycle now) {
  const bool all_known = open() == 0 && sets_.empty();
  if (all_known && all_ended_ <= now) {
    head_waits_for_end_ = false;
    end_known(number, now);
    line_.at_least_busy_until(after(now), now);
    return true;
  }
  line_.base(State::barrier, now);
  head_waits_for_end_ = !all_known;
  if (all_known) wake(all_ended_);
  return false;
}

void Pipe::leave_head(Cycle now) {
  queue_.pop();
  --expected_;
  line_.base(idle(), now);
  if (!queue_.empty()) wake(after(std::max(now, queue_.front().issue)));
  if (context_.dispatch_waits_for_place == part_ || context_.dispatch_drains) {
    context_.schedule.wake(Part::S, after(now));
  }
}

void Pipe::end_known(std::uint32_t instruction, Cycle end) {
  all_ended_ = std::max(all_ended_, after(end));
  context_.trace.ended(instruction, id_, end);
}

void Pipe::end_open(std::uint32_t instruction, Cycle end, Cycle now) {
  ++closed_;
  end_known(instruction, end);
  raise_pending();
  if (head_waits_for_end_) wake(after(now));
  if (context_.dispatch_drains) context_.schedule.wake(Part::S, after(now));
}

void Pipe::raise(std::uint32_t instruction, Cycle start) {
  const Cycle up = std::max(after(start), all_ended_);
  context_.flags.raise(*std::get_if<models::SetFlag>(&context_.program[instruction]), instruction,
                       up);
  end_known(instruction, up);
  raises_.push(up);
}

void Pipe::raise_pending() {
  while (!sets_.empty() && sets_.front().behind <= closed_) {
    raise(sets_.front().instruction, sets_.front().start);
    sets_.pop();
  }
}

}  // namespace vitruvian::systemc
