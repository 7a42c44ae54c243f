// SPDX-License-Identifier: Apache-2.0
#include "tb/check/unit_flags.h"

#include <algorithm>
#include <type_traits>

#include "models/pipe/cube_dot.h"

namespace vitruvian::tb {

using models::Instruction;
using models::Mmad;
using models::Pipe;
using models::UnitFlag;

namespace {

constexpr std::uint32_t side = 16;         // rows and columns of a fractal
constexpr std::uint32_t granule_rows = 8;  // a granule is half a fractal of words

std::uint32_t blocks(std::uint64_t count, std::uint64_t size) {
  return static_cast<std::uint32_t>(ceil_div(count, size));
}

std::vector<GranuleRun> walk(const Mmad& i, const ChipConfig& chip) {
  std::vector<GranuleRun> found;
  if (i.m == 0 || i.n == 0 || i.k == 0) return found;
  const std::uint32_t mt = blocks(i.m, chip.cube.m), nt = blocks(i.n, chip.cube.n);
  const std::uint32_t column_granules = blocks(i.m, side) * 2;
  const auto c = static_cast<std::uint32_t>(i.c.value() / granule_bytes);
  for (std::uint32_t t = 0; t < mt * nt; ++t) {
    const bool m_first = i.order == models::Order::m_first;
    const std::uint32_t row = (m_first ? t % mt : t / nt) * chip.cube.m;
    const std::uint32_t column = (m_first ? t / mt : t % nt) * chip.cube.n;
    const std::uint32_t rows = std::min<std::uint32_t>(chip.cube.m, i.m - row);
    const std::uint32_t columns_end = std::min<std::uint32_t>(column + chip.cube.n, i.n);
    const std::uint32_t first_row = row / granule_rows;
    found.push_back({c + column / side * column_granules + first_row,
                     blocks(row + rows, granule_rows) - first_row,
                     columns_end % side == 0 || columns_end == i.n});
  }
  return found;
}

bool is_8_bit(models::Quant quant) {
  using enum models::Quant;
  return quant == REQ8 || quant == VREQ8 || quant == QF322B8 || quant == VQF322B8;
}

struct Matrices {
  std::uint32_t count = 1, stride = 0;
  bool row_major = false;
};
Matrices matrices_of(const models::Fixpipe& i) {
  if (!i.nz2nd) return {};
  return {i.nd_num, i.src_nd_stride * 1024u, true};
}
Matrices matrices_of(const models::FixpipeL1&) { return {}; }

// Output row-major or in 8-bit columns: a row of fractals after the other; else column by column.
template <class Fix>
std::vector<GranuleRun> walk_fixpipe(const Fix& i) {
  std::vector<GranuleRun> found;
  const Matrices matrices = matrices_of(i);
  const std::uint32_t down = blocks(i.m, side), across = blocks(i.n, side);
  const bool columns_first = matrices.row_major || is_8_bit(i.quant);
  for (std::uint32_t matrix = 0; matrix < matrices.count; ++matrix) {
    for (std::uint32_t f = 0; f < down * across; ++f) {
      const std::uint32_t row = columns_first ? f / across : f % down;
      const std::uint32_t column = columns_first ? f % across : f / down;
      const std::uint64_t at = i.src.value() + std::uint64_t{matrix} * matrices.stride +
                               (std::uint64_t{column} * i.src_stride + row * side) * 64;
      const std::uint32_t rows = std::min<std::uint32_t>(side, i.m - row * side);
      found.push_back({static_cast<std::uint32_t>(at / granule_bytes), blocks(rows, granule_rows)});
    }
  }
  return found;
}
std::vector<GranuleRun> walk(const models::Fixpipe& i, const ChipConfig&) {
  return walk_fixpipe(i);
}
std::vector<GranuleRun> walk(const models::FixpipeL1& i, const ChipConfig&) {
  return walk_fixpipe(i);
}

}  // namespace

models::UnitFlag unit_flag_of(const Instruction& instruction) {
  return std::visit(
      [](const auto& i) {
        if constexpr (requires { i.unit_flag; }) {
          return i.unit_flag;
        } else {
          return UnitFlag::off;
        }
      },
      instruction);
}

std::vector<GranuleRun> unit_flag_walk(const Instruction& instruction, const ChipConfig& chip) {
  if (unit_flag_of(instruction) == UnitFlag::off) return {};
  return std::visit(
      [&](const auto& i) -> std::vector<GranuleRun> {
        if constexpr (requires { i.unit_flag; }) {
          return walk(i, chip);
        } else {
          return {};
        }
      },
      instruction);
}

bool has_one_step(const Mmad& mmad, const ChipConfig& chip) {
  const models::CubeShape shape{static_cast<int>(chip.cube.m), static_cast<int>(chip.cube.k),
                                static_cast<int>(chip.cube.n)};
  return mmad.k <= models::tile_depth(mmad.dtype, shape);
}

bool UnitFlagStates::any_up(const GranuleRun& run) const {
  const auto from = granules_.begin() + run.first;
  return std::any_of(from, from + run.count, [](const Granule& g) { return g.up; });
}

bool UnitFlagStates::all_up(const GranuleRun& run) const {
  const auto from = granules_.begin() + run.first;
  return std::all_of(from, from + run.count, [](const Granule& g) { return g.up; });
}

void UnitFlagStates::learn(const GranuleRun& run, Known& learnt) const {
  for (std::uint32_t n = 0; n < run.count; ++n) {
    const std::uint32_t note = granules_.at(run.first + n).note;
    if (n == 0 || note != granules_[run.first + n - 1].note) learnt.learn(notes_[note]);
  }
}

void UnitFlagStates::mmad_checks(const GranuleRun& run, Known& learnt) {
  learn(run, learnt);
  for (std::uint32_t n = 0; n < run.count; ++n) {
    Granule& g = granules_[run.first + n];
    g.m_knows_fix = g.cleared;
    g.m_knows_m = g.m_of_cleared;
  }
}

void UnitFlagStates::fixpipe_checks(const GranuleRun& run, Known& learnt) {
  learn(run, learnt);
  for (std::uint32_t n = 0; n < run.count; ++n) {
    Granule& g = granules_[run.first + n];
    g.fix_knows_m = g.raised;
  }
}

// All that one instruction turns shares a note: what it knew at its first.
std::uint32_t UnitFlagStates::note(const By& by) {
  if (noted_ != by.number) {
    noted_ = by.number;
    notes_.push_back(by.known);
  }
  return static_cast<std::uint32_t>(notes_.size() - 1);
}

void UnitFlagStates::raise(const GranuleRun& run, const By& by) {
  const std::uint32_t known = note(by);
  for (std::uint32_t n = 0; n < run.count; ++n) {
    Granule& g = granules_.at(run.first + n);
    g.up = true;
    g.raised = by.place + 1;
    g.raised_by = by.number;
    g.note = known;
  }
}

void UnitFlagStates::clear(const GranuleRun& run, const By& by) {
  const std::uint32_t known = note(by);
  for (std::uint32_t n = 0; n < run.count; ++n) {
    Granule& g = granules_.at(run.first + n);
    g.up = false;
    g.cleared = by.place + 1;
    g.m_of_cleared = g.fix_knows_m;
    g.note = known;
  }
}

bool UnitFlagStates::orders(Pipe later, Pipe earlier, std::uint32_t place,
                            std::uint64_t granule) const {
  const Granule& g = granules_.at(granule);
  if (later == Pipe::FIX) return earlier == Pipe::M && g.fix_knows_m > place;
  if (later != Pipe::M) return false;
  return (earlier == Pipe::FIX && g.m_knows_fix > place) ||
         (earlier == Pipe::M && g.m_knows_m > place);
}

std::vector<UnitFlagStates::Up> UnitFlagStates::left_up() const {
  std::vector<Up> found;
  for (std::size_t g = 0; g < granules_.size(); ++g) {
    if (granules_[g].up) found.push_back({g, granules_[g].raised_by});
  }
  return found;
}

}  // namespace vitruvian::tb
