// SPDX-License-Identifier: Apache-2.0
#include "systemc/core/dispatch.h"

#include <fmt/format.h>

#include "models/arch/error.h"
#include "models/program/encoding.h"

namespace vitruvian::systemc {
Dispatch::Dispatch(PipeContext& context, const Pipes& pipes, GmAccess gm)
    : context_{context}, pipes_{pipes}, gm_{std::move(gm)},
      line_{models::Pipe::S, context.trace} {
  list_.port = GmPort::s_read;
  std::array<std::uint64_t, part_count> counts{};
  for (std::size_t i = 0; i < context.codes.size(); ++i) {
    const models::Pipe pipe = context.codes[i].pipe;
    const Part part = part_of(pipe);
    if (part == Part::flags && pipe != models::Pipe::ALL) {
      throw InputError{fmt::format("instruction {}: {} goes to queue {}, which a cube core lacks",
                                   i, models::info(context.program[i]).name, name(pipe))};
    }
    ++counts[static_cast<int>(part)];
  }
  for (int part = 0; part < part_count; ++part) {
    if (pipes_[part] != nullptr) pipes_[part]->expect(counts[part]);
  }
  context_.schedule.wake(Part::S, Cycle{0});
}

void Dispatch::run(Cycle now) {
  context_.dispatch_waits_for_place.reset();
  context_.dispatch_drains = false;
  at_ = std::max(at_, now);
  while (!done() && take(now)) ++next_;
}

bool Dispatch::take(Cycle now) {
  const auto [role, pipe] = context_.codes[next_];
  if (pipe != models::Pipe::S && pipe != models::Pipe::ALL) return deal(pipe, now);
  if (issued_ == never) {
    issued_ = at_;
    context_.trace.issued(next_, models::Pipe::S, at_);
  }
  if (!perform(context_.program[next_], role, now)) return false;
  issued_ = never;
  return true;
}

bool Dispatch::deal(models::Pipe pipe, Cycle now) {
  const Part part = part_of(pipe);
  Pipe& target = *pipes_[static_cast<int>(part)];
  if (target.full()) {
    if (at_ > now) {
      context_.schedule.wake(Part::S, at_);
    } else {
      standing_ = State::queue_full;
      context_.dispatch_waits_for_place = part;
    }
    return false;
  }
  context_.trace.issued(next_, pipe, at_);
  target.push(next_, at_);
  occupy(at_, Cycles{1});
  return true;
}

bool Dispatch::perform(const models::Instruction& instruction, Role role, Cycle now) {
  switch (role) {
    case Role::scalar:
      finish(at_, Cycles{std::get_if<models::Scalar>(&instruction)->cost}, Cycle{0});
      return true;
    case Role::load_scalar:
      return load(*std::get_if<models::LoadScalar>(&instruction), now);
    case Role::set_flag: {
      const Cycle up = std::max(after(at_), all_ended_);
      context_.flags.raise(*std::get_if<models::SetFlag>(&instruction), next_, up);
      finish(at_, Cycles{1}, up);
      return true;
    }
    case Role::wait_flag:
      if (at_ > now) {
        context_.schedule.wake(Part::S, at_);
        return false;
      }
      standing_ = State::flag;
      if (!context_.flags.take(*std::get_if<models::WaitFlag>(&instruction), now)) return false;
      finish(at_, Cycles{1}, at_);
      return true;
    default:
      return drain();
  }
}

// D6. The value leaves, as of the cycle its data come.
bool Dispatch::load(const models::LoadScalar& load, Cycle now) {
  if (!loading_) {
    list_.clear();
    list_.add(load.src, Bytes{8});
    list_.from = after(issued_);
    gm_(list_);
    loading_ = true;
    Beats beats{context_.trace.observer(), nullptr};
    if (beats.observed()) {
      beats.add(load.src.value(), 8);
      beats.read(Port::gm_read_s, list_.taken);
    }
  }
  if (now < list_.done) {
    context_.schedule.wake(Part::S, list_.done);
    return false;
  }
  loading_ = false;
  if (context_.state != nullptr) {
    models::execute(load, *context_.state, context_.chip, context_.numerics);
  }
  context_.trace.started(next_, models::Pipe::S, issued_);
  line_.advance(standing_, issued_);
  line_.advance(State::busy, after(issued_));
  at_ = after(list_.done);
  line_.advance(State::memory, at_);
  all_ended_ = std::max(all_ended_, at_);
  context_.trace.ended(next_, models::Pipe::S, list_.done);
  return true;
}

// D3. Ends in the first cycle before which everything earlier has ended.
bool Dispatch::drain() {
  Cycle end = std::max(issued_, all_ended_);
  for (const Pipe* pipe : pipes_) {
    if (pipe == nullptr) continue;
    if (!pipe->drained()) {
      context_.dispatch_drains = true;
      return false;
    }
    end = std::max(end, pipe->all_ended());
  }
  standing_ = State::barrier;
  context_.trace.started(next_, models::Pipe::S, issued_);
  leave(end, Cycles{1}, end);
  return true;
}

// The instruction starts, holds the port for `busy` cycles, and ends then or in `end`.
void Dispatch::finish(Cycle start, Cycles busy, Cycle end) {
  context_.trace.started(next_, models::Pipe::S, start);
  leave(start, busy, end);
}

void Dispatch::leave(Cycle from, Cycles busy, Cycle end) {
  occupy(from, busy);
  end = std::max(end, at_ - Cycles{1});
  all_ended_ = std::max(all_ended_, after(end));
  context_.trace.ended(next_, models::Pipe::S, end);
}

void Dispatch::occupy(Cycle start, Cycles busy) {
  line_.advance(standing_, start);
  at_ = start + busy;
  line_.advance(State::busy, at_);
}

}  // namespace vitruvian::systemc
