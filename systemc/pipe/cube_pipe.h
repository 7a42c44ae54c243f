// SPDX-License-Identifier: Apache-2.0
//
// Pipe M: the queue in front of a cube block, and what the block sees of its neighbours.
#pragma once

#include "systemc/buffer/l0c.h"
#include "systemc/pipe/cube_block.h"
#include "systemc/pipe/pipe.h"

namespace vitruvian::systemc {

class CubePipe final : public Pipe, private CubeEnvironment {
 public:
  CubePipe(PipeContext& context, L0cPort& port, UnitFlags& flags, std::unique_ptr<CubeBlock> block);

  CubeBlock& block() { return *block_; }
  // FIX waits for unit flags to rise: it is woken when some do.
  void fix_waits(bool waits) { fix_waits_ = waits; }
  // FIX has cleared flags in this cycle; M sees it in the next.
  void flags_cleared(Cycle now);
  // Since when the sequencer has been held by a unit flag, if it is.
  std::optional<Cycle> held_since() const { return held_since_; }
  std::optional<Held> held() const override;

  std::uint64_t mmads() const { return mmads_; }
  std::uint64_t stalled_by_unit_flag() const { return stalled_by_unit_flag_; }
  std::uint64_t stalled_by_bank() const { return stalled_by_bank_; }

 private:
  Hold hold(const models::Instruction& instruction, Cycle now) override;
  void begin(std::uint32_t instruction, const models::Instruction& work, Cycle now) override;
  void close_cycle(Cycle now) override;
  void claim_unit_flags(const models::Mmad& mmad);
  void note_stall(Stall stall, Cycle now);

  bool unit_flag_up(std::uint32_t first, std::uint32_t count, Cycle now) override;
  void raise_unit_flags(std::uint32_t first, std::uint32_t count, Cycle now) override;
  bool fix_takes_l0c(Cycle now) override { return port_.fix_takes(now); }
  void retired(std::uint32_t instruction, Cycle end) override;

  L0cPort& port_;
  UnitFlags& flags_;
  std::unique_ptr<CubeBlock> block_;
  bool fix_waits_ = false;
  std::optional<Cycle> held_since_;
  std::uint32_t latest_ = 0;  // the mmad in the sequencer
  // The mmad in the sequencer has been counted as stalled.
  bool counted_unit_flag_ = false, counted_bank_ = false;
  std::uint64_t mmads_ = 0, stalled_by_unit_flag_ = 0, stalled_by_bank_ = 0;
};

}  // namespace vitruvian::systemc
