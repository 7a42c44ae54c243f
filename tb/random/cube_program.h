// SPDX-License-Identifier: Apache-2.0
//
// Random programs for the M and FIX pipes of a cube core, with the L0 contents they start from.
// Legal by construction (the builder checks every instruction), race-free and free of deadlock by
// construction (tb/random/order.h, and the rules in docs/lockstep.md).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/arch/chip_config.h"
#include "models/core/state.h"
#include "models/program/program.h"
#include "tb/common/random.h"
#include "tb/random/cube_profile.h"

namespace vitruvian::tb {

struct CubeProgram {
  Seed seed{0};
  std::string profile;
  models::Program program;
  std::vector<std::uint8_t> l0a, l0b, l0c, bt;  // what the buffers hold at first
  std::string numbers;                          // the mixes they were drawn from: "A f16 wide, ..."
  std::uint64_t mmads = 0;
  std::uint64_t fixpipes = 0;
  std::uint64_t slots = 0;  // cube cycles of all mmads, unstalled
};

// The same seed, profile and chip give the same program for ever.
CubeProgram random_cube_program(Seed seed, const CubeProfile& profile, const ChipConfig& chip);

// Puts the contents into a core's buffers.
void fill(const CubeProgram& program, models::CoreState& state);

// Slots the cube's sequencer gives an mmad (docs/pipe/cube.md, "occupancy").
std::uint64_t cube_slots(const models::Mmad& mmad, const CubeConfig& cube);

// Output tiles of an mmad: how many slots lie between two visits of one, at least.
std::uint64_t output_tiles(const models::Mmad& mmad, const CubeConfig& cube);

}  // namespace vitruvian::tb
