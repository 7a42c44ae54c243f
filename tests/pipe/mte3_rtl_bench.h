// SPDX-License-Identifier: Apache-2.0
//
// A bench of its own for the Verilated MTE3: the closed forms of docs/timing.md (M1, M3, M4, G5, States) as the
// only idea of time. It shares no code with systemc/.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "tests/pipe/mover_under_test.h"

namespace vitruvian::tests {

struct Mte3Settings {
  std::uint64_t setup = 20, latency = 8, in_flight = 32;
};

// What must have happened for a random run to mean something.
struct Mte3Coverage {
  std::uint64_t starts = 0, beats = 0, part_beats = 0;
  std::uint64_t frozen = 0;  // cycles
  std::uint64_t held = 0;    // cycles a head was held by in_flight
  std::uint64_t most_in_flight = 0, most_sending = 0;
};

class Mte3RtlBench {
 public:
  // What is written to GM is given to `write`, in order.
  Mte3RtlBench(const tb::MoverLibrary& library, const Mte3Settings& settings, const RandomGm& gm, std::vector<std::uint8_t> l1);

  // One cycle with this instruction (if any) at the port. Returns whether it was taken.
  bool cycle(const models::Instruction* head);

  struct Write {
    std::uint64_t address;
    std::vector<std::uint8_t> bytes;
  };
  const std::vector<Write>& writes() const { return writes_; }
  std::uint64_t now() const { return mover_.now(); }
  std::uint64_t last_end() const { return last_end_; }  // of the instruction that ended last
  bool idle() const { return jobs_.empty(); }
  const Mte3Coverage& coverage() const { return coverage_; }

 private:
  static constexpr std::uint64_t unknown = ~std::uint64_t{0};
  struct Job {
    std::uint64_t number, last_taken = unknown, end = unknown;
  };
  struct Beat {
    std::uint64_t job, due;           // due: the count of cycles that were not frozen, when it is offered
    std::uint64_t gm, l1, size;
    bool last;
  };

  void start(const models::CopyL1Gm& copy);
  void look_at_states(const VitMoverOut& out, bool head, bool starts, bool frozen);
  void look_at_read(const VitMoverOut& out, bool frozen);
  void look_at_beat(const VitMoverOut& out, const Beat* beat);
  void take(const Beat& beat);
  void answer_l1(VitMoverIn& in);
  Job& job(std::uint64_t number) { return jobs_[number - jobs_.front().number]; }

  const std::uint64_t rate_;
  Mte3Settings settings_;
  RandomGm gm_;
  MoverUnderTest mover_;
  std::vector<std::uint8_t> l1_, answer_;
  std::uint64_t answer_from_ = unknown;  // byte of L1 read in the cycle before
  std::deque<Job> jobs_;                 // started, end >= now
  std::deque<Beat> beats_;               // not taken before now
  std::vector<Write> writes_;
  std::uint64_t place_ = 0;              // cycles before now that were not frozen
  std::uint64_t next_start_ = 0;         // by that count
  std::uint64_t taken_ = 0, asked_ = 0, last_ack_ = 0, started_ = 0, last_end_ = 0;
  std::uint64_t waits_until_ = unknown;  // the cycle in which the beat offered is taken
  Mte3Coverage coverage_;
};

}  // namespace vitruvian::tests
