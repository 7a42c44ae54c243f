// SPDX-License-Identifier: Apache-2.0
//
// The memories an instruction of a cube core can touch.
#pragma once

#include <cstdint>
#include <vector>

#include "models/arch/chip_config.h"
#include "models/buffer/buffer.h"
#include "models/memory/memory.h"

namespace vitruvian::models {

// Buffers start at zero. GM is shared between cores, so it is referred to and must live longer.
struct CoreState {
  CoreState(const ChipConfig& chip, Memory& gm);

  // The on-chip buffer of a space; not for GM.
  Buffer& buffer(Space space);

  Memory& gm;
  Buffer l1, l0a, l0b, l0c, bt, fb;
  // What left through the response port, oldest first: the value of each load_scalar.
  std::vector<std::uint64_t> responses;
};

}  // namespace vitruvian::models
