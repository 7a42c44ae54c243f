// SPDX-License-Identifier: Apache-2.0
#include "systemc/core/core.h"

#include <algorithm>

#include "models/arch/error.h"
#include "systemc/pipe/cube.h"
#include "systemc/pipe/fixpipe.h"
#include "systemc/pipe/mte1.h"
#include "systemc/pipe/mte2.h"
#include "systemc/pipe/mte3.h"
#include "systemc/pipe/rtl_mover_pipe.h"

namespace vitruvian::systemc {
namespace {

// Of what the kernel's time may lag behind the core's.
constexpr Cycles most_ahead{10'000};

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
      cube_{context_, l0c_port_, unit_flags_,
            cube_for(options, {chip, options.numerics, state, options.observer})},
      fix_{make_fix(options.movers.fix)}, mte1_{make_mte1(options.movers.mte1)},
      mte2_{make_mte2(options.movers.mte2)}, mte3_{make_mte3(options.movers.mte3)},
      pipes_{nullptr, nullptr, &cube_, fix_.get(), mte1_.get(), mte2_.get(), mte3_.get()},
      dispatch_{context_, pipes_, gm_access()},
      progress_{options.progress} {
  SC_HAS_PROCESS(Core);
  SC_METHOD(wake_up);
}

std::unique_ptr<Pipe> Core::make_fix(const MoverFactory& rtl) {
  if (!rtl) {
    return std::make_unique<FixpipePipe>(context_, l0c_port_, unit_flags_, cube_, gm_access());
  }
  return std::make_unique<RtlMoverPipe>(models::Pipe::FIX, context_.chip.queue_depth.fix, context_,
                                        rtl, gm_access(),
                                        L0cSharing{l0c_port_, unit_flags_, cube_});
}

std::unique_ptr<Pipe> Core::make_mte1(const MoverFactory& rtl) {
  if (!rtl) return std::make_unique<Mte1Pipe>(context_);
  return std::make_unique<RtlMoverPipe>(models::Pipe::MTE1, context_.chip.queue_depth.mte1,
                                        context_, rtl, GmAccess{});
}

std::unique_ptr<Pipe> Core::make_mte2(const MoverFactory& rtl) {
  if (!rtl) return std::make_unique<Mte2Pipe>(context_, gm_access());
  return std::make_unique<RtlMoverPipe>(models::Pipe::MTE2, context_.chip.queue_depth.mte2,
                                        context_, rtl, gm_access());
}

std::unique_ptr<Pipe> Core::make_mte3(const MoverFactory& rtl) {
  if (!rtl) return std::make_unique<Mte3Pipe>(context_, gm_access());
  return std::make_unique<RtlMoverPipe>(models::Pipe::MTE3, context_.chip.queue_depth.mte3,
                                        context_, rtl, gm_access());
}

// The one process: runs cycles in which something happens, one after the other, as long as nobody
// else in the simulation has anything to do before the next; then sleeps until it.
void Core::wake_up() {
  try {
    if (finished_) return;
    look_around();
    Cycle now;
    do {
      now = next_;
      run_cycle(now);
      if (++wake_ups_ % 65536 == 0 && progress_) {
        progress_(dispatch_.next(), context_.program.size());
      }
      next_ = next_cycle(now);
    } while (next_ < ours_until_);
    if (next_ == never) {
      check_finished(now);
      finished_ = true;
      next_ = std::max(now + Cycles{1}, program_end()) - Cycles{1};  // time passes up to there
    }
    next_trigger(until(next_));
  } catch (...) {
    failure_ = std::current_exception();  // sleeps for ever; the simulation hands it on
  }
}

// Up to which cycle the core may run on its own. What it asks of GM may change that.
void Core::look_around() {
  const sc_core::sc_time now = sc_core::sc_time_stamp();
  const sc_core::sc_time others =
      now + sc_core::sc_time_to_pending_activity(sc_core::sc_get_curr_simcontext());
  ours_until_ = std::min(next_ + most_ahead, clock().cycle_of(others));
}

void Core::run_cycle(Cycle now) {
  Schedule& due = context_.schedule;
  if (due.take(Part::flags, now)) context_.flags.run(now);
  if (due.take(Part::S, now)) dispatch_.run(now);
  if (due.take(Part::M, now)) cube_.run(now);
  if (due.take(Part::FIX, now)) fix_->run(now);
  if (due.take(Part::MTE1, now)) mte1_->run(now);
  if (due.take(Part::MTE2, now)) mte2_->run(now);
  if (due.take(Part::MTE3, now)) mte3_->run(now);
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

// What it asks of GM may wake somebody.
void Core::access_gm(BurstList& list) {
  send(list);
  if (ours_until_ > next_) look_around();
}

// The first cycle before which everything has ended.
Cycle Core::program_end() const {
  Cycle end = dispatch_.all_ended();
  for (const Pipe* pipe : pipes_) {
    if (pipe != nullptr) end = std::max(end, pipe->all_ended());
  }
  return end;
}

CoreResult Core::result() {
  CoreResult result;
  result.name = basename();
  result.kind = "AIC";
  const Cycle end = program_end();
  result.cycles = end - Cycle{0};
  result.instructions = context_.program.size();
  result.mmads = cube_.mmads();
  result.mmads_stalled_by_unit_flag = cube_.stalled_by_unit_flag();
  result.mmads_stalled_by_bank = cube_.stalled_by_bank();
  for (StateLine* line :
       {&dispatch_.line(), &cube_.line(), &mte1_->line(), &mte2_->line(), &mte3_->line(),
        &fix_->line()}) {
    line->finish(end);
    result.pipes.push_back({line->pipe(), line->cycles()});
    line->append_segments(result.segments);
  }
  result.records = context_.trace.take_records();
  return result;
}

}  // namespace vitruvian::systemc
