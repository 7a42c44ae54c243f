// SPDX-License-Identifier: Apache-2.0
//
// GM at the ports of the Verilated core, cycle by cycle: what memory decides about each request comes from
// GmAnswers, contents from models::Memory (docs/timing.md, "GM"). A write is in memory once its beat is taken.
#pragma once

#include <array>
#include <deque>
#include <optional>

#include "models/memory/memory.h"
#include "systemc/memory/gm_answers.h"
#include "tb/core/core_block.h"

namespace vitruvian::tb {

class CoreGm {
 public:
  // Both outlive it.
  CoreGm(models::Memory& memory, const systemc::GmAnswers& answers);

  // What the core sees in cycle `now`: ready, data, acknowledgements.
  void before(Cycle now, VitCoreIn& in);
  // What it asked in that cycle.
  void after(Cycle now, const VitCoreIn& in, const VitCoreOut& out);
  // Nothing is under way.
  bool quiet() const;

 private:
  // How a port's requests are taken: the n-th waits as long as memory says.
  struct Door {
    systemc::GmPort port;
    std::uint64_t count = 0;      // taken so far
    Cycles wait{0};               // of the next
    std::optional<Cycle> offered; // it, since
    bool ready(Cycle now) const { return wait == Cycles{0} || (offered && now == *offered + wait); }
  };
  struct Beat {
    Cycle at;
    std::uint64_t address;  // of 256 B
  };
  struct Read {
    Door door;
    Cycle done{0};          // of the latest request's data
    std::deque<Beat> beats;
  };
  struct Write {
    Door door;
    std::uint64_t acknowledged = 0;  // beats that ask for it
    Cycle latest{0};
    std::deque<Cycle> acknowledgements;
  };

  const std::uint8_t* data(std::uint64_t address);
  bool passes(Door& door, Cycle now, bool valid, bool ready) const;
  void take(Read& read, Cycle now, const VitCoreRead& request);
  void take(Write& write, Cycle now, const VitCoreWrite& beat);

  models::Memory& memory_;
  const systemc::GmAnswers& answers_;
  std::array<Read, 2> reads_;
  std::array<Write, 2> writes_;
  std::array<std::uint8_t, 256> edge_{};  // a beat that goes beyond the end of GM
};

}  // namespace vitruvian::tb
