// SPDX-License-Identifier: Apache-2.0
#include "tb/validate/rows.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <sstream>

#include "models/arch/error.h"
#include "tb/common/data_root.h"

namespace vitruvian::tb {
namespace {

constexpr std::string_view header = "suite,row,chip,clock_mhz,scored,source,unit,measured";
constexpr std::array<std::string_view, 3> units = {"cycles", "GiB/s", "us"};

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
  if (cell != "yes" && cell != "no") {
    throw InputError{fmt::format("{}: scored = '{}' is not yes or no", where, cell)};
  }
  return cell == "yes";
}

SiliconRow row_of(const std::string& line, const std::string& where) {
  const auto cells = split(line);
  if (cells.size() != 8) {
    throw InputError{fmt::format("{}: {} columns instead of 8", where, cells.size())};
  }
  if (std::ranges::find(units, cells[6]) == units.end()) {
    throw InputError{fmt::format("{}: unit '{}' is none of {}", where, cells[6], fmt::join(units, ", "))};
  }
  return {cells[0], cells[1], cells[2], number_of(cells[3], where), yes_or_no(cells[4], where),
          cells[5], cells[6], number_of(cells[7], where)};
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
    if (seen_header) {
      rows.push_back(row_of(line, where));
    } else if (line == header) {
      seen_header = true;
    } else {
      throw InputError{fmt::format("{}: the columns must be {}", where, header)};
    }
  }
  if (!seen_header) throw InputError{fmt::format("{}: no header line ({})", file.string(), header)};
  return rows;
}

std::vector<SiliconRow> all_rows() {
  std::vector<SiliconRow> rows;
  for (const char* name : {"mmad", "local_copies", "gm_l1", "gm_l1_nd2nz", "gm_l0", "l0c_gm", "matmul"}) {
    const auto more = read_rows(data_root() / "models" / "silicon" / (std::string{name} + ".csv"));
    rows.insert(rows.end(), more.begin(), more.end());
  }
  return rows;
}

const std::string& RowText::word(const std::string& key) const {
  const auto found = values.find(key);
  if (found == values.end()) throw InputError{fmt::format("row '{}': {}= is missing", text, key)};
  return found->second;
}

std::uint64_t RowText::at(const std::string& key) const {
  const std::string& cell = word(key);
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (error != std::errc{} || end != cell.data() + cell.size() || value == 0) {
    throw InputError{fmt::format("row '{}': {}={} is not a whole number above zero", text, key, cell)};
  }
  return value;
}

RowText parse_row(const std::string& text) {
  std::istringstream words{text};
  RowText row{.text = text, .kind = {}, .values = {}};
  words >> row.kind;
  for (std::string word; words >> word;) {
    const auto equals = word.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == word.size()) {
      throw InputError{fmt::format("row '{}': '{}' is not key=value", text, word)};
    }
    row.values[word.substr(0, equals)] = word.substr(equals + 1);
  }
  return row;
}

}  // namespace vitruvian::tb
