// SPDX-License-Identifier: Apache-2.0
//
// The order of a program as a graph of what comes before what, and every pair of its instructions
// compared byte by byte: slow, plain, and nothing shared with tb/check. For a 16x16x16 cube and
// programs of some hundred instructions.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "models/program/footprint.h"
#include "models/program/program.h"

namespace vitruvian::tests {

class OrderGraph {
 public:
  OrderGraph(const models::Program& program, const ChipConfig& chip);

  // Something comes before itself, or waits for what never comes.
  bool deadlock() const { return deadlock_; }
  // Without a deadlock: pairs (earlier, later in the program) that touch the same byte unordered.
  const std::set<std::pair<std::uint32_t, std::uint32_t>>& races() const { return races_; }
  // set_flags that may find their event up; flags left up at the end.
  bool flag_fault() const { return flag_fault_; }

 private:
  using Node = std::uint32_t;
  struct Step {  // of a walk over unit flags: a fractal
    std::vector<std::uint32_t> granules;
    Node node = 0;
  };
  struct Op {
    models::Pipe queue;
    models::UnitFlag unit_flag = models::UnitFlag::off;
    Node issue = 0, start = 0, end = 0;
    std::vector<Step> steps;
    std::map<std::uint32_t, Node> granules;  // of L0C: accesses to it are over
    std::vector<models::Extent> bytes;
    // Accesses outside L0C begin here.
    Node begin() const { return steps.empty() ? start : steps.front().node; }
  };

  Node node() { return nodes_++; }
  void edge(Node from, Node to) { edges_.emplace_back(from, to); }
  void add_op(std::uint32_t i);
  void add_steps(std::uint32_t i);
  void add_granules(std::uint32_t i);
  void add_dispatch();
  void add_queue(const std::vector<std::uint32_t>& queue, std::uint32_t depth);
  void add_events();
  void add_unit_flags();
  void add_unit_flags_of(std::uint32_t granule);
  bool close();
  bool before(Node a, Node b) const { return (past_[b][a / 64] >> (a % 64)) & 1; }
  void compare();
  bool ordered(std::uint32_t i, std::uint32_t j, const models::Extent& a,
               const models::Extent& b) const;
  bool own_order(std::uint32_t i, std::uint32_t j, const models::Extent& a,
                 const models::Extent& b) const;
  bool race_in_l0c(std::uint32_t i, std::uint32_t j, const models::Extent& a,
                   const models::Extent& b) const;

  const models::Program& program_;
  const ChipConfig& chip_;
  std::vector<Op> ops_;
  std::map<models::Pipe, std::vector<std::uint32_t>> queues_;
  Node nodes_ = 0;
  std::vector<std::pair<Node, Node>> edges_;
  std::vector<std::pair<Node, Node>> places_;     // in queues: they may hold a program up, no more
  std::vector<std::vector<std::uint64_t>> past_;  // per node: what comes before it
  struct Follows {  // a set_flag, and the wait_flag that took the event down before
    Node wait_end, set_end;
  };
  std::vector<Follows> sets_;
  bool deadlock_ = false, flag_fault_ = false;
  std::set<std::pair<std::uint32_t, std::uint32_t>> races_;
};

}  // namespace vitruvian::tests
