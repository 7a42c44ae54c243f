// SPDX-License-Identifier: Apache-2.0
#include "models/pipe/cube_simd.h"

#include <bit>

#include "models/pipe/cube_simd_targets.h"
#include <hwy/targets.h>

namespace vitruvian::models::simd {

const char* target_name() {
  // A lower bit is a better target.
  const auto compiled = hwy::SupportedTargets() & HWY_TARGETS;
  return hwy::TargetName(std::int64_t{1} << std::countr_zero(static_cast<std::uint64_t>(compiled)));
}

}  // namespace vitruvian::models::simd
