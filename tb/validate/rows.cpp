// SPDX-License-Identifier: Apache-2.0
#include "tb/validate/rows.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <map>
#include <sstream>

#include "models/arch/error.h"
#include "tb/common/data_root.h"

namespace vitruvian::tb {
namespace {

using models::Instruction;
using models::Pipe;
using models::ProgramBuilder;

constexpr std::string_view header = "suite,row,chip,clock_mhz,scored,source,unit,measured";

// The tables say "about 1000 copies"; so do ours. Each program reads the system counter before and
// after, which costs the scalar unit something (assumed).
constexpr std::uint64_t repeats = 1000;
constexpr std::uint16_t counter_read = 10;  // cycles

// `kind key=value ...` taken apart.
struct RowText {
  std::string kind;
  std::map<std::string, std::uint64_t> numbers;

  std::uint64_t at(const std::string& key) const {
    const auto found = numbers.find(key);
    if (found == numbers.end()) throw InputError{fmt::format("row '{}': {}= is missing", kind, key)};
    return found->second;
  }
};

RowText parse_row(const std::string& text) {
  std::istringstream words{text};
  RowText row;
  words >> row.kind;
  for (std::string word; words >> word;) {
    const auto equals = word.find('=');
    std::uint64_t value = 0;
    const char* begin = word.data() + equals + 1;
    const char* end = word.data() + word.size();
    if (equals == std::string::npos || std::from_chars(begin, end, value).ptr != end || begin == end) {
      throw InputError{fmt::format("row '{}': '{}' is not key=number", text, word)};
    }
    row.numbers[word.substr(0, equals)] = value;
  }
  return row;
}

// One instruction of the row, or two where a barrier keeps the copies apart.
using Body = std::vector<Instruction>;

RowProgram repeat(const std::string& name, const ChipConfig& chip, const Body& body, std::uint64_t bytes) {
  ProgramBuilder builder{name, chip};
  builder.add(models::Scalar{.cost = counter_read});
  for (std::uint64_t i = 0; i < repeats; ++i) {
    for (const Instruction& instruction : body) builder.add(instruction);
  }
  builder.add(models::PipeBarrier{.on = Pipe::ALL});
  builder.add(models::Scalar{.cost = counter_read});
  return {builder.take(), repeats, bytes};
}

models::Mmad mmad_of(const RowText& row) {
  return {.m = static_cast<std::uint16_t>(row.at("m")), .n = static_cast<std::uint16_t>(row.at("n")),
          .k = static_cast<std::uint16_t>(row.at("k")), .dtype = DataType::f16, .init = models::Init::zero};
}

RowProgram back_to_back(const RowText& row, const ChipConfig& chip) {
  return repeat("mmad back to back", chip, {mmad_of(row)}, 0);
}

RowProgram isolated(const RowText& row, const ChipConfig& chip) {
  return repeat("mmad isolated", chip, {mmad_of(row), models::PipeBarrier{.on = Pipe::M}}, 0);
}

RowProgram load(const RowText& row, const ChipConfig& chip, models::L0Buffer to) {
  const std::uint64_t fractals = row.at("fractals");
  const models::Load2d load{.to = to, .repeat = static_cast<std::uint8_t>(fractals), .dtype = DataType::f16};
  return repeat("load2d", chip, {load}, fractals * 512);
}

RowProgram l1_bt(const RowText& row, const ChipConfig& chip) {
  const std::uint64_t bytes = row.at("bytes");
  return repeat("copy_l1_bt", chip, {models::CopyL1Bt{.length = static_cast<std::uint16_t>(bytes / 64)}}, bytes);
}

// One column of 16 words, as many fractals of 1 KB deep as the row says.
RowProgram l0c_gm(const RowText& row, const ChipConfig& chip) {
  const std::uint64_t rows = row.at("kb") * 16;
  const models::Fixpipe copy{.m = static_cast<std::uint16_t>(rows), .n = 16,
                             .src_stride = static_cast<std::uint16_t>(rows),
                             .dst_stride = static_cast<std::uint32_t>(rows * 2), .acc = DataType::f32};
  return repeat("fixpipe", chip, {copy}, row.at("kb") * 1024);
}

RowProgram gm_l1(const RowText& row, const ChipConfig& chip) {
  const std::uint64_t bytes = row.at("kb") * 1024;
  const models::CopyGmL1 copy{.block_length = static_cast<std::uint16_t>(bytes / 32)};
  return repeat("copy_gm_l1", chip, {copy, models::PipeBarrier{.on = Pipe::MTE2}}, bytes);
}

struct Kind {
  std::string_view name;
  RowProgram (*make)(const RowText&, const ChipConfig&);
};

constexpr Kind kinds[] = {
    {"back_to_back", back_to_back},
    {"isolated", isolated},
    {"l1_l0a", [](const RowText& r, const ChipConfig& c) { return load(r, c, models::L0Buffer::L0A); }},
    {"l1_l0b", [](const RowText& r, const ChipConfig& c) { return load(r, c, models::L0Buffer::L0B); }},
    {"l1_bt", l1_bt},
    {"l0c_gm", l0c_gm},
    {"gm_l1", gm_l1},
};

std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> cells;
  std::istringstream in{line};
  for (std::string cell; std::getline(in, cell, ',');) cells.push_back(cell);
  return cells;
}

double number_of(const std::string& cell, const std::string& where) {
  double value = 0;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (error != std::errc{} || end != cell.data() + cell.size() || !(value > 0)) {
    throw InputError{fmt::format("{}: '{}' is not a number above zero", where, cell)};
  }
  return value;
}

bool yes_or_no(const std::string& cell, const std::string& where) {
  if (cell != "yes" && cell != "no") throw InputError{fmt::format("{}: scored = '{}' is not yes or no", where, cell)};
  return cell == "yes";
}

}  // namespace

