// SPDX-License-Identifier: Apache-2.0
//
// Says what is wrong with the ordering of a program for the M and FIX pipes: races on L0C (docs/
// lockstep.md), events raised twice or left up, unit flags nobody takes. It works from footprints and
// from what each instruction is known to come after, and shares nothing with the generator.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "models/program/program.h"

namespace vitruvian::tb {

class RaceOracle {
 public:
  RaceOracle(const models::Program& program, const ChipConfig& chip);

  // One line each; empty if the program is sound.
  const std::vector<std::string>& faults() const { return faults_; }

 private:
  using Past = std::set<std::size_t>;  // instructions that have ended
  struct Granule {                     // 512 B of L0C
    std::size_t writer = none;
    std::vector<std::size_t> readers;  // since then
    std::size_t raised_by = none;      // of the unit flag, if it is up
    std::size_t cleared_by = none;     // the reader that took it since the last write
  };
  static constexpr std::size_t none = ~std::size_t{0};

  void visit(std::size_t i, const models::Mmad& mmad);
  void visit(std::size_t i, const models::Fixpipe& fixpipe);
  void visit(std::size_t i, const models::SetFlag& set);
  void visit(std::size_t i, const models::WaitFlag& wait);
  void visit(std::size_t i, const models::PipeBarrier& barrier);
  void visit(std::size_t, const models::Scalar&) {}
  template <class Other>
  void visit(std::size_t i, const Other&) { fault(i, "neither M's nor FIX's"); }

  Past all_of(models::Pipe queue) const;
  bool ended(std::size_t earlier, std::size_t later) const { return past_[later].contains(earlier); }
  bool close_chain(std::size_t earlier, const models::Mmad& later) const;
  std::set<std::uint32_t> granules(std::size_t i) const;
  void check_gm(std::size_t i);
  void fault(std::size_t i, const std::string& what);

  const models::Program& program_;
  const ChipConfig& chip_;
  std::vector<Past> past_;                           // per instruction
  std::map<models::Pipe, Past> known_;               // per queue
  std::map<models::Pipe, std::vector<std::size_t>> queued_;
  struct Event {
    bool up = false;
    std::size_t waited = none;
    Past past;
  };
  std::map<std::tuple<models::Pipe, models::Pipe, int>, Event> events_;
  std::map<std::uint32_t, Granule> granules_;
  std::map<std::uint64_t, std::uint64_t> gm_;  // written [start, end)
  std::vector<std::string> faults_;
};

}  // namespace vitruvian::tb
