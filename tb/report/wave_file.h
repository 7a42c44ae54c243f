// SPDX-License-Identifier: Apache-2.0
//
// What stands in an FST file: its signals and its stretch of time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace vitruvian::tb {

struct WaveFile {
  std::vector<std::string> signals;   // full names as a viewer knows them: "TOP.vit_cube.m_q[11:0]"
  std::uint64_t first = 0, last = 0;  // time of the first and last change, in the file's unit
};

// Throws InputError if the file is absent, not a closed FST file, or cut off.
WaveFile read_wave_file(const std::filesystem::path& path);

}  // namespace vitruvian::tb
