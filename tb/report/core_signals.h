// SPDX-License-Identifier: Apache-2.0
//
// What is worth seeing of the whole core (rtl/core/vit_aic.sv), and the names of its values.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "tb/report/cube_signals.h"
#include "tb/report/gtkw.h"

namespace vitruvian::tb {

std::span<const WaveSignal> core_signals();
std::vector<WaveValues> core_values();

// waves.gtkw for the waves.fst of a core. Throws InputError if there is none, because the core had ended before the
// traced window; else errors as write_gtkw().
SavedView write_core_view(const std::filesystem::path& folder, const CubeMarks& marks, std::uint64_t picoseconds_per_cycle);

}  // namespace vitruvian::tb
