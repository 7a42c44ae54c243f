// SPDX-License-Identifier: Apache-2.0
//
// FIX of the cycle-stepped model: what leaves counts the cycles GM's port holds nothing, all else
// also those in which no read is held.
#include <algorithm>

#include "tests/core/cycle_units.h"

namespace vitruvian::tests {

using namespace models;

// Output cycle i of a fractal comes 7 + i cycles after its read.
void CycleFix::begin(u64 c) {
  port_.step(c);
  moved_ = moved_ || port_.active();
  stall_.reset();
  l0c_.fix_can_ask = true;
  const u64 rows_a_cycle = chip_.fix.rate.value / 64;
  for (Fractal& fractal : lane_) {
    if (fractal.age < 7) continue;
    Work& work = works_[fractal.work];
    const u64 cycle = fractal.age - 7, first = cycle * rows_a_cycle;
    const bool ends = cycle + 1 == out_cycles();
    if (work.output->to_gm && (first < fractal.rows || ends)) {
      u64* asks = nullptr;
      if (ends) asks = fractal.last ? &work.acknowledged : &ignored_;
      const u64 rows = std::min(fractal.rows, first + rows_a_cycle) - std::min(fractal.rows, first);
      if (!port_.offer(c, rows * fractal.columns * work.output->element, asks)) {
        stall_ = State::memory;
        l0c_.fix_can_ask = false;
      }
    }
    if (!stall_ && ends && fractal.last) {
      work.last_cycle = c;
      if (!work.output->to_gm) work.done = c;
    }
    break;
  }
  if (stall_) return;
  if (!lane_.empty() && lane_.front().age == 7 + out_cycles() - 1) lane_.pop_front();
  for (Fractal& fractal : lane_) ++fractal.age;
}

// Why the fractal at hand may not be read in this cycle, if so.
std::optional<State> CycleFix::obstacle(const Work& work, const std::set<u64>& granules, u64 c) {
  if (work.output->checks) {
    for (const u64 g : granules) {
      if (!l0c_.up[g] || l0c_.raised_at[g] == c) return State::unit_flag;
    }
  }
  if (l0c_.m_reads) {  // M has had its turn in this cycle
    if (++l0c_.refused == chip_.fix.patience.value()) l0c_.fix_first = true;
    return State::bank;
  }
  l0c_.refused = 0;
  l0c_.fix_first = false;
  return std::nullopt;
}

void CycleFix::read(u64 c) {
  if (stall_) return;
  for (std::size_t w = front_; w < works_.size(); ++w) {
    Work& work = works_[w];
    const u64 pace = work.output ? 1 + out_cycles() : 1;
    if (work.next == work.beats || work.age < chip_.fix.latency.value() + work.next * pace) {
      continue;
    }
    if (!work.output) {
      if (++work.next == work.beats) work.last_cycle = work.done = c;
      continue;
    }
    const auto [d, column, row] = work.order[work.next];
    const Output& f = *work.output;
    const u64 source =
        f.src + d * f.src_nd_stride * 1024 + column * f.src_stride * 64 + row * 1024;
    std::set<u64> granules;
    for (u64 r = 0; r < 16 && row * 16 + r < f.m; ++r) granules.insert((source + r * 64) / 512);
    stall_ = obstacle(work, granules, c);
    if (stall_) break;
    if (f.toggles) {
      for (const u64 g : granules) {
        l0c_.up[g] = false;
        l0c_.claimed_by[g] = unknown;
      }
    }
    reads_.push_back(c);
    ++work.next;
    lane_.push_back({w, std::min<u64>(16, f.m - row * 16),
                     std::min<u64>(16, f.n - column * 16), work.next == work.beats, 1});
    moved_ = true;
    break;
  }
  while (front_ < works_.size() && works_[front_].next == works_[front_].beats) ++front_;
}

std::optional<State> CycleFix::try_start(u64 i, const Instruction& ins, u64 c) {
  if (since_start_ < needs_) return State::busy;
  if (flying(c) >= 16) return State::memory;
  if (stall_) return State::busy;
  note_start(i);
  Work work;
  work.instruction = i;
  u64 least = chip_.fix.setup.value(), tail = 0, length = 0;
  if (const auto* copy = std::get_if<CopyL1Fb>(&ins)) {
    for (u64 moved = 0; moved < copy->length * 64u; moved += chip_.fix.fb_rate.value) ++work.beats;
    least = 1, tail = chip_.fix.fb_tail.value(), length = work.beats;
  } else {
    work.output = output_of(ins);
    work.order = fractal_order(*work.output);
    work.beats = work.order.size();
    length = work.beats * (1 + out_cycles());
  }
  needs_ = std::max(least, length) + tail;
  since_start_ = 0;
  works_.push_back(work);
  return std::nullopt;
}

void CycleFix::finish(u64 c) {
  end_in_order(c);
  if (stall_) return;
  for (std::size_t w = front_; w < works_.size(); ++w) ++works_[w].age;
  ++since_start_;
}

// M5.
void CycleFix::end_in_order(u64 c) {
  if (to_end_ == works_.size()) return;
  Work& work = works_[to_end_];
  if (work.output && work.output->to_gm) work.done = work.acknowledged;
  if (work.done == unknown || work.done > c) return;
  end(work.instruction, c);
  ++to_end_;
}

}  // namespace vitruvian::tests
