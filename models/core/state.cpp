// SPDX-License-Identifier: Apache-2.0
#include "models/core/state.h"

#include "models/arch/error.h"

namespace vitruvian::models {

CoreState::CoreState(const ChipConfig& chip, Memory& memory)
    : gm{memory},
      l1{Space::L1, chip.l1},
      l0a{Space::L0A, chip.l0a},
      l0b{Space::L0B, chip.l0b},
      l0c{Space::L0C, chip.l0c},
      bt{Space::BT, chip.bt},
      fb{Space::FB, chip.fb} {}

Buffer& CoreState::buffer(Space space) {
  Buffer* const buffers[space_count] = {nullptr, &l1, &l0a, &l0b, &l0c, &bt, &fb};
  Buffer* const found = buffers[static_cast<int>(space)];
  ensure(found != nullptr, "GM is not a buffer");
  return *found;
}

}  // namespace vitruvian::models
