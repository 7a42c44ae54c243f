// SPDX-License-Identifier: Apache-2.0
#include "tests/core/cycle_moves.h"

#include <algorithm>
#include <set>
#include <stdexcept>

namespace vitruvian::tests {

using namespace models;

namespace {

// Appends [start, start + size), cut at multiples of `grain`.
void add_piece(Bursts& bursts, u64 start, u64 size, u64 grain = 512) {
  for (u64 byte = start; byte < start + size; byte += 1) {
    if (byte == start || byte % grain == 0) bursts.push_back({byte, 0});
    ++bursts.back().second;
  }
}

u64 blocks_touched(const std::pair<u64, u64>& burst, u64 size) {
  std::set<u64> blocks;
  for (u64 i = 0; i < burst.second; ++i) blocks.insert((burst.first + i) / size);
  return blocks.size();
}

template <class Fixpipe>
Output common(const Fixpipe& f) {
  Output o;
  o.src = f.src.value();
  o.src_stride = f.src_stride;
  o.m = f.m;
  o.n = f.n;
  o.toggles = f.unit_flag == UnitFlag::toggle;
  o.checks = f.unit_flag != UnitFlag::off;
  switch (f.quant) {
    case Quant::none: o.element = 4; break;
    case Quant::REQ8: case Quant::VREQ8: case Quant::QF322B8: case Quant::VQF322B8:
      o.element = 1; break;
    default: o.element = 2;
  }
  return o;
}

}  // namespace

Unit unit_of(Pipe pipe) {
  switch (pipe) {
    case Pipe::M: return M;
    case Pipe::MTE1: return MTE1;
    case Pipe::MTE2: return MTE2;
    case Pipe::MTE3: return MTE3;
    case Pipe::FIX: return FIX;
    default: return S;
  }
}
Unit unit_of(const Instruction& i) {
  if (auto* f = std::get_if<SetFlag>(&i)) return unit_of(f->from);
  if (auto* f = std::get_if<WaitFlag>(&i)) return unit_of(f->to);
  if (auto* f = std::get_if<PipeBarrier>(&i)) return unit_of(f->on);
  if (std::holds_alternative<Mmad>(i)) return M;
  if (std::holds_alternative<CopyL1Gm>(i)) return MTE3;
  for (const bool fix : {std::holds_alternative<Fixpipe>(i), std::holds_alternative<FixpipeL1>(i),
                         std::holds_alternative<CopyL1Fb>(i)}) {
    if (fix) return FIX;
  }
  for (const bool mte2 :
       {std::holds_alternative<CopyGmL1>(i), std::holds_alternative<CopyGmL1Nd2nz>(i),
        std::holds_alternative<Load2dGm>(i), std::holds_alternative<FillL1>(i)}) {
    if (mte2) return MTE2;
  }
  return std::holds_alternative<Scalar>(i) || std::holds_alternative<LoadScalar>(i) ? S : MTE1;
}

bool is_work(const Instruction& i) {
  return unit_of(i) != S && !std::holds_alternative<SetFlag>(i) &&
         !std::holds_alternative<WaitFlag>(i) && !std::holds_alternative<PipeBarrier>(i);
}

u64 grains_of(const std::pair<u64, u64>& burst, u64 grain) { return blocks_touched(burst, grain); }
u64 data_beats_of(const std::pair<u64, u64>& burst) { return blocks_touched(burst, 256); }

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
  if (auto* l = std::get_if<Load2dGm>(&copy)) {
    for (u64 f = 0; f < l->repeat; ++f) {
      add_piece(bursts, l->src.value() + f * l->src_stride * 512, 512);
    }
  }
  return bursts;
}

Bursts beats_written(const CopyL1Gm& copy, u64 rate) {
  Bursts bursts;
  const u64 size = copy.block_length * 32, gap = copy.dst_gap * 32;
  for (u64 b = 0; b < copy.block_count; ++b) {
    add_piece(bursts, copy.dst.value() + b * (size + gap), size, rate);
  }
  return bursts;
}

LoadBeats load_beats(const Instruction& load, const Mte1Config& config) {
  u64 fractals = 0;
  auto to = L0Buffer::L0A;
  if (auto* l = std::get_if<Load2d>(&load)) to = l->to, fractals = l->repeat;
  if (auto* l = std::get_if<FillL0>(&load)) to = l->to, fractals = l->repeat * l->block_length;
  if (auto* l = std::get_if<Load2dTranspose>(&load)) {
    const bool two = l->dtype == DataType::s8 || l->dtype == DataType::f32;
    to = l->to, fractals = l->repeat * (l->dtype == DataType::s4 ? 4 : two ? 2 : 1);
  }
  if (auto* l = std::get_if<Load3d>(&load)) {
    to = l->to;
    for (u64 m = 0; m < l->m_extension; m += 16) {
      for (u64 k = 0; k < l->k_extension; k += 256 / element_bits(l->dtype)) ++fractals;
    }
  }
  u64 bytes = fractals * 512;
  u64 rate = to == L0Buffer::L0A ? config.l0a_rate.value : config.l0b_rate.value;
  u64 tail = config.load_tail.value();
  if (auto* b = std::get_if<CopyL1Bt>(&load)) {
    bytes = b->length * 64, rate = config.bt_rate.value, tail = 0;
  }
  u64 beats = 0;
  for (u64 moved = 0; moved < bytes; moved += rate) ++beats;
  return {beats, tail};
}

u64 fill_cycles(const FillL1& fill) {
  u64 cycles = 0;
  for (u64 b = 0; b < fill.repeat; ++b) {
    for (u64 at = 0; at < fill.block_length; at += 8) ++cycles;
  }
  return cycles;
}

Output output_of(const Instruction& fixpipe) {
  if (auto* f = std::get_if<FixpipeL1>(&fixpipe)) return common(*f);
  const auto& f = std::get<Fixpipe>(fixpipe);
  Output o = common(f);
  o.to_gm = true;
  o.nz2nd = f.nz2nd;
  if (f.nz2nd) o.matrices = f.nd_num, o.src_nd_stride = f.src_nd_stride;
  return o;
}

std::vector<std::array<u64, 3>> fractal_order(const Output& f) {
  std::vector<std::array<u64, 3>> order;
  const bool n_first = f.nz2nd || f.element == 1;
  const u64 rows = (f.m + 15) / 16, columns = (f.n + 15) / 16;
  for (u64 d = 0; d < f.matrices; ++d) {
    for (u64 a = 0; a < (n_first ? rows : columns); ++a) {
      for (u64 b = 0; b < (n_first ? columns : rows); ++b) {
        order.push_back(n_first ? std::array<u64, 3>{d, b, a} : std::array<u64, 3>{d, a, b});
      }
    }
  }
  return order;
}

}  // namespace vitruvian::tests
