/* SPDX-License-Identifier: Apache-2.0
 *
 * C interface of the Verilated datapath alone (rtl/pipe/vit_cube_array.sv), for measuring: a shared
 * object made by `scripts/build_block cube_array`. Values are checked through the whole block.
 */
#pragma once

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)  /* shared objects are built with everything else hidden */
typedef struct VitCubeArray VitCubeArray;

VitCubeArray* vit_cube_array_create(void);
void vit_cube_array_destroy(VitCubeArray* array);
/* One slot, and the clock. `first`, `last`: of its tile (both, unless fp32). a, b: raw rows of 2 * K0 bytes; c: the
 * accumulators of a tile some stages ahead. Returns the results that come out, or null. */
const uint32_t* vit_cube_array_cycle(VitCubeArray* array, uint8_t dtype, uint8_t hf32, uint8_t depth, uint8_t first, uint8_t last,
                                     const uint8_t* a, const uint8_t* b, const uint8_t* c);
#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif
