// SPDX-License-Identifier: Apache-2.0
#include "tb/run/key_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>

#include "models/arch/error.h"
#include "models/arch/suggest.h"

namespace vitruvian::tb {

void KeyValue::refuse(const std::string& why) const { throw InputError{fmt::format("{}: {}={}: {}", op, key, value, why)}; }

std::uint64_t KeyValue::whole(std::uint64_t least, std::uint64_t most) const {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  const bool read = !value.empty() && end == value.data() + value.size();
  if (!read || error != std::errc{} || number < least || number > most) {
    refuse(fmt::format("must be a whole number from {} to {}", least, most));
  }
  return number;
}

bool KeyValue::yes_or_no() const {
  constexpr std::string_view yes[] = {"1", "true", "yes", "on"}, no[] = {"0", "false", "no", "off"};
  if (std::ranges::find(yes, value) != std::end(yes)) return true;
  if (std::ranges::find(no, value) != std::end(no)) return false;
  refuse("must be 0 or 1");
}

DataType KeyValue::type_in(std::span<const TypeName> known, std::string_view of) const {
  std::vector<std::string_view> names;
  for (const TypeName& t : known) {
    if (t.name == value) return t.dtype;
    names.push_back(t.name);
  }
  refuse(fmt::format("not one of {}{}{}", fmt::join(names, ", "), of, did_you_mean(value, names)));
}

float KeyValue::scale() const {
  float number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc{} || end != value.data() + value.size() || !std::isnormal(number) || number < 0) {
    refuse("must be a positive number");
  }
  const auto bits = std::bit_cast<std::uint32_t>(number);
  if (bits & 0x1fff) {
    refuse(fmt::format("fixpipe keeps 10 fraction bits of a scale; the next below is {}", std::bit_cast<float>(bits & ~0x1fffu)));
  }
  return number;
}

std::vector<KeyValue> split_keys(std::string_view op, std::string_view text, std::span<const std::string_view> known) {
  std::vector<KeyValue> found;
  while (true) {
    const auto comma = text.find(',');
    const std::string_view assignment = text.substr(0, comma);
    const auto equals = assignment.find('=');
    const std::string_view key = assignment.substr(0, equals);
    if (std::ranges::find(known, key) == known.end()) {
      throw InputError{fmt::format("{}: '{}' is not one of {}{}", op, key, fmt::join(known, ", "),
                                   did_you_mean(key, {known.begin(), known.end()}))};
    }
    if (std::ranges::find(found, key, &KeyValue::key) != found.end()) throw InputError{fmt::format("{}: {} is given twice", op, key)};
    if (equals == std::string_view::npos) throw InputError{fmt::format("{}: {} has no value: write {}=...", op, key, key)};
    found.push_back({op, key, assignment.substr(equals + 1)});
    if (comma == std::string_view::npos) return found;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace vitruvian::tb
