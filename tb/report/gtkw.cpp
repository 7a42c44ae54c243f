// SPDX-License-Identifier: Apache-2.0
#include "tb/report/gtkw.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <optional>
#include <tuple>

#include <fmt/format.h>

#include "models/arch/error.h"
#include "tb/report/output_files.h"
#include "tb/report/wave_file.h"

namespace vitruvian::tb {
namespace {

// Bits of a trace's "@" line (GTKWave, src/analyzer.h).
constexpr unsigned hex_flag = 0x2, decimal_flag = 0x4, binary_flag = 0x8, right_flag = 0x20,
                   blank_flag = 0x200, signed_flag = 0x400, filter_flag = 0x2000,
                   group_begin_flag = 0x800000, group_end_flag = 0x1000000;

unsigned flags_of(Radix radix) {
  switch (radix) {
    case Radix::binary:
      return binary_flag | right_flag;
    case Radix::hexadecimal:
      return hex_flag | right_flag;
    case Radix::decimal:
      return decimal_flag | right_flag;
    case Radix::signed_decimal:
      return signed_flag | right_flag;
    case Radix::text:
      return filter_flag | decimal_flag | right_flag;  // the filter's keys are decimal
  }
  ensure(false, "a radix without flags");
  return 0;
}

// Full names with their range, found by full name without it.
std::map<std::string, std::string, std::less<>> by_plain_name(
    const std::vector<std::string>& signals) {
  std::map<std::string, std::string, std::less<>> names;
  for (const std::string& signal : signals) {
    names.emplace(signal, signal);
    names.emplace(signal.substr(0, signal.rfind('[')), signal);
  }
  return names;
}

std::string filter_name(std::string_view values) { return fmt::format("waves.{}.txt", values); }

std::string filter_text(const WaveValues& values) {
  std::string text;
  for (const auto& [value, name] : values.rows)
    fmt::format_to(std::back_inserter(text), "{} {}\n", value, name);
  return text;
}

// GTKWave's zoom is minus log2 of the time that 200 pixels show; a window of this size has a little
// more than five times 200 pixels for the waves.
double zoom_of(std::uint64_t span) {
  return -std::log2(std::max(1.0, static_cast<double>(span)) / 5.0);
}

// Markers inside the file, and the part of it that is shown: all, if the asked one lies elsewhere.
WaveView inside(WaveView view, const WaveFile& file) {
  std::erase_if(view.markers, [&](const WaveMarker& marker) {
    return marker.time < file.first || marker.time > file.last;
  });
  view.from = std::max(view.from, file.first);
  view.to = std::min(view.to, file.last);
  if (view.from >= view.to) std::tie(view.from, view.to) = std::pair{file.first, file.last};
  return view;
}

// GTKWave ignores a start from which the file would not fill the window: nearer the end, go back.
std::uint64_t start_of(const WaveView& view, const WaveFile& file) {
  const std::uint64_t page = (view.to - view.from) * 5 / 4;
  return std::clamp(file.last > page ? file.last - page : 0, file.first,
                    std::max(view.from, file.first));
}

std::string head_text(const WaveView& view, const WaveFile& file) {
  std::string text = fmt::format(
      "[*] Written by vitruvian\n[dumpfile] \"waves.fst\"\n[savefile] \"waves.gtkw\"\n[timestart] "
      "{}\n"
      "[size] 1600 900\n[pos] -1 -1\n*{:.6f} {}",
      start_of(view, file), zoom_of(view.to - view.from),
      view.markers.empty() ? std::int64_t{-1} : static_cast<std::int64_t>(view.markers[0].time));
  for (std::size_t m = 0; m < 26; ++m) {
    fmt::format_to(std::back_inserter(text), " {}",
                   m < view.markers.size() ? static_cast<std::int64_t>(view.markers[m].time)
                                           : std::int64_t{-1});
  }
  text += "\n";
  for (std::size_t m = 0; m < view.markers.size(); ++m) {
    fmt::format_to(std::back_inserter(text), "[markername] {}{}\n", static_cast<char>('A' + m),
                   view.markers[m].name);
  }
  return text + "[sst_expanded] 0\n[sst_width] 220\n[signals_width] 260\n";
}

void group_line(std::string& text, unsigned flag, std::string_view group) {
  fmt::format_to(std::back_inserter(text), "@{:x}\n-{}\n", flag | blank_flag, group);
}

// GTKWave names a bit of a bus by its distance from the left: "(0)" is the highest.
std::string slice_line(const WaveSignal& row, std::string_view full_name) {
  const std::size_t range = full_name.rfind('[');
  const unsigned msb =
      range == std::string_view::npos
          ? 0
          : static_cast<unsigned>(std::stoul(std::string{full_name.substr(range + 1)}));
  ensure(row.width > 0 && row.lsb + row.width <= msb + 1,
         fmt::format("{}: no bits {} to {}", full_name, row.lsb, row.lsb + row.width));
  std::string line = fmt::format("#{{{}[{}:0]}}", row.label, row.width - 1);
  for (unsigned bit = row.lsb + row.width; bit-- > row.lsb;)
    fmt::format_to(std::back_inserter(line), " ({}){}", msb - bit, full_name);
  return line;
}

void signal_lines(std::string& text, const WaveSignal& row, std::string_view full_name) {
  fmt::format_to(std::back_inserter(text), "@{:x}\n", flags_of(row.radix));
  if (row.radix == Radix::text)
    fmt::format_to(std::back_inserter(text), "^1 {}\n", filter_name(row.values));
  text += row.label.empty() ? std::string{full_name} : slice_line(row, full_name);
  text += '\n';
}

}  // namespace

SavedView write_gtkw(const std::filesystem::path& folder, const WaveView& asked) {
  ensure(asked.markers.size() <= 26, "a view has at most 26 markers");
  const WaveFile file = read_wave_file(folder / "waves.fst");
  const WaveView view = inside(asked, file);
  const auto names = by_plain_name(file.signals);
  SavedView saved;
  std::string text = head_text(view, file);
  std::optional<std::string_view> group;
  for (const WaveSignal& row : view.signals) {
    const std::string full = fmt::format("{}.{}", view.scope, row.name);
    const auto found = names.find(full);
    if (found == names.end()) {
      saved.missing.push_back(full);
      continue;
    }
    if (group != row.group) {
      if (group) group_line(text, group_end_flag, *group);
      group_line(text, group_begin_flag, row.group);
      group = row.group;
    }
    signal_lines(text, row, found->second);
    ++saved.signals;
  }
  if (group) group_line(text, group_end_flag, *group);
  std::vector<OutputFile> files{{"waves.gtkw", text + "[pattern_trace] 1\n[pattern_trace] 0\n"}};
  for (const WaveValues& values : view.values)
    files.push_back({filter_name(values.name), filter_text(values)});
  write_files(folder, files);
  return saved;
}

}  // namespace vitruvian::tb
