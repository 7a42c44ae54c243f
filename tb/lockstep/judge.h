// SPDX-License-Identifier: Apache-2.0
//
// Compares the two views of one retired mmad, and words what differs.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "tb/lockstep/mmad_record.h"
#include "tb/lockstep/step_values.h"

namespace vitruvian::tb {

// One element on which the views disagree.
struct ValueDifference {
  std::uint32_t row, column;
  std::uint32_t step;                 // k step after which they first differ
  Cycle cycle;                        // of the RTL's write, or its end if it wrote no such word
  std::uint32_t expected, got;        // SystemC, RTL
  std::uint64_t elements;             // that differ in that write, or at the end
  bool final_only;                    // seen at the end: the writes could not be paired with tiles
};

class Judge {
 public:
  // every_beat: also the values of every write before the last of its element.
  Judge(models::Numerics numerics, const CubeConfig& cube, bool every_beat);

  // The first difference in the values. `before` is L0C from the mmad's address on, as both views had
  // it before.
  std::optional<ValueDifference> values(const MmadRecord& record, std::span<const std::uint8_t> before);
  // Looks at ends and writes; the first difference is left in the record.
  void cycles(MmadRecord& record) const;

  // The whole report: instruction, cycles, and the element with its operands.
  std::string report(const MmadRecord& record, const std::optional<ValueDifference>& value,
                     std::span<const std::uint8_t> before) const;

 private:
  std::optional<ValueDifference> by_beats(const MmadRecord& record, std::span<const std::uint8_t> before);
  std::optional<ValueDifference> at_the_end(const MmadRecord& record) const;
  std::string element(const MmadRecord& record, const ValueDifference& value,
                      std::span<const std::uint8_t> before) const;

  models::Numerics numerics_;
  bool every_beat_;
  StepValues steps_;
};

// Are these the words of the tile, in its order?
bool covers(const TileGrid& grid, Tile tile, std::span<const L0cWord> words);

// "0x3f800000 (1)": bits and value of a number.
std::string number_text(DataType type, std::uint32_t bits);

}  // namespace vitruvian::tb
