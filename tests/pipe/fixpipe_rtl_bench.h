// SPDX-License-Identifier: Apache-2.0
//
// A bench of its own for the Verilated FIX: memories as byte arrays, docs/timing.md (M1 to M5, G4, L2, L3) as
// the only idea of time. It shares no code with systemc/.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "models/program/encoding.h"
#include "tb/pipe/mover_library.h"
#include "tests/pipe/fixpipe_rtl_output.h"

namespace vitruvian::tests {

struct FixpipeSettings {
  std::uint32_t setup = 86, latency = 24, fb_tail = 15;
};

// Answers to a cycle's questions, and when the beat taken in it, if it asks for that, is acknowledged.
struct FixpipeAnswers {
  bool gm_ready = true, flags_up = true, grant = true;
  std::uint64_t gm_latency = 60;
};

// Clocks a block and holds every cycle of it against the contract. A difference throws std::runtime_error
// that says what and when.
class FixpipeRtlBench {
 public:
  FixpipeRtlBench(const tb::MoverLibrary& library, const FixpipeSettings& settings, FixpipeMemories& memories);
  ~FixpipeRtlBench();
  FixpipeRtlBench(const FixpipeRtlBench&) = delete;
  FixpipeRtlBench& operator=(const FixpipeRtlBench&) = delete;

  // One cycle with this instruction (if any) at the port. Returns whether it was taken.
  bool cycle(const models::Instruction* instruction, const FixpipeAnswers& answers);

  std::uint64_t now() const { return now_; }
  bool idle() const { return flying_.empty(); }
  std::uint64_t last_end() const { return last_end_; }  // of the instruction that ended last
  // Cycles so far in which something was met: unit flags down, bank refused, beat refused, head held.
  struct Met {
    std::uint64_t flags = 0, bank = 0, memory = 0, held = 0, both = 0;  // both: a beat taken while a read is held
  };
  const Met& met() const { return met_; }

 private:
  // A fixpipe that has fractals to read.
  struct Job {
    std::uint32_t instruction;
    models::FixpipeView work;
    std::uint64_t fractals, next;
    std::uint64_t due;  // of its next read, in moving cycles
  };
  // What leaves in an output cycle.
  struct Output {
    std::uint32_t instruction;
    bool to_gm, last_of_fractal, last_of_instruction;
    OutputPieces pieces;
    bool sends() const { return to_gm && (last_of_fractal || !pieces[0].bytes.empty() || !pieces[1].bytes.empty()); }
  };
  struct FbWrite {
    std::uint32_t instruction, address;
    bool last;
    std::array<std::uint8_t, 32> data;
  };
  // Started, not ended.
  struct Flight {
    std::uint32_t instruction;
    bool moving;                        // not past its last data cycle
    std::optional<std::uint64_t> ends;  // by itself
  };
  struct Acknowledgement {
    std::uint64_t cycle;
    std::optional<std::uint32_t> ends;  // an instruction
  };

  void expect(std::uint64_t expected, std::uint64_t seen, const char* what) const;
  void begin(const models::InstructionWord* word);
  void ask(const FixpipeAnswers& answers);
  void look_at_read(const VitMoverOut& out);
  void look_at_copy(const VitMoverOut& out);
  void look_at_output(const VitMoverOut& out, const FixpipeAnswers& answers);
  void look_at_beat(const Output& wanted, const VitMoverOut& out) const;
  void look_at_l1_rows(const Output* wanted, const VitMoverOut& out);
  void take(const Output& output, const FixpipeAnswers& answers);
  void start(const models::Instruction& instruction);
  void start_fixpipe(const models::FixpipeView& fixpipe);
  void start_copy(const models::CopyL1Fb& copy);
  void finish_moving(std::uint32_t instruction, bool ends);
  void settle(VitMoverAnswers& answers, VitMoverAsks& asks) const;
  Flight& flight(std::uint32_t instruction);

  const tb::MoverLibrary& library_;
  VitMover* mover_;
  FixpipeSettings settings_;
  FixpipeMemories& memories_;

  // Time: cycles; those in which GM held nothing; of these, those in which no read was held.
  std::uint64_t now_ = 0, flown_ = 0, moved_ = 0;
  std::uint64_t next_start_ = 0;  // in moving cycles
  std::uint32_t started_ = 0;

  std::deque<Job> jobs_;
  std::map<std::uint64_t, Output> outputs_;          // by flown cycles
  std::map<std::uint64_t, std::uint32_t> l1_reads_;  // by moving cycles: address,
  std::map<std::uint64_t, FbWrite> fb_writes_;       // and what it becomes
  std::deque<Flight> flying_;
  std::deque<Acknowledgement> acknowledgements_;
  std::uint64_t last_acknowledgement_ = 0, last_end_ = 0;

  // The cycle at hand.
  bool go_ = true, due_ = false, reads_ = false, moves_ = true;
  int stall_ = 0;
  // Reads of the cycle before, and their data; what a memory shows that was not asked.
  std::vector<std::uint8_t> l0c_data_, fb_data_, l1_data_, garbage_;

  Met met_;
};

}  // namespace vitruvian::tests
