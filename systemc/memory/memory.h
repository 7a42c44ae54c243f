// SPDX-License-Identifier: Apache-2.0
//
// Global memory as the cores see it (docs/timing.md, "GM"): for each core the four ports of its
// movers, and what it answers the n-th request of each. Contents stand in models::Memory.
//
// A copy crosses the socket as one payload that carries its burst list as an extension and gets
// every burst's cycles back; bursts sent one by one get the same cycles. A payload without the
// extension is cut into bursts here: a read as MTE2's, a write as MTE3's. With the extension the
// list alone says what is accessed. A payload without a data pointer moves no bytes: the core's
// instructions move theirs themselves, when they end.
#pragma once

#include <systemc>
#include <tlm_utils/multi_passthrough_target_socket.h>
#include <vector>

#include "models/arch/chip_config.h"
#include "models/memory/memory.h"
#include "systemc/memory/clock.h"
#include "systemc/memory/gm_port.h"

namespace vitruvian::systemc {

class Memory : public sc_core::sc_module {
 public:
  // One set of ports per core that binds to it.
  tlm_utils::multi_passthrough_target_socket<Memory> socket{"socket"};

  // `answers` decides about the requests of every core, each counted for itself; null: a memory
  // nobody else uses (UnloadedGm).
  Memory(const sc_core::sc_module_name& name, const ChipConfig& chip, models::Memory& contents,
         const GmAnswers* answers = nullptr);

 private:
  struct Ports {
    explicit Ports(const ChipConfig& chip)
        : mte2{chip.gm, chip.mte2.outstanding}, s{chip.gm, chip.mte2.outstanding} {}
    GmReadPort mte2, s;
    GmWritePort fix, mte3;
  };

  void transport(int port, tlm::tlm_generic_payload& access, sc_core::sc_time& delay);
  void cut(const tlm::tlm_generic_payload& access, const sc_core::sc_time& delay);
  void pass(BurstList& list, Ports& ports) const;
  template <class Answers>
  static void pass(BurstList& list, Ports& ports, const Answers& answers);
  bool inside(const BurstList& list) const;
  void move(tlm::tlm_generic_payload& access);

  const ChipConfig config_;
  const UnloadedGm unloaded_;
  const GmAnswers* const answers_;
  const Clock clock_;
  models::Memory& contents_;
  std::vector<Ports> ports_;
  BurstList own_;  // for payloads that bring none
};

}  // namespace vitruvian::systemc
