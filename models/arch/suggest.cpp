// SPDX-License-Identifier: Apache-2.0
#include "models/arch/suggest.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace vitruvian {
namespace {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1])});
      diagonal = above;
    }
  }
  return row[b.size()];
}

}  // namespace

std::string did_you_mean(std::string_view given, const std::vector<std::string_view>& known) {
  const auto nearest = std::ranges::min_element(
      known, {}, [&](std::string_view name) { return edit_distance(given, name); });
  if (nearest == known.end() || edit_distance(given, *nearest) > 1 + given.size() / 3) return "";
  return fmt::format(" (did you mean '{}'?)", *nearest);
}

}  // namespace vitruvian
