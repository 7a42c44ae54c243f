// SPDX-License-Identifier: Apache-2.0
//
// Proves a program of a cube core free of races, or says where it is not. From flags, barriers and
// unit flags it works out what must have ended before each instruction starts; two accesses to one
// byte, one of them a write, must be so ordered. It shares nothing with what makes programs.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "models/program/encoding.h"
#include "models/program/footprint.h"
#include "models/program/program.h"

namespace vitruvian::tests {

class OrderCheck {
 public:
  OrderCheck(const models::Program& program, const ChipConfig& chip);

  // One line each, the first hundred; empty if the program is sound.
  const std::vector<std::string>& faults() const { return faults_; }

 private:
  static constexpr int queues = 8;
  // For each queue: how many of its first instructions are known to have ended.
  using Known = std::array<std::uint32_t, queues>;
  struct Access {
    std::uint32_t number = none;  // in program order
    std::uint32_t place = 0;      // in its queue
    int queue = 0;
  };
  static constexpr std::uint32_t none = ~0u;
  struct Cell {  // a piece of memory: its last writer, and since then the last reader of each queue
    Access writer;
    std::array<Access, 3> readers;
    int reader_count = 0;
  };
  struct Event {
    bool up = false;
    Known known{};
    Access waited;
  };
  struct Granule {  // 512 B of L0C
    bool up = false;
    std::uint32_t raised_by = none, cleared_by = none;
  };

  void visit(const models::SetFlag& set);
  void visit(const models::WaitFlag& wait);
  void visit(const models::PipeBarrier& barrier);
  template <class Other>
  void visit(const Other&) {}

  void unit_flags(const models::Mmad& mmad);
  void unit_flags(const models::Fixpipe& fixpipe);
  template <class Other>
  void unit_flags(const Other&) {}

  void touch(const models::Extent& extent);
  void touch(Space space, std::uint64_t cell, bool write);
  bool ended(const Access& earlier) const;
  bool handed_over(Space space, std::uint64_t cell, const Access& earlier) const;
  bool is_chain(Space space, const Access& earlier) const;
  void fault(const std::string& what);
  std::vector<std::uint64_t> granules() const;

  const models::Program& program_;
  const ChipConfig& chip_;
  std::array<Known, queues> known_{};
  std::array<std::uint32_t, queues> length_{};  // instructions of a queue so far
  std::map<std::tuple<models::Pipe, models::Pipe, int>, Event> events_;
  std::vector<Granule> granules_;
  std::array<std::vector<Cell>, space_count> cells_;
  Access now_;
  std::vector<std::string> faults_;
};

}  // namespace vitruvian::tests
