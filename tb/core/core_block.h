// SPDX-License-Identifier: Apache-2.0
//
// The C interface of a Verilated cube core (vit_aic): a shared object that scripts/build_block makes exports
// these functions. No Verilator type crosses it. Ports and cycles: docs/core/aic.md.
//
// One cycle is vit_core_ask(), then vit_core_clock():
//   ask    returns the requests the core offers GM in the cycle: they depend on earlier cycles only, so that memory
//          can say in the same cycle whether it takes them;
//   clock  gives the inputs, settles, returns every output of the cycle, and clocks.
#pragma once

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define VIT_CORE_ABI 1

typedef struct VitCore VitCore;

typedef struct {
  int32_t abi;                      // VIT_CORE_ABI
  int32_t m, k, n;                  // shape of the cube, in fp16 products
  int32_t numerics;                 // 0 dot24, 1 fused24, 2 tree
  int32_t revisit;                  // D
  int32_t l1, l0a, l0b, l0c, bt, fb;            // bytes
  int32_t l0a_rate, l0b_rate, fix_rate, write_rate;  // bytes a cycle
  int32_t queue, sets;              // deepest queue, most pending set_flags
  int32_t asserts, traced;          // built with assertions; with waveforms
  int32_t instruction_words;        // of 64 bits
} VitCoreParameters;

enum { VIT_GM_MTE2, VIT_GM_S };     // read ports
enum { VIT_GM_FIX, VIT_GM_MTE3 };   // write ports

// What the core sees in a cycle. A null pointer: nothing there.
typedef struct {
  const uint64_t* instruction;      // at the port, encoded
  const uint8_t* read_data[2];      // a beat of GM: 256 B
  uint8_t read_ready[2];
  uint8_t write_ready[2];
  uint8_t acknowledge[2];
} VitCoreIn;

typedef struct {
  uint8_t valid;
  uint16_t size;
  uint64_t address;
} VitCoreRead;

// A beat of up to two pieces; those of size 0 are none.
typedef struct {
  uint8_t valid, last;              // last: asks for an acknowledgement
  uint16_t size[2];
  uint64_t address[2];
  const uint8_t* data[2];           // valid until the next call
} VitCoreWrite;

// Bit or three bits of each of S, M, MTE1, MTE2, MTE3, FIX, S in the lowest.
typedef struct {
  uint8_t taken;                    // the instruction at the port
  uint8_t started;                  // the head of a queue; S: an instruction of its own
  uint8_t noop;                     // what started is work that ends with it
  uint8_t ended;                    // the oldest work under way; S: one that is no set_flag
  uint8_t raised;                   // the oldest pending set_flag
  uint8_t error;                    // the event it raises is up
  uint8_t response;                 // `value` leaves through the response port
  uint32_t states;
  uint64_t value;
  VitCoreRead read[2];
  VitCoreWrite write[2];
} VitCoreOut;

// The ports of the buffers, in the order of systemc::Port.
enum {
  VIT_L1_READ_MTE1, VIT_L1_READ_MTE3, VIT_L1_READ_FIX, VIT_L1_WRITE_MTE2, VIT_L1_WRITE_FIX,
  VIT_L0A_WRITE_MTE1, VIT_L0A_WRITE_MTE2, VIT_L0B_WRITE_MTE1, VIT_L0B_WRITE_MTE2, VIT_L0A_READ, VIT_L0B_READ,
  VIT_L0C_READ, VIT_L0C_WRITE, VIT_L0C_READ_FIX, VIT_BT_WRITE, VIT_BT_READ, VIT_FB_WRITE, VIT_FB_READ
};
#define VIT_CORE_ROWS 32            // a beat has at most

typedef struct {
  uint64_t address;
  uint32_t size;
  const uint8_t* bytes;             // of a write; null: a read
} VitCoreRow;
// One beat of a port in the cycle: its rows in the order the port has them.
typedef void (*VitCoreBeat)(void* context, int32_t port, const VitCoreRow* rows, int32_t count);

// Null if it cannot be made. Out of reset, every setting zero.
VitCore* vit_core_create(void);
void vit_core_destroy(VitCore* core);
void vit_core_parameters(VitCoreParameters* parameters);

// A key of the chip file that is no parameter ("mte1.latency"), before the first cycle. False if there is none such.
uint8_t vit_core_set(VitCore* core, const char* key, uint64_t value);

// Fills in `read` and `write` only.
void vit_core_ask(VitCore* core, VitCoreOut* out);
void vit_core_clock(VitCore* core, const VitCoreIn* in, VitCoreOut* out);
// The beats on the ports of the buffers in the cycle clocked last; GM's stand in VitCoreOut.
void vit_core_beats(VitCore* core, VitCoreBeat beat, void* context);

// The bytes of a buffer: "L1", "L0A", "L0B", "L0C", "BT", "FB". To be read and written between cycles only. Null: no such.
uint8_t* vit_core_buffer(VitCore* core, const char* name, uint64_t* size);

// The text of a failed assertion, or null; it stays failed.
const char* vit_core_failure(const VitCore* core);

// Waveforms; false if the block was built without, or the file cannot be written. Cycles are dumped (two samples
// each) while a file is open, at `cycle` as set before each cycle.
uint8_t vit_core_trace_open(VitCore* core, const char* path, uint64_t picoseconds_per_cycle);
void vit_core_trace_cycle(VitCore* core, uint64_t cycle);
void vit_core_trace_close(VitCore* core);

#ifdef __cplusplus
}
#endif
