// SPDX-License-Identifier: Apache-2.0
//
// The five units of a cube core, stepped cycle by cycle, behind one interface. A unit takes the
// work at its queue's head when its rules let it start; the queue is the model's (cycle_model.h).
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <set>

#include "systemc/observe/stats.h"
#include "tests/core/cycle_ports.h"

namespace vitruvian::tests {

using systemc::State;

// The three cycles of each instruction; `unknown` until they come.
struct CycleTimes {
  u64 issue = unknown, start = unknown, end = unknown;
  friend bool operator==(const CycleTimes&, const CycleTimes&) = default;
};

class CycleUnit {
 public:
  // Ends go into `times`.
  CycleUnit(const ChipConfig& chip, std::vector<CycleTimes>& times) : chip_{chip}, times_{times} {}
  virtual ~CycleUnit() = default;

  // Cycle `c` in this order: begin, try_start for work at the head, finish.
  virtual void begin(u64) {}
  // Starts it, or says what the head waits for.
  virtual std::optional<State> try_start(u64 i, const models::Instruction& work, u64 c) = 0;
  virtual void finish(u64) {}

  // Of cycle `c`, once it is over: what holds the unit, and whether an instruction is between its
  // start and its last data cycle.
  virtual std::optional<State> stall() const { return std::nullopt; }
  virtual bool at_work(u64 c) const = 0;
  // Did anything happen that is not the passing of time?
  bool moved() { return std::exchange(moved_, false); }

 protected:
  void end(u64 i, u64 c) { times_[i].end = c, moved_ = true; }
  void note_start(u64 i) { started_.push_back(i), moved_ = true; }
  // Instructions this unit has started whose end is not before `c`.
  u64 flying(u64 c) const;

  const ChipConfig& chip_;
  std::vector<CycleTimes>& times_;
  std::vector<u64> started_;
  bool moved_ = false;
};

class CycleMte1 final : public CycleUnit {
 public:
  using CycleUnit::CycleUnit;
  std::optional<State> try_start(u64 i, const models::Instruction& work, u64 c) override;
  bool at_work(u64 c) const override { return flying(c) > 0; }

 private:
  u64 free_ = 0;
};

class CycleMte2 final : public CycleUnit {
 public:
  CycleMte2(const ChipConfig& chip, std::vector<CycleTimes>& times,
            const systemc::GmAnswers& answers)
      : CycleUnit{chip, times}, port_{systemc::GmPort::mte2_read, answers, chip} {}
  void begin(u64 c) override;
  std::optional<State> try_start(u64 i, const models::Instruction& work, u64 c) override;
  bool at_work(u64 c) const override { return c < busy_before_ || sending_; }
  const ReadPort& port() const { return port_; }

 private:
  struct Copy {
    u64 instruction;
    std::vector<u64> taken, done;  // of each burst
  };
  ReadPort port_;
  std::deque<Copy> copies_;
  bool sending_ = false;  // the bursts of the last are not all taken
  u64 free_ = 0, busy_before_ = 0;
};

class CycleMte3 final : public CycleUnit {
 public:
  CycleMte3(const ChipConfig& chip, std::vector<CycleTimes>& times,
            const systemc::GmAnswers& answers)
      : CycleUnit{chip, times}, port_{systemc::GmPort::mte3_write, answers} {}
  void begin(u64 c) override;
  std::optional<State> try_start(u64 i, const models::Instruction& work, u64 c) override;
  void finish(u64 c) override;
  std::optional<State> stall() const override;
  bool at_work(u64 c) const override { return !sending_.empty() || c < busy_before_; }
  const WritePort& port() const { return port_; }

