// SPDX-License-Identifier: Apache-2.0
//
// waves.gtkw: how GTKWave shows a run's waveform. Groups and radices from a table of signals,
// values as text through filter files, markers. docs/waves.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vitruvian::tb {

enum class Radix : std::uint8_t { binary, hexadecimal, decimal, signed_decimal, text };

// One row of a table of signals. Rows of a group stand together.
struct WaveSignal {
  std::string_view group;
  std::string_view name;  // below the block's scope, without its range: "issue_ready_o"
  Radix radix;
  std::string_view values = "";  // Radix::text: the WaveValues that name them
  // A part of it, shown under a name of its own: bits [lsb, lsb + width). No label: all of it.
  std::string_view label = "";
  unsigned lsb = 0, width = 0;
};

// Names for the values of a signal.
struct WaveValues {
  std::string name;  // also of the filter file, waves.<name>.txt
  std::vector<std::pair<std::uint64_t, std::string>> rows;
};

struct WaveMarker {
  std::uint64_t time;  // in the unit of the waveform
  std::string name;    // one word reads best
};

struct WaveView {
  std::string scope;  // of the block in the waveform: "TOP.vit_cube"
  std::span<const WaveSignal> signals;
  std::span<const WaveValues> values;
  std::vector<WaveMarker> markers;  // at most 26
  std::uint64_t from = 0, to = 0;   // shown at first; empty or outside: the whole file
};

struct SavedView {
  std::size_t signals = 0;           // shown
  std::vector<std::string> missing;  // rows of the table that the waveform does not hold
};

// Reads <folder>/waves.fst and writes <folder>/waves.gtkw and its filter files. Names are relative,
// so the folder can be moved. A row the waveform lacks is left out and returned; markers outside
// the file's time are left out. Throws InputError if the waveform cannot be read or the files not
// written.
SavedView write_gtkw(const std::filesystem::path& folder, const WaveView& view);

}  // namespace vitruvian::tb
