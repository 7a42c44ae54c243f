// SPDX-License-Identifier: Apache-2.0
#include "tb/report/wave_file.h"

#include <algorithm>
#include <memory>

#include <fmt/format.h>
#include <gtkwave/fstapi.h>

#include "models/arch/error.h"

namespace vitruvian::tb {
namespace {

std::string joined(const std::vector<std::string>& scopes, std::string name) {
  std::erase(name, ' ');  // "q [15:0]" is known to the viewer as "q[15:0]"
  std::string full;
  for (const std::string& scope : scopes) full += scope + ".";
  return full + name;
}

}  // namespace

WaveFile read_wave_file(const std::filesystem::path& path) {
  const std::unique_ptr<void, decltype(&fstReaderClose)> reader{fstReaderOpen(path.c_str()),
                                                                &fstReaderClose};
  if (!reader)
    throw InputError{fmt::format("{}: not an FST waveform, or not there", path.string())};
  WaveFile file{.signals = {},
                .first = fstReaderGetStartTime(reader.get()),
                .last = fstReaderGetEndTime(reader.get())};
  std::vector<std::string> scopes;
  while (const fstHier* entry = fstReaderIterateHier(reader.get())) {
    if (entry->htyp == FST_HT_SCOPE) scopes.emplace_back(entry->u.scope.name);
    if (entry->htyp == FST_HT_UPSCOPE && !scopes.empty()) scopes.pop_back();
    if (entry->htyp == FST_HT_VAR) file.signals.push_back(joined(scopes, entry->u.var.name));
  }
  if (file.signals.empty())
    throw InputError{fmt::format("{}: a waveform without signals; was it cut off?", path.string())};
  return file;
}

}  // namespace vitruvian::tb
