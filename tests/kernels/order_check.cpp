// SPDX-License-Identifier: Apache-2.0
#include "tests/kernels/order_check.h"

#include <fmt/format.h>

#include <algorithm>

namespace vitruvian::tests {

using models::Instruction;
using models::Mmad;
using models::Pipe;
using models::UnitFlag;

namespace {

constexpr std::uint64_t granule_bytes = 512;
constexpr std::size_t most_faults = 100;

// Pieces a memory is looked at in; GM byte by byte, for tensors end anywhere.
std::uint64_t cell_bytes(Space space) {
  return space == Space::GM ? 1 : space == Space::BT ? 4 : 32;
}

bool waits_for_unit_flag(const Instruction& instruction) {
  const auto* mmad = std::get_if<Mmad>(&instruction);
  return mmad && mmad->unit_flag != UnitFlag::off;
}

}  // namespace

OrderCheck::OrderCheck(const models::Program& program, const ChipConfig& chip)
    : program_{program}, chip_{chip}, granules_(chip.l0c.value() / granule_bytes) {
  for (std::uint32_t i = 0; i < program.instructions.size(); ++i) {
    const Instruction& instruction = program.instructions[i];
    const int queue = static_cast<int>(models::pipe_of(instruction));
    now_ = {i, length_[queue], queue};
    std::visit([&](const auto& typed) { visit(typed); }, instruction);
    for (const models::Extent& extent : models::footprint(instruction)) touch(extent);
    std::visit([&](const auto& typed) { unit_flags(typed); }, instruction);
    ++length_[queue];
  }
  for (const auto& [key, event] : events_) {
    if (event.up) fault("an event is left up");
  }
  if (std::ranges::any_of(granules_, &Granule::up)) fault("a unit flag is left up");
}

void OrderCheck::fault(const std::string& what) {
  if (faults_.size() < most_faults) {
    faults_.push_back(fmt::format("instruction {}: {}", now_.number, what));
  }
}

bool OrderCheck::ended(const Access& earlier) const {
  return known_[now_.queue][earlier.queue] > earlier.place;
}

// ---------------------------------------------------------------- flags and barriers

void OrderCheck::visit(const models::SetFlag& set) {
  Event& event = events_[{set.from, set.to, set.id}];
  if (event.up) fault("raises an event that is up");
  if (event.waited.number != none && !ended(event.waited)) {
    fault("may raise an event not yet waited for");
  }
  event.up = true;
  event.known = known_[now_.queue];
  event.known[now_.queue] = now_.place + 1;
}

void OrderCheck::visit(const models::WaitFlag& wait) {
  Event& event = events_[{wait.from, wait.to, wait.id}];
  if (!event.up) fault("waits for an event nothing before it raises");
  event.up = false;
  event.waited = now_;
  for (int q = 0; q < queues; ++q) {
    known_[now_.queue][q] = std::max(known_[now_.queue][q], event.known[q]);
  }
}

void OrderCheck::visit(const models::PipeBarrier&) { known_[now_.queue][now_.queue] = now_.place; }

// ---------------------------------------------------------------- unit flags

std::vector<std::uint64_t> OrderCheck::granules() const {
  std::vector<std::uint64_t> found;
  for (const models::Extent& e : models::footprint(program_.instructions[now_.number])) {
    if (e.space != Space::L0C) continue;
    for (std::uint64_t i = 0; i < e.count; ++i) {
      const std::uint64_t start = e.start + i * e.stride;
      for (std::uint64_t g = start / granule_bytes; g * granule_bytes < start + e.size; ++g) {
        found.push_back(g);
      }
    }
  }
  std::ranges::sort(found);
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

void OrderCheck::unit_flags(const Mmad& mmad) {
  if (mmad.unit_flag == UnitFlag::off) return;
  for (const std::uint64_t g : granules()) {
    if (granules_[g].up) {
      fault(fmt::format("waits for granule {}, which nothing before it takes", g));
    }
    const bool raises = mmad.unit_flag == UnitFlag::toggle;
    granules_[g] = {raises, raises ? now_.number : none, none};
  }
}

void OrderCheck::unit_flags(const models::Fixpipe& fixpipe) {
  if (fixpipe.unit_flag == UnitFlag::off) return;
  for (const std::uint64_t g : granules()) {
    if (!granules_[g].up) {
      fault(fmt::format("waits for granule {}, which nothing before it raises", g));
    }
    if (fixpipe.unit_flag == UnitFlag::toggle) granules_[g] = {false, none, now_.number};
  }
}

// ---------------------------------------------------------------- accesses

void OrderCheck::touch(const models::Extent& extent) {
  const std::uint64_t unit = cell_bytes(extent.space);
  std::vector<Cell>& cells = cells_[static_cast<int>(extent.space)];
  if (cells.size() * unit < extent.end()) cells.resize(ceil_div(extent.end(), unit));
  for (std::uint64_t i = 0; i < extent.count; ++i) {
    const std::uint64_t start = extent.start + i * extent.stride;
    for (std::uint64_t c = start / unit; c * unit < start + extent.size; ++c) {
      touch(extent.space, c, extent.write);
    }
  }
}

void OrderCheck::touch(Space space, std::uint64_t index, bool write) {
  Cell& cell = cells_[static_cast<int>(space)][index];
  const auto check = [&](const Access& earlier, std::string_view did) {
    if (earlier.number == none || earlier.number == now_.number || ended(earlier)) return;
    if (handed_over(space, index, earlier) || is_chain(space, earlier)) return;
    fault(fmt::format("{} {} byte {:#x} while instruction {} {} it", write ? "writes" : "reads",
                      name(space), index * cell_bytes(space), earlier.number, did));
  };
  check(cell.writer, "writes");
  if (!write) {
    for (int r = 0; r < cell.reader_count; ++r) {
      if (cell.readers[r].queue != now_.queue) continue;
      cell.readers[r] = now_;
      return;
    }
    cell.readers.at(static_cast<std::size_t>(cell.reader_count++)) = now_;
    return;
  }
  for (int r = 0; r < cell.reader_count; ++r) check(cell.readers[r], "reads");
  cell.writer = now_;
  cell.reader_count = 0;
}

// Ordered by this granule's unit flag: raised by the writer for this fixpipe, or cleared by the
// reader for this mmad.
bool OrderCheck::handed_over(Space space, std::uint64_t cell, const Access& earlier) const {
  if (space != Space::L0C) return false;
  const Granule& granule = granules_[cell * cell_bytes(space) / granule_bytes];
  const Instruction& instruction = program_.instructions[now_.number];
  if (const auto* fixpipe = std::get_if<models::Fixpipe>(&instruction)) {
    return fixpipe->unit_flag != UnitFlag::off && granule.raised_by == earlier.number;
  }
  if (!waits_for_unit_flag(instruction) || granule.cleared_by == none) return false;
  // What came before the clearing fixpipe's turn: mmads, and fixpipes that cleared the flag
  // earlier.
  const auto* reader = std::get_if<models::Fixpipe>(&program_.instructions[earlier.number]);
  return earlier.number <= granule.cleared_by && (!reader || reader->unit_flag == UnitFlag::toggle);
}

// An mmad that adds to what the one before it left, on ten fractals or more (and ten tiles): no
// output is met again before it is there.
bool OrderCheck::is_chain(Space space, const Access& earlier) const {
  if (space != Space::L0C) return false;
  const auto* before = std::get_if<Mmad>(&program_.instructions[earlier.number]);
  const auto* after = std::get_if<Mmad>(&program_.instructions[now_.number]);
  if (!before || !after) return false;
  const auto area = [&](std::uint64_t rows, std::uint64_t columns) {
    return ceil_div(before->m, rows) * ceil_div(before->n, columns);
  };
  return before->c == after->c && before->m == after->m && before->n == after->n &&
         before->order == after->order && area(16, 16) >= 10 &&
         area(chip_.cube.m, chip_.cube.n) >= 10;
}

}  // namespace vitruvian::tests
