// SPDX-License-Identifier: Apache-2.0
//
// Which instruction sets the cube's host kernels are compiled for; before any Highway header.
#pragma once

#define HWY_WANT_AVX3_DL
#define HWY_DISABLED_TARGETS \
  (HWY_SSSE3 | HWY_SSE4 | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)

// Whether the target at hand has kernels. Hosts without AVX2 (NEON on Arm) use the scalar
// definition; which of these two targets stands for them depends on the compiler.
#define VITRUVIAN_CUBE_KERNELS (HWY_TARGET != HWY_SCALAR && HWY_TARGET != HWY_EMU128)
