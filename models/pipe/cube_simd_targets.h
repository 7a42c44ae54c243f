// SPDX-License-Identifier: Apache-2.0
//
// Which instruction sets the cube's host kernels are compiled for; before any Highway header.
// The scalar target stands for hosts without AVX2 (NEON on Arm): they use the scalar definition.
#pragma once

#define HWY_WANT_AVX3_DL
#define HWY_DISABLED_TARGETS \
  (HWY_SSSE3 | HWY_SSE4 | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
