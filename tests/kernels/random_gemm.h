// SPDX-License-Identifier: Apache-2.0
//
// Random multiplications that look for edges: sizes beside tile boundaries, every dtype and
// orientation, tiles of their own.
#pragma once

#include <cstdint>
#include <random>

#include "tests/kernels/gemm_case.h"

namespace vitruvian::tests {

GemmCase random_gemm(std::uint64_t seed, std::uint64_t most_macs = 1 << 22);

}  // namespace vitruvian::tests
