// SPDX-License-Identifier: Apache-2.0
//
// The rules by which a cube adds (docs/numerics.md), by name.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace vitruvian {

// How the products of one tile and the accumulator are added; integers are the same under all.
enum class Numerics : std::uint8_t { dot24 = 0, fused24 = 1, tree = 2 };

inline constexpr std::string_view numerics_names[] = {"dot24", "fused24", "tree"};

constexpr std::optional<Numerics> numerics_from_name(std::string_view name) {
  for (std::uint8_t i = 0; i < 3; ++i) {
    if (numerics_names[i] == name) return static_cast<Numerics>(i);
  }
  return std::nullopt;
}

}  // namespace vitruvian
