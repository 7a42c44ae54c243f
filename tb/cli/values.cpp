// SPDX-License-Identifier: Apache-2.0
#include "tb/cli/values.h"

#include <fmt/format.h>

#include <charconv>

#include "models/arch/error.h"
#include "models/arch/suggest.h"

namespace vitruvian::tb {

std::uint64_t number_in(std::string_view text, const std::string& option) {
  const bool hex = text.starts_with("0x");
  const std::string_view digits = hex ? text.substr(2) : text;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, hex ? 16 : 10);
  if (error != std::errc{} || end != digits.data() + digits.size() || digits.empty()) {
    throw InputError{fmt::format("{}: '{}' is not a whole number", option, text)};
  }
  return value;
}

models::Numerics numerics_of(const std::string& name) {
  if (const auto found = models::numerics_from_name(name)) return *found;
  const std::vector<std::string_view> known{std::begin(models::numerics_names), std::end(models::numerics_names)};
  throw InputError{fmt::format("--numerics {}: not one of {}{}", name, fmt::join(known, ", "), did_you_mean(name, known))};
}

ChipConfig chip_of(const std::string& name_or_file, const std::vector<std::string>& assignments) {
  ChipConfig chip = load_chip(name_or_file);
  for (const std::string& assignment : assignments) set_chip_key(chip, assignment);
  check_chip(chip);
  return chip;
}

}  // namespace vitruvian::tb
