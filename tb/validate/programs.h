// SPDX-License-Identifier: Apache-2.0
//
// The programs that model measured rows.
#pragma once

#include <cstdint>

#include "models/arch/chip_config.h"
#include "models/program/program.h"
#include "tb/validate/profile.h"
#include "tb/validate/rows.h"

namespace vitruvian::tb {

// What a row's time is measured on: `repeats` times the same work, the bytes one of them moves, and how
// often one core does it in what was measured (unit us).
struct RowProgram {
  models::Program program;
  std::uint64_t repeats = 1;
  std::uint64_t bytes = 0;
  double times = 1;
  Column column = Column::task;
};

// Builds the program of `row` (the text says kind and shape). Throws InputError if the kind or a key
// is not known.
RowProgram program_of(const SiliconRow& row, const ChipConfig& chip, const Profile& profile);

}  // namespace vitruvian::tb
