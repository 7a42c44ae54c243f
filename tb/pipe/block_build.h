// SPDX-License-Identifier: Apache-2.0
//
// Verilated blocks as shared objects: built by scripts/build_block, or found in its cache.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace vitruvian::tb {

// What scripts/build_block is asked for.
struct BlockBuild {
  std::string block;                                             // cube, mte1, ...
  std::vector<std::pair<std::string, std::uint64_t>> parameters; // the rest keep their defaults
  std::string variant = "fast";                                  // fast, check, trace, cov
  std::filesystem::path rtl;                                     // another rtl/; empty: ours
  std::filesystem::path own{};                                   // a user's modules, before those of rtl/
};

// The shared object. Throws InputError with the tools' own words if it cannot be built.
std::filesystem::path build_block(const BlockBuild& build);

}  // namespace vitruvian::tb
