// SPDX-License-Identifier: Apache-2.0
#include "systemc/pipe/mte2.h"

#include <algorithm>

#include "systemc/pipe/mte2_beats.h"

namespace vitruvian::systemc {

// M1, then G3, or G6 for a fill.
Pipe::Hold Mte2Pipe::hold(const models::Instruction& work, Cycle now) {
  if (now < next_start_) return {next_start_, State::busy};
  const std::size_t flying = in_flight_.count(now);
  if (flying == 0) return {now, State::busy};
  if (std::holds_alternative<models::FillL1>(work)) {
    return {after(in_flight_.latest()), State::memory};
  }
  if (flying < context_.chip.mte2.in_flight) return {now, State::busy};
  return {after(in_flight_.oldest()), State::memory};
}

void Mte2Pipe::begin(std::uint32_t instruction, const models::Instruction& work, Cycle now) {
  if (const auto* fill = std::get_if<models::FillL1>(&work)) {
    return begin_fill(instruction, *fill, now);
  }
  read_bursts(work, list_);
  if (list_.bursts.empty()) {  // nd_num = 0
    next_start_ = after(now);
    line_.at_least_busy_until(after(now), now);
    return end_known(instruction, now);
  }
  list_.port = GmPort::mte2_read;
  list_.from = now + context_.chip.mte2.request;
  gm_(list_);
  next_start_ = std::max(now + context_.chip.mte2.setup, list_.taken);
  in_flight_.add(list_.done);
  move(instruction, now, after(list_.taken), list_.done);
  if (beats_.observed()) tell_requests();
}

void Mte2Pipe::begin_fill(std::uint32_t instruction, const models::FillL1& fill, Cycle now) {
  const Cycle first = now + context_.chip.mte2.request;
  const Cycle past = first + fill_beats(fill);
  next_start_ = std::max(now + context_.chip.mte2.setup, past);
  in_flight_.add(past - Cycles{1});
  move(instruction, now, past, past - Cycles{1});
  if (beats_.observed()) first_beats_.push(first);
}

void Mte2Pipe::tell_requests() {
  for (const Burst& burst : list_.bursts) {
    beats_.add(burst.address.value(), burst.size.value());
    beats_.read(Port::gm_read_mte2, burst.taken);
  }
  bursts_.push(list_.bursts);
}

void Mte2Pipe::tell_written(const models::Instruction& instruction) {
  if (const auto* fill = std::get_if<models::FillL1>(&instruction)) {
    tell_fill(*fill, first_beats_.front(), beats_);
    return first_beats_.pop();
  }
  tell_copy(instruction, bursts_.front(), beats_);
  bursts_.pop();
}

}  // namespace vitruvian::systemc
