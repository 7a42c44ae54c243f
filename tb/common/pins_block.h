// SPDX-License-Identifier: Apache-2.0
//
// The C interface of a small Verilated module, for benches: its ports by name. scripts/build_block makes the
// shared object. A port is its bits as little-endian bytes.
#pragma once

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct VitPins VitPins;

typedef struct {
  const char* name;
  int32_t bits;
  uint8_t input;
} VitPin;

// Out of reset, with every input zero.
VitPins* vit_pins_create(void);
void vit_pins_destroy(VitPins* module);
int32_t vit_pins_count(void);
VitPin vit_pins_pin(int32_t i);
uint8_t* vit_pins_bytes(VitPins* module, int32_t i);
// Lets the logic settle; `clock`: with the clock at this level.
void vit_pins_eval(VitPins* module, uint8_t clock);
// The text of a failed assertion, or null; it stays failed.
const char* vit_pins_failure(const VitPins* module);

#ifdef __cplusplus
}
#endif
