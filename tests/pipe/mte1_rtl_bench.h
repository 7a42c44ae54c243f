// SPDX-License-Identifier: Apache-2.0
//
// A bench of its own for the Verilated MTE1: the closed forms of docs/timing.md (M1, M2, M4) as the only idea of
// time, the definitions of the instructions as the only idea of where a row is read and written; what a beat holds
// is what models/pipe leaves there. It shares no code with systemc/.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <vector>

#include "models/core/core.h"
#include "tests/pipe/mover_under_test.h"

namespace vitruvian::tests {

struct Mte1Settings {
  std::uint64_t setup = 3, load_tail = 1, latency = 36;
};

// What must have happened for a random run to mean something.
struct Mte1Coverage {
  std::uint64_t starts = 0, beats = 0, padded_rows = 0, beyond_rows = 0, wrapped_beats = 0, back_to_back = 0, most_in_flight = 0;
  std::array<std::uint64_t, 5> kinds{};           // in the order of the table
  std::array<std::uint64_t, 6> turned_types{};    // by DataType, load2d_transpose
  std::array<std::uint64_t, 3> turned_maps{};     // load3d: to L0A, L0A turned over, L0B
};

class Mte1RtlBench {
 public:
  Mte1RtlBench(const tb::MoverLibrary& library, const Mte1Settings& settings, const ChipConfig& chip, models::CoreState& golden);

  // One cycle with this instruction (if any) at the port. Returns whether it was taken; `golden` has executed it then.
  bool cycle(const models::Instruction* head);

  // L0A, L0B and BT as written, by VitSpace.
  std::vector<std::uint8_t>& image(int space) { return images_[space]; }
  std::uint64_t now() const { return mover_.now(); }
  std::uint64_t last_end() const { return last_end_; }  // of the instruction that ended last
  bool idle() const { return jobs_.empty(); }
  const Mte1Coverage& coverage() const { return coverage_; }

 private:
  struct Beat {
    std::uint32_t rows = 0;                      // bit i: row i is read
    std::array<std::uint64_t, 8> source{};       // byte of L1
    std::uint64_t destination = 0;               // byte of the space
  };
  struct Job {
    models::Instruction instruction;
    int space = 0;
    std::uint64_t start = 0, rate = 0;
    std::vector<Beat> beats;
    std::vector<std::uint8_t> bytes;             // what they write, one behind the other
  };

  void start(const models::Instruction& instruction);
  void plan(Job& job);
  template <class T>
  void count(const T& instruction, const Job& job);
  void look_at_states(const VitMoverOut& out, const models::Instruction* head, bool starts);
  void look_at_reads(const VitMoverOut& out);
  void look_at_writes(const VitMoverOut& out);
  std::uint64_t end_of(const Job& job) const { return job.start + settings_.latency + job.beats.size() - 1; }
  // The beat that is written `ahead` cycles from now, if any.
  const Beat* beat_in(std::uint64_t ahead, const Job** of) const;

  Mte1Settings settings_;
  const ChipConfig& chip_;
  models::CoreState& golden_;
  MoverUnderTest mover_;
  std::array<std::uint64_t, 5> rates_{};         // by space
  std::array<std::vector<std::uint8_t>, 5> images_;
  std::deque<Job> jobs_;                         // started, end >= now
  std::uint64_t next_start_ = 0, last_end_ = 0;
  std::array<std::uint8_t, 8 * 32> rows_read_{}; // in the cycle before
  bool any_read_ = false;
  Mte1Coverage coverage_;
};

}  // namespace vitruvian::tests
