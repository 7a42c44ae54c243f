// SPDX-License-Identifier: Apache-2.0
//
// GM at the ports of the Verilated core, cycle by cycle (docs/timing.md, "GM"). When a request is taken and when its
// data or acknowledgement come is memory's to say, as soon as it is offered; contents stand in models::Memory. A
// write is there once its beat is taken.
#pragma once

#include <array>
#include <deque>
#include <optional>

#include "models/memory/memory.h"
#include "systemc/memory/gm_answers.h"
#include "tb/core/core_block.h"

namespace vitruvian::tb {

// What memory says of a request. `done`: the last beat of data, or the acknowledgement.
struct GmVerdict {
  Cycle taken, done;
};

class GmOracle {
 public:
  virtual ~GmOracle() = default;
  // A port's request in the cycle it is first offered; requests of a port come in order.
  virtual GmVerdict read(systemc::GmPort port, Cycle offered, const VitCoreRead& request) = 0;
  virtual GmVerdict write(systemc::GmPort port, Cycle offered, const VitCoreWrite& beat) = 0;
};

// By the rules of docs/timing.md from what GmAnswers says of the n-th request.
class AnsweredGm final : public GmOracle {
 public:
  // `answers` outlives it.
  explicit AnsweredGm(const systemc::GmAnswers& answers) : answers_{answers} {}
  GmVerdict read(systemc::GmPort port, Cycle offered, const VitCoreRead& request) override;
  GmVerdict write(systemc::GmPort port, Cycle offered, const VitCoreWrite& beat) override;

 private:
  struct Count {
    std::uint64_t requests = 0, acknowledged = 0;
    Cycle done{0};  // of the latest
  };
  const systemc::GmAnswers& answers_;
  std::array<Count, systemc::gm_port_count> counts_;
};

class CoreGm {
 public:
  // Both outlive it.
  CoreGm(models::Memory& memory, GmOracle& oracle);

  // What the core offers in cycle `now`; then what it sees in it: ready, data, acknowledgements.
  void before(Cycle now, const VitCoreOut& asked, VitCoreIn& in);
  // What was taken.
  void after(const VitCoreIn& in, const VitCoreOut& out);
  // Nothing is under way.
  bool quiet() const;

 private:
  struct Beat {
    Cycle at;
    std::uint64_t address;  // of 256 B
  };
  struct Read {
    std::optional<GmVerdict> verdict;  // of the request offered
    std::deque<Beat> beats;
  };
  struct Write {
    std::optional<GmVerdict> verdict;
    std::deque<Cycle> acknowledgements;
  };

  const std::uint8_t* data(std::uint64_t address);
  void store(const VitCoreWrite& beat);

  models::Memory& memory_;
  GmOracle& oracle_;
  std::array<Read, 2> reads_;
  std::array<Write, 2> writes_;
  std::array<std::uint8_t, 256> edge_{};  // a beat that goes beyond the end of GM
};

}  // namespace vitruvian::tb
