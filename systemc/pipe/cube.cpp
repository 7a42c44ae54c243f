// SPDX-License-Identifier: Apache-2.0
#include "systemc/pipe/cube.h"

#include <algorithm>

#include "models/arch/error.h"
#include "systemc/observe/trace.h"

namespace vitruvian::systemc {
namespace {

constexpr std::uint32_t granule_rows = 8, fractal_side = 16, granule_bytes = 512;

models::CubeShape shape_of(const CubeConfig& cube) {
  return {static_cast<int>(cube.m), static_cast<int>(cube.k), static_cast<int>(cube.n)};
}

std::uint32_t blocks(std::uint64_t size, std::uint64_t block) {
  return static_cast<std::uint32_t>(ceil_div(size, block));
}

}  // namespace

MmadTiling tiling_of(const models::Mmad& mmad, const CubeConfig& cube) {
  MmadTiling t;
  t.mt = blocks(mmad.m, cube.m);
  t.nt = blocks(mmad.n, cube.n);
  t.kt = blocks(mmad.k, models::tile_depth(mmad.dtype, shape_of(cube)));
  t.tiles = t.mt * t.nt;
  t.cost = mmad.dtype == DataType::f32 && mmad.hf32 == models::Hf32::off ? 2 : 1;
  t.last_step = std::max<std::uint64_t>(t.cost * t.tiles, t.mt + cube.turnaround.value());
  t.step = std::max(t.last_step, cube.revisit.value());
  return t;
}

TileGranules granules_of(const models::Mmad& mmad, const MmadTiling& tiling, const CubeConfig& cube,
                         std::uint32_t tile) {
  const bool m_first = mmad.order == models::Order::m_first;
  const std::uint32_t i = m_first ? tile % tiling.mt : tile / tiling.nt;
  const std::uint32_t j = m_first ? tile / tiling.mt : tile % tiling.nt;
  const std::uint32_t row_end = std::min<std::uint32_t>(mmad.m, (i + 1) * cube.m);
  const std::uint32_t column_end = std::min<std::uint32_t>(mmad.n, (j + 1) * cube.n);
  const std::uint32_t column = j * cube.n / fractal_side;
  const std::uint32_t top = i * cube.m / granule_rows;
  const std::uint32_t a_column = blocks(mmad.m, fractal_side) * 2;  // granules
  return {static_cast<std::uint32_t>(mmad.c.value() / granule_bytes) + column * a_column + top,
          blocks(row_end, granule_rows) - top,
          column_end == std::min<std::uint32_t>(mmad.n, (column + 1) * fractal_side)};
}

Cube::Cube(const CubeContext& context)
    : config_{context.chip.cube}, state_{context.state},
      beats_{context.chip.cube, context.numerics, context.observer, context.state},
      values_{context.numerics, shape_of(context.chip.cube)} {
  ensure(config_.m % granule_rows == 0 && fractal_side % config_.n == 0,
         "a tile has whole granules of rows and lies in one fractal column");
}

std::unique_ptr<CubeBlock> make_cube(const CubeContext& context) {
  return std::make_unique<Cube>(context);
}

bool Cube::ready(Cycle now) {
  if (empty_) return false;
  if (!sequencing_) return true;
  const Job& job = jobs_.back();
  return stall_ != Stall::unit_flag && now >= job.first_slot + Cycles{job.tiling.occupancy()};
}

void Cube::start(const models::Mmad& mmad, std::uint32_t instruction, Cycle now) {
  if (sequencing_) sequence(now);  // the one before has had its last slot
  if (is_empty(mmad)) {
    empty_ = instruction;
    return;
  }
  Job job;
  job.mmad = &mmad;
  job.instruction = instruction;
  job.tiling = tiling_of(mmad, config_);
  job.first_slot = now + config_.decode;
  job.checks = mmad.unit_flag != models::UnitFlag::off;
  job.toggles = mmad.unit_flag == models::UnitFlag::toggle;
  job.accumulates = mmad.init == models::Init::accumulate;
  jobs_.push(job);
  sequencing_ = true;
  flagged_ = job.checks ? first_flagged(job, 0, now) : job.tiling.tiles;
}

void Cube::step(Cycle now) {
  if (sequencing_) sequence(now);
  raise(now);
  retire(now);
}

Stall Cube::stall(Cycle now) {
  return stall_ == Stall::bank && stalled_ != now ? Stall::none : stall_;
}

std::optional<Cube::Issue> Cube::issue_at(const Job& job, Cycle now) const {
  if (now < job.first_slot) return std::nullopt;
  const MmadTiling& t = job.tiling;
  const std::uint64_t slot = (now - job.first_slot).value();
  const std::uint64_t step = std::min<std::uint64_t>(slot / t.step, t.kt - 1);
  const std::uint64_t place = slot - step * t.step;
  if (place % t.cost != 0 || place >= t.cost * t.tiles) return std::nullopt;
  return Issue{static_cast<std::uint32_t>(step), static_cast<std::uint32_t>(place / t.cost)};
}

bool Cube::flag_up(const Job& job, std::uint32_t tile, Cycle now) {
  const TileGranules g = granules_of(*job.mmad, job.tiling, config_, tile);
  return environment_->unit_flag_up(g.first, g.count, now);
}

// The first tile from `tile` on that would have to wait for a flag now. Flags only fall while an
// mmad is in its first step, so tiles before it need no look.
std::uint32_t Cube::first_flagged(const Job& job, std::uint32_t tile, Cycle now) {
  const std::uint32_t column = blocks(job.mmad->m, fractal_side) * 2;
  const std::uint32_t region = column * blocks(job.mmad->n, fractal_side);
  const auto first = static_cast<std::uint32_t>(job.mmad->c.value() / granule_bytes);
  if (!environment_->unit_flag_up(first, region, now)) return job.tiling.tiles;
  while (tile < job.tiling.tiles && !flag_up(job, tile, now)) ++tile;
  return tile;
}

// What the sequencer does in cycle `now`.
void Cube::sequence(Cycle now) {
  Job& job = jobs_.back();
  if (stall_ == Stall::unit_flag) {
    job.first_slot = job.first_slot + (now - stalled_);
    stalled_ = now;
  }
  stall_ = Stall::none;
  if (now >= job.first_slot + Cycles{job.tiling.occupancy()}) {
    sequencing_ = false;
    job.end = job.first_slot + Cycles{job.tiling.occupancy() - 1} + config_.depth;
    return;
  }
  const std::optional<Issue> issue = issue_at(job, now);
  if (!issue) return;
  if (issue->step == 0 && issue->tile == flagged_) {
    if (flag_up(job, flagged_, now)) {
      stall_ = Stall::unit_flag;
      stalled_ = now;
      return;
    }
  }
  if (reads(job, *issue) && environment_->fix_takes_l0c(now)) {
    stall_ = Stall::bank;
    stalled_ = now;
    job.first_slot = after(job.first_slot);
    return;
  }
  if (issue->step == 0 && issue->tile == flagged_) {
    flagged_ = first_flagged(job, flagged_ + 1, now);
  }
  if (beats_.observed()) tell_issue(job, *issue, now);
  if (job.toggles && issue->step == job.tiling.kt - 1) {
    const Cycle last_slot = now + Cycles{job.tiling.cost - 1};
    rises_.push({last_slot + config_.depth, issue->tile});
  }
}

void Cube::tell_issue(const Job& job, const Issue& issue, Cycle now) {
  const MmadTiling& t = job.tiling;
  const bool m_first = job.mmad->order == models::Order::m_first;
  const std::uint32_t i = m_first ? issue.tile % t.mt : issue.tile / t.nt;
  const std::uint32_t j = m_first ? issue.tile / t.mt : issue.tile % t.nt;
  beats_.issued(*job.mmad, {i, j, issue.step}, t.cost, issue.step == t.kt - 1, now);
}

// Tiles of the oldest job that have reached the last stage. Only it can have any: an mmad's last
// tiles are written before those of the next.
void Cube::raise(Cycle now) {
  while (!rises_.empty() && rises_.front().at <= now) {
    Job& job = jobs_.front();
    const TileGranules g = granules_of(*job.mmad, job.tiling, config_, rises_.front().tile);
    if (g.completes) environment_->raise_unit_flags(g.first, g.count, now);
    ++job.raised;
    rises_.pop();
  }
}

void Cube::retire(Cycle now) {
  while (jobs_.size() > (sequencing_ ? 1u : 0u) && jobs_.front().end <= now) {
    Job& job = jobs_.front();
    if (state_) compute_rest(job);
    if (beats_.observed()) beats_.retired(*job.mmad);
    environment_->retired(job.instruction, job.end);
    jobs_.pop();
  }
  if (empty_) {
    const std::uint32_t instruction = *empty_;
    empty_.reset();
    environment_->retired(instruction, now);
  }
}

bool Cube::reads_l0c(Cycle now) {
  if (!sequencing_ || stall(now) != Stall::none) return false;
  const std::optional<Issue> issue = issue_at(jobs_.back(), now);
  return issue && reads(jobs_.back(), *issue);
}

// The next slot after `now` whose tile will raise flags.
Cycle Cube::next_rise_issue(const Job& job, Cycle now) const {
  const MmadTiling& t = job.tiling;
  const Cycle last_step = job.first_slot + Cycles{(t.kt - 1) * t.step};
  if (now < last_step) return last_step;
  const std::uint64_t tile = (now - last_step).value() / t.cost + 1;
  return tile < t.tiles ? last_step + Cycles{tile * t.cost} : never;
}

std::optional<Cycle> Cube::next_event(Cycle now) {
  Cycle next = never;
  if (!rises_.empty()) next = std::min(next, rises_.front().at);
  if (jobs_.size() > (sequencing_ ? 1u : 0u)) next = std::min(next, jobs_.front().end);
  if (sequencing_ && stall_ == Stall::bank && stalled_ == now) {
    next = std::min(next, after(now));
  } else if (sequencing_ && stall_ != Stall::unit_flag) {
    const Job& job = jobs_.back();
    next = std::min(next, job.first_slot + Cycles{job.tiling.occupancy()});
    if (flagged_ < job.tiling.tiles) {
      next =
          std::min(next, std::max(after(now), job.first_slot + Cycles{flagged_ * job.tiling.cost}));
    }
    if (job.toggles) next = std::min(next, next_rise_issue(job, now));
    if (beats_.observed()) next = std::min(next, after(now));  // every tile is told
  }
  if (next == never) return std::nullopt;
  return next;
}

models::MmadArgs Cube::args_of(const models::Mmad& mmad) const {
  const auto from = [](const models::Buffer& buffer, std::uint64_t start) {
    return buffer.bytes().subspan(start);
  };
  models::MmadArgs args = models::args_of(mmad);
  args.a = from(state_->l0a, mmad.a.value());
  args.b = from(state_->l0b, mmad.b.value());
  args.bias = from(state_->bt, mmad.bias.value());
  return args;
}

std::span<std::uint8_t> Cube::result_of(const models::Mmad& mmad) {
  return state_->l0c.bytes().subspan(mmad.c.value());
}

// Have all tiles of the fractal reached the last stage? Later tiles have higher numbers.
bool Cube::fractal_done(const Job& job, std::uint32_t row, std::uint32_t column) const {
  const MmadTiling& t = job.tiling;
  const std::uint32_t i = std::min(t.mt - 1, (row * fractal_side + fractal_side - 1) / config_.m);
  const std::uint32_t j =
      std::min(t.nt - 1, (column * fractal_side + fractal_side - 1) / config_.n);
  const bool m_first = job.mmad->order == models::Order::m_first;
  return (m_first ? j * t.mt + i : i * t.nt + j) < job.raised;
}

void Cube::compute(Job& job, std::uint32_t row, std::uint32_t column) {
  if (!packed_) {
    values_.start(args_of(*job.mmad));
    settled_.assign(values_.row_fractals() * values_.column_fractals(), false);
    packed_ = true;
  }
  const std::uint32_t fractal = column * values_.row_fractals() + row;
  if (settled_[fractal]) return;
  settled_[fractal] = true;
  const int i = static_cast<int>(row), j = static_cast<int>(column);
  values_.compute_fractals({i, i + 1, j, j + 1}, result_of(*job.mmad));
}

void Cube::compute_rest(Job& job) {
  if (!packed_) return values_.mmad(args_of(*job.mmad), result_of(*job.mmad));
  for (int column = 0; column < values_.column_fractals(); ++column) {
    for (int row = 0; row < values_.row_fractals(); ++row) compute(job, row, column);
  }
  packed_ = false;
}

void Cube::settle(std::uint32_t first, std::uint32_t count, Cycle) {
  if (!state_ || jobs_.empty()) return;
  Job& job = jobs_.front();
  if (job.raised == 0) return;
  const auto base = static_cast<std::uint32_t>(job.mmad->c.value() / 1024);
  const std::uint32_t rows = blocks(job.mmad->m, fractal_side);
  const std::uint32_t columns = blocks(job.mmad->n, fractal_side);
  for (std::uint32_t f = first; f < first + count; ++f) {
    if (f < base || f - base >= rows * columns) continue;
    const std::uint32_t row = (f - base) % rows, column = (f - base) / rows;
    if (fractal_done(job, row, column)) compute(job, row, column);
  }
}

}  // namespace vitruvian::systemc
