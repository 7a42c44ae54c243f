// SPDX-License-Identifier: Apache-2.0
//
// The chip files of models/arch/configs, as they were when the library was built.
#pragma once

#include <string_view>
#include <vector>

namespace vitruvian {

struct KnownChip {
  std::string_view name, text;
};

// By name, ascending. Written by scripts/embed_chips.py.
const std::vector<KnownChip>& embedded_chips();

}  // namespace vitruvian
