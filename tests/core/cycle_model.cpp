// SPDX-License-Identifier: Apache-2.0
#include "tests/core/cycle_model.h"

#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "systemc/observe/stats.h"
#include "tests/core/cycle_moves.h"

namespace vitruvian::tests {
namespace {

using namespace models;
using systemc::State;
constexpr u64 unknown = ~u64{0};

class CycleModel {
 public:
  CycleModel(const ChipConfig& chip, const std::vector<Instruction>& program)
      : chip_{chip}, program_{program}, read_port_{chip.gm.read_rate.value, {}},
        write_port_{chip.gm.write_rate.value, {}} {
    result_.times.assign(program.size(), {unknown, unknown, unknown});
    for (u64 i = 0; i < program.size(); ++i) of_[unit_of(program[i])].push_back(i);
    up_.assign(chip.l0c.value() / 512, false);
    raised_at_.assign(up_.size(), 0);
    claimed_by_.assign(up_.size(), unknown);
  }

  CycleResult run() {
    u64 quiet = 0;
    for (u64 c = 0; !finished(c); ++c) {
      moved_ = false;
      if (!raise_events(c)) return result_;
      dispatch(c);
      for (const Unit unit : {M, FIX, MTE1, MTE2}) step_unit(unit, c);
      read_port_.step(c);
      write_port_.step(c);
      finish_transfers();
      for (int unit = 0; unit < unit_count; ++unit) {
        result_.states[unit].push_back(
            static_cast<std::uint8_t>(state_of(static_cast<Unit>(unit), c)));
      }
      quiet = moved_ ? 0 : quiet + 1;
      if (quiet > 3'000) {
        result_.error = "deadlock";
        return result_;
      }
    }
    for (const auto& t : result_.times) result_.cycles = std::max(result_.cycles, t.end + 1);
    return result_;
  }

 private:
  using Times = CycleResult::Times;
  Times& t(u64 i) { return result_.times[i]; }
  const Times& t(u64 i) const { return result_.times[i]; }
  bool ended_before(u64 i, u64 c) const { return t(i).end != unknown && t(i).end < c; }
  bool started_before(u64 i, u64 c) const { return t(i).start != unknown && t(i).start < c; }

  bool finished(u64 c) const {
    return std::ranges::all_of(result_.times,
                               [&](const Times& x) { return x.end != unknown && x.end < c; });
  }

