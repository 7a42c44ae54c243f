// SPDX-License-Identifier: Apache-2.0
//
// What L0A, L0B, L0C and BT hold when a random program starts: per element type a part of each
// buffer, filled zone by zone from the profile's mixes.
#pragma once

#include <vector>

#include "models/arch/chip_config.h"
#include "tb/random/cube_program.h"

namespace vitruvian::tb {

// Parts of one buffer: part i of types.size() equal ones holds numbers of types[i].
struct Parts {
  std::vector<DataType> types;
  std::uint64_t size = 0;   // bytes of a part
  std::uint64_t total = 0;  // bytes of the buffer; the last part takes what is left over

  // Where an operand of `type` and `bytes` bytes may start: [first, last], in bytes.
  struct Window {
    std::uint64_t first, last;
  };
  // The part of the type if it is big enough, else the whole buffer.
  Window window(DataType type, std::uint64_t bytes) const;
};

struct CubeParts {
  Parts operands_a, operands_b, bias;
};

// Draws the contents of `program` and says what lies where. `types` are the operand types in use.
CubeParts draw_contents(CubeProgram& program, const std::vector<DataType>& types,
                        const CubeProfile& profile, const ChipConfig& chip);

}  // namespace vitruvian::tb
