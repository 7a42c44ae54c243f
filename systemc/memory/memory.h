// SPDX-License-Identifier: Apache-2.0
//
// Global memory as the cores see it: a port with a rate for each core and direction, and a latency
// behind it (docs/timing.md, G1-G4). Contents stand in models::Memory.
//
// A copy crosses the socket as one payload that carries its burst list as an extension and gets the
// completion cycle of each burst back; bursts sent one by one get the same cycles. A payload
// without the extension is cut into bursts here. With the extension the list alone says what is
// accessed. A payload without a data pointer moves no bytes: the core's instructions move theirs
// themselves, when they end.
#pragma once

#include <cstdint>
#include <systemc>
#include <tlm>
#include <tlm_utils/multi_passthrough_target_socket.h>
#include <vector>

#include "models/arch/chip_config.h"
#include "models/memory/memory.h"
#include "systemc/memory/clock.h"

namespace vitruvian::systemc {

// Contiguous bytes inside one 512 B line.
struct Burst {
  GmAddress address;
  Bytes size;
  Cycle done;  // filled in: read data are in the core, written data are acknowledged
};

class BurstList : public tlm::tlm_extension<BurstList> {
 public:
  static constexpr std::uint64_t line = 512;
  static constexpr std::uint64_t sector = 128;

  Cycle from;                 // no burst enters the port sooner
  std::vector<Burst> bursts;  // in the order they enter it
  Cycle left;                 // filled in: the last has left the port before this cycle

  // Cuts `size` bytes at `start` at lines and appends the pieces.
  void add(GmAddress start, Bytes size);

  tlm::tlm_extension_base* clone() const override { return new BurstList{*this}; }
  void copy_from(const tlm::tlm_extension_base& other) override {
    *this = static_cast<const BurstList&>(other);
  }
};

class Memory : public sc_core::sc_module {
 public:
  // One port per core that binds to it.
  tlm_utils::multi_passthrough_target_socket<Memory> socket{"socket"};

  Memory(const sc_core::sc_module_name& name, const ChipConfig& chip, models::Memory& contents);

 private:
  // When a port is free again, counted in 1 / rate of a cycle: exact.
  struct Port {
    std::uint64_t read_free = 0, write_free = 0;
  };
  // A direction of a port.
  struct Direction {
    std::uint64_t rate;
    Cycles latency;
    std::uint64_t grain;  // it moves whole multiples of this
  };

  void transport(int port, tlm::tlm_generic_payload& access, sc_core::sc_time& delay);
  void pass(BurstList& list, Direction direction, std::uint64_t& free) const;
  bool inside(const BurstList& list) const;
  void move(tlm::tlm_generic_payload& access);

  const GmConfig config_;
  const Clock clock_;
  models::Memory& contents_;
  std::vector<Port> ports_;
  BurstList own_;  // for payloads that bring none
};

}  // namespace vitruvian::systemc
