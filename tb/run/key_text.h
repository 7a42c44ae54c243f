// SPDX-License-Identifier: Apache-2.0
//
// `operator:KEY=VALUE,...`: taking it apart and reading its values, with messages that name operator, key, value and what is
// allowed.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/arch/number.h"

namespace vitruvian::tb {

struct TypeName {
  std::string_view name;
  DataType dtype;
};

// One KEY=VALUE of an operator's text. Every reader throws InputError.
struct KeyValue {
  std::string_view op, key, value;

  [[noreturn]] void refuse(const std::string& why) const;
  // From `least` to `most`.
  std::uint64_t whole(std::uint64_t least, std::uint64_t most) const;
  bool yes_or_no() const;
  DataType type_in(std::span<const TypeName> known, std::string_view of = "") const;
  // What fixpipe keeps of a scale: sign, 8 exponent and 10 fraction bits.
  float scale() const;
};

// The pairs of `text` (what follows "op:"), each key once and one of `known`.
std::vector<KeyValue> split_keys(std::string_view op, std::string_view text, std::span<const std::string_view> known);

}  // namespace vitruvian::tb