  // ---- flags
  using Event = std::tuple<Pipe, Pipe, int>;
  // F1, F3: sets whose time has come.
  bool raise_events(u64 c) {
    for (int unit = 0; unit < unit_count; ++unit) {
      bool all_ended = true;
      for (const u64 i : of_[unit]) {
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
    if (c < port_free_ || next_ >= program_.size()) return;
    const Instruction& i = program_[next_];
    const Unit unit = unit_of(i);
    if (unit != S) {
      if (waiting_in(unit, c) >= depth(unit)) {
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
  void leave_port(u64 free) {
    moved_ = true;
    s_state_ = State::busy;
    port_free_ = free;
    ++next_;
  }
  u64 depth(Unit unit) const {
    const QueueDepths& d = chip_.queue_depth;
    return unit == M ? d.m : unit == MTE1 ? d.mte1 : unit == MTE2 ? d.mte2 : d.fix;
  }
  u64 waiting_in(Unit unit, u64 c) const {
    u64 n = 0;
    for (const u64 i : of_[unit]) n += t(i).issue != unknown && !started_before(i, c);
    return n;
  }

  // ---- queues
  std::optional<u64> head(Unit unit, u64 c) const {
    for (std::size_t n = 0; n < of_[unit].size(); ++n) {
      const u64 i = of_[unit][n];
      if (t(i).start != unknown) continue;
      if (t(i).issue == unknown || t(i).issue >= c) return std::nullopt;
      if (n > 0 && !started_before(of_[unit][n - 1], c)) return std::nullopt;
      return i;
    }
    return std::nullopt;
  }

  void step_unit(Unit unit, u64 c) {
    head_state_[unit].reset();
    if (unit == FIX) fix_reads(c);
    if (const auto i = head(unit, c)) {
      if (try_start(unit, *i, c)) {
        t(*i).start = c;
        moved_ = true;
      }
    }
    if (unit == M) m_issues(c);
    if (unit == FIX && !fix_frozen_) {
      for (FixJob& job : fix_jobs_) ++job.age;
      ++fix_since_start_;
    }
  }

  bool try_start(Unit unit, u64 i, u64 c) {
    const Instruction& ins = program_[i];
    if (std::holds_alternative<SetFlag>(ins)) {
      head_state_[unit] = State::busy;
      return true;
    }
    if (const auto* wait = std::get_if<WaitFlag>(&ins)) {
      const bool up = events_.erase({wait->from, wait->to, wait->id}) > 0;
      head_state_[unit] = up ? State::busy : State::flag;
      if (up) t(i).end = c;
      return up;
    }
    if (std::holds_alternative<PipeBarrier>(ins)) {
      bool all = true;
      for (const u64 j : of_[unit]) all = all && (j >= i || ended_before(j, c));
      head_state_[unit] = all ? State::busy : State::barrier;
      if (all) t(i).end = c;
      return all;
    }
    if (const auto* mmad = std::get_if<Mmad>(&ins)) return start_mmad(i, *mmad, c);
    if (const auto* fixpipe = std::get_if<Fixpipe>(&ins)) return start_fixpipe(i, *fixpipe);
    return unit == MTE1 ? start_mte1(i, ins, c) : start_mte2(i, ins, c);
  }

  // ---- MTE1
  bool start_mte1(u64 i, const Instruction& ins, u64 c) {
    head_state_[MTE1] = State::busy;
    if (c < mte1_free_) return false;
    u64 bytes = 0, rate = chip_.mte1.bt_rate.value, tail = 0;
    const auto load = [&](L0Buffer to, u64 fractals) {
      bytes = fractals * 512;
      rate = to == L0Buffer::L0A ? chip_.mte1.l0a_rate.value : chip_.mte1.l0b_rate.value;
      tail = chip_.mte1.load_tail.value();
    };
    if (auto* l = std::get_if<Load2d>(&ins)) load(l->to, l->repeat);
    if (auto* l = std::get_if<Load2dTranspose>(&ins)) {
      const bool two = l->dtype == DataType::s8 || l->dtype == DataType::f32;
      load(l->to, l->repeat * (two ? 2 : 1));
    }
    if (auto* b = std::get_if<CopyL1Bt>(&ins)) bytes = b->length * 64;
    u64 beats = 0;
    for (u64 moved = 0; moved < bytes; moved += rate) ++beats;
    mte1_free_ = c + std::max(chip_.mte1.setup.value(), beats) + tail;
    t(i).end = c + chip_.mte1.latency.value() + beats - 1;
    return true;
  }

  // ---- MTE2
  struct Copy {
    std::vector<u64> left;  // of each burst
  };
  bool start_mte2(u64 i, const Instruction& ins, u64 c) {
    head_state_[MTE2] = State::busy;
    if (c < mte2_free_ || !mte2_left_) return false;
    u64 flying = 0;
    for (const u64 j : of_[MTE2]) {
      const bool copies = copy_.contains(j) && !copy_[j].left.empty();
      flying += copies && !ended_before(j, c);
    }
    if (flying >= chip_.mte2.in_flight) {
      head_state_[MTE2] = State::memory;
      return false;
    }
    const Bursts bursts = bursts_read(ins);
    Copy& copy = copy_[i];
    copy.left.assign(bursts.size(), unknown);
    if (bursts.empty()) {
      t(i).end = c;
      mte2_free_ = c + 1;
      return true;
    }
    for (std::size_t b = 0; b < bursts.size(); ++b) {
      const u64 from = c + chip_.mte2.request.value();
      read_port_.queue.push_back({sectors_of(bursts[b]) * 128, from, &copy.left[b]});
    }
    mte2_free_ = c + chip_.mte2.setup.value();
    mte2_left_ = false;
    mte2_last_ = i;
    return true;
  }
  // What left a port in the cycle just done.
  void finish_transfers() {
    for (auto& [i, copy] : copy_) {
      if (copy.left.empty() || t(i).end != unknown || copy.left.back() == unknown) continue;
      t(i).end = copy.left.back() + chip_.gm.read_latency.value();
      if (i == mte2_last_) {
        mte2_left_ = true;
        mte2_free_ = std::max(mte2_free_, copy.left.back());
      }
      moved_ = true;
    }
    for (FixJob& job : fix_done_) {
      if (t(job.instruction).end != unknown || *job.last_left == unknown) continue;
      t(job.instruction).end = *job.last_left + chip_.gm.write_latency.value();
      moved_ = true;
    }
  }

  // ---- M
  struct Tile {
    u64 due;
    std::vector<u64> raises;
  };
  struct Sequencer {
    u64 instruction = 0;
    const Mmad* mmad = nullptr;
    u64 mt = 0, nt = 0, kt = 0, cost = 1;
    u64 v = 0, step = 0, slot = 0;
    bool counted_flag = false, counted_bank = false;
    std::map<u64, u64> missing;  // elements of a granule whose last tile has not been issued
  };
  u64 tiles_along(u64 size, u64 tile) const {
    u64 n = 0;
    for (u64 at = 0; at < size; at += tile) ++n;
    return n;
  }
  bool start_mmad(u64 i, const Mmad& mmad, u64 c) {
    head_state_[M] = State::busy;
    if (sequencer_ || c < m_free_) return false;
    if (mmad.m == 0 || mmad.n == 0 || mmad.k == 0) {
      t(i).end = c;
      m_free_ = c + 1;
      return true;
    }
    const u64 depth = mmad.dtype == DataType::f32 ? chip_.cube.k / 2
                      : mmad.dtype == DataType::s8 ? chip_.cube.k * 2 : chip_.cube.k;
    Sequencer s;
    s.instruction = i;
    s.mmad = &mmad;
    s.mt = tiles_along(mmad.m, chip_.cube.m);
    s.nt = tiles_along(mmad.n, chip_.cube.n);
    s.kt = tiles_along(mmad.k, depth);
    s.cost = mmad.dtype == DataType::f32 ? 2 : 1;
    for (u64 row = 0; row < mmad.m; ++row) {
      for (u64 col = 0; col < mmad.n; ++col) ++s.missing[granule_of(mmad, row, col)];
    }
    sequencer_ = s;
    return true;
  }
  u64 slots_of_step(const Sequencer& s) const {
    u64 slots = std::max(s.cost * s.mt * s.nt, s.mt + 1);
    if (s.step + 1 < s.kt) slots = std::max(slots, chip_.cube.revisit.value());
    return slots;
  }
  // Elements of each granule a tile writes.
  std::map<u64, u64> elements_of_tile(const Sequencer& s, u64 tile) const {
    const bool n_first = s.mmad->order == Order::n_first;
    const u64 i = n_first ? tile / s.nt : tile % s.mt, j = n_first ? tile % s.nt : tile / s.mt;
    std::map<u64, u64> elements;
    const u64 row_end = std::min<u64>(s.mmad->m, (i + 1) * chip_.cube.m);
    const u64 col_end = std::min<u64>(s.mmad->n, (j + 1) * chip_.cube.n);
    for (u64 row = i * chip_.cube.m; row < row_end; ++row) {
      for (u64 col = j * chip_.cube.n; col < col_end; ++col) {
        ++elements[granule_of(*s.mmad, row, col)];
      }
    }
    return elements;
  }
  static u64 granule_of(const Mmad& mmad, u64 row, u64 col) {
    const u64 fractal_rows = (mmad.m + 15) / 16;
    const u64 byte =
        mmad.c.value() + ((col / 16) * fractal_rows + row / 16) * 1024 + (row % 16) * 64;
    return byte / 512;
  }
  void m_issues(u64 c) {
    m_stall_.reset();
    m_reads_ = false;
    if (sequencer_) m_sequences(c);
    while (!pipeline_.empty() && pipeline_.front().due == c) {
      for (const u64 g : pipeline_.front().raises) {
        up_[g] = true;
        raised_at_[g] = c;
      }
      if (!pipeline_.front().raises.empty()) moved_ = true;
      pipeline_.pop_front();
    }
  }
  void m_sequences(u64 c) {
    Sequencer& s = *sequencer_;
    if (s.v < chip_.cube.decode.value()) {
      ++s.v;
      return;
    }
    const bool has_tile = s.slot % s.cost == 0 && s.slot / s.cost < s.mt * s.nt;
    if (has_tile) {
      const auto elements = elements_of_tile(s, s.slot / s.cost);
      if (s.mmad->unit_flag != UnitFlag::off && s.step == 0) {
        for (const auto& [g, n] : elements) {
          if (claimed_by_[g] == unknown || claimed_by_[g] == s.instruction) continue;
          m_stall_ = State::unit_flag;
          result_.mmads_stalled_by_unit_flag += !std::exchange(s.counted_flag, true);
          return;
        }
      }
      const bool reads = s.step > 0 || s.mmad->init == Init::accumulate;
      if (reads && fix_forced_at_ == c) {
        m_stall_ = State::bank;
        result_.mmads_stalled_by_bank += !std::exchange(s.counted_bank, true);
        moved_ = true;
        return;
      }
      m_reads_ = reads;
      Tile tile{c + s.cost - 1 + chip_.cube.depth.value(), {}};
      if (s.step + 1 == s.kt && s.mmad->unit_flag == UnitFlag::toggle) {
        for (const auto& [g, n] : elements) {
          if ((s.missing[g] -= n) > 0) continue;
          tile.raises.push_back(g);
          claimed_by_[g] = s.instruction;
        }
      }
      pipeline_.push_back(tile);
    }
    moved_ = true;
    if (++s.slot < slots_of_step(s)) return;
    s.slot = 0;
    if (++s.step < s.kt) return;
    t(s.instruction).end = c + chip_.cube.depth.value();
    sequencer_.reset();
    m_free_ = c + 1;
  }

  // ---- FIX
  struct FixJob {
    u64 instruction;
    const Fixpipe* fixpipe;
    std::vector<std::array<u64, 3>> order;  // matrix, column, row
    u64 next = 0, age = 0, last_read = unknown;
    u64* last_left = nullptr;
  };
  u64 out_cycles() const { return (1024 + chip_.fix.rate.value - 1) / chip_.fix.rate.value; }
  bool start_fixpipe(u64 i, const Fixpipe& f) {
    head_state_[FIX] = State::busy;
    if (fix_frozen_ || fix_since_start_ < fix_needs_) return false;
    FixJob job{.instruction = i, .fixpipe = &f, .order = {}};
    job.order = fractal_order(f);
    fix_needs_ = std::max(chip_.fix.setup.value(), job.order.size() * (1 + out_cycles()));
    fix_since_start_ = 0;
    fix_jobs_.push_back(job);
    return true;
  }
  void fix_reads(u64 c) {
    fix_frozen_.reset();
    if (fix_jobs_.empty()) return;
    FixJob& job = fix_jobs_.front();
    const Fixpipe& f = *job.fixpipe;
    if (job.age < chip_.fix.latency.value() + job.next * (1 + out_cycles())) return;
    const auto [d, column, row] = job.order[job.next];
    const u64 source = f.src.value() + (f.nz2nd ? d * f.src_nd_stride * 1024 : 0) +
                       column * f.src_stride * 64 + row * 1024;
    std::set<u64> granules;
    for (u64 r = 0; r < 16 && row * 16 + r < f.m; ++r) granules.insert((source + r * 64) / 512);
    if (f.unit_flag != UnitFlag::off) {
      for (const u64 g : granules) {
        if (!up_[g] || raised_at_[g] == c) fix_frozen_ = State::unit_flag;
      }
      if (fix_frozen_) return;
    }
    if (fix_left_ != nullptr && (*fix_left_ == unknown || c < *fix_left_)) {
      fix_frozen_ = State::memory;
      return;
    }
    if (m_reads_ && fix_forced_at_ != c) {  // M has had its turn in this cycle
      fix_frozen_ = State::bank;
      if (++fix_refused_ == chip_.fix.patience.value()) fix_forced_at_ = c + 1;
      return;
    }
    moved_ = true;
    fix_refused_ = 0;
    if (f.unit_flag == UnitFlag::toggle) {
      for (const u64 g : granules) {
        up_[g] = false;
        claimed_by_[g] = unknown;
      }
    }
    write(job, d, column, row, c);
    if (++job.next < job.order.size()) return;
    job.last_read = c;
    job.last_left = fix_left_;
    fix_done_.push_back(job);
    fix_jobs_.pop_front();
  }
  void write(const FixJob& job, u64 d, u64 column, u64 row, u64 c) {
    const Bursts bursts = bursts_written(*job.fixpipe, d, column, row);
    if (bursts.empty()) return;
    u64 bytes = 0;
    for (const auto& b : bursts) bytes += b.second;
    u64 at_port = 0;
    for (u64 moved = 0; moved < bytes; moved += write_port_.rate) ++at_port;
    const u64 from = c + 1 + out_cycles() - std::min(at_port, out_cycles());
    for (const auto& b : bursts) {
      lefts_.push_back(unknown);
      write_port_.queue.push_back({b.second, from, &lefts_.back()});
    }
    fix_left_ = &lefts_.back();
  }

  // ---- states
  State state_of(Unit unit, u64 c) {
    if (unit == S) return s_state_;
    if (unit == M && m_stall_) return *m_stall_;
    if (unit == FIX && fix_frozen_) return *fix_frozen_;
    if (head_state_[unit] == State::busy || at_work(unit, c)) return State::busy;
    if (flying(unit, c)) return State::memory;
    if (head_state_[unit]) return *head_state_[unit];
    const bool left = std::ranges::any_of(of_[unit], [&](u64 i) { return t(i).start == unknown; });
    return left ? State::empty : State::done;
  }
  bool work(u64 i) const {
    const Instruction& ins = program_[i];
    return !std::holds_alternative<SetFlag>(ins) && !std::holds_alternative<WaitFlag>(ins) &&
           !std::holds_alternative<PipeBarrier>(ins) && !std::holds_alternative<Scalar>(ins);
  }
  bool flying(Unit unit, u64 c) const {
    return std::ranges::any_of(of_[unit], [&](u64 i) {
      return work(i) && t(i).start != unknown && (t(i).end == unknown || t(i).end >= c);
    });
  }
  bool at_work(Unit unit, u64 c) {
    if (unit == M || unit == MTE1) return flying(unit, c);
    if (unit == MTE2) {
      return std::ranges::any_of(copy_, [&](const auto& x) {
        return !x.second.left.empty() &&
               (x.second.left.back() == unknown || x.second.left.back() > c);
      });
    }
    return !fix_jobs_.empty() || std::ranges::any_of(fix_done_, [&](const FixJob& job) {
      return job.last_read + out_cycles() >= c;
    });
  }

  const ChipConfig& chip_;
  const std::vector<Instruction>& program_;
  CycleResult result_;
  std::array<std::vector<u64>, unit_count> of_;
  std::array<std::optional<State>, unit_count> head_state_;
  bool moved_ = false;

  std::set<Event> events_;
  u64 next_ = 0, port_free_ = 0;
  State s_state_ = State::empty;

  u64 mte1_free_ = 0;
  Port read_port_, write_port_;
  std::map<u64, Copy> copy_;
  u64 mte2_free_ = 0, mte2_last_ = unknown;
  bool mte2_left_ = true;

  std::optional<Sequencer> sequencer_;
  std::deque<Tile> pipeline_;
  u64 m_free_ = 0;
  bool m_reads_ = false;
  std::optional<State> m_stall_;
  std::vector<bool> up_;
  std::vector<u64> raised_at_, claimed_by_;

  std::deque<FixJob> fix_jobs_;
  std::vector<FixJob> fix_done_;
  std::optional<State> fix_frozen_;
  u64 fix_since_start_ = 0, fix_needs_ = 0, fix_refused_ = 0, fix_forced_at_ = unknown;
  std::deque<u64> lefts_;
  u64* fix_left_ = nullptr;
};

}  // namespace

CycleResult step_by_cycles(const ChipConfig& chip,
                           const std::vector<models::Instruction>& program) {
  return CycleModel{chip, program}.run();
}

}  // namespace vitruvian::tests
