// SPDX-License-Identifier: Apache-2.0
#include "tests/tb/race_oracle.h"

#include <fmt/format.h>

#include <algorithm>

#include "models/program/encoding.h"
#include "models/program/footprint.h"

namespace vitruvian::tb {

using models::Pipe;
using models::UnitFlag;

RaceOracle::RaceOracle(const models::Program& program, const ChipConfig& chip)
    : program_{program}, chip_{chip} {
  for (std::size_t i = 0; i < program.instructions.size(); ++i) {
    const models::Instruction& instruction = program.instructions[i];
    const Pipe queue = models::pipe_of(instruction);
    past_.push_back(known_[queue]);
    std::visit([&](const auto& typed) { visit(i, typed); }, instruction);
    queued_[queue].push_back(i);
  }
  for (const auto& [key, event] : events_) {
    if (event.up) faults_.push_back("an event is left up");
  }
  for (const auto& [granule, state] : granules_) {
    if (state.raised_by != none) faults_.push_back(fmt::format("unit flag {} is left up", granule));
  }
}

RaceOracle::Past RaceOracle::all_of(Pipe queue) const {
  Past past;
  if (const auto known = known_.find(queue); known != known_.end()) past = known->second;
  if (const auto queued = queued_.find(queue); queued != queued_.end()) {
    for (const std::size_t i : queued->second) {
      past.insert(i);
      past.insert(past_[i].begin(), past_[i].end());
    }
  }
  return past;
}

void RaceOracle::visit(std::size_t i, const models::SetFlag& set) {
  Event& event = events_[{set.from, set.to, set.id}];
  if (event.up) fault(i, "raises an event that is up");
  if (event.waited != none && !ended(event.waited, i) && !all_of(set.from).contains(event.waited)) {
    fault(i, "may raise an event before it was waited for");
  }
  event = {.up = true, .past = all_of(set.from)};
}

void RaceOracle::visit(std::size_t i, const models::WaitFlag& wait) {
  Event& event = events_[{wait.from, wait.to, wait.id}];
  if (!event.up) fault(i, "waits for an event that nothing before it raises");
  event.up = false;
  event.waited = i;
  known_[wait.to].insert(event.past.begin(), event.past.end());
}

void RaceOracle::visit(std::size_t, const models::PipeBarrier& barrier) {
  if (barrier.on != Pipe::ALL) {
    known_[barrier.on] = all_of(barrier.on);
    return;
  }
  Past everything;
  for (const auto& [queue, list] : queued_) everything.merge(all_of(queue));
  for (const Pipe queue : {Pipe::M, Pipe::FIX}) known_[queue] = everything;
}

void RaceOracle::visit(std::size_t i, const models::Mmad& mmad) {
  const bool unit = mmad.unit_flag != UnitFlag::off;
  for (const std::uint32_t g : granules(i)) {
    Granule& state = granules_[g];
    if (state.raised_by != none) fault(i, fmt::format("writes granule {} whose unit flag is up", g));
    const bool by_flag = unit && state.cleared_by != none;
    for (const std::size_t reader : state.readers) {
      if (!ended(reader, i) && !by_flag) fault(i, fmt::format("writes granule {} while {} reads it", g, reader));
    }
    const std::size_t writer = state.writer;
    if (writer != none && !ended(writer, i) && !by_flag && state.readers.empty() &&
        !close_chain(writer, mmad)) {
      fault(i, fmt::format("writes granule {} while {} writes it", g, writer));
    }
    state = Granule{};
    state.writer = i;
    if (mmad.unit_flag == UnitFlag::toggle) state.raised_by = i;
  }
}

void RaceOracle::visit(std::size_t i, const models::Fixpipe& fixpipe) {
  const bool unit = fixpipe.unit_flag != UnitFlag::off;
  for (const std::uint32_t g : granules(i)) {
    Granule& state = granules_[g];
    if (unit && state.raised_by == none) fault(i, fmt::format("waits for unit flag {}, which is down", g));
    if (state.writer != none && !ended(state.writer, i) && !(unit && state.raised_by == state.writer)) {
      fault(i, fmt::format("reads granule {} while {} writes it", g, state.writer));
    }
    if (fixpipe.unit_flag == UnitFlag::toggle) {
      // Readers before it must be done when it clears the flag, for the next mmad waits for it alone.
      // Those with unit flags are: they take a fractal when they read it, in order.
      for (const std::size_t reader : state.readers) {
        const auto& before = std::get<models::Fixpipe>(program_.instructions[reader]);
        if (before.unit_flag == UnitFlag::off && !ended(reader, i)) fault(i, fmt::format("clears unit flag {} while {} reads", g, reader));
      }
      state.raised_by = none;
      state.cleared_by = i;
    } else {
      state.cleared_by = none;
    }
    state.readers.push_back(i);
  }
  check_gm(i);
}

bool RaceOracle::close_chain(std::size_t earlier, const models::Mmad& b) const {
  const auto& a = std::get<models::Mmad>(program_.instructions[earlier]);
  const auto tiles = ceil_div(a.m, chip_.cube.m) * ceil_div(a.n, chip_.cube.n);
  return a.c == b.c && a.m == b.m && a.n == b.n && a.order == b.order && tiles >= 10;
}

std::set<std::uint32_t> RaceOracle::granules(std::size_t i) const {
  std::set<std::uint32_t> out;
  for (const models::Extent& e : models::footprint(program_.instructions[i])) {
    if (e.space != Space::L0C) continue;
    for (std::uint64_t n = 0; n < e.count; ++n) {
      const std::uint64_t start = e.start + n * e.stride;
      for (std::uint64_t g = start / 512; g <= (start + e.size - 1) / 512; ++g) {
        out.insert(static_cast<std::uint32_t>(g));
      }
    }
  }
  return out;
}

void RaceOracle::check_gm(std::size_t i) {
  std::uint64_t first = ~0ull, end = 0;
  for (const models::Extent& e : models::footprint(program_.instructions[i])) {
    if (e.space != Space::GM) continue;
    first = std::min(first, e.start);
    end = std::max(end, e.end());
  }
  const auto next = gm_.lower_bound(first);
  if ((next != gm_.end() && next->first < end) ||
      (next != gm_.begin() && std::prev(next)->second > first)) {
    fault(i, "writes GM another fixpipe writes");
  }
  gm_[first] = end;
}

void RaceOracle::fault(std::size_t i, const std::string& what) {
  faults_.push_back(fmt::format("instruction {}: {}", i, what));
}

}  // namespace vitruvian::tb
