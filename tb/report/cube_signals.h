// SPDX-License-Identifier: Apache-2.0
//
// What is worth seeing of the cube block (rtl/pipe/vit_cube.sv), and the names of its values.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "models/arch/count.h"
#include "tb/report/gtkw.h"
#include "tb/report/result.h"

namespace vitruvian::tb {

// `numerics`: the block's parameter, 0 dot24, 1 fused24, 2 tree: their stages have different names.
std::vector<WaveSignal> cube_signals(int numerics);

// Names from the instruction table, so that a new data type needs no line here.
std::vector<WaveValues> cube_values();

// Where to look, in cycles of the run.
struct CubeMarks {
  std::optional<Cycle> first_start, last_end, mismatch;  // markers A, B, C
};

// First start and last end of the recorded mmads.
CubeMarks cube_marks(const RunResult& result);

// The time a cycle takes in the waveform, in its unit: whole, so it is rounded down.
std::uint64_t picoseconds_per_cycle(const ChipConfig& chip);

// waves.gtkw for the waves.fst of a cube. Throws InputError if there is none because the cube did
// nothing in the traced window; else errors as write_gtkw().
SavedView write_cube_view(const std::filesystem::path& folder, int numerics, const CubeMarks& marks,
                          std::uint64_t picoseconds_per_cycle);

}  // namespace vitruvian::tb
