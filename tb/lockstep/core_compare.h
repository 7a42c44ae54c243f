// SPDX-License-Identifier: Apache-2.0
//
// Holds what two cores did side by side: the Verilated one and its SystemC twin ran the same program and tell, each through an
// observer of its own, every instruction's three cycles, every pipe's state in every cycle, and every beat on every port. All of it
// must be equal; there is no list of known differences (docs/lockstep.md).
#pragma once

#include <array>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "models/program/program.h"
#include "systemc/observe/observer.h"

namespace vitruvian::tb {

// What was compared, and what was unequal.
struct CoreComparison {
  std::uint64_t instructions = 0;  // with all three cycles known on both sides
  std::uint64_t beats = 0, bytes = 0, state_runs = 0;
  // Instructions with another cycle, beats and state runs with another cycle, place or length: cycle_mismatches; beats that
  // carried other bytes: value_mismatches.
  std::uint64_t cycle_mismatches = 0, value_mismatches = 0;
  std::string first;  // the report of the earliest difference found, lines; empty if none

  bool clean() const { return cycle_mismatches == 0 && value_mismatches == 0; }
};

class CoreCompare {
 public:
  enum Side : int { rtl_side, twin_side };

  // `program` outlives it.
  explicit CoreCompare(const models::Program& program);

  systemc::CoreObserver& rtl() { return faces_[rtl_side]; }
  systemc::CoreObserver& twin() { return faces_[twin_side]; }

  // Once, when both have ended: what only one of them did is a difference too.
  const CoreComparison& finish();
  const CoreComparison& so_far() const { return found_; }

 private:
  struct Row {
    std::uint64_t address;
    std::uint32_t size, first_byte;
    bool has_bytes;
  };
  struct Beat {
    Cycle at;
    std::vector<Row> rows;
    std::vector<std::uint8_t> bytes;
  };
  struct Run {
    systemc::State state;
    Cycle from, to;
  };
  // A pipe's states: runs that can still be split by the other side, and the one that may still grow.
  struct States {
    std::deque<Run> runs;
  };
  struct Times {
    std::array<Cycle, 3> cycle{};  // issue, start, end
    std::array<bool, 3> known{};
  };

  class Face final : public systemc::CoreObserver {
   public:
    Face(CoreCompare& outer, Side side) : outer_{outer}, side_{side} {}
    void issued(std::uint32_t i, models::Pipe, Cycle at) override { outer_.note(side_, i, 0, at); }
    void started(std::uint32_t i, models::Pipe, Cycle at) override { outer_.note(side_, i, 1, at); }
    void ended(std::uint32_t i, models::Pipe, Cycle at) override { outer_.note(side_, i, 2, at); }
    void state(models::Pipe pipe, systemc::State state, Cycle from, Cycle to) override {
      outer_.take_state(side_, pipe, {state, from, to});
    }
    void beat(systemc::Port port, Cycle at, std::span<const systemc::BeatRow> rows) override {
      outer_.take_beat(side_, port, at, rows);
    }

   private:
    CoreCompare& outer_;
    Side side_;
  };

  void note(Side side, std::uint32_t instruction, int which, Cycle at);
  void take_state(Side side, models::Pipe pipe, const Run& run);
  void take_beat(Side side, systemc::Port port, Cycle at, std::span<const systemc::BeatRow> rows);
  void compare(systemc::Port port, const Beat& rtl, const Beat& twin);
  void compare_bytes(systemc::Port port, const Beat& rtl, const Beat& twin);
  void report(Cycle at, std::uint64_t& count, const std::string& text);
  std::string at_work(models::Pipe pipe, Cycle at) const;
  Beat take_spare();

  const models::Program& program_;
  std::array<Face, 2> faces_;
  std::array<std::vector<Times>, 2> times_;
  std::array<std::array<States, 8>, 2> states_;
  std::array<std::array<std::deque<Beat>, systemc::port_count>, 2> beats_;
  std::vector<Beat> spare_;  // their vectors keep their memory
  CoreComparison found_;
  Cycle first_at_;
};

}  // namespace vitruvian::tb
