// SPDX-License-Identifier: Apache-2.0
//
// A bench of its own for the Verilated MTE2: the closed forms of docs/timing.md (M1, G1-G3, G6, States) as the
// only idea of time, the definitions of the instructions as the only idea of where a byte goes. It shares no code
// with systemc/.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <vector>

#include "tests/pipe/mover_under_test.h"

namespace vitruvian::tests {

struct Mte2Settings {
  std::uint64_t setup = 20, request = 4, in_flight = 32, outstanding = 256, read_rate = 168, read_grain = 128;
};

// Global memory: a byte is a function of its address, so there is nothing to store.
std::uint64_t gm_word(std::uint64_t address);  // eight bytes from a multiple of 8 on

// A contiguous piece of GM that a copy reads.
struct GmPiece {
  std::uint64_t address, size;
};
std::vector<GmPiece> pieces_read(const models::Instruction& instruction);

// What must have happened for a random run to mean something.
struct Mte2Coverage {
  std::uint64_t starts = 0, noops = 0, fills = 0, bursts = 0, beats = 0;
  std::uint64_t padded = 0, nine_rows = 0, second_beats = 0;
  std::uint64_t waiting = 0;       // cycles a request was not taken
  std::uint64_t held = 0;          // cycles a head was held by in_flight or G6
  std::uint64_t limited = 0;       // bursts held by the outstanding limit
  std::uint64_t fractions = 0;     // bursts that began inside a cycle
  std::uint64_t most_in_flight = 0;
};

class Mte2RtlBench {
 public:
  Mte2RtlBench(const tb::MoverLibrary& library, const Mte2Settings& settings, const RandomGm& gm);

  // One cycle with this instruction (if any) at the port. Returns whether it was taken.
  bool cycle(const models::Instruction* head);

  // L1, L0A and L0B as written.
  std::vector<std::uint8_t>& image(int space) { return images_[space]; }
  std::uint64_t now() const { return mover_.now(); }
  std::uint64_t last_end() const { return last_end_; }  // of the instruction that ended last
  bool idle() const { return jobs_.empty(); }
  const Mte2Coverage& coverage() const { return coverage_; }

 private:
  struct Job {
    models::Instruction instruction;
    std::uint64_t start, last_sent, end;  // last_sent: of a fill, its end
  };
  struct Burst {
    const Job* job;
    std::uint64_t address, size, piece, offset;  // offset: of its first byte in piece number `piece`
    bool ends_piece;
    std::uint64_t offered, taken, done;
    bool two_beats() const { return address % 512 < 256 && address % 512 + size > 256; }
  };
  struct Row {
    int space;
    std::uint64_t address;
    std::uint32_t enables;
    std::array<std::uint8_t, 32> bytes;
  };

  void start(const models::Instruction& instruction);
  void plan_copy(Job& job);
  void plan_burst(Job& job, GmPiece piece, std::uint64_t number, std::uint64_t at);
  const Burst* burst_with_data() const;
  std::vector<Row> rows_due() const;
  std::vector<Row> rows_of_beat(const Burst& burst) const;
  void look_at_states(const VitMoverOut& out, const models::Instruction* head, bool starts);
  void look_at_request(const VitMoverOut& out);
  void look_at_rows(const VitMoverOut& out);
  bool may_start(const models::Instruction& instruction) const;
  void forget_the_past();

  Mte2Settings settings_;
  RandomGm gm_;
  MoverUnderTest mover_;
  std::array<std::vector<std::uint8_t>, 3> images_;
  std::deque<Job> jobs_;      // started, end >= now
  std::deque<Burst> bursts_;  // planned, done >= now
  std::size_t next_burst_ = 0;  // of bursts_: the first not taken before now
  std::uint64_t next_start_ = 0, last_end_ = 0;
  // of the port: time in units of 1 / read_rate of a cycle
  std::uint64_t sent_ = 0, free_ = 0, last_taken_ = 0, last_done_ = 0;
  std::vector<std::uint64_t> done_;  // of every burst
  Mte2Coverage coverage_;
};

}  // namespace vitruvian::tests
