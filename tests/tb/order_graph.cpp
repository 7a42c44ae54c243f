// SPDX-License-Identifier: Apache-2.0
#include "tests/tb/order_graph.h"

#include <algorithm>
#include <tuple>

#include "models/program/encoding.h"

namespace vitruvian::tests {

using models::Extent;
using models::Instruction;
using models::Mmad;
using models::Pipe;
using models::UnitFlag;

namespace {

constexpr std::uint32_t granule = 512;

template <class Typed>
const Typed* as(const Instruction& instruction) {
  return std::get_if<Typed>(&instruction);
}

bool is_flag(const Instruction& i) { return as<models::SetFlag>(i) || as<models::WaitFlag>(i); }

// Depth of a cube tile: 32 B of operands.
std::uint32_t depth_of(DataType type) {
  switch (type) {
    case DataType::f32:
      return 8;
    case DataType::s8:
      return 32;
    case DataType::s4:
      return 64;
    default:
      return 16;
  }
}

int bytes_of(models::Quant quant) {
  using enum models::Quant;
  if (quant == none) return 4;
  return quant == F322F16 || quant == F322BF16 || quant == DEQF16 || quant == VDEQF16 ? 2 : 1;
}

// The granules with a row below m of the fractal at byte `at`, whose first row is `row`.
std::vector<std::uint32_t> granules_at(std::uint64_t at, std::uint32_t row, std::uint32_t m) {
  const auto first = static_cast<std::uint32_t>(at / granule);
  if (m - row > 8) return {first, first + 1};
  return {first};
}

template <class Use>
void each_block(const Extent& e, Use&& use) {
  for (std::uint64_t i = 0; i < e.count; ++i)
    use(e.start + i * e.stride, e.start + i * e.stride + e.size);
}

}  // namespace

OrderGraph::OrderGraph(const models::Program& program, const ChipConfig& chip)
    : program_{program}, chip_{chip} {
  for (std::uint32_t i = 0; i < program.instructions.size(); ++i) add_op(i);
  add_dispatch();
  const QueueDepths& d = chip.queue_depth;
  add_queue(queues_[Pipe::M], d.m);
  add_queue(queues_[Pipe::MTE1], d.mte1);
  add_queue(queues_[Pipe::MTE2], d.mte2);
  add_queue(queues_[Pipe::MTE3], d.mte3);
  add_queue(queues_[Pipe::FIX], d.fix);
  add_events();
  add_unit_flags();
  const auto promised = edges_;
  edges_.insert(edges_.end(), places_.begin(), places_.end());
  deadlock_ = !close() || deadlock_;
  if (deadlock_) return;
  edges_ = promised;
  close();
  for (const Follows& f : sets_) flag_fault_ = flag_fault_ || !before(f.wait_end, f.set_end);
  compare();
}

// ---------------------------------------------------------------- nodes

void OrderGraph::add_op(std::uint32_t i) {
  const Instruction& instruction = program_.instructions[i];
  Op op{.queue = models::pipe_of(instruction), .steps = {}, .granules = {}, .bytes = {}};
  if (op.queue == Pipe::ALL) op.queue = Pipe::S;
  op.issue = node();
  op.start = node();
  op.end = node();
  edge(op.issue, op.start);
  op.bytes = models::footprint(instruction);
  if (const auto* mmad = as<Mmad>(instruction)) op.unit_flag = mmad->unit_flag;
  if (const auto* fix = as<models::Fixpipe>(instruction)) op.unit_flag = fix->unit_flag;
  if (const auto* fix = as<models::FixpipeL1>(instruction)) op.unit_flag = fix->unit_flag;
  ops_.push_back(op);
  queues_[op.queue].push_back(i);
  add_steps(i);
  add_granules(i);
}

// One node a fractal, in the order the pipe takes them.
void OrderGraph::add_steps(std::uint32_t i) {
  Op& op = ops_[i];
  if (op.unit_flag != UnitFlag::off) {
    std::vector<std::tuple<std::uint32_t, std::uint32_t, std::uint64_t>> fractals;  // row, column
    bool down_first = false;
    std::uint32_t m = 0;
    if (const auto* mmad = as<Mmad>(program_.instructions[i]); mmad && mmad->k > 0) {
      m = mmad->n > 0 ? mmad->m : 0;
      down_first = mmad->order == models::Order::m_first;
      for (std::uint32_t c = 0; c * 16 < mmad->n; ++c) {
        for (std::uint32_t r = 0; r * 16 < m; ++r) {
          fractals.emplace_back(r, c, mmad->c.value() + (c * ((m + 15) / 16) + r) * 1024);
        }
      }
    }
    const auto fixpipe = [&](const auto& fix, bool row_major, std::uint64_t matrix) {
      m = fix.m;
      down_first = !row_major && bytes_of(fix.quant) != 1;
      for (std::uint32_t c = 0; c * 16 < fix.n; ++c) {
        for (std::uint32_t r = 0; r * 16 < m; ++r) {
          fractals.emplace_back(r, c,
                                fix.src.value() + matrix + (c * fix.src_stride + r * 16) * 64);
        }
      }
    };
    const auto take = [&] {
      if (!down_first) std::ranges::sort(fractals);  // row by row
      for (const auto& [r, c, at] : fractals)
        op.steps.push_back({granules_at(at, r * 16, m), node()});
      fractals.clear();
    };
    if (const auto* fix = as<models::FixpipeL1>(program_.instructions[i])) fixpipe(*fix, false, 0);
    if (const auto* fix = as<models::Fixpipe>(program_.instructions[i])) {
      for (std::uint32_t n = 0; n < (fix->nz2nd ? fix->nd_num : 1u); ++n) {
        fixpipe(*fix, fix->nz2nd, n * fix->src_nd_stride * std::uint64_t{1024});
        take();
      }
    }
    take();
  }
  Node last = op.start;
  for (const Step& step : op.steps) {
    edge(last, step.node);
    last = step.node;
  }
  edge(last, op.end);
}

void OrderGraph::add_granules(std::uint32_t i) {
  Op& op = ops_[i];
  for (const Extent& e : op.bytes) {
    if (e.space != Space::L0C) continue;
    each_block(e, [&](std::uint64_t from, std::uint64_t to) {
      for (auto g = static_cast<std::uint32_t>(from / granule); g * granule < to; ++g) {
        if (op.granules.contains(g)) continue;
        const Node over = op.granules[g] = node();
        const auto step = std::ranges::find_if(op.steps, [&](const Step& s) {
          return std::ranges::find(s.granules, g) != s.granules.end();
        });
        edge(step == op.steps.end() ? op.begin() : step->node, over);
        edge(over, op.end);
      }
    });
  }
}

// ---------------------------------------------------------------- edges

void OrderGraph::add_dispatch() {
  for (std::uint32_t i = 0; i < ops_.size(); ++i) {
    if (i > 0)
      edge(ops_[i - 1].queue == Pipe::S ? ops_[i - 1].end : ops_[i - 1].issue, ops_[i].issue);
    const auto* barrier = as<models::PipeBarrier>(program_.instructions[i]);
    if (!barrier || barrier->on != Pipe::ALL) continue;
    for (std::uint32_t j = 0; j < i; ++j) edge(ops_[j].end, ops_[i].start);
  }
}

void OrderGraph::add_queue(const std::vector<std::uint32_t>& queue, std::uint32_t depth) {
  Node all_ended = node();  // so far
  const Op* walker = nullptr;
  for (std::size_t p = 0; p < queue.size(); ++p) {
    const Instruction& instruction = program_.instructions[queue[p]];
    Op& op = ops_[queue[p]];
    if (p > 0) edge(ops_[queue[p - 1]].start, op.start);
    if (p >= depth) places_.emplace_back(ops_[queue[p - depth]].start, op.issue);
    // An instruction of the pipe starts when the one before has gone over its fractals.
    if (!is_flag(instruction)) {
      if (walker) edge(walker->steps.back().node, op.start);
      if (!op.steps.empty()) walker = &op;
    }
    if (as<models::PipeBarrier>(instruction)) edge(all_ended, op.start);
    if (as<models::SetFlag>(instruction)) edge(all_ended, op.end);
    const Node next = node();
    edge(all_ended, next);
    edge(op.end, next);
    all_ended = next;
  }
}

void OrderGraph::add_events() {
  std::map<std::tuple<Pipe, Pipe, int>,
           std::pair<std::vector<std::uint32_t>, std::vector<std::uint32_t>>>
      events;
  for (std::uint32_t i = 0; i < ops_.size(); ++i) {
    if (const auto* set = as<models::SetFlag>(program_.instructions[i])) {
      events[{set->from, set->to, set->id}].first.push_back(i);
    }
    if (const auto* wait = as<models::WaitFlag>(program_.instructions[i])) {
      events[{wait->from, wait->to, wait->id}].second.push_back(i);
    }
  }
  for (const auto& [key, lists] : events) {
    const auto& [sets, waits] = lists;
    if (waits.size() > sets.size()) deadlock_ = true;
    if (sets.size() > waits.size()) flag_fault_ = true;
    for (std::size_t n = 0; n < std::min(sets.size(), waits.size()); ++n) {
      edge(ops_[sets[n]].end, ops_[waits[n]].start);
    }
    for (std::size_t n = 1; n < sets.size() && n <= waits.size(); ++n) {
      sets_.push_back({ops_[waits[n - 1]].end, ops_[sets[n]].end});
    }
  }
}

void OrderGraph::add_unit_flags() {
  std::set<std::uint32_t> all;
  for (const Op& op : ops_) {
    for (const Step& step : op.steps) all.insert(step.granules.begin(), step.granules.end());
  }
  for (const std::uint32_t g : all) add_unit_flags_of(g);
}

// The n-th raise is taken by the n-th clear; M goes on when all it raised has been cleared.
void OrderGraph::add_unit_flags_of(std::uint32_t g) {
  struct Check {
    const Op* op;
    Node node;
  };
  const auto checks = [&](Pipe queue) {
    std::vector<Check> found;
    for (const std::uint32_t i : queues_[queue]) {
      for (const Step& step : ops_[i].steps) {
        if (std::ranges::find(step.granules, g) != step.granules.end())
          found.push_back({&ops_[i], step.node});
      }
    }
    return found;
  };
  // What has touched the granule in a queue up to an instruction is over when the flag turns.
  const auto turn = [&](Pipe queue, const Op& by, Node after) {
    const Node turned = node();
    edge(after, turned);
    for (const std::uint32_t i : queues_[queue]) {
      const auto over = ops_[i].granules.find(g);
      const bool counts = queue == Pipe::M || ops_[i].unit_flag != UnitFlag::off;
      if (counts && over != ops_[i].granules.end()) edge(over->second, turned);
      if (&ops_[i] == &by) break;
    }
    return turned;
  };
  std::vector<Node> raises, clears;
  std::vector<std::pair<Node, std::size_t>> waits_for_raise, waits_for_clear;  // how many
  for (const Check& c : checks(Pipe::M)) {
    if (!raises.empty()) waits_for_clear.emplace_back(c.node, raises.size());
    if (c.op->unit_flag != UnitFlag::toggle) continue;
    const auto& mmad =
        std::get<Mmad>(program_.instructions[static_cast<std::size_t>(c.op - ops_.data())]);
    const bool one_step = mmad.k <= depth_of(mmad.dtype);
    raises.push_back(turn(Pipe::M, *c.op, one_step ? c.node : c.op->steps.back().node));
  }
  for (const Check& c : checks(Pipe::FIX)) {
    waits_for_raise.emplace_back(c.node, clears.size() + 1);
    if (c.op->unit_flag == UnitFlag::toggle) clears.push_back(turn(Pipe::FIX, *c.op, c.node));
  }
  for (const auto& [check, count] : waits_for_raise) {
    if (count > raises.size())
      deadlock_ = true;
    else
      edge(raises[count - 1], check);
  }
  for (const auto& [check, count] : waits_for_clear) {
    if (count > clears.size())
      deadlock_ = true;
    else
      edge(clears[count - 1], check);
  }
  if (raises.size() > clears.size()) flag_fault_ = true;
}

}  // namespace vitruvian::tests
