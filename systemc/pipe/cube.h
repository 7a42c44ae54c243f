// SPDX-License-Identifier: Apache-2.0
//
// The cube in time (docs/pipe/cube.md): closed forms per instruction, walked tile by tile only
// where a unit flag stands in the way or is raised. Twins: models/pipe/cube.h (what),
// rtl/pipe/vit_cube.sv (how).
#pragma once

#include <vector>

#include "models/pipe/cube.h"
#include "systemc/common/ring.h"
#include "systemc/pipe/cube_beats.h"
#include "systemc/pipe/cube_block.h"

namespace vitruvian::systemc {

// How an mmad fills the sequencer's slots. Tile t of every step issues in slot cost * t of the
// step.
struct MmadTiling {
  std::uint32_t mt = 0, nt = 0, kt = 0;  // tiles along m, n and k
  std::uint32_t tiles = 0;               // of a step
  std::uint32_t cost = 1;                // slots a tile
  std::uint64_t step = 0, last_step = 0; // slots
  std::uint64_t occupancy() const { return (kt - 1) * step + last_step; }
};

constexpr bool is_empty(const models::Mmad& mmad) {
  return mmad.m == 0 || mmad.n == 0 || mmad.k == 0;
}
MmadTiling tiling_of(const models::Mmad& mmad, const CubeConfig& cube);

// Granules (512 B of L0C: 8 rows x 16 columns) a tile writes into, those with a row < m.
struct TileGranules {
  std::uint32_t first, count;
  bool completes;  // it covers the last columns of its fractal column
};
TileGranules granules_of(const models::Mmad& mmad, const MmadTiling& tiling, const CubeConfig& cube,
                         std::uint32_t tile);

class Cube final : public CubeBlock {
 public:
  explicit Cube(const CubeContext& context);

  void connect(CubeEnvironment& environment) override { environment_ = &environment; }
  bool ready(Cycle now) override;
  void start(const models::Mmad& mmad, std::uint32_t instruction, Cycle now) override;
  void step(Cycle now) override;
  Stall stall(Cycle now) override;
  bool reads_l0c(Cycle now) override;
  void settle(std::uint32_t first, std::uint32_t count, Cycle now) override;
  std::optional<Cycle> next_event(Cycle now) override;

 private:
  struct Job {
    const models::Mmad* mmad = nullptr;
    std::uint32_t instruction = 0;
    MmadTiling tiling;
    Cycle first_slot;      // put off by every frozen cycle
    Cycle end;             // valid once it has left the sequencer
    bool checks = false, toggles = false, accumulates = false;
    std::uint32_t raised = 0;  // tiles of the last step that have reached the last stage
  };
  struct Rise {
    Cycle at;
    std::uint32_t tile;
  };
  // The tile of a slot, if it has one.
  struct Issue {
    std::uint32_t step, tile;
  };

  std::optional<Issue> issue_at(const Job& job, Cycle now) const;
  bool reads(const Job& job, const Issue& issue) const { return job.accumulates || issue.step > 0; }
  bool flag_up(const Job& job, std::uint32_t tile, Cycle now);
  std::uint32_t first_flagged(const Job& job, std::uint32_t tile, Cycle now);
  void sequence(Cycle now);
  void raise(Cycle now);
  void retire(Cycle now);
  Cycle next_rise_issue(const Job& job, Cycle now) const;
  void tell_issue(const Job& job, const Issue& issue, Cycle now);

  // Values.
  models::MmadArgs args_of(const models::Mmad& mmad) const;
  std::span<std::uint8_t> result_of(const models::Mmad& mmad);
  bool fractal_done(const Job& job, std::uint32_t row, std::uint32_t column) const;
  void compute(Job& job, std::uint32_t row, std::uint32_t column);
  void compute_rest(Job& job);

  const CubeConfig config_;
  models::CoreState* const state_;
  CubeEnvironment* environment_ = nullptr;

  Ring<Job> jobs_;           // started, not retired; the last is in the sequencer if sequencing_
  bool sequencing_ = false;
  std::uint32_t flagged_ = 0;  // the next first-step tile that may meet a flag; `tiles` if none
  Stall stall_ = Stall::none;
  Cycle stalled_;            // the cycle it was last accounted for
  std::optional<std::uint32_t> empty_;  // an mmad without tiles, started in this cycle
  Ring<Rise> rises_{32};
  CubeBeats beats_;

  models::Cube values_;
  bool packed_ = false;             // values_ holds the oldest job
  std::vector<bool> settled_;       // its fractals, if packed
};

std::unique_ptr<CubeBlock> make_cube(const CubeContext& context);

}  // namespace vitruvian::systemc
