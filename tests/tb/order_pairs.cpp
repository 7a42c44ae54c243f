// SPDX-License-Identifier: Apache-2.0
//
// OrderGraph's pairs of instructions, byte by byte.
#include <algorithm>

#include "tests/tb/order_graph.h"

namespace vitruvian::tests {

using models::Extent;
using models::Mmad;
using models::Pipe;

namespace {

constexpr std::uint32_t granule = 512;

template <class Use>
void each_block(const Extent& e, Use&& use) {
  for (std::uint64_t i = 0; i < e.count; ++i) {
    use(e.start + i * e.stride, e.start + i * e.stride + e.size);
  }
}

// Bytes both have, as a list of pieces.
std::vector<std::pair<std::uint64_t, std::uint64_t>> common(const Extent& a, const Extent& b) {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> found;
  if (a.space != b.space || a.start >= b.end() || b.start >= a.end()) return found;
  each_block(a, [&](std::uint64_t a0, std::uint64_t a1) {
    if (a0 >= b.end() || b.start >= a1) return;
    each_block(b, [&](std::uint64_t b0, std::uint64_t b1) {
      if (std::max(a0, b0) < std::min(a1, b1))
        found.emplace_back(std::max(a0, b0), std::min(a1, b1));
    });
  });
  return found;
}

}  // namespace

// False if something comes before itself.
bool OrderGraph::close() {
  std::vector<std::vector<Node>> from(nodes_);
  std::vector<std::uint32_t> open(nodes_);
  std::vector<std::vector<Node>> to(nodes_);
  for (const auto& [a, b] : edges_) {
    from[b].push_back(a);
    to[a].push_back(b);
    ++open[b];
  }
  past_.assign(nodes_, std::vector<std::uint64_t>((nodes_ + 63) / 64));
  std::vector<Node> ready;
  for (Node n = 0; n < nodes_; ++n) {
    if (open[n] == 0) ready.push_back(n);
  }
  std::size_t seen = 0;
  for (; seen < ready.size(); ++seen) {
    const Node n = ready[seen];
    for (const Node a : from[n]) {
      for (std::size_t w = 0; w < past_[n].size(); ++w) past_[n][w] |= past_[a][w];
      past_[n][a / 64] |= std::uint64_t{1} << (a % 64);
    }
    for (const Node b : to[n]) {
      if (--open[b] == 0) ready.push_back(b);
    }
  }
  return seen == nodes_;
}

void OrderGraph::compare() {
  for (std::uint32_t j = 0; j < ops_.size(); ++j) {
    for (std::uint32_t i = 0; i < j; ++i) {
      if (before(ops_[i].end, ops_[j].begin()) || before(ops_[j].end, ops_[i].begin())) continue;
      for (const Extent& a : ops_[i].bytes) {
        for (const Extent& b : ops_[j].bytes) {
          if ((a.write || b.write) && !ordered(i, j, a, b)) races_.emplace(i, j);
        }
      }
    }
  }
}

bool OrderGraph::ordered(std::uint32_t i, std::uint32_t j, const Extent& a, const Extent& b) const {
  if (common(a, b).empty()) return true;
  if (ops_[i].queue == ops_[j].queue && own_order(i, j, a, b)) return true;
  return a.space == Space::L0C && !race_in_l0c(i, j, a, b);
}

// docs/check.md, "orders itself".
bool OrderGraph::own_order(std::uint32_t i, std::uint32_t j, const Extent& a,
                           const Extent& b) const {
  const Pipe queue = ops_[i].queue;
  if (queue == Pipe::S || queue == Pipe::MTE1) return true;
  if (queue == Pipe::FIX)
    return a.space == Space::FB || (a.space == Space::L1 && (!a.write || b.write));
  if (queue != Pipe::M) return false;
  const auto& x = std::get<Mmad>(program_.instructions[i]);
  const auto& y = std::get<Mmad>(program_.instructions[j]);
  const auto blocks = [](std::uint32_t n) { return (n + 15) / 16; };
  const bool one_line = blocks(y.m) == 1 || blocks(y.n) == 1;
  return x.c == y.c && x.m == y.m && x.n == y.n && (x.order == y.order || one_line) &&
         blocks(x.m) * blocks(x.n) >= 10;
}

// Granule by granule.
bool OrderGraph::race_in_l0c(std::uint32_t i, std::uint32_t j, const Extent& a,
                             const Extent& b) const {
  const Op &x = ops_[i], &y = ops_[j];
  for (const auto& [from, to] : common(a, b)) {
    for (auto g = static_cast<std::uint32_t>(from / granule); g * granule < to; ++g) {
      const auto begins = [&](const Op& op) {
        for (const Step& s : op.steps) {
          if (std::ranges::find(s.granules, g) != s.granules.end()) return s.node;
        }
        return op.begin();
      };
      const bool in_order = before(x.granules.at(g), begins(y));
      if (!in_order && !before(y.granules.at(g), begins(x))) return true;
    }
  }
  return false;
}

}  // namespace vitruvian::tests
