// SPDX-License-Identifier: Apache-2.0
#include "systemc/pipe/fixpipe.h"

#include <fmt/format.h>

#include <algorithm>

#include "systemc/pipe/fix_beats.h"

namespace vitruvian::systemc {
namespace {

constexpr std::uint64_t fractal_bytes = 1024, row_bytes = 64, side = 16, fb_unit = 64;
constexpr Cycles read_to_output{7};   // the fractal is captured, then five stages of the lane
constexpr Cycles copy_read_to_write{2};  // M4
constexpr std::size_t most_in_flight = 16;

}  // namespace

FixpipePipe::FixpipePipe(PipeContext& context, L0cPort& port, UnitFlags& flags, CubePipe& cube,
                         GmAccess gm)
    : Mover{models::Pipe::FIX, context.chip.queue_depth.fix, context}, port_{port}, flags_{flags},
      cube_{cube}, gm_{std::move(gm)},
      rows_a_cycle_{static_cast<std::uint32_t>(context.chip.fix.rate.value / row_bytes)},
      output_cycles_{static_cast<std::uint32_t>(side) / rows_a_cycle_} {
  list_.port = GmPort::fix_write;
}

std::optional<Pipe::Held> FixpipePipe::held() const {
  if (jobs_.empty() || !waits_for_flags_) return std::nullopt;
  return Held{jobs_.front().instruction,
              fmt::format("the unit flags of L0C bytes {:#x} to {:#x} to be raised by an mmad",
                          at_hand_.first_granule * UnitFlags::granule,
                          (at_hand_.first_granule + at_hand_.granules) * UnitFlags::granule - 1),
              Part::M};
}

// M1 in cycles that are not frozen, then in_flight; nothing starts in a frozen one.
Pipe::Hold FixpipePipe::hold(const models::Instruction&, Cycle now) {
  if (clock_.frozen()) return {never, State::busy};
  if (clock_.moved(now) < next_start_) return {clock_.real(next_start_), State::busy};
  const std::size_t known = in_flight_.count(now);
  if (known + jobs_.size() >= most_in_flight) {
    return {known > 0 ? after(in_flight_.oldest()) : never, State::memory};
  }
  return {clock_.next_move(now), State::busy};
}

void FixpipePipe::begin(std::uint32_t instruction, const models::Instruction& work, Cycle now) {
  begin_open();
  jobs_.push(job_of(instruction, work, now));
  line_.busy_until(never, now);
  if (jobs_.size() == 1) look_at_front(now);
}

FixpipePipe::Job FixpipePipe::job_of(std::uint32_t instruction, const models::Instruction& work,
                                     Cycle now) {
  const FixConfig& config = context_.chip.fix;
  const Cycle start = clock_.moved(now);
  Job job{.instruction = instruction, .fixpipe = std::nullopt, .first = start + config.latency};
  if (const auto* copy = std::get_if<models::CopyL1Fb>(&work)) {
    job.beats = cycles_to_move(Bytes{copy->length * fb_unit}, config.fb_rate).value();
    next_start_ = start + std::max(Cycles{1}, Cycles{job.beats}) + config.fb_tail;
    return job;
  }
  const auto* to_gm = std::get_if<models::Fixpipe>(&work);
  job.fixpipe = to_gm != nullptr ? models::FixpipeView{*to_gm}
                                 : models::FixpipeView{*std::get_if<models::FixpipeL1>(&work)};
  job.beats = models::fractal_count(*job.fixpipe);
  next_start_ = start + std::max(config.setup, job.beats * beats_a_fractal());
  return job;
}

void FixpipePipe::advance(Cycle now) {
  apply_effects(now);
  clock_.settle(now);
  if (!jobs_.empty() && next_read() <= now) {
    const std::optional<State> why = obstacle(jobs_.front(), now);
    line_.over(why, now);
    if (why) {
      freeze(*why, now);
    } else {
      read(jobs_.front(), now);
    }
  }
  if (!jobs_.empty() && !clock_.frozen()) wake(next_read());
}

Cycle FixpipePipe::next_read() const {
  const Job& job = jobs_.front();
  return clock_.real(job.first + job.next * beats_a_fractal());
}

// The instruction that is read next has changed. All that is read before a copy has been read, so
// the cycles of the copy are known.
void FixpipePipe::look_at_front(Cycle now) {
  while (!jobs_.empty() && !jobs_.front().fixpipe) finish(copy(jobs_.front()), now);
  if (jobs_.empty()) return;
  bring_up(jobs_.front());
  wake(next_read());
}

// Works out the fractal to be read next.
void FixpipePipe::bring_up(Job& job) {
  const models::FixpipeView& fixpipe = *job.fixpipe;
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
  if (!port_.fix_asks(cube_.block().reads_l0c(now), now, clock_.next_move(after(now)))) {
    return State::bank;
  }
  return std::nullopt;
}

void FixpipePipe::freeze(State why, Cycle now) {
  clock_.freeze(now);
  if (why == State::unit_flag && flags_.rising(now)) wake(after(now));
  if (why != State::bank) return;
  const Cycle again = clock_.next_move(after(now));
  wake(again);
  if (port_.fix_takes(again)) context_.schedule.wake(Part::M, again);
}

void FixpipePipe::read(Job& job, Cycle now) {
  const models::FixpipeView& fixpipe = *job.fixpipe;
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
  const Sent sent = send(job, now);
  if (++job.next < job.beats) return bring_up(job);
  finish(sent, now);
  look_at_front(now);
}

// The output of the fractal that is read in cycle `now`.
FixpipePipe::Sent FixpipePipe::send(const Job& job, Cycle now) {
  const Cycle first = clock_.moved(now) + read_to_output;
  Sent sent;
  if (job.fixpipe->to == Space::L1) {
    sent.last_beat = sent.done = clock_.real(first + Cycles{output_cycles_ - 1});
  } else {
    output_beats(models::fractal_target(*job.fixpipe, at_hand_.place), rows_a_cycle_, list_);
    list_.from = clock_.real(first);
    gm_(list_);
    list_.each_wait([&](Cycle offered, Cycle taken) {
      clock_.hold(offered, taken);
      line_.held_by_memory(offered, taken);
    });
    sent = {list_.taken, list_.done};
  }
  if (beats_.observed()) tell_read(*job.fixpipe, now);
  return sent;
}

FixpipePipe::Sent FixpipePipe::copy(const Job& job) {
  if (beats_.observed()) tell_copy_read(job);
  const Cycle last = clock_.real(job.first + Cycles{job.beats - 1});
  return {last, last};
}

// The first instruction has been read to the end.
void FixpipePipe::finish(const Sent& sent, Cycle now) {
  const std::uint32_t instruction = jobs_.front().instruction;
  jobs_.pop();
  const Cycle end = std::max(sent.done, next_end_);
  next_end_ = after(end);
  working_until_ = std::max(working_until_, after(sent.last_beat));
  line_.busy_until(jobs_.empty() ? working_until_ : never, now);
  line_.memory_until(after(end), now);
  in_flight_.add(end);
  end_open(instruction, end, now);
  effect_in(instruction, end);
}

// Fractals that unit flags handed over have been taken in the cycle of their read.
void FixpipePipe::apply(const models::Instruction& instruction) {
  const auto flagged = [](const auto* fixpipe) {
    return fixpipe != nullptr && fixpipe->unit_flag != models::UnitFlag::off;
  };
  if (flagged(std::get_if<models::Fixpipe>(&instruction))) return;
  if (flagged(std::get_if<models::FixpipeL1>(&instruction))) return;
  Mover::apply(instruction);
}

// ---- for the observer

void FixpipePipe::tell_read(const models::FixpipeView& fixpipe, Cycle now) {
  beats_.add(at_hand_.source, fractal_bytes);
  beats_.read(Port::l0c_read_fix, now);
  if (models::is_per_column(fixpipe.quant)) {
    add_scales(fixpipe, at_hand_.place, beats_);
    beats_.read(Port::fb_read, now);
  }
  told_.push({at_hand_.place, {}});
  const Cycle first = clock_.moved(now) + read_to_output;
  for (std::uint32_t i = 0; i < output_cycles_; ++i) {
    told_.back().cycles.push_back(clock_.real(first + Cycles{i}));
  }
}

void FixpipePipe::tell_copy_read(const Job& job) {
  const auto& copy = *std::get_if<models::CopyL1Fb>(&context_.program[job.instruction]);
  const std::uint64_t rate = context_.chip.fix.fb_rate.value;
  told_.push({});
  for (std::uint64_t i = 0; i < job.beats; ++i) {
    beats_.add(copy.src.value() + i * rate, rate);
    beats_.read(Port::l1_read_fix, clock_.real(job.first + Cycles{i} - copy_read_to_write));
    told_.back().cycles.push_back(clock_.real(job.first + Cycles{i}));
  }
}

void FixpipePipe::tell_written(const models::Instruction& instruction) {
  if (const auto* copy = std::get_if<models::CopyL1Fb>(&instruction)) {
    tell_copy_written(*copy);
  } else if (const auto* to_gm = std::get_if<models::Fixpipe>(&instruction)) {
    tell_output(*to_gm);
  } else {
    tell_output(*std::get_if<models::FixpipeL1>(&instruction));
  }
}

// An output cycle that writes nothing is a beat only if it asks for the acknowledgement.
void FixpipePipe::tell_output(const models::FixpipeView& fixpipe) {
  const bool to_gm = fixpipe.to == Space::GM;
  const Port port = to_gm ? Port::gm_write_fix : Port::l1_write_fix;
  for (std::uint64_t n = models::fractal_count(fixpipe); n > 0; --n) {
    const auto target = models::fractal_target(fixpipe, told_.front().place);
    for (std::uint32_t i = 0; i < output_cycles_; ++i) {
      const bool any = add_output(target, rows_a_cycle_, i, beats_);
      const bool asks = to_gm && i + 1 == output_cycles_;
      if (any || asks) beats_.write(port, told_.front().cycles[i], fixpipe.to);
    }
    told_.pop();
  }
}

void FixpipePipe::tell_copy_written(const models::CopyL1Fb& copy) {
  const std::uint64_t rate = context_.chip.fix.fb_rate.value;
  std::uint64_t at = copy.dst.value();
  for (const Cycle cycle : told_.front().cycles) {
    beats_.add(at, rate);
    beats_.write(Port::fb_write, cycle, Space::FB);
    at += rate;
  }
  told_.pop();
}

}  // namespace vitruvian::systemc
