// SPDX-License-Identifier: Apache-2.0
#include "tests/tb/tile_cube.h"

#include <algorithm>
#include <cstring>

#include "systemc/pipe/cube.h"

namespace vitruvian::tb {

using systemc::Stall;

// Passes on what the inner block tells, as the fault wants it.
class TileCube::Outside final : public systemc::CubeEnvironment {
 public:
  explicit Outside(TileFault fault) : fault_{fault} {}

  bool unit_flag_up(std::uint32_t first, std::uint32_t count, Cycle now) override {
    return environment->unit_flag_up(first, count, now);
  }
  void raise_unit_flags(std::uint32_t first, std::uint32_t count, Cycle now) override {
    if (fault_ == TileFault::lost_flag || fault_ == TileFault::early_flag) return;
    environment->raise_unit_flags(first, count, now);
  }
  bool fix_takes_l0c(Cycle now) override { return environment->fix_takes_l0c(now); }
  void retired(std::uint32_t instruction, Cycle end) override {
    if (fault_ == TileFault::no_end) return;
    if (fault_ == TileFault::late_end) {
      late.push_back({instruction, end + Cycles{1}});
    } else {
      environment->retired(instruction, end);
    }
  }

  systemc::CubeEnvironment* environment = nullptr;
  std::vector<std::pair<std::uint32_t, Cycle>> late;

 private:
  TileFault fault_;
};

TileCube::TileCube(const systemc::CubeContext& context, TileFault fault)
    : chip_{context.chip}, numerics_{context.numerics}, state_{*context.state}, fault_{fault},
      outside_{std::make_unique<Outside>(fault)} {
  if (fault == TileFault::step_length) chip_.cube.revisit = Cycles{9};
  inner_ = systemc::make_cube({chip_, numerics_, nullptr});
  inner_->connect(*outside_);
}

TileCube::~TileCube() = default;

void TileCube::connect(systemc::CubeEnvironment& environment) { outside_->environment = &environment; }

void TileCube::start(const models::Mmad& mmad, std::uint32_t instruction, Cycle now) {
  inner_->start(mmad, instruction, now);
  Job job{Operands{mmad, state_}, TileGrid{mmad, chip_.cube}, now + chip_.cube.decode};
  if (!job.grid.empty()) job_ = std::make_shared<Job>(std::move(job));
}

void TileCube::step(Cycle now) {
  auto& late = outside_->late;
  while (!late.empty() && late.front().second == now) {
    outside_->environment->retired(late.front().first, now);
    late.erase(late.begin());
  }
  for (; !due_.empty() && due_.front().cycle == now; due_.pop_front()) write(due_.front());
  if (fault_ == TileFault::early_flag) {
    for (const Due& due : due_) {
      if (due.cycle != now + Cycles{1} || due.tile.l + 1 != due.job->grid.kt) continue;
      const models::Mmad& mmad = due.job->operands.mmad();
      if (mmad.unit_flag != models::UnitFlag::toggle) continue;
      const auto tile = due.job->grid.n_first ? due.tile.i * due.job->grid.nt + due.tile.j
                                              : due.tile.j * due.job->grid.mt + due.tile.i;
      const auto g = systemc::granules_of(mmad, systemc::tiling_of(mmad, chip_.cube), chip_.cube, tile);
      if (g.completes) outside_->environment->raise_unit_flags(g.first, g.count, now);
    }
  }
  inner_->step(now);
  follow(now);
}

void TileCube::follow(Cycle now) {
  if (!job_ || now < job_->first_slot || inner_->stall(now) != Stall::none) return;
  const TileGrid& grid = job_->grid;
  const std::uint32_t tile = job_->slot / grid.cost;
  if (job_->slot % grid.cost == 0 && tile < grid.per_step()) {
    const Cycles written = Cycles{grid.cost - 1} + chip_.cube.depth;
    due_.push_back({now + written, job_, grid.at(tile, job_->step)});
  }
  if (++job_->slot < grid.step_slots(job_->step)) return;
  job_->slot = 0;
  if (++job_->step == grid.kt) job_.reset();
}

void TileCube::write(const Due& due) {
  const TileGrid& grid = due.job->grid;
  const Operands& operands = due.job->operands;
  std::vector<L0cWord> words;
  const bool spill = fault_ == TileFault::mask && grid.m % 16 != 0 && due.tile.i + 1 == grid.mt;
  for (std::uint32_t r = 0; r < grid.rows(due.tile) + spill; ++r) {
    for (std::uint32_t c = 0; c < grid.columns(due.tile); ++c) {
      const std::uint32_t row = due.tile.i * grid.m0 + r, column = due.tile.j * grid.n0 + c;
      std::uint32_t address = grid.address(row, column);
      std::uint32_t acc = 0;
      std::memcpy(&acc, state_.l0c.at(address, 4).data(), 4);
      if (due.tile.l == 0) acc = operands.start(column, acc);
      if (fault_ == TileFault::accumulator && due.tile.l == 1) acc = 0;
      const std::uint32_t k_row = std::min(row, grid.m - 1);
      std::uint32_t word = models::dot(numerics_, operands.mmad().dtype, operands.row_of_a(k_row, due.tile.l, grid),
                                       operands.column_of_b(column, due.tile.l, grid), acc);
      const bool here = row == grid.m - 1 && column == grid.n - 1;
      if (fault_ == TileFault::value && here && due.tile.l + 1 == grid.kt && !spoilt_) {
        word ^= 1;
        spoilt_ = true;
      }
      if (fault_ == TileFault::address && column >= 16) address += 1024;
      words.push_back({address, word});
    }
  }
  for (const L0cWord& w : words) {
    if (w.address + 4 <= chip_.l0c.value()) std::memcpy(state_.l0c.at(w.address, 4).data(), &w.bits, 4);
  }
  // The wrong word is shown, not stored: what follows is computed from the right one.
  if (fault_ == TileFault::transient && due.tile.l == 0 && grid.kt > 1) words.front().bits ^= 0x400000;
  if (observer_) observer_->wrote(due.cycle, words);
}

std::optional<Cycle> TileCube::next_event(Cycle now) {
  if (job_ || !due_.empty() || !outside_->late.empty()) return now + Cycles{1};
  return inner_->next_event(now);
}

}  // namespace vitruvian::tb
