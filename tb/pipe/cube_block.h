// SPDX-License-Identifier: Apache-2.0
//
// The C interface of a Verilated cube: a shared object that scripts/build_block makes exports these
// functions. No Verilator type crosses it, so blocks of different shapes, versions and variants can be
// loaded side by side. Ports and cycles: docs/pipe/cube.md.
//
// One cycle is vit_cube_ask(), then vit_cube_clock():
//   ask    drives what was registered before the cycle (the instruction at the port, data of the reads
//          of the cycle before), lets the logic settle with the clock low, and returns what stage 0 asks;
//   clock  gives the answers, settles, returns every request and result of the cycle, and clocks.
#pragma once

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define VIT_CUBE_ABI 1

typedef struct VitCube VitCube;

typedef struct {
  int32_t abi;                     // VIT_CUBE_ABI
  int32_t m, k, n;                 // shape, in fp16 products
  int32_t numerics;                // 0 dot24, 1 fused24, 2 tree
  int32_t revisit;                 // D
  int32_t asserts, traced;         // built with assertions; with waveforms
  int32_t instruction_words;       // of 64 bits
} VitCubeParameters;

// What the block sees at the start of a cycle. A null pointer: no data this cycle.
typedef struct {
  uint8_t valid;                   // an instruction stands at the port
  const uint64_t* instruction;     // its encoded words
  const uint8_t* l0a;              // M0 rows of 2 * K0 bytes
  const uint8_t* l0b;              // N0 rows of 2 * K0 bytes
  const uint8_t* bt;               // N0 words
  const uint8_t* l0c;              // M0 x N0 words, row-major
} VitCubeIn;

// What stage 0 asks, before it is answered.
typedef struct {
  uint8_t ready;                   // the port would take an instruction: with valid, it starts
  uint8_t flag_check;              // asks whether unit flags are up
  uint8_t l0c_request;             // the tile reads L0C
  uint32_t flag_first;             // first granule of 512 B
  uint32_t flag_mask;              // bit i: granule flag_first + i
} VitCubeAsk;

// Every request and result of the cycle. Reads are answered in the next cycle's VitCubeIn.
typedef struct {
  uint8_t fired;                   // a tile was issued
  uint8_t l0a_read, l0b_read, bt_read, l0c_read;
  uint8_t l0c_write, flag_set, done, busy;
  uint32_t l0a_address[2];         // byte address of the tile's first row in each fractal row
  uint32_t l0b_address, bt_address;
  uint32_t l0c_read_address, l0c_write_address;  // byte address of the tile's first word
  uint32_t row_mask, column_mask;  // of the write
  uint32_t flag_set_first, flag_set_mask;
  const uint32_t* l0c_data;        // M0 x N0 words; valid until the next call
} VitCubeOut;

// Null if it cannot be made.
VitCube* vit_cube_create(void);
void vit_cube_destroy(VitCube* cube);
void vit_cube_parameters(VitCubeParameters* parameters);

void vit_cube_ask(VitCube* cube, const VitCubeIn* in, VitCubeAsk* ask);
// `flags_down`: every flag asked about is down. `l0c_grant`: L0C's read port is free for the tile.
void vit_cube_clock(VitCube* cube, uint8_t flags_down, uint8_t l0c_grant, VitCubeOut* out);

// The text of a failed assertion, or null; it stays failed.
const char* vit_cube_failure(const VitCube* cube);

// Waveforms; false if the block was built without, or the file cannot be written. Cycles are dumped
// (two samples each) while a file is open, at `cycle` as set before each vit_cube_ask().
uint8_t vit_cube_trace_open(VitCube* cube, const char* path, uint64_t picoseconds_per_cycle);
void vit_cube_trace_cycle(VitCube* cube, uint64_t cycle);
void vit_cube_trace_close(VitCube* cube);

#ifdef __cplusplus
}
#endif
