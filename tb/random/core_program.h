// SPDX-License-Identifier: Apache-2.0
//
// Random programs for a whole cube core: legal, free of races and of deadlock by construction (core_order.h), over every
// instruction of the table.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "models/arch/chip_config.h"
#include "models/core/state.h"
#include "models/program/program.h"
#include "tb/common/random.h"

namespace vitruvian::tb {

// What kind of program: one row a profile. Percentages are of the instructions drawn; the rest are single loads, copies, mmads
// and fixpipes of any kind.
struct CoreProfile {
  std::string_view name;
  std::string_view doc;
  std::uint64_t instructions;      // of one program, about
  std::uint64_t places;            // each memory is cut into so many; two instructions in one are ordered
  std::uint64_t place_bytes;       // and a place is at most so large: small ones make small instructions
  std::uint64_t products_percent;  // mmads of several tiles ...
  std::uint64_t handed_percent;    // ... and of those what FIX takes over by unit flags
  std::uint64_t announce_percent;  // flags set at once and waited for later
  std::uint64_t noise_percent;     // barriers and scalar work nobody needs
};

std::span<const CoreProfile> core_profiles();
// Throws InputError naming the known ones.
const CoreProfile& core_profile(std::string_view name);

models::Program random_core_program(const CoreProfile& profile, const Seed& seed, const ChipConfig& chip);

// What buffers and GM hold before it: numbers of every kind, and random bits.
void fill_core(const Seed& seed, models::CoreState& state);
// The part of GM programs use.
inline constexpr std::uint64_t random_gm_bytes = 1 << 20;

}  // namespace vitruvian::tb
