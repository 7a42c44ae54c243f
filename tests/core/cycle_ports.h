// SPDX-License-Identifier: Apache-2.0
//
// GM's ports as docs/timing.md (G1, G2, G4, G5) says, stepped cycle by cycle: what a burst costs is
// paid `rate` bytes a cycle, data come beat by beat.
#pragma once

#include <array>
#include <deque>

#include "systemc/memory/gm_answers.h"
#include "tests/core/cycle_moves.h"

namespace vitruvian::tests {

// A request a port took: in which cycle, and its bytes.
struct Taken {
  u64 cycle, bytes;
  friend bool operator==(const Taken&, const Taken&) = default;
};

class ReadPort {
 public:
  ReadPort(systemc::GmPort port, const systemc::GmAnswers& answers, const ChipConfig& chip)
      : port_{port}, answers_{answers}, rate_{chip.gm.read_rate.value},
        grain_{chip.gm.read_grain.value()}, outstanding_{chip.mte2.outstanding} {}

  // A burst enters the port from cycle `from` on; the two get its cycles.
  void send(const std::pair<u64, u64>& burst, u64 from, u64* taken, u64* done);
  void step(u64 cycle);
  bool active() const { return !waiting_.empty() || !flying_.empty(); }
  const std::vector<Taken>& all_taken() const { return all_taken_; }

 private:
  struct Burst {
    u64 bytes, cost, beats, from;
    u64* taken;
    u64* done;
    u64 paid = 0, due = unknown;     // due: the cycle after it has paid
    u64 offers_left = unknown;       // once offered
    u64 ready = 0;                   // once taken: when its last beat may come
  };
  void offer(u64 cycle);
  void pay(u64 cycle);
  void bring_data(u64 cycle);

  const systemc::GmPort port_;
  const systemc::GmAnswers& answers_;
  const u64 rate_, grain_, outstanding_;
  std::deque<Burst> waiting_, flying_;
  u64 requests_ = 0;
  std::vector<Taken> all_taken_;
};

class WritePort {
 public:
  WritePort(systemc::GmPort port, const systemc::GmAnswers& answers)
      : port_{port}, answers_{answers} {}

  // A beat is offered in this cycle, `bytes` of it; asked again every cycle until it is taken. Is
  // it? `asks`: for the acknowledgement, whose cycle goes there.
  bool offer(u64 cycle, u64 bytes, u64* asks);
  // At most one acknowledgement comes.
  void step(u64 cycle);
  bool active() const { return !asked_.empty(); }
  const std::vector<Taken>& all_taken() const { return all_taken_; }

 private:
  struct Asked {
    u64 ready;
    u64* cycle;
  };
  const systemc::GmPort port_;
  const systemc::GmAnswers& answers_;
  u64 beats_ = 0, acknowledgements_ = 0;
  u64 offers_left_ = unknown;
  std::deque<Asked> asked_;
  std::vector<Taken> all_taken_;
};

}  // namespace vitruvian::tests
