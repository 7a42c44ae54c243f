// SPDX-License-Identifier: Apache-2.0
//
// Both cubes in one place: the RTL drives, its writes go to L0C and its flags to the core; the SystemC
// twin runs beside it, started with the same instructions in the same cycles and given the same answers
// by the same environment, on an L0C of its own. Compared, mmad by mmad: start and end cycle; every
// write into L0C (cycle, address, bytes); every unit flag (cycle, granule); in every cycle whether the
// sequencer stands still and whether it reads L0C. See docs/lockstep.md.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <set>

#include "systemc/pipe/cube_block.h"
#include "tb/lockstep/judge.h"
#include "tb/lockstep/lockstep_log.h"
#include "tb/pipe/cube_observer.h"

namespace vitruvian::tb {

struct LockstepOptions {
  bool every_beat = true;  // values of every write, not only of the last one of a word
};

class CubeLockstep final : public systemc::CubeBlock, private CubeObserver {
 public:
  // `context.state` is what the RTL works on; `log` outlives the block.
  CubeLockstep(const systemc::CubeContext& context, std::unique_ptr<ObservedCube> rtl,
               const systemc::CubeFactory& make_twin, const LockstepOptions& options, LockstepLog& log);
  ~CubeLockstep() override;

  void connect(systemc::CubeEnvironment& environment) override;
  bool ready(Cycle now) override;
  void start(const models::Mmad& mmad, std::uint32_t instruction, Cycle now) override;
  void step(Cycle now) override;
  systemc::Stall stall(Cycle now) override { return rtl_->stall(now); }
  bool reads_l0c(Cycle now) override { return rtl_->reads_l0c(now); }
  void settle(std::uint32_t first, std::uint32_t count, Cycle now) override;
  std::optional<Cycle> next_event(Cycle now) override;

 private:
  enum Side : int { rtl_side, twin_side };
  // What one of the blocks sees of the core.
  class SideEnvironment final : public systemc::CubeEnvironment {
   public:
    SideEnvironment(CubeLockstep& outer, Side side) : outer_{outer}, side_{side} {}
    bool unit_flag_up(std::uint32_t first, std::uint32_t count, Cycle now) override;
    void raise_unit_flags(std::uint32_t first, std::uint32_t count, Cycle now) override;
    bool fix_takes_l0c(Cycle now) override;
    void retired(std::uint32_t instruction, Cycle end) override;

   private:
    CubeLockstep& outer_;
    Side side_;
  };
  // Where the twin's sequencer is: what it issues is what the RTL must write `depth` cycles later.
  struct Sequencer {
    MmadRecord* record = nullptr;  // null: idle
    Cycle first_slot;
    std::uint32_t step = 0, slot = 0;
  };

  void wrote(Cycle now, std::span<const L0cWord> words) override;
  static bool owes(const MmadRecord& record, Cycle now, std::span<const L0cWord> words);
  MmadRecord& writer(Cycle now, std::span<const L0cWord> words);
  static void keep_image(std::vector<std::uint8_t>& image, const models::CoreState& state, const TileGrid& grid);
  void retire(Side side, std::uint32_t instruction, Cycle end);
  void take_contents();
  void copy_operands(const MmadRecord& record);
  void start_twin(Cycle now);
  void follow_sequencer(Cycle now);
  std::string hand_text() const;
  void compare_cycle(Cycle now);
  void compare_flags(Cycle now);
  void judge_done();
  void judge(MmadRecord& record);
  void check_progress(Cycle now);
  MmadRecord* find(std::uint32_t instruction);
  MmadRecord* newest() { return records_.empty() ? nullptr : records_.back().get(); }
  std::string describe_granule(const MmadRecord* record, std::uint32_t granule) const;

  const CubeConfig config_;
  models::CoreState& state_;
  models::CoreState shadow_;                // the twin's
  std::vector<std::uint8_t> judged_l0c_;    // as the mmads judged so far left it
  LockstepLog& log_;
  std::unique_ptr<ObservedCube> rtl_;
  std::unique_ptr<systemc::CubeBlock> twin_;
  systemc::CubeEnvironment* environment_ = nullptr;
  SideEnvironment sides_[2];
  Judge judge_;
  std::deque<std::unique_ptr<MmadRecord>> records_;  // started in the RTL, not judged
  std::deque<MmadRecord*> late_;            // the twin has not started them yet
  std::optional<Cycle> twin_ready_;         // since then the RTL keeps the next mmad waiting
  Sequencer sequencer_;
  std::optional<Tile> at_hand_;             // of this cycle, in the twin
  std::set<std::uint32_t> raised_[2];       // granules, in this cycle
  bool loaded_ = false;
};

// A factory for a core. `log` outlives what it makes.
systemc::CubeFactory lockstep_factory(std::function<std::unique_ptr<ObservedCube>(const systemc::CubeContext&)> rtl,
                                      systemc::CubeFactory twin, LockstepOptions options, LockstepLog& log);

}  // namespace vitruvian::tb
