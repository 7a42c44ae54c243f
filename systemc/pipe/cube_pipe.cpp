// SPDX-License-Identifier: Apache-2.0
#include "systemc/pipe/cube_pipe.h"

#include "systemc/pipe/cube.h"

namespace vitruvian::systemc {

CubePipe::CubePipe(PipeContext& context, L0cPort& port, UnitFlags& flags,
                   std::unique_ptr<CubeBlock> block)
    : Pipe{models::Pipe::M, context.chip.queue_depth.m, context}, port_{port}, flags_{flags},
      block_{std::move(block)} {
  block_->connect(*this);
}

Pipe::Hold CubePipe::hold(const models::Instruction&, Cycle now) {
  if (block_->ready(now)) return {now, State::busy};
  return {never, State::busy};  // the block's own event says when to look again
}

void CubePipe::begin(std::uint32_t instruction, const models::Instruction& work, Cycle now) {
  const auto& mmad = *std::get_if<models::Mmad>(&work);
  ++mmads_;
  latest_ = instruction;
  counted_unit_flag_ = counted_bank_ = false;
  flags_.mmad_starts();
  if (is_empty(mmad)) {
    end_known(instruction, now);
    line_.at_least_busy_until(after(now), now);
  } else {
    begin_open();
    line_.busy_until(never, now);
    if (mmad.unit_flag == models::UnitFlag::toggle) claim_unit_flags(mmad);
  }
  block_->start(mmad, instruction, now);
}

void CubePipe::claim_unit_flags(const models::Mmad& mmad) {
  const auto column = static_cast<std::uint32_t>(ceil_div(mmad.m, 16) * 2);
  const auto rows = static_cast<std::uint32_t>(ceil_div(mmad.m, 8));
  auto first = static_cast<std::uint32_t>(mmad.c.value() / UnitFlags::granule);
  for (std::uint32_t n = 0; n < mmad.n; n += 16, first += column) flags_.claim(first, rows);
}

void CubePipe::close_cycle(Cycle now) {
  block_->step(now);
  note_stall(block_->stall(now), now);
  if (const auto next = block_->next_event(now)) wake(*next);
}

void CubePipe::note_stall(Stall stall, Cycle now) {
  constexpr std::optional<State> states[] = {std::nullopt, State::unit_flag, State::bank};
  line_.over(states[static_cast<int>(stall)], now);
  if (stall != Stall::unit_flag) {
    held_since_.reset();
  } else if (!held_since_) {
    held_since_ = now;
  }
  if (stall == Stall::unit_flag && !counted_unit_flag_) {
    counted_unit_flag_ = true;
    ++stalled_by_unit_flag_;
  }
  if (stall == Stall::bank && !counted_bank_) {
    counted_bank_ = true;
    ++stalled_by_bank_;
  }
}

std::optional<Pipe::Held> CubePipe::held() const {
  if (!held_since_) return std::nullopt;
  return Held{latest_, "a unit flag in its part of L0C to be cleared by a fixpipe", Part::FIX};
}

void CubePipe::flags_cleared(Cycle now) {
  if (!held_since_) return;
  held_since_ = now;  // it may go on: the wait for ever, if there is one, begins anew
  wake(after(now));
}

bool CubePipe::unit_flag_up(std::uint32_t first, std::uint32_t count, Cycle) {
  return flags_.ahead(first, count);
}

void CubePipe::raise_unit_flags(std::uint32_t first, std::uint32_t count, Cycle now) {
  flags_.raise(first, count, now);
  if (fix_waits_) context_.schedule.wake(Part::FIX, after(now));
}

void CubePipe::retired(std::uint32_t instruction, Cycle end) {
  if (is_empty(*std::get_if<models::Mmad>(&context_.program[instruction]))) return;
  end_open(instruction, end, end);
  if (open() == 0) line_.busy_until(after(end), end);
}

}  // namespace vitruvian::systemc
