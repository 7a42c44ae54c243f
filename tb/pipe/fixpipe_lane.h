/* SPDX-License-Identifier: Apache-2.0
 *
 * C interface of the Verilated conversion alone (rtl/pipe/vit_fixpipe_lane.sv): 32 words of L0C at once, two
 * rows of 16. A shared object made by `scripts/build_block fixpipe_lane`.
 */
#pragma once

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)  /* shared objects are built with everything else hidden */
typedef struct VitFixpipeLane VitFixpipeLane;

typedef struct {
  uint8_t is_float, relu, quant; /* quant: models::Quant */
  const uint32_t* words;         /* 32, row-major */
  const uint64_t* scales;        /* 16 quantisation words, one a column */
} VitFixpipeLaneIn;

VitFixpipeLane* vit_fixpipe_lane_create(void);
void vit_fixpipe_lane_destroy(VitFixpipeLane* lane);
/* One cycle: `in` may be null, without `go` nothing moves. Returns the 32 results that stand at the output
 * after it, or null; valid until the next call. */
const uint32_t* vit_fixpipe_lane_cycle(VitFixpipeLane* lane, uint8_t go, const VitFixpipeLaneIn* in);
#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif
