// SPDX-License-Identifier: Apache-2.0
#include "tests/core/cycle_model.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

namespace vitruvian::tests {
namespace {

using namespace models;

class CycleModel {
 public:
  CycleModel(const ChipConfig& chip, const std::vector<Instruction>& program,
             const systemc::GmAnswers& answers)
      : chip_{chip}, program_{program}, times_(program.size()), l0c_{chip.l0c.value() / 512},
        s_port_{systemc::GmPort::s_read, answers, chip},
        m_{chip, times_, l0c_}, mte1_{chip, times_}, mte2_{chip, times_, answers},
        mte3_{chip, times_, answers}, fix_{chip, times_, answers, l0c_} {
    for (u64 i = 0; i < program.size(); ++i) of_[unit_of(program[i])].push_back(i);
  }

  CycleResult run() {
    u64 quiet = 0;
    for (u64 c = 0; result_.error.empty() && !finished(c); ++c) {
      moved_ = false;
      if (raise_events(c)) step(c);
      quiet = moved_ ? 0 : quiet + 1;
      if (quiet > 3'000) result_.error = "deadlock";
    }
    for (const auto& t : times_) result_.cycles = std::max(result_.cycles, t.end + 1);
    result_.times = times_;
    result_.mmads_stalled_by_unit_flag = m_.stalled_by_unit_flag;
    result_.mmads_stalled_by_bank = m_.stalled_by_bank;
    result_.requests = {mte2_.port().all_taken(), s_port_.all_taken(), fix_.port().all_taken(),
                        mte3_.port().all_taken()};
    result_.fix_reads = fix_.reads();
    return result_;
  }

 private:
  CycleTimes& t(u64 i) { return times_[i]; }
  const CycleTimes& t(u64 i) const { return times_[i]; }
  bool ended_before(u64 i, u64 c) const { return t(i).end != unknown && t(i).end < c; }
  bool started_before(u64 i, u64 c) const { return t(i).start != unknown && t(i).start < c; }
  CycleUnit& unit(Unit u) {
    CycleUnit* const units[] = {nullptr, &m_, &mte1_, &mte2_, &mte3_, &fix_};
    return *units[u];
  }

  bool finished(u64 c) const {
    return std::ranges::all_of(times_, [&](const CycleTimes& x) {
      return x.end != unknown && x.end < c;
    });
  }

  void step(u64 c) {
    s_port_.step(c);
    moved_ = moved_ || s_port_.active();
    dispatch(c);
    for (const Unit u : {FIX, MTE1, MTE2, MTE3}) unit(u).begin(c);
    step_head(M, c);
    m_.finish(c);  // M goes before FIX at L0C
    fix_.read(c);
    for (const Unit u : {MTE1, MTE2, MTE3, FIX}) {
      step_head(u, c);
      unit(u).finish(c);
    }
    for (int u = 0; u < unit_count; ++u) {
      result_.states[u].push_back(static_cast<std::uint8_t>(state_of(static_cast<Unit>(u), c)));
      if (u != S && unit(static_cast<Unit>(u)).moved()) moved_ = true;
    }
  }

  // ---- flags
  using Event = std::tuple<Pipe, Pipe, int>;
  // F1, F3: sets whose time has come. False: one raises an event that is up.
  bool raise_events(u64 c) {
    for (const auto& queue : of_) {
      bool all_ended = true;
      for (const u64 i : queue) {
        if (!all_ended || t(i).issue == unknown) break;
        const auto* set = std::get_if<SetFlag>(&program_[i]);
        if (set != nullptr && started_before(i, c) && t(i).end == unknown) {
          if (!events_.insert({set->from, set->to, set->id}).second) {
            result_.error = "event";
            return false;
          }
          t(i).end = c;
          moved_ = true;
        }
        all_ended = ended_before(i, c);
      }
    }
    return true;
  }

  // ---- S
  void dispatch(u64 c) {
    s_state_ = c < port_free_ ? State::busy : State::done;
    if (loading_) return load(c);
    if (c < port_free_ || next_ >= program_.size()) return;
    const Instruction& i = program_[next_];
    const Unit target = unit_of(i);
    if (target != S) {
      if (waiting_in(target, c) >= depth(target)) {
        s_state_ = State::queue_full;
        return;
      }
      t(next_).issue = c;
      return leave_port(c + 1);
    }
    if (t(next_).issue == unknown) t(next_).issue = c;
    if (const auto* scalar = std::get_if<Scalar>(&i)) {
      t(next_).start = c;
      t(next_).end = c + scalar->cost - 1;
      return leave_port(c + scalar->cost);
    }
    if (const auto* request = std::get_if<LoadScalar>(&i)) {
      t(next_).start = c;
      data_taken_ = data_at_ = unknown;
      s_port_.send({request->src.value(), 8}, c + 1, &data_taken_, &data_at_);
      s_state_ = State::busy;
      moved_ = loading_ = true;
      return;
    }
    if (std::holds_alternative<SetFlag>(i)) {
      t(next_).start = c;
      return leave_port(c + 1);
    }
    if (const auto* wait = std::get_if<WaitFlag>(&i)) {
      if (events_.erase({wait->from, wait->to, wait->id}) == 0) {
        s_state_ = State::flag;
        return;
      }
      t(next_).start = t(next_).end = c;
      return leave_port(c + 1);
    }
    t(next_).start = t(next_).issue;  // pipe_barrier ALL
    for (u64 earlier = 0; earlier < next_; ++earlier) {
      if (!ended_before(earlier, c)) {
        s_state_ = State::barrier;
        return;
      }
    }
    t(next_).end = c;
    leave_port(c + 1);
  }
  // D6
  void load(u64 c) {
    if (data_at_ == c) {
      t(next_).end = c;
      loading_ = false;
      leave_port(c + 1);
    }
    s_state_ = State::memory;
  }
  void leave_port(u64 free) {
    moved_ = true;
    s_state_ = State::busy;
    port_free_ = free;
    ++next_;
  }
  u64 depth(Unit u) const {
    const QueueDepths& d = chip_.queue_depth;
    const u64 depths[] = {0, d.m, d.mte1, d.mte2, d.mte3, d.fix};
    return depths[u];
  }
  u64 waiting_in(Unit u, u64 c) const {
    u64 n = 0;
    for (const u64 i : of_[u]) n += t(i).issue != unknown && !started_before(i, c);
    return n;
  }

  // ---- queues
  std::optional<u64> head(Unit u, u64 c) const {
    for (std::size_t n = 0; n < of_[u].size(); ++n) {
      const u64 i = of_[u][n];
      if (t(i).start != unknown) continue;
      if (t(i).issue == unknown || t(i).issue >= c) return std::nullopt;
      if (n > 0 && !started_before(of_[u][n - 1], c)) return std::nullopt;
      return i;
    }
    return std::nullopt;
  }

  void step_head(Unit u, u64 c) {
    head_state_[u].reset();
    const auto i = head(u, c);
    if (!i) return;
    const std::optional<State> waits = try_start(u, *i, c);
    head_state_[u] = waits.value_or(State::busy);
    if (waits) return;
    t(*i).start = c;
    moved_ = true;
  }

  // What the head waits for; nothing: it starts.
  std::optional<State> try_start(Unit u, u64 i, u64 c) {
    const Instruction& ins = program_[i];
    if (std::holds_alternative<SetFlag>(ins)) {
      if (pending_sets(u, c) >= chip_.pending_sets) return State::barrier;
      return std::nullopt;
    }
    if (const auto* wait = std::get_if<WaitFlag>(&ins)) {
      if (events_.erase({wait->from, wait->to, wait->id}) == 0) return State::flag;
      t(i).end = c;
      return std::nullopt;
    }
    if (std::holds_alternative<PipeBarrier>(ins)) {
      for (const u64 j : of_[u]) {
        if (j < i && !ended_before(j, c)) return State::barrier;
      }
      t(i).end = c;
      return std::nullopt;
    }
    return unit(u).try_start(i, ins, c);
  }
  u64 pending_sets(Unit u, u64 c) const {
    return static_cast<u64>(std::ranges::count_if(of_[u], [&](u64 i) {
      return std::holds_alternative<SetFlag>(program_[i]) && started_before(i, c) &&
             !ended_before(i, c);
    }));
  }

  // ---- states
  State state_of(Unit u, u64 c) {
    if (u == S) return s_state_;
    if (const auto stall = unit(u).stall()) return *stall;
    if (head_state_[u] == State::busy || unit(u).at_work(c)) return State::busy;
    if (flying(u, c)) return State::memory;
    if (head_state_[u]) return *head_state_[u];
    const bool left = std::ranges::any_of(of_[u], [&](u64 i) { return t(i).start == unknown; });
    return left ? State::empty : State::done;
  }
  bool flying(Unit u, u64 c) const {
    return std::ranges::any_of(of_[u], [&](u64 i) {
      return is_work(program_[i]) && t(i).start != unknown && !ended_before(i, c);
    });
  }

  const ChipConfig& chip_;
  const std::vector<Instruction>& program_;
  std::vector<CycleTimes> times_;
  CycleL0c l0c_;
  ReadPort s_port_;
  CycleCube m_;
  CycleMte1 mte1_;
  CycleMte2 mte2_;
  CycleMte3 mte3_;
  CycleFix fix_;
  CycleResult result_;
  std::array<std::vector<u64>, unit_count> of_;
  std::array<std::optional<State>, unit_count> head_state_;
  bool moved_ = false;

  std::set<Event> events_;
  u64 next_ = 0, port_free_ = 0;
  State s_state_ = State::empty;
  bool loading_ = false;
  u64 data_taken_ = unknown, data_at_ = unknown;
};

}  // namespace

CycleResult step_by_cycles(const ChipConfig& chip, const std::vector<models::Instruction>& program,
                           const systemc::GmAnswers& answers) {
  return CycleModel{chip, program, answers}.run();
}

}  // namespace vitruvian::tests
