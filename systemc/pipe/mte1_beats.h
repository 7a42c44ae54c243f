// SPDX-License-Identifier: Apache-2.0
//
// The beats of an MTE1 instruction in closed form (docs/timing.md, table of movers and M4): beat i
// is bytes i * rate .. of the sequence of its destination rows, and is read as the same bytes of
// the sequence of its source rows.
#pragma once

#include <optional>
#include <vector>

#include "models/arch/chip_config.h"
#include "models/program/instruction.h"
#include "systemc/observe/beats.h"

namespace vitruvian::systemc {

// What an MTE1 instruction takes.
struct Mte1Timing {
  Cycles beats, tail;
};
Mte1Timing mte1_timing(const models::Instruction& instruction, const Mte1Config& config);

// M4: a beat is read so long before it is written.
inline constexpr Cycles mte1_read_to_write{20};

class Mte1Beats {
 public:
  Mte1Beats(const models::Instruction& instruction, const Mte1Config& config);

  Port write_port() const { return write_port_; }
  Space destination() const;
  std::uint64_t count() const { return ceil_div(destination_.size() * row, rate_); }
  // Adds the rows of beat `beat`; says if there are any.
  bool add_written(std::uint64_t beat, Beats& beats) const;
  bool add_read(std::uint64_t beat, Beats& beats) const;

 private:
  // Byte addresses of rows of 32 B, in order; none for a row of padding.
  using Rows = std::vector<std::optional<std::uint64_t>>;
  static constexpr std::uint64_t row = 32;

  struct Lister;
  bool add(const Rows& rows, std::uint64_t beat, Beats& beats) const;

  Port write_port_ = Port::bt_write;
  std::uint64_t rate_;
  Rows source_, destination_;
};

}  // namespace vitruvian::systemc
