// SPDX-License-Identifier: Apache-2.0
//
// Which bytes hold something the program, or what was in GM at its start, put there. Loads from L1
// move whole fractals, of which the cube may use a part: such a move carries "undefined" along, and
// only a use is a finding: an operand of mmad or fixpipe, what leaves for GM, a scalar.
#pragma once

#include <array>
#include <boost/icl/interval_set.hpp>
#include <cstdint>
#include <vector>

#include "models/core/state.h"
#include "models/memory/memory.h"
#include "models/pipe/cube.h"
#include "models/program/program.h"
#include "tb/check/block.h"
#include "tb/check/findings.h"

namespace vitruvian::tb {

class DefinedBytes {
 public:
  // `initial`: what GM holds at the start.
  DefinedBytes(const models::Program& program, const ChipConfig& chip,
               const std::vector<models::Tensor>& initial);

  // Whether the instruction is a move out of L1 into L0A, L0B, BT or FB: then move() does all.
  static bool is_move(const models::Instruction& instruction);
  void move(std::uint32_t number, const std::vector<models::Extent>& footprint);

  // The instruction at hand touches these bytes.
  void access(std::uint32_t number, const Block& block);
  void close(std::uint32_t number);

  const Findings<Uninitialised>& findings() const { return findings_; }

 private:
  using Interval = boost::icl::right_open_interval<std::uint64_t>;
  using IntervalSet = boost::icl::interval_set<std::uint64_t, std::less, Interval>;
  static constexpr std::uint32_t nobody = ~0u;

  void access_gm(std::uint32_t number, const Block& block);
  void read(std::uint32_t number, const Block& block);
  void write(const Block& block);
  void undefined(std::uint32_t number, Space space, std::uint64_t from, std::uint64_t to);
  std::string text(const Uninitialised& finding) const;
  std::vector<std::uint32_t>& movers(Space space) {
    return movers_[static_cast<std::size_t>(space)];
  }

  const models::Program& program_;
  IntervalSet gm_;
  // The on-chip memories once more: a byte is 0 where defined, 0xff where not. What moves bytes
  // moves these alike.
  models::Memory no_gm_;
  models::CoreState shadow_;
  models::Cube cube_;                                           // execute() wants one
  std::array<std::vector<std::uint32_t>, space_count> movers_;  // who last moved bytes there
  struct Found {
    std::uint32_t number;
    ByteRange bytes;
  };
  std::vector<Found> found_;  // of instructions that are not through
  Findings<Uninitialised> findings_;
};

}  // namespace vitruvian::tb
