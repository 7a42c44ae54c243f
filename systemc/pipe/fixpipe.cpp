// SPDX-License-Identifier: Apache-2.0
#include "systemc/pipe/fixpipe.h"

#include <fmt/format.h>

#include <algorithm>

namespace vitruvian::systemc {
namespace {

constexpr std::uint64_t fractal_bytes = 1024, row_bytes = 64, side = 16, block = 32;

}  // namespace

FixpipePipe::FixpipePipe(PipeContext& context, L0cPort& port, UnitFlags& flags, CubePipe& cube,
                         GmPort gm)
    : Pipe{models::Pipe::FIX, context.chip.queue_depth.fix, context}, port_{port}, flags_{flags},
      cube_{cube}, gm_{std::move(gm)},
      output_cycles_{cycles_to_move(Bytes{fractal_bytes}, context.chip.fix.rate)} {}

std::optional<Pipe::Held> FixpipePipe::held() const {
  if (jobs_.empty() || !waits_for_flags_) return std::nullopt;
  return Held{jobs_.front().instruction,
              fmt::format("the unit flags of L0C bytes {:#x} to {:#x} to be raised by an mmad",
                          at_hand_.first_granule * UnitFlags::granule,
                          (at_hand_.first_granule + at_hand_.granules) * UnitFlags::granule - 1),
              Part::M};
}

// M1 in unfrozen cycles; nothing starts in a frozen one.
Pipe::Hold FixpipePipe::hold(const models::Instruction&, Cycle now) {
  if (frozen_from_) return {never, State::busy};
  return {std::max(now, real(next_start_)), State::busy};
}

void FixpipePipe::begin(std::uint32_t instruction, const models::Instruction& work, Cycle now) {
  const auto& fixpipe = *std::get_if<models::Fixpipe>(&work);
  const FixConfig& config = context_.chip.fix;
  Job job{instruction, &fixpipe, models::fractal_count(fixpipe), 0, now - frozen_ + config.latency};
  next_start_ = now - frozen_ + std::max(config.setup, job.fractals * beats_a_fractal());
  begin_open();
  line_.busy_until(never, now);
  jobs_.push(job);
  if (jobs_.size() == 1) bring_up(jobs_.front());
  wake(next_read());
}

void FixpipePipe::advance(Cycle now) {
  apply_effects(now);
  if (frozen_from_) {
    frozen_ += now - *frozen_from_;
    frozen_from_.reset();
  }
  if (!jobs_.empty() && next_read() <= now) {
    const std::optional<State> why = obstacle(jobs_.front(), now);
    line_.over(why, now);
    if (why) {
      freeze(*why, now);
    } else {
      read(jobs_.front(), now);
    }
  }
  if (!jobs_.empty() && !frozen_from_) wake(next_read());
}

Cycle FixpipePipe::next_read() const {
  const Job& job = jobs_.front();
  return real(job.first_read + job.next * beats_a_fractal());
}

// Works out the fractal to be read next.
void FixpipePipe::bring_up(Job& job) {
  const models::Fixpipe& fixpipe = *job.fixpipe;
  at_hand_.place = models::fractal_at(fixpipe, job.next);
  at_hand_.source = models::fractal_source(fixpipe, at_hand_.place);
  if (fixpipe.unit_flag == models::UnitFlag::off) return;
  const std::uint64_t rows = std::min<std::uint64_t>(side, fixpipe.m - at_hand_.place.row * side);
  at_hand_.first_granule = at_hand_.source / UnitFlags::granule;
  at_hand_.granules = static_cast<std::uint32_t>(
      ceil_div(at_hand_.source + rows * row_bytes, UnitFlags::granule) - at_hand_.first_granule);
}

// Why the fractal at hand may not be read in this cycle, if so.
std::optional<State> FixpipePipe::obstacle(const Job& job, Cycle now) {
  waits_for_flags_ = job.fixpipe->unit_flag != models::UnitFlag::off &&
                     !flags_.all_up(at_hand_.first_granule, at_hand_.granules, now);
  cube_.fix_waits(waits_for_flags_);
  if (waits_for_flags_) return State::unit_flag;
  if (now < port_left_) return State::memory;
  if (!port_.fix_asks(cube_.block().reads_l0c(now), now)) return State::bank;
  return std::nullopt;
}

void FixpipePipe::freeze(State why, Cycle now) {
  frozen_from_ = now;
  if (why == State::memory) wake(port_left_);
  if (why == State::unit_flag && flags_.rising(now)) wake(after(now));
  if (why != State::bank) return;
  wake(after(now));
  if (port_.fix_takes(after(now))) context_.schedule.wake(Part::M, after(now));
}

void FixpipePipe::read(Job& job, Cycle now) {
  const models::Fixpipe& fixpipe = *job.fixpipe;
  const bool handed_over = fixpipe.unit_flag != models::UnitFlag::off;
  if (context_.state != nullptr && handed_over) {
    const std::uint32_t first = at_hand_.source / fractal_bytes;
    const std::uint32_t past = ceil_div(at_hand_.source + fractal_bytes, fractal_bytes);
    cube_.block().settle(first, past - first, now);
    models::fixpipe_fractal(fixpipe, at_hand_.place, *context_.state);
  }
  if (fixpipe.unit_flag == models::UnitFlag::toggle) {
    flags_.clear(at_hand_.first_granule, at_hand_.granules);
    cube_.flags_cleared(now);
  }
  last_done_ = std::max(last_done_, write(job, now));
  if (++job.next < job.fractals) return bring_up(job);

  if (context_.state != nullptr && !handed_over) effects_.push({job.instruction, last_done_});
  const std::uint32_t instruction = job.instruction;
  jobs_.pop();
  line_.busy_until(jobs_.empty() ? now + beats_a_fractal() : never, now);
  line_.memory_until(after(last_done_), now);
  end_open(instruction, last_done_, now);
  if (!effects_.empty()) wake(effects_.front().at);
  if (!jobs_.empty()) bring_up(jobs_.front());
}

// Sends what the fractal leaves to GM: it enters the port in the last of the output cycles. Returns
// the cycle in which it is complete.
Cycle FixpipePipe::write(const Job& job, Cycle now) {
  write_bursts(*job.fixpipe, at_hand_.place, list_);
  const Cycle out = now + beats_a_fractal();
  if (list_.bursts.empty()) return out;
  std::uint64_t bytes = 0;
  for (const Burst& burst : list_.bursts) bytes += burst.size.value();
  const Cycles at_port = cycles_to_move(Bytes{bytes}, context_.chip.gm.write_rate);
  list_.from = out - std::min(at_port, output_cycles_);
  gm_(tlm::TLM_WRITE_COMMAND, list_);
  port_left_ = list_.left;
  return list_.bursts.back().done;
}

void FixpipePipe::apply_effects(Cycle now) {
  while (!effects_.empty() && effects_.front().at <= now) {
    models::fixpipe(std::get<models::Fixpipe>(context_.program[effects_.front().instruction]),
                    *context_.state);
    effects_.pop();
  }
  if (!effects_.empty()) wake(effects_.front().at);
}

void write_bursts(const models::Fixpipe& fixpipe, const models::FixpipeFractal& fractal,
                  BurstList& list) {
  list.bursts.clear();
  const std::uint64_t element = element_size(models::output_type(fixpipe));
  const std::uint64_t first_row = fractal.row * side, first_column = fractal.column * side;
  const std::uint64_t rows = std::min<std::uint64_t>(side, fixpipe.m - first_row);
  if (fixpipe.nz2nd) {
    const std::uint64_t columns = std::min<std::uint64_t>(side, fixpipe.n - first_column);
    const std::uint64_t corner = std::uint64_t{fractal.matrix} * fixpipe.dst_nd_stride +
                                 first_row * fixpipe.dst_stride + first_column;
    GmAddress at = fixpipe.dst + Bytes{corner * element};
    const Bytes pitch{fixpipe.dst_stride * element};
    for (std::uint64_t r = 0; r < rows; ++r, at = at + pitch)
      list.add(at, Bytes{columns * element});
    return;
  }
  const bool joins = element == 1;
  const bool second = fractal.column % 2 == 1, last = first_column + side >= fixpipe.n;
  if (joins && !second && !last) return;
  const std::uint64_t column = joins ? fractal.column / 2 : fractal.column;
  const std::uint64_t row = (joins && second ? 2 * side : side) * element;
  list.add(fixpipe.dst + Bytes{column * fixpipe.dst_stride * block + first_row * row},
           Bytes{rows * row});
}

}  // namespace vitruvian::systemc
