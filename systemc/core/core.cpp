// SPDX-License-Identifier: Apache-2.0
#include "systemc/core/core.h"

#include <algorithm>

#include "models/arch/error.h"
#include "systemc/pipe/cube.h"

namespace vitruvian::systemc {
namespace {

std::unique_ptr<CubeBlock> cube_for(const CoreOptions& options, const CubeContext& context) {
  return options.cube ? options.cube(context) : make_cube(context);
}

}  // namespace

Core::Core(const sc_core::sc_module_name& name, const ChipConfig& chip,
           const models::Program& program, models::CoreState* state, const CoreOptions& options)
    : CoreModule{name, chip},
      context_{chip, program.instructions, options.numerics, state, options.trace_limit,
               options.observer},
      l0c_port_{chip.fix.patience}, unit_flags_{chip.l0c},
      cube_{context_, l0c_port_, unit_flags_, cube_for(options, {chip, options.numerics, state, options.observer})},
      fix_{context_, l0c_port_, unit_flags_, cube_, gm_access()}, mte1_{context_},
      mte2_{context_, gm_access()}, mte3_{context_, gm_access()},
      pipes_{nullptr, nullptr, &cube_, &fix_, &mte1_, &mte2_, &mte3_},
      dispatch_{context_, pipes_, gm_access()},
      progress_{options.progress} {
  SC_HAS_PROCESS(Core);
  SC_METHOD(wake_up);
}

// The one process: one cycle in which something happens, then sleep until the next.
void Core::wake_up() {
  try {
    const Cycle now = next_;
    run_cycle(now);
    if (++wake_ups_ % 65536 == 0 && progress_) progress_(dispatch_.next(), context_.program.size());
    next_ = next_cycle(now);
    if (next_ == never) {
      check_finished(now);
    } else {
      next_trigger(until(next_));
    }
  } catch (...) {
    failure_ = std::current_exception();  // sleeps for ever; the simulation hands it on
  }
}

void Core::run_cycle(Cycle now) {
  Schedule& due = context_.schedule;
  if (due.take(Part::flags, now)) context_.flags.run(now);
  if (due.take(Part::S, now)) dispatch_.run(now);
  if (due.take(Part::M, now)) cube_.run(now);
  if (due.take(Part::FIX, now)) fix_.run(now);
  if (due.take(Part::MTE1, now)) mte1_.run(now);
  if (due.take(Part::MTE2, now)) mte2_.run(now);
  if (due.take(Part::MTE3, now)) mte3_.run(now);
}

// A clocked cube asks for every cycle, also while it waits for a unit flag in vain: once its
// pipeline has drained and nobody else has anything to do, nothing will come.
Cycle Core::next_cycle(Cycle now) const {
  const Cycle next = context_.schedule.earliest();
  if (next == never || !cube_.held_since()) return next;
  for (const Part other : {Part::flags, Part::S, Part::FIX, Part::MTE1, Part::MTE2, Part::MTE3}) {
    if (context_.schedule.next(other) != never) return next;
  }
  const Cycle drained = *cube_.held_since() + context_.chip.cube.depth + Cycles{2};
  return now > drained ? never : next;
}

void Core::check_finished(Cycle now) const {
  const bool drained = std::ranges::all_of(pipes_, [](auto* p) { return !p || p->drained(); });
  if (dispatch_.done() && drained) return;
  throw DeadlockError{explain_deadlock(context_, dispatch_, pipes_, now)};
}

CoreResult Core::result() {
  CoreResult result;
  result.name = basename();
  result.kind = "AIC";
  Cycle end = dispatch_.all_ended();
  for (const Pipe* pipe : pipes_) {
    if (pipe != nullptr) end = std::max(end, pipe->all_ended());
  }
  result.cycles = end - Cycle{0};
  result.instructions = context_.program.size();
  result.mmads = cube_.mmads();
  result.mmads_stalled_by_unit_flag = cube_.stalled_by_unit_flag();
  result.mmads_stalled_by_bank = cube_.stalled_by_bank();
  for (StateLine* line :
       {&dispatch_.line(), &cube_.line(), &mte1_.line(), &mte2_.line(), &mte3_.line(),
        &fix_.line()}) {
    line->finish(end);
    result.pipes.push_back({line->pipe(), line->cycles()});
    line->append_segments(result.segments);
  }
  result.records = context_.trace.take_records();
  return result;
}

}  // namespace vitruvian::systemc
