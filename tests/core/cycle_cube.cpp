// SPDX-License-Identifier: Apache-2.0
//
// M of the cycle-stepped model: every slot, tile and element by itself.
#include <algorithm>

#include "tests/core/cycle_units.h"

namespace vitruvian::tests {

using namespace models;

namespace {

u64 tiles_along(u64 size, u64 tile) {
  u64 n = 0;
  for (u64 at = 0; at < size; at += tile) ++n;
  return n;
}

bool takes_two_slots(const Mmad& mmad) {
  return mmad.dtype == DataType::f32 && mmad.hf32 == Hf32::off;
}

u64 depth_of(const Mmad& mmad, u64 k0) {
  switch (mmad.dtype) {
    case DataType::f32: return k0 / 2;
    case DataType::s8: return k0 * 2;
    case DataType::s4: return k0 * 4;
    default: return k0;
  }
}

u64 granule_of(const Mmad& mmad, u64 row, u64 col) {
  const u64 fractal_rows = (mmad.m + 15) / 16;
  const u64 byte = mmad.c.value() + ((col / 16) * fractal_rows + row / 16) * 1024 + (row % 16) * 64;
  return byte / 512;
}

}  // namespace

std::optional<State> CycleCube::try_start(u64 i, const Instruction& work, u64 c) {
  if (sequencer_ || c < free_) return State::busy;
  const Mmad& mmad = std::get<Mmad>(work);
  note_start(i);
  if (mmad.m == 0 || mmad.n == 0 || mmad.k == 0) {
    end(i, c);
    free_ = c + 1;
    return std::nullopt;
  }
  Sequencer s;
  s.instruction = i;
  s.mmad = &mmad;
  s.mt = tiles_along(mmad.m, chip_.cube.m);
  s.nt = tiles_along(mmad.n, chip_.cube.n);
  s.kt = tiles_along(mmad.k, depth_of(mmad, chip_.cube.k));
  s.cost = takes_two_slots(mmad) ? 2 : 1;
  for (u64 row = 0; row < mmad.m; ++row) {
    for (u64 col = 0; col < mmad.n; ++col) ++s.missing[granule_of(mmad, row, col)];
  }
  sequencer_ = s;
  return std::nullopt;
}

u64 CycleCube::slots_of_step(const Sequencer& s) const {
  u64 slots = std::max(s.cost * s.mt * s.nt, s.mt + 1);
  if (s.step + 1 < s.kt) slots = std::max(slots, chip_.cube.revisit.value());
  return slots;
}

// Elements of each granule a tile writes.
std::map<u64, u64> CycleCube::elements_of_tile(const Sequencer& s, u64 tile) const {
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

void CycleCube::finish(u64 c) {
  stall_.reset();
  l0c_.m_reads = false;
  if (sequencer_) sequence(c);
  while (!pipeline_.empty() && pipeline_.front().due == c) {
    for (const u64 g : pipeline_.front().raises) {
      l0c_.up[g] = true;
      l0c_.raised_at[g] = c;
    }
    moved_ = moved_ || !pipeline_.front().raises.empty();
    pipeline_.pop_front();
  }
}

void CycleCube::sequence(u64 c) {
  Sequencer& s = *sequencer_;
  if (s.v < chip_.cube.decode.value()) {
    ++s.v;
    return;
  }
  const bool has_tile = s.slot % s.cost == 0 && s.slot / s.cost < s.mt * s.nt;
  if (has_tile && !issue(s, c)) return;
  moved_ = true;
  if (++s.slot < slots_of_step(s)) return;
  s.slot = 0;
  if (++s.step < s.kt) return;
  end(s.instruction, c + chip_.cube.depth.value());
  sequencer_.reset();
  free_ = c + 1;
}

// May the tile go? If so it goes.
bool CycleCube::issue(Sequencer& s, u64 c) {
  const auto elements = elements_of_tile(s, s.slot / s.cost);
  if (s.mmad->unit_flag != UnitFlag::off && s.step == 0) {
    for (const auto& [g, n] : elements) {
      if (l0c_.claimed_by[g] == unknown || l0c_.claimed_by[g] == s.instruction) continue;
      stall_ = State::unit_flag;
      stalled_by_unit_flag += !std::exchange(s.counted_flag, true);
      return false;
    }
  }
  const bool reads = s.step > 0 || s.mmad->init == Init::accumulate;
  if (reads && l0c_.fix_first && l0c_.fix_can_ask) {
    stall_ = State::bank;
    stalled_by_bank += !std::exchange(s.counted_bank, true);
    moved_ = true;
    return false;
  }
  l0c_.m_reads = reads;
  Tile tile{c + s.cost - 1 + chip_.cube.depth.value(), {}};
  if (s.step + 1 == s.kt && s.mmad->unit_flag == UnitFlag::toggle) {
    for (const auto& [g, n] : elements) {
      if ((s.missing[g] -= n) > 0) continue;
      tile.raises.push_back(g);
      l0c_.claimed_by[g] = s.instruction;
    }
  }
  pipeline_.push_back(tile);
  return true;
}

}  // namespace vitruvian::tests