std::vector<SiliconRow> read_rows(const std::filesystem::path& file) {
  std::ifstream in{file};
  if (!in) throw InputError{fmt::format("{}: cannot be read", file.string())};
  std::vector<SiliconRow> rows;
  bool seen_header = false;
  int number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (line.empty() || line[0] == '#') continue;
    const std::string where = fmt::format("{}:{}", file.string(), number);
    if (!seen_header) {
      if (line != header) throw InputError{fmt::format("{}: the columns must be {}", where, header)};
      seen_header = true;
      continue;
    }
    const auto cells = split(line);
    if (cells.size() != 8) throw InputError{fmt::format("{}: {} columns instead of 8", where, cells.size())};
    rows.push_back({cells[0], cells[1], cells[2], number_of(cells[3], where), yes_or_no(cells[4], where),
                    cells[5], cells[6], number_of(cells[7], where)});
    if (rows.back().unit != "cycles" && rows.back().unit != "GiB/s") {
      throw InputError{fmt::format("{}: unit '{}' is not cycles or GiB/s", where, cells[6])};
    }
  }
  if (!seen_header) throw InputError{fmt::format("{}: no header line ({})", file.string(), header)};
  return rows;
}

std::vector<SiliconRow> all_rows() {
  std::vector<SiliconRow> rows;
  for (const char* name : {"mmad", "local_copies", "l0c_gm", "gm_l1"}) {
    const auto more = read_rows(data_root() / "models" / "silicon" / (std::string{name} + ".csv"));
    rows.insert(rows.end(), more.begin(), more.end());
  }
  return rows;
}

RowProgram program_of(const SiliconRow& row, const ChipConfig& chip) {
  const RowText text = parse_row(row.row);
  const auto* kind = std::ranges::find(kinds, text.kind, &Kind::name);
  if (kind == std::end(kinds)) {
    std::vector<std::string_view> names;
    for (const Kind& k : kinds) names.push_back(k.name);
    throw InputError{fmt::format("row '{}': unknown kind '{}'; known: {}", row.row, text.kind, fmt::join(names, ", "))};
  }
  return kind->make(text, chip);
}

}  // namespace vitruvian::tb
