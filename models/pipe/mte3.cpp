// SPDX-License-Identifier: Apache-2.0
#include "models/pipe/mte3.h"

#include "models/pipe/pieces.h"

namespace vitruvian::models {

void copy_l1_gm(const CopyL1Gm& copy, CoreState& state) {
  const std::uint64_t size = copy.block_length * block_size;
  const Pieces p{copy.block_count, size, size + copy.src_gap * block_size,
                 size + copy.dst_gap * block_size};
  copy_pieces(p, state.l1.at(copy.src.value(), p.src_span()).data(),
              state.gm.at(copy.dst, Bytes{p.dst_span()}).data());
}

}  // namespace vitruvian::models
