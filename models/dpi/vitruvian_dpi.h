/* SPDX-License-Identifier: Apache-2.0
 *
 * The golden model of a cube core for other people's benches, as C functions a SystemVerilog simulator can import (DPI-C):
 * examples/dpi/. One call executes one instruction; an instruction is its encoded word (docs/isa.md, rtl/vit_pkg.sv).
 *
 * A function that can fail returns 1 if it did what was asked, else 0; vit_message() then says why, naming instruction, field, value
 * and limit.
 */
#ifndef VITRUVIAN_DPI_H
#define VITRUVIAN_DPI_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Memories, as in models/arch/address.h. */
enum vit_space { VIT_GM, VIT_L1, VIT_L0A, VIT_L0B, VIT_L0C, VIT_BT, VIT_FB };

/* A core of a chip (its name, or a chip file) under a numerics rule ("dot24", "fused24", "tree"), its buffers all zero. Null if
 * there is no such chip or rule: see vit_message(0). SystemVerilog: chandle. */
void* vit_core_create(const char* chip, const char* numerics);
void vit_core_destroy(void* core);

/* Executes the instruction in `word`: vit_word_bits() bits, the opcode in bits 7:0. SystemVerilog: input bit [INSTR_W-1:0]. */
int vit_execute(void* core, const uint32_t* word);
int vit_word_bits(void);

/* One byte, or one little-endian word of 32 bits, of a memory. */
int vit_write8(void* core, int space, int64_t address, uint8_t value);
int vit_write32(void* core, int space, int64_t address, uint32_t value);
int vit_read8(void* core, int space, int64_t address, uint8_t* value);
int vit_read32(void* core, int space, int64_t address, uint32_t* value);

/* Why the last call on this core (null: the last vit_core_create) failed; empty if it did not. Stands until the next call. */
const char* vit_message(void* core);

#ifdef __cplusplus
}
#endif
#endif
