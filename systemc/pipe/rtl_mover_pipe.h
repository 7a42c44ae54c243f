// SPDX-License-Identifier: Apache-2.0
//
// MTE1, MTE2, MTE3 or FIX with its queue here and its work in a block that is stepped cycle by cycle
// while there is something in it (systemc/pipe/mover_block.h).
#pragma once

#include <memory>

#include "systemc/buffer/l0c.h"
#include "systemc/pipe/cube_pipe.h"
#include "systemc/pipe/mover.h"
#include "systemc/pipe/mover_block.h"

namespace vitruvian::systemc {

// Whom FIX shares L0C with.
struct L0cSharing {
  L0cPort& port;
  UnitFlags& flags;
  CubePipe& cube;
};

class RtlMoverPipe final : public Pipe, private MoverEnvironment {
 public:
  // `sharing`: FIX only. `gm`: not for MTE1.
  RtlMoverPipe(models::Pipe id, std::uint32_t depth, PipeContext& context, const MoverFactory& make,
               GmAccess gm, std::optional<L0cSharing> sharing = std::nullopt);

  std::optional<Held> held() const override;

 private:
  Hold hold(const models::Instruction& work, Cycle now) override;
  void begin(std::uint32_t instruction, const models::Instruction& work, Cycle now) override;
  void close_cycle(Cycle now) override;

  GmTurn read_gm(const GmPiece& burst, Cycle now) override;
  GmTurn write_gm(std::span<const GmPiece> pieces, bool acknowledged, Cycle now) override;
  bool unit_flags_up(std::uint32_t first, std::uint32_t count, Cycle now) override;
  L0cTurn ask_l0c(Cycle now) override;
  void go_first(Cycle next) override;
  void settle_l0c(std::uint32_t address, Cycle now) override;
  void clear_unit_flags(std::uint32_t first, std::uint32_t count, Cycle now) override;

  GmTurn pass(Cycle now);

  const std::unique_ptr<MoverBlock> block_;
  const GmAccess gm_;
  const std::optional<L0cSharing> sharing_;
  Ring<std::uint32_t> under_way_;  // instructions
  MoverCycle cycle_;
  std::optional<Cycle> stepped_;   // what cycle_ is of
  BurstList list_;
  struct Granules {
    std::uint32_t first, count;
  };
  std::optional<Granules> awaited_;  // unit flags
};

}  // namespace vitruvian::systemc
