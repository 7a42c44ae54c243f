// SPDX-License-Identifier: Apache-2.0
//
// Measured rows (models/silicon/*.csv) as they stand in their files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace vitruvian::tb {

struct SiliconRow {
  std::string suite, row, chip;
  double clock_mhz = 0;
  bool scored = false;
  std::string source, unit;
  double measured = 0;
};

// The rows of a CSV file with columns suite,row,chip,clock_mhz,scored,source,unit,measured. Lines that
// start with # are comments. Throws InputError naming file, line and column.
std::vector<SiliconRow> read_rows(const std::filesystem::path& file);

// Every row that comes with the project.
std::vector<SiliconRow> all_rows();

// A row's text, `kind key=value ...`, taken apart.
struct RowText {
  std::string text, kind;
  std::map<std::string, std::string> values;

  // Throws InputError if the key is missing, or its value no whole number above zero.
  const std::string& word(const std::string& key) const;
  std::uint64_t at(const std::string& key) const;
};
RowText parse_row(const std::string& text);

}  // namespace vitruvian::tb
