// SPDX-License-Identifier: Apache-2.0
//
// The C interface of a Verilated mover (MTE1, MTE2, MTE3, FIX): a shared object that scripts/build_block makes
// exports these functions, the same for every mover; what a mover lacks stays zero. No Verilator type crosses it.
// Ports and cycles: docs/core/aic.md.
//
// One cycle is vit_mover_begin(), then vit_mover_settle() as often as the mover asks something that is answered
// in the same cycle, then vit_mover_end():
//   begin   drives what was registered before the cycle (the instruction at the port, data of the reads of the
//           cycle before, what comes from GM) with every answer low, and lets the logic settle;
//   settle  gives the answers known so far, lets the logic settle, and returns what is asked then. FIX asks for its
//           unit flags only once GM's ready is in, and for L0C only once its flags are: three calls. MTE2 and MTE3:
//           one. MTE1 asks nothing: none;
//   end     returns every output of the cycle, and clocks.
// vit_mover_report() returns them before that, as they stand with the answers given so far: a beat to GM is known
// from the first settle on.
// All addresses are in bytes.
#pragma once

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define VIT_MOVER_ABI 1
#define VIT_MOVER_ROWS 9   // rows of 32 B a mover reads or writes in a cycle, at most
#define VIT_MOVER_PIECES 4 // of a beat to GM, at most

typedef struct VitMover VitMover;

typedef enum { VIT_L1, VIT_L0A, VIT_L0B, VIT_BT, VIT_FB } VitSpace;  // the first three as wr_space_o counts them

typedef struct {
  int32_t abi;                     // VIT_MOVER_ABI
  const char* block;               // "mte1"
  int32_t asserts, traced;         // built with assertions; with waveforms
  int32_t instruction_words;       // of 64 bits
  // What it was built for; zero where the mover has no such thing.
  int32_t l1_bytes, l0a_bytes, l0b_bytes, l0c_bytes, bt_bytes, fb_bytes;
  int32_t l0a_rate, l0b_rate, gm_rate;  // bytes a cycle; gm_rate: of its writes to GM
} VitMoverParameters;

// What the mover sees at the start of a cycle. A null pointer: no data this cycle.
typedef struct {
  uint8_t valid;                   // an instruction stands at the port
  const uint64_t* instruction;     // its encoded words
  const uint8_t* l1;               // the rows read, 32 B each, in the order of the list
  const uint8_t* l0c;              // 16 rows of 64 B
  const uint8_t* fb;               // 128 B
  const uint8_t* gm;               // a beat of data from GM: 256 B
  uint8_t gm_acknowledge;          // a write has been acknowledged
} VitMoverIn;

// Answers of the same cycle.
typedef struct {
  uint8_t gm_ready;                // the request or beat offered is taken
  uint8_t flags_up;                // every unit flag asked about is up
  uint8_t l0c_grant;
} VitMoverAnswers;

// What is asked once the answers given so far are in.
typedef struct {
  uint8_t gm_valid;                // a request or beat is offered
  uint8_t flag_check;              // asks whether unit flags are up
  uint8_t l0c_request;
  uint32_t flag_first;             // first granule of 512 B
  uint32_t flag_mask;              // bit i: granule flag_first + i
  uint64_t gm_address;             // of a read request
  uint32_t gm_size;
} VitMoverAsks;

// A row of 32 B written.
typedef struct {
  uint8_t space;                   // VitSpace
  uint32_t address;
  uint32_t enables;                // bit i: byte i is written
  const uint8_t* data;             // 32 B; valid until the next call
} VitMoverRow;

// A contiguous piece of a beat to GM.
typedef struct {
  uint64_t address;
  uint32_t size;                   // bytes; 0: no such piece
  const uint8_t* data;             // valid until the next call
} VitMoverPiece;

// Every output of the cycle. Reads are answered in the next cycle's VitMoverIn.
typedef struct {
  uint8_t ready, noop, done, busy, memory, stall, held;  // docs/core/aic.md
  uint8_t gm_read;                 // a read request is offered (taken if gm_ready was given)
  uint8_t gm_write, gm_last;       // a beat is offered; it asks for an acknowledgement
  uint8_t l0c_read, flag_clear;    // L0C is read; the unit flags asked about are cleared
  uint8_t fb_read;
  uint32_t l1_reads, writes, pieces;           // how many of each list below
  uint32_t l1_mask;                            // bit i: row i of the list is read; the others want no data
  uint32_t l1_address[VIT_MOVER_ROWS];
  VitMoverRow write[VIT_MOVER_ROWS];
  VitMoverPiece piece[VIT_MOVER_PIECES];
  uint64_t gm_address;             // of the read request
  uint32_t gm_size;
  uint32_t l0c_address, fb_address;
  uint32_t flag_first, flag_mask;  // of flag_clear
} VitMoverOut;

// Null if it cannot be made. It comes out of reset with every setting zero.
VitMover* vit_mover_create(void);
void vit_mover_destroy(VitMover* mover);
void vit_mover_parameters(VitMoverParameters* parameters);

// A cfg_*_i input, by the name between: "latency". Before the first cycle. False if the mover has none such.
uint8_t vit_mover_set(VitMover* mover, const char* name, uint32_t value);

void vit_mover_begin(VitMover* mover, const VitMoverIn* in);
void vit_mover_settle(VitMover* mover, const VitMoverAnswers* answers, VitMoverAsks* asks);
void vit_mover_report(const VitMover* mover, VitMoverOut* out);
void vit_mover_end(VitMover* mover, VitMoverOut* out);

// The text of a failed assertion, or null; it stays failed.
const char* vit_mover_failure(const VitMover* mover);

// Waveforms; false if the block was built without, or the file cannot be written. Cycles are dumped
// (two samples each) while a file is open, at `cycle` as set before each vit_mover_begin().
uint8_t vit_mover_trace_open(VitMover* mover, const char* path, uint64_t picoseconds_per_cycle);
void vit_mover_trace_cycle(VitMover* mover, uint64_t cycle);
void vit_mover_trace_close(VitMover* mover);

#ifdef __cplusplus
}
#endif