 private:
  struct Copy {
    u64 instruction;
    Bursts beats;
    u64 age = 0, sent = 0;  // cycles it was not frozen since its start; beats
  };
  WritePort port_;
  std::deque<Copy> sending_;
  bool frozen_ = false;
  u64 busy_before_ = 0;
  u64 since_start_ = 1u << 30, needs_ = 0;  // M1, in cycles that are not frozen
};

// L0C between M and FIX.
struct CycleL0c {
  explicit CycleL0c(u64 granules)
      : up(granules, false), raised_at(granules, 0), claimed_by(granules, unknown) {}
  std::vector<bool> up;
  std::vector<u64> raised_at, claimed_by;  // by which mmad
  bool m_reads = false;                    // in this cycle
  bool fix_first = false;                  // refused often enough: FIX goes when it asks next
  bool fix_can_ask = false;                // in this cycle, as far as GM is concerned
  u64 refused = 0;
};

class CycleCube final : public CycleUnit {
 public:
  CycleCube(const ChipConfig& chip, std::vector<CycleTimes>& times, CycleL0c& l0c)
      : CycleUnit{chip, times}, l0c_{l0c} {}
  std::optional<State> try_start(u64 i, const models::Instruction& work, u64 c) override;
  void finish(u64 c) override;
  std::optional<State> stall() const override { return stall_; }
  bool at_work(u64 c) const override { return flying(c) > 0; }

  u64 stalled_by_unit_flag = 0, stalled_by_bank = 0;  // mmads

 private:
  struct Tile {
    u64 due;
    std::vector<u64> raises;
  };
  struct Sequencer {
    u64 instruction = 0;
    const models::Mmad* mmad = nullptr;
    u64 mt = 0, nt = 0, kt = 0, cost = 1;
    u64 v = 0, step = 0, slot = 0;
    bool counted_flag = false, counted_bank = false;
    std::map<u64, u64> missing;  // elements of a granule whose last tile has not been issued
  };
  u64 slots_of_step(const Sequencer& s) const;
  std::map<u64, u64> elements_of_tile(const Sequencer& s, u64 tile) const;
  void sequence(u64 c);
  bool issue(Sequencer& s, u64 c);

  CycleL0c& l0c_;
  std::optional<Sequencer> sequencer_;
  std::deque<Tile> pipeline_;
  u64 free_ = 0;
  std::optional<State> stall_;
};

class CycleFix final : public CycleUnit {
 public:
  CycleFix(const ChipConfig& chip, std::vector<CycleTimes>& times,
           const systemc::GmAnswers& answers, CycleL0c& l0c)
      : CycleUnit{chip, times}, port_{systemc::GmPort::fix_write, answers}, l0c_{l0c} {}
  // What leaves, and whether GM takes it. Before M's turn.
  void begin(u64 c) override;
  // The fractal at hand. After M's turn, before try_start.
  void read(u64 c);
  std::optional<State> try_start(u64 i, const models::Instruction& work, u64 c) override;
  void finish(u64 c) override;
  std::optional<State> stall() const override { return stall_; }
  bool at_work(u64 c) const override {
    return std::ranges::any_of(works_, [c](const Work& work) { return !work.moved(c); });
  }
  const WritePort& port() const { return port_; }
  const std::vector<u64>& reads() const { return reads_; }

 private:
  struct Work {
    u64 instruction;
    std::optional<Output> output;           // none: copy_l1_fb
    std::vector<std::array<u64, 3>> order;  // fractals
    u64 beats = 0;                          // fractals, or beats of the copy
    u64 next = 0, age = 0;                  // cycles nothing held it since its start
    u64 last_cycle = unknown, done = unknown;
    u64 acknowledged = unknown;
    bool moved(u64 c) const { return last_cycle < c; }
  };
  struct Fractal {
    std::size_t work;  // place in works_
    u64 rows, columns;
    bool last;
    u64 age = 0;  // cycles GM's port held nothing since its read
  };
  u64 out_cycles() const { return 1024 / chip_.fix.rate.value; }
  std::optional<State> obstacle(const Work& work, const std::set<u64>& granules, u64 c);
  void end_in_order(u64 c);

  WritePort port_;
  CycleL0c& l0c_;
  std::deque<Work> works_;  // all there were
  std::size_t front_ = 0;   // the first not read to the end
  std::size_t to_end_ = 0;  // the first that has not ended
  std::deque<Fractal> lane_;
  std::optional<State> stall_;
  u64 since_start_ = 1u << 30, needs_ = 0;
  u64 ignored_ = 0;  // acknowledgements nobody waits for
  std::vector<u64> reads_;
};

}  // namespace vitruvian::tests
