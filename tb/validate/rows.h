// SPDX-License-Identifier: Apache-2.0
//
// Measured rows (models/silicon/*.csv) and the programs that model them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "models/arch/chip_config.h"
#include "models/program/program.h"

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

// What a row's time is measured on: `repeats` times the same work, and the bytes one of them moves.
struct RowProgram {
  models::Program program;
  std::uint64_t repeats = 1;
  std::uint64_t bytes = 0;
};

// Builds the program of `row` (the text says kind and shape). Throws InputError if the kind or a key
// is not known.
RowProgram program_of(const SiliconRow& row, const ChipConfig& chip);

}  // namespace vitruvian::tb
