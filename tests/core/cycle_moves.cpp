// SPDX-License-Identifier: Apache-2.0
#include "tests/core/cycle_moves.h"

#include <algorithm>
#include <set>

namespace vitruvian::tests {

using namespace models;

namespace {

// Appends [start, start + size), cut at 512 B lines.
void add_piece(Bursts& bursts, u64 start, u64 size) {
  for (u64 byte = start; byte < start + size; ++byte) {
    if (byte == start || byte % 512 == 0) bursts.push_back({byte, 0});
    ++bursts.back().second;
  }
}

}  // namespace

Unit unit_of(Pipe pipe) {
  switch (pipe) {
    case Pipe::M: return M;
    case Pipe::MTE1: return MTE1;
    case Pipe::MTE2: return MTE2;
    case Pipe::FIX: return FIX;
    default: return S;
  }
}
Unit unit_of(const Instruction& i) {
  if (auto* f = std::get_if<SetFlag>(&i)) return unit_of(f->from);
  if (auto* f = std::get_if<WaitFlag>(&i)) return unit_of(f->to);
  if (auto* f = std::get_if<PipeBarrier>(&i)) return unit_of(f->on);
  if (std::holds_alternative<Scalar>(i)) return S;
  if (std::holds_alternative<Mmad>(i)) return M;
  if (std::holds_alternative<Fixpipe>(i)) return FIX;
  if (std::holds_alternative<CopyGmL1>(i) || std::holds_alternative<CopyGmL1Nd2nz>(i)) return MTE2;
  return MTE1;
}

void Port::step(u64 cycle) {
  u64 budget = rate;
  while (budget > 0 && !queue.empty() && queue.front().from <= cycle) {
    const u64 moved = std::min(budget, queue.front().bytes);
    budget -= moved;
    if ((queue.front().bytes -= moved) > 0) return;
    *queue.front().left = cycle + 1;
    queue.pop_front();
  }
}

u64 sectors_of(const std::pair<u64, u64>& burst) {
  std::set<u64> sectors;
  for (u64 i = 0; i < burst.second; ++i) sectors.insert((burst.first + i) / 128);
  return sectors.size();
}

Bursts bursts_read(const Instruction& copy) {
  Bursts bursts;
  if (auto* p = std::get_if<CopyGmL1>(&copy)) {
    const u64 size = p->block_length * 32, gap = p->src_gap * 32;
    for (u64 b = 0; b < p->block_count; ++b) {
      add_piece(bursts, p->src.value() + b * (size + gap), size);
    }
  }
  if (auto* nd = std::get_if<CopyGmL1Nd2nz>(&copy)) {
    const u64 e = element_size(nd->dtype);
    for (u64 d = 0; d < nd->nd_num; ++d) {
      for (u64 r = 0; r < nd->n_value; ++r) {
        const u64 element = d * nd->src_nd_stride + r * nd->src_d_value;
        add_piece(bursts, nd->src.value() + element * e, nd->d_value * e);
      }
    }
  }
  return bursts;
}

std::vector<std::array<u64, 3>> fractal_order(const Fixpipe& f) {
  std::vector<std::array<u64, 3>> order;
  const bool n_first = f.nz2nd || f.quant == Quant::REQ8;
  const u64 rows = (f.m + 15) / 16, columns = (f.n + 15) / 16;
  for (u64 d = 0; d < (f.nz2nd ? f.nd_num : 1); ++d) {
    for (u64 a = 0; a < (n_first ? rows : columns); ++a) {
      for (u64 b = 0; b < (n_first ? columns : rows); ++b) {
        order.push_back(n_first ? std::array<u64, 3>{d, b, a} : std::array<u64, 3>{d, a, b});
      }
    }
  }
  return order;
}

Bursts bursts_written(const Fixpipe& f, u64 matrix, u64 column, u64 row) {
  Bursts bursts;
  const u64 e = f.quant == Quant::none ? 4 : f.quant == Quant::REQ8 ? 1 : 2;
  const u64 rows = std::min<u64>(16, f.m - row * 16), dst = f.dst.value();
  if (f.nz2nd) {
    const u64 columns = std::min<u64>(16, f.n - column * 16);
    for (u64 r = 0; r < rows; ++r) {
      const u64 element =
          matrix * f.dst_nd_stride + (row * 16 + r) * f.dst_stride + column * 16;
      add_piece(bursts, dst + element * e, columns * e);
    }
  } else if (e > 1) {
    add_piece(bursts, dst + column * f.dst_stride * 32 + row * 16 * 16 * e, rows * 16 * e);
  } else if (column % 2 == 1) {  // 8-bit columns are 32 wide: this fractal and the one before
    add_piece(bursts, dst + column / 2 * f.dst_stride * 32 + row * 16 * 32, rows * 32);
  } else if ((column + 1) * 16 >= f.n) {
    add_piece(bursts, dst + column / 2 * f.dst_stride * 32 + row * 16 * 16, rows * 16);
  }
  return bursts;
}

}  // namespace vitruvian::tests
