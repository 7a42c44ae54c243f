// SPDX-License-Identifier: Apache-2.0
//
// What kind of random program for the M and FIX pipes: one row a profile. A row is weights and
// ranges only; what makes a program legal, race-free and free of deadlock holds for every row.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "tb/random/numbers.h"

namespace vitruvian::tb {

struct Range {
  std::int64_t low, high;  // both included
};

struct CubeProfile {
  std::string_view name;
  std::string_view doc;
  std::int64_t mmads;             // of one program, at most
  std::int64_t slots;             // cube slots of one program, about
  Range m, n, k;                  // k in elements of the type, capped by the buffers
  std::int64_t whole_percent;     // sizes rounded up to whole fractals
  std::int64_t gemv_percent;      // m = 1
  std::int64_t empty_percent;     // one of m, n, k is zero
  Range group;                    // mmads in a row on one output
  std::int64_t unit_percent;      // groups handed to FIX by unit flags
  std::int64_t fix_percent;       // groups without unit flags that FIX reads
  std::int64_t announce_percent;  // flags set at once and waited for later
  std::int64_t noise_percent;     // barriers and scalar delays nobody needs
  std::int64_t places;            // outputs start at one of this many places in L0C; 0: anywhere
  std::uint32_t dtypes[6];        // weights of f16, bf16, f32, s8, s32 (never), s4
  std::uint32_t inits[3];         // weights of accumulate, zero, bias for the first of a group
  std::array<std::uint32_t, mix_count> mixes;  // weights of the number mixes
  std::int64_t hf32_percent = 60;     // fp32 mmads shortened, in either mode
  std::int64_t k_align_percent = 30;  // fp32 mmads
  std::int64_t no_gemv_percent = 25;  // mmads with m = 1
};

// Every profile; the first is the default.
std::span<const CubeProfile> cube_profiles();

// Throws InputError naming the known ones.
const CubeProfile& cube_profile(std::string_view name);

}  // namespace vitruvian::tb
