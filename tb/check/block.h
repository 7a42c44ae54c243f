// SPDX-License-Identifier: Apache-2.0
//
// The footprint of an instruction as runs of bytes, of L0C only some granules if asked.
#pragma once

#include "models/program/footprint.h"
#include "tb/check/order_machine.h"

namespace vitruvian::tb {

struct Block {
  Space space;
  bool write;
  std::uint64_t from, to;
};

// Calls use(Block) for every run of bytes of the part that is touched, reads before writes.
template <class Use>
void for_blocks(const std::vector<models::Extent>& footprint, const Touched& what, Use&& use) {
  for (const models::Extent& extent : footprint) {
    const bool in_l0c = extent.space == Space::L0C;
    if (!in_l0c && !what.elsewhere) continue;
    for (std::uint64_t i = 0; i < extent.count; ++i) {
      const std::uint64_t from = extent.start + i * extent.stride, to = from + extent.size;
      if (!in_l0c || what.granules == nullptr) {
        use(Block{extent.space, extent.write, from, to});
        continue;
      }
      for (std::uint64_t g = from / granule_bytes; g * granule_bytes < to; ++g) {
        if (g >= what.granules->size() || !(*what.granules)[g]) continue;
        use(Block{extent.space, extent.write, std::max(from, g * granule_bytes),
                  std::min(to, (g + 1) * granule_bytes)});
      }
    }
  }
}

}  // namespace vitruvian::tb
