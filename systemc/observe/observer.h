// SPDX-License-Identifier: Apache-2.0
//
// What can be seen of a core from outside, cycle for cycle. The SystemC core tells it what it
// computes, the Verilated core what it did; lockstep holds the two side by side (docs/lockstep.md).
// Includes no SystemC.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "systemc/observe/stats.h"

namespace vitruvian::systemc {

// The ports of a cube core on which data move (docs/core/aic.md). L0, L0C and BT are M's unless
// another pipe is named.
enum class Port : std::uint8_t {
  l1_read_mte1, l1_read_mte3, l1_read_fix, l1_write_mte2, l1_write_fix,
  l0a_write_mte1, l0a_write_mte2, l0b_write_mte1, l0b_write_mte2, l0a_read, l0b_read,
  l0c_read, l0c_write, l0c_read_fix, bt_write, bt_read, fb_write, fb_read,
  gm_read_mte2, gm_read_s, gm_write_fix, gm_write_mte3
};
inline constexpr int port_count = 22;
inline constexpr std::string_view port_names[port_count] = {
    "MTE1 reads L1", "MTE3 reads L1", "FIX reads L1", "MTE2 writes L1", "FIX writes L1",
    "MTE1 writes L0A", "MTE2 writes L0A", "MTE1 writes L0B", "MTE2 writes L0B", "M reads L0A", "M reads L0B",
    "M reads L0C", "M writes L0C", "FIX reads L0C", "MTE1 writes BT", "M reads BT", "FIX writes FB", "FIX reads FB",
    "MTE2 reads GM", "S reads GM", "FIX writes GM", "MTE3 writes GM"};

// Contiguous bytes a beat moves: from `address` on, `size` of them. Reads of GM and of buffers name
// no bytes (`bytes` empty); writes do.
struct BeatRow {
  std::uint64_t address;
  std::uint32_t size;
  std::span<const std::uint8_t> bytes;
};

// Calls for one pipe or port come in ascending order of cycles; calls of different ones may run
// ahead of each other.
class CoreObserver {
 public:
  virtual ~CoreObserver() = default;
  virtual void issued(std::uint32_t instruction, models::Pipe pipe, Cycle at) = 0;
  virtual void started(std::uint32_t instruction, models::Pipe pipe, Cycle at) = 0;
  // In the order of the ends of one pipe's works; set_flags, waits and barriers come in their own
  // order.
  virtual void ended(std::uint32_t instruction, models::Pipe pipe, Cycle at) = 0;
  // Cycles [from, to) of a pipe in one state; runs follow each other without gaps.
  virtual void state(models::Pipe pipe, State state, Cycle from, Cycle to) = 0;
  // One beat of a port in a cycle: its rows in ascending address, joined where they touch. A
  // request for GM is a beat of the cycle it is taken in; one of FIX that only asks for an
  // acknowledgement has no rows. M reads whole tiles, over the edge of a partial one too: M0 rows
  // of A and N0 of B, 2 K0 bytes each and 32 B apart (A: 16 behind each of its addresses), M0 rows
  // of N0 words of L0C, N0 words of BT. It writes the rows and columns that count; those of a last
  // step are told with bytes. FIX reads whole fractals and 16 scale words, MTE3 the width of its
  // port.
  virtual void beat(Port port, Cycle at, std::span<const BeatRow> rows) = 0;
};

}  // namespace vitruvian::systemc
