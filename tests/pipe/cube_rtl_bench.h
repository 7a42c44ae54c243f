// SPDX-License-Identifier: Apache-2.0
//
// A bench of its own for the Verilated cube: memories as byte arrays, the closed forms of
// docs/pipe/cube.md as the only idea of time, models::dot as the only idea of values. It shares no
// code with systemc/pipe/cube.h or tb/pipe/cube_rtl.h.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "models/program/instruction.h"
#include "tb/pipe/cube_library.h"

namespace vitruvian::tests {

struct CubeMemories {
  std::vector<std::uint8_t> l0a, l0b, l0c, bt;
};

// The slots of one mmad.
struct SlotPlan {
  SlotPlan(const models::Mmad& mmad, const VitCubeParameters& cube);

  struct Tile {
    std::uint32_t i, j, l;
    bool second;  // half of an fp32 tile
  };
  std::uint64_t step_length(std::uint64_t step) const;
  std::uint64_t occupancy() const;
  // What slot number `slot` of the instruction holds, if anything.
  std::optional<Tile> at(std::uint64_t slot) const;

  models::Mmad mmad;
  std::uint32_t m0, n0, mt, nt, kt, cost, revisit;
};

// What the definition makes of an mmad on these memories: L0C afterwards.
void execute(const models::Mmad& mmad, models::Numerics numerics, const VitCubeParameters& cube, CubeMemories& memories);

// Clocks a block and holds every cycle of it against the plan. A difference throws std::runtime_error
// that says what and when.
class CubeRtlBench {
 public:
  CubeRtlBench(const tb::CubeLibrary& library, CubeMemories& memories);
  ~CubeRtlBench();
  CubeRtlBench(const CubeRtlBench&) = delete;
  CubeRtlBench& operator=(const CubeRtlBench&) = delete;

  // One cycle with this instruction (if any) at the port. Returns whether it was taken.
  bool cycle(const models::Mmad* mmad, bool flags_down, bool grant);

  std::uint64_t now() const { return now_; }
  std::uint64_t frozen_cycles() const { return frozen_; }
  std::uint64_t last_end() const { return last_end_; }  // of the mmad that ended last
  bool idle() const { return jobs_.empty() && !job_; }
  VitCube* block() const { return cube_; }

 private:
  struct Job {
    SlotPlan plan;
    std::uint64_t slot = 0;  // issued next
    std::uint64_t first_slot;  // cycle
  };
  struct Flags {
    std::uint32_t first, mask;
    friend bool operator==(const Flags&, const Flags&) = default;
  };
  void expect(std::uint64_t expected, std::uint64_t seen, const char* what) const;
  void look_at_slot(const VitCubeAsk& ask, bool flags_down, bool grant, const VitCubeOut& out);
  void look_at_end(const VitCubeOut& out);
  void serve(const VitCubeOut& out);
  Flags granules(const SlotPlan& plan, const SlotPlan::Tile& tile) const;

  const tb::CubeLibrary& library_;
  VitCubeParameters shape_;
  CubeMemories& memories_;
  VitCube* cube_;
  std::uint64_t now_ = 0, frozen_ = 0, last_end_ = 0;
  std::optional<Job> job_;               // between its start and its last slot
  std::deque<std::uint64_t> jobs_;       // ends to come
  std::map<std::uint64_t, Flags> flags_; // unit flags to come, by cycle
  VitCubeIn in_{};
  std::vector<std::uint8_t> l0a_, l0b_, l0c_, bt_;
};

}  // namespace vitruvian::tests
