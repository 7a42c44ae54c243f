// SPDX-License-Identifier: Apache-2.0
#include "tb/lockstep/judge.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "models/program/assembler.h"

namespace vitruvian::tb {
namespace {

std::uint32_t word_at(std::span<const std::uint8_t> image, std::uint32_t byte) {
  std::uint32_t word = 0;
  std::memcpy(&word, image.data() + byte, 4);
  return word;
}

DataType accumulator(const MmadRecord& record) {
  return is_floating(record.operands.mmad().dtype) ? DataType::f32 : DataType::s32;
}

std::span<const L0cWord> words_of(const MmadRecord& record, const Beat& beat) {
  return std::span{record.words}.subspan(beat.first, beat.count);
}

std::string tile_text(Tile tile) { return fmt::format("tile i={} j={} l={}", tile.i, tile.j, tile.l); }

std::string numbers_text(DataType type, const std::vector<std::uint32_t>& numbers) {
  std::string line;
  for (const std::uint32_t bits : numbers) line += " " + number_text(type, bits);
  return line;
}

// What a beat wrote where its tile did not want it.
std::string beat_text(const MmadRecord& record, std::size_t index) {
  const Beat& beat = record.beats[index];
  const auto words = words_of(record, beat);
  const ExpectedBeat& expected = record.expected[index];
  const TileGrid& grid = record.grid;
  const std::uint32_t rows = grid.rows(expected.tile), columns = grid.columns(expected.tile);
  const std::string got = words.empty()
      ? "none" : fmt::format("{} from L0C {:#x}, the first {}", words.size(), words.front().address,
                             number_text(accumulator(record), words.front().bits));
  return fmt::format("write {} ({}, rows {}.., columns {}..): expected in cycle {}, {} words from L0C {:#x}; got in cycle {}, {}",
                     index, tile_text(expected.tile), expected.tile.i * grid.m0, expected.tile.j * grid.n0,
                     expected.cycle.value(), rows * columns,
                     grid.address(expected.tile.i * grid.m0, expected.tile.j * grid.n0), beat.cycle.value(), got);
}

}  // namespace

std::string number_text(DataType type, std::uint32_t bits) {
  const int digits = element_bits(type) / 4;
  if (is_floating(type)) return fmt::format("0x{:0{}x} ({:.9g})", bits, digits, to_float(type, bits));
  return fmt::format("0x{:0{}x} ({})", bits, digits, to_integer(type, bits));
}

bool covers(const TileGrid& grid, Tile tile, std::span<const L0cWord> words) {
  const std::uint32_t rows = grid.rows(tile), columns = grid.columns(tile);
  if (words.size() != std::size_t{rows} * columns) return false;
  std::size_t at = 0;
  for (std::uint32_t r = 0; r < rows; ++r) {
    for (std::uint32_t c = 0; c < columns; ++c) {
      if (words[at++].address != grid.address(tile.i * grid.m0 + r, tile.j * grid.n0 + c)) return false;
    }
  }
  return true;
}

Judge::Judge(models::Numerics numerics, const CubeConfig& cube, bool every_beat)
    : numerics_{numerics}, every_beat_{every_beat}, steps_{numerics, cube} {}

void Judge::cycles(MmadRecord& record) const {
  const std::size_t both = std::min(record.beats.size(), record.expected.size());
  for (std::size_t i = 0; i < both; ++i) {
    const bool same = record.beats[i].cycle == record.expected[i].cycle &&
                      covers(record.grid, record.expected[i].tile, words_of(record, record.beats[i]));
    if (!same) {
      record.write_difference = beat_text(record, i);
      record.differs(record.write_difference);
      break;
    }
  }
  if (record.beats.size() != record.expected.size()) {
    record.differs(fmt::format("writes into L0C: expected {}, got {}", record.expected.size(),
                               record.beats.size()));
  }
  if (record.rtl_end != record.twin_end) {
    record.differs(fmt::format("end: expected cycle {} (SystemC), got {} (RTL)",
                               record.twin_end->value(), record.rtl_end->value()));
  }
}

std::optional<ValueDifference> Judge::values(const MmadRecord& record,
                                             std::span<const std::uint8_t> before) {
  const bool same_end = record.rtl_image == record.twin_image;
  if (same_end && !every_beat_) return std::nullopt;
  if (const auto difference = by_beats(record, before)) return difference;
  return same_end ? std::nullopt : at_the_end(record);
}

// The first word of the first write that is not what its step leaves.
std::optional<ValueDifference> Judge::by_beats(const MmadRecord& record,
                                               std::span<const std::uint8_t> before) {
  if (record.beats.size() != record.expected.size()) return std::nullopt;
  const TileGrid& grid = record.grid;
  steps_.start(record.operands, grid, before);
  std::uint32_t done = 0;
  for (std::size_t i = 0; i < record.beats.size(); ++i) {
    const Tile tile = record.expected[i].tile;
    for (; done <= tile.l; ++done) steps_.step();
    std::optional<ValueDifference> found;
    const auto words = words_of(record, record.beats[i]);
    if (!covers(grid, tile, words)) return std::nullopt;
    std::size_t at = 0;
    for (std::uint32_t r = 0; r < grid.rows(tile); ++r) {
      for (std::uint32_t c = 0; c < grid.columns(tile); ++c) {
        const std::uint32_t row = tile.i * grid.m0 + r, column = tile.j * grid.n0 + c;
        const std::uint32_t expected = word_at(steps_.image(), grid.address(row, column) - grid.c);
        const std::uint32_t got = words[at++].bits;
        if (got == expected) continue;
        if (!found) found = {row, column, tile.l, record.beats[i].cycle, expected, got, 0, false};
        ++found->elements;
      }
    }
    if (found) return found;
  }
  return std::nullopt;
}

std::optional<ValueDifference> Judge::at_the_end(const MmadRecord& record) const {
  const TileGrid& grid = record.grid;
  std::optional<ValueDifference> found;
  for (std::uint32_t row = 0; row < grid.m; ++row) {
    for (std::uint32_t column = 0; column < grid.n; ++column) {
      const std::uint32_t byte = grid.address(row, column) - grid.c;
      const std::uint32_t expected = word_at(record.twin_image, byte);
      const std::uint32_t got = word_at(record.rtl_image, byte);
      if (expected == got) continue;
      if (!found) found = {row, column, grid.kt - 1, *record.rtl_end, expected, got, 0, true};
      ++found->elements;
    }
  }
  if (found) return found;
  // Only words that are none of this mmad's differ: one of the fractals' other rows or columns.
  for (std::uint32_t byte = 0; byte < grid.bytes(); byte += 4) {
    const std::uint32_t expected = word_at(record.twin_image, byte), got = word_at(record.rtl_image, byte);
    if (expected == got) continue;
    const std::uint32_t fractal = byte / 1024, row = fractal % grid.row_fractals * 16 + byte % 1024 / 64;
    const std::uint32_t column = fractal / grid.row_fractals * 16 + byte % 64 / 4;
    if (!found) found = {row, column, grid.kt - 1, *record.rtl_end, expected, got, 0, true};
    ++found->elements;
  }
  return found;
}

std::string Judge::element(const MmadRecord& record, const ValueDifference& value,
                           std::span<const std::uint8_t> before) const {
  const TileGrid& grid = record.grid;
  const DataType acc = accumulator(record), type = record.operands.mmad().dtype;
  std::string text = fmt::format(
      "  value: element row {}, column {}; {}; L0C {:#x}, {} {}\n", value.row, value.column,
      tile_text({value.row / grid.m0, value.column / grid.n0, value.step}),
      grid.address(value.row, value.column), value.final_only ? "at the end in cycle" : "written in cycle",
      value.cycle.value());
  if (value.row >= grid.m || value.column >= grid.n) {
    return text + fmt::format("    outside the {} x {} words of this mmad: expected {} to stay, got {}\n",
                              grid.m, grid.n, number_text(acc, value.expected), number_text(acc, value.got));
  }
  const std::uint32_t in_l0c = word_at(before, grid.address(value.row, value.column) - grid.c);
  const auto chain = record.operands.chain(value.row, value.column, in_l0c, numerics_, grid);
  const std::uint32_t defined = chain[value.step];
  const std::uint32_t added_to =
      value.step == 0 ? record.operands.start(value.column, in_l0c) : chain[value.step - 1];
  const char* verdict = defined == value.expected ? "the definition agrees with SystemC: the RTL differs"
                        : defined == value.got    ? "the definition agrees with the RTL: SystemC differs"
                                                  : "the definition agrees with neither";
  text += fmt::format("    expected   {}  (SystemC, models/pipe)\n", number_text(acc, value.expected));
  text += fmt::format("    got        {}  (RTL)\n", number_text(acc, value.got));
  text += fmt::format("    definition {}  (models/pipe/cube_dot.h): {}\n", number_text(acc, defined), verdict);
  text += fmt::format("    added to   {}\n", number_text(acc, added_to));
  text += fmt::format("    a[{}, {}..]{}\n", value.row, value.step * grid.k0,
                      numbers_text(type, record.operands.row_of_a(value.row, value.step, grid)));
  text += fmt::format("    b[{}.., {}]{}\n", value.step * grid.k0, value.column,
                      numbers_text(type, record.operands.column_of_b(value.column, value.step, grid)));
  return text + fmt::format("    {} element{} of this {} differ\n", value.elements,
                            value.elements == 1 ? "" : "s", value.final_only ? "mmad" : "write");
}

std::string Judge::report(const MmadRecord& record, const std::optional<ValueDifference>& value,
                          std::span<const std::uint8_t> before) const {
  const auto cycle = [](const std::optional<Cycle>& c) {
    return c ? fmt::format("{}", c->value()) : std::string{"never"};
  };
  std::string text = fmt::format("instruction {}: {}\n", record.instruction,
                                 models::disassemble(models::Instruction{record.operands.mmad()}));
  text += fmt::format("  started in cycle {}; ended in {} (SystemC), {} (RTL)\n", record.start.value(),
                      cycle(record.twin_end), cycle(record.rtl_end));
  if (!record.cycle_difference.empty()) text += fmt::format("  cycle: {}\n", record.cycle_difference);
  if (!record.write_difference.empty() && record.write_difference != record.cycle_difference) {
    text += fmt::format("  {}\n", record.write_difference);
  }
  if (value) text += element(record, *value, before);
  return text;
}

}  // namespace vitruvian::tb
