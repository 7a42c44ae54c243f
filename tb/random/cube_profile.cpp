// SPDX-License-Identifier: Apache-2.0
#include "tb/random/cube_profile.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "models/arch/error.h"
#include "models/arch/suggest.h"

namespace vitruvian::tb {
namespace {

// Weights of normal, wide, subnormal, special, zeros, cancel, integers, extreme, raw, ties.
using MixWeights = std::array<std::uint32_t, mix_count>;
constexpr MixWeights any_numbers = {4, 2, 2, 1, 1, 1, 1, 1, 1, 1};

constexpr CubeProfile profiles[] = {
    {.name = "mixed", .doc = "a little of everything", .mmads = 80, .slots = 3000,
     .m = {1, 64}, .n = {1, 64}, .k = {1, 96}, .whole_percent = 30, .gemv_percent = 8,
     .empty_percent = 2, .group = {1, 4}, .unit_percent = 40, .fix_percent = 50,
     .announce_percent = 40, .noise_percent = 8, .places = 0, .dtypes = {3, 2, 3, 2, 0, 2},
     .inits = {2, 2, 1}, .mixes = any_numbers},
    {.name = "back_to_back", .doc = "mmads with nothing between them that the order does not ask for",
     .mmads = 120, .slots = 4000, .m = {1, 80}, .n = {1, 80}, .k = {1, 64}, .whole_percent = 60,
     .gemv_percent = 2, .empty_percent = 1, .group = {1, 8}, .unit_percent = 0, .fix_percent = 5,
     .announce_percent = 0, .noise_percent = 0, .places = 0, .dtypes = {3, 2, 3, 2, 0, 2},
     .inits = {2, 2, 1}, .mixes = {6, 1, 1, 0, 1, 0, 1, 0, 0, 1}},
    {.name = "partial_tiles", .doc = "sizes that end inside a tile, a fractal, a lane group",
     .mmads = 100, .slots = 3000, .m = {1, 50}, .n = {1, 50}, .k = {1, 70}, .whole_percent = 0,
     .gemv_percent = 3, .empty_percent = 2, .group = {1, 2}, .unit_percent = 30, .fix_percent = 40,
     .announce_percent = 30, .noise_percent = 3, .places = 0, .dtypes = {2, 2, 3, 2, 0, 2},
     .inits = {1, 1, 1}, .mixes = {4, 1, 1, 1, 0, 0, 1, 0, 2, 1}},
    {.name = "gemv", .doc = "m = 1: A is a plain row", .mmads = 100, .slots = 4000, .m = {1, 4},
     .n = {1, 256}, .k = {1, 600}, .whole_percent = 10, .gemv_percent = 90, .empty_percent = 1,
     .group = {1, 3}, .unit_percent = 30, .fix_percent = 30, .announce_percent = 30,
     .noise_percent = 3, .places = 0, .dtypes = {2, 2, 3, 2, 0, 2}, .inits = {1, 1, 1},
     .mixes = any_numbers},
    {.name = "unit_flags", .doc = "every output handed to FIX by unit flags, few places in L0C",
     .mmads = 60, .slots = 3000, .m = {1, 64}, .n = {1, 64}, .k = {1, 64}, .whole_percent = 50,
     .gemv_percent = 5, .empty_percent = 2, .group = {1, 4}, .unit_percent = 95, .fix_percent = 50,
     .announce_percent = 20, .noise_percent = 5, .places = 3, .dtypes = {3, 2, 2, 2, 0, 2},
     .inits = {2, 2, 1}, .mixes = any_numbers},
    {.name = "l0c_contention", .doc = "long accumulating mmads while FIX reads other long outputs",
     .mmads = 30, .slots = 6000, .m = {32, 96}, .n = {32, 96}, .k = {48, 128}, .whole_percent = 70,
     .gemv_percent = 0, .empty_percent = 0, .group = {1, 4}, .unit_percent = 30, .fix_percent = 100,
     .announce_percent = 30, .noise_percent = 0, .places = 3, .dtypes = {3, 2, 2, 2, 0, 2},
     .inits = {3, 1, 1}, .mixes = {6, 1, 1, 0, 1, 0, 1, 0, 0, 1}},
    {.name = "numerics", .doc = "small outputs, every corner of the arithmetic", .mmads = 120,
     .slots = 3000, .m = {1, 32}, .n = {1, 32}, .k = {1, 80}, .whole_percent = 30,
     .gemv_percent = 4, .empty_percent = 0, .group = {1, 2}, .unit_percent = 10, .fix_percent = 30,
     .announce_percent = 10, .noise_percent = 2, .places = 0, .dtypes = {2, 2, 3, 1, 0, 1},
     .inits = {2, 1, 1}, .mixes = {1, 2, 3, 2, 1, 2, 1, 2, 2, 3}},
    {.name = "long_k", .doc = "few outputs, long sums: D rules", .mmads = 40, .slots = 6000,
     .m = {1, 20}, .n = {1, 40}, .k = {200, 4095}, .whole_percent = 40, .gemv_percent = 10,
     .empty_percent = 0, .group = {1, 2}, .unit_percent = 20, .fix_percent = 40,
     .announce_percent = 20, .noise_percent = 3, .places = 0, .dtypes = {2, 2, 3, 2, 0, 2},
     .inits = {1, 1, 1}, .mixes = {4, 1, 1, 0, 1, 1, 1, 1, 0, 1}},
    {.name = "tiny", .doc = "one or two tiles, and none", .mmads = 150, .slots = 2000, .m = {1, 18},
     .n = {1, 18}, .k = {1, 18}, .whole_percent = 20, .gemv_percent = 15, .empty_percent = 8,
     .group = {1, 3}, .unit_percent = 30, .fix_percent = 30, .announce_percent = 30,
     .noise_percent = 10, .places = 0, .dtypes = {2, 2, 3, 2, 0, 2}, .inits = {1, 1, 1},
     .mixes = any_numbers},
};

}  // namespace

std::span<const CubeProfile> cube_profiles() { return profiles; }

const CubeProfile& cube_profile(std::string_view name) {
  const auto found = std::ranges::find(profiles, name, &CubeProfile::name);
  if (found != std::end(profiles)) return *found;
  std::vector<std::string_view> known;
  std::string listed;
  for (const CubeProfile& p : profiles) {
    known.push_back(p.name);
    listed += (listed.empty() ? "" : ", ") + std::string{p.name};
  }
  throw InputError{fmt::format("unknown profile '{}'{}; known: {}", name, did_you_mean(name, known), listed)};
}

}  // namespace vitruvian::tb
