// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "models/kernels/gemm_tiles.h"
#include "models/pipe/cube_dot.h"

namespace vitruvian::tb {

// How far a result may be from `value`, the exact one, whose terms have magnitudes that sum to
// `magnitude`.
double gemm_bound(const models::GemmProblem& problem, models::CubeShape shape,
                  models::Numerics numerics, double value, double magnitude);

}  // namespace vitruvian::tb
