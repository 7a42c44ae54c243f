// SPDX-License-Identifier: Apache-2.0
//
// Unit flags without time: one per granule of L0C, who raised and cleared it last, and what each of
// M and FIX knows from that of the other's accesses to the granule (docs/check.md).
#pragma once

#include <cstdint>
#include <vector>

#include "models/arch/chip_config.h"
#include "models/program/instruction.h"
#include "tb/check/known.h"

namespace vitruvian::tb {

inline constexpr std::uint64_t granule_bytes = 512;

// Granules an mmad's tile or a fixpipe's fractal takes at once.
struct GranuleRun {
  std::uint32_t first = 0, count = 0;
  bool completes = true;  // the tile is the last of these granules: its unit flags may rise
};

// The way of an mmad or fixpipe over L0C, tile by tile or fractal by fractal. Empty if the
// instruction has no unit flags or nothing to do.
std::vector<GranuleRun> unit_flag_walk(const models::Instruction& instruction,
                                       const ChipConfig& chip);

// The unit_flag field; off for instructions without one.
models::UnitFlag unit_flag_of(const models::Instruction& instruction);

// Is the tile of the first step of an mmad also the one of its last?
bool has_one_step(const models::Mmad& mmad, const ChipConfig& chip);

class UnitFlagStates {
 public:
  explicit UnitFlagStates(const ChipConfig& chip)
      : granules_(ceil_div(chip.l0c.value(), granule_bytes)) {}

  bool any_up(const GranuleRun& run) const;
  bool all_up(const GranuleRun& run) const;

  // An mmad found them down, a fixpipe found them up. `learnt` takes what the other side knew when
  // it cleared or raised them.
  void mmad_checks(const GranuleRun& run, Known& learnt);
  void fixpipe_checks(const GranuleRun& run, Known& learnt);

  // Who raises or clears: its place in its queue, its number in the program, what it knew.
  struct By {
    std::uint32_t place, number;
    const Known& known;
  };
  void raise(const GranuleRun& run, const By& by);
  void clear(const GranuleRun& run, const By& by);

  // Are the accesses to `granule` of the instruction at `place` of `earlier` over before those of
  // the one `later` is at, by unit flags?
  bool orders(models::Pipe later, models::Pipe earlier, std::uint32_t place,
              std::uint64_t granule) const;

  struct Up {
    std::uint64_t granule;
    std::uint32_t raised_by;
  };
  std::vector<Up> left_up() const;

 private:
  // Counts of instructions of a queue, from its first on.
  struct Granule {
    bool up = false;
    std::uint32_t raised_by = 0;                  // program number
    std::uint32_t raised = 0;                     // M's, when it rose last
    std::uint32_t cleared = 0, m_of_cleared = 0;  // FIX's, and M's FIX knew of, when it fell last
    std::uint32_t note = 0;                       // what whoever turned it last knew: in notes_
    std::uint32_t fix_knows_m = 0;                // what checks have told
    std::uint32_t m_knows_fix = 0, m_knows_m = 0;
  };
  void learn(const GranuleRun& run, Known& learnt) const;
  std::uint32_t note(const By& by);

  std::vector<Granule> granules_;
  std::vector<Known> notes_{1};  // one an instruction
  std::uint32_t noted_ = ~0u;    // the instruction of the last
};

}  // namespace vitruvian::tb
