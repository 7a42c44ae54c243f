// SPDX-License-Identifier: Apache-2.0
//
// A made-up run of a tiled matrix multiply, for tests of what is written about runs: its numbers
// are not the model's, but hang together as a run's do (order, flags, states that add up).
#pragma once

#include "tb/report/result.h"

namespace vitruvian::tb {

struct SyntheticOptions {
  std::uint32_t tiles = 24;  // output tiles; about 26 instructions each
  std::uint32_t cores = 1;
  std::uint64_t trace_limit = 1'000'000;  // instructions recorded
  std::uint64_t seed = 1;
};

RunResult synthetic_run(const SyntheticOptions& options);

}  // namespace vitruvian::tb
