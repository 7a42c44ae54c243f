// SPDX-License-Identifier: Apache-2.0
#include "systemc/pipe/rtl_mover_pipe.h"

#include <fmt/format.h>

#include "models/arch/error.h"

namespace vitruvian::systemc {
namespace {

constexpr std::uint32_t fractal_bytes = 1024;

GmPort write_port_of(models::Pipe pipe) {
  return pipe == models::Pipe::FIX ? GmPort::fix_write : GmPort::mte3_write;
}

}  // namespace

RtlMoverPipe::RtlMoverPipe(models::Pipe id, std::uint32_t depth, PipeContext& context,
                           const MoverFactory& make, GmAccess gm, std::optional<L0cSharing> sharing)
    : Pipe{id, depth, context}, block_{make({id, context.chip, context.state, context.trace.observer()})},
      gm_{std::move(gm)}, sharing_{sharing} {
  block_->connect(*this);
}

// The head stands at the block's port for all of the cycle, so the cycle is done here.
Pipe::Hold RtlMoverPipe::hold(const models::Instruction& work, Cycle now) {
  cycle_ = block_->step(&work, now);
  stepped_ = now;
  if (cycle_.taken) return {now, State::busy};
  return {block_->next_event(now).value_or(never), cycle_.held ? State::memory : State::busy};
}

void RtlMoverPipe::begin(std::uint32_t instruction, const models::Instruction&, Cycle now) {
  if (cycle_.noop) return end_known(instruction, now);
  begin_open();
  under_way_.push(instruction);
}

void RtlMoverPipe::close_cycle(Cycle now) {
  if (stepped_ != now) cycle_ = block_->step(nullptr, now);
  line_.over(cycle_.stall, now);
  if (cycle_.busy) line_.at_least_busy_until(after(now), now);
  if (cycle_.memory) line_.memory_until(after(now), now);
  if (cycle_.done) {
    const std::uint32_t instruction = under_way_.front();
    under_way_.pop();
    end_open(instruction, now, now);
  }
  if (const auto next = block_->next_event(now)) wake(*next);
}

// Everything before what is held for ever has ended.
std::optional<Pipe::Held> RtlMoverPipe::held() const {
  if (under_way_.empty() || !awaited_) return std::nullopt;
  return Held{under_way_.front(),
              fmt::format("the unit flags of L0C bytes {:#x} to {:#x} to be raised by an mmad",
                          awaited_->first * UnitFlags::granule,
                          (awaited_->first + awaited_->count) * UnitFlags::granule - 1),
              Part::M};
}

// ---- what the block asks

GmTurn RtlMoverPipe::pass(Cycle now) {
  list_.from = now;
  gm_(list_);
  return {list_.taken, list_.done};
}

GmTurn RtlMoverPipe::read_gm(const GmPiece& burst, Cycle now) {
  list_.clear();
  list_.port = GmPort::mte2_read;
  list_.offered = true;
  list_.bursts.push_back({burst.address, burst.size});
  return pass(now);
}

GmTurn RtlMoverPipe::write_gm(std::span<const GmPiece> pieces, bool acknowledged, Cycle now) {
  list_.clear();
  list_.port = write_port_of(id());
  list_.acknowledged = acknowledged;
  for (const GmPiece& piece : pieces) list_.bursts.push_back({piece.address, piece.size});
  return pass(now);
}

bool RtlMoverPipe::unit_flags_up(std::uint32_t first, std::uint32_t count, Cycle now) {
  const bool up = sharing_->flags.all_up(first, count, now);
  sharing_->cube.fix_waits(!up);
  awaited_.reset();
  if (up) return true;
  awaited_ = Granules{first, count};
  if (sharing_->flags.rising(now)) wake(after(now));  // M's turn was before this one
  return false;
}

L0cTurn RtlMoverPipe::ask_l0c(Cycle now) {
  const bool granted = sharing_->port.fix_asks(sharing_->cube.block().reads_l0c(now), now, never);
  return {granted, sharing_->port.fix_is_next()};
}

void RtlMoverPipe::go_first(Cycle next) {
  sharing_->port.fix_asks_next(next);
  context_.schedule.wake(Part::M, next);
}

void RtlMoverPipe::settle_l0c(std::uint32_t address, Cycle now) {
  const std::uint32_t first = address / fractal_bytes;
  const auto past = static_cast<std::uint32_t>(ceil_div(address + fractal_bytes, fractal_bytes));
  sharing_->cube.block().settle(first, past - first, now);
}

void RtlMoverPipe::clear_unit_flags(std::uint32_t first, std::uint32_t count, Cycle now) {
  sharing_->flags.clear(first, count);
  sharing_->cube.flags_cleared(now);
}

}  // namespace vitruvian::systemc
