// SPDX-License-Identifier: Apache-2.0
#include "models/kernels/gemm.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <deque>
#include <optional>

#include "models/arch/error.h"
#include "models/kernels/flag_ring.h"
#include "models/kernels/gemm_operand.h"

namespace vitruvian::models {
namespace {

constexpr std::uint64_t word = 4;  // bytes of an accumulator
constexpr std::uint64_t bt_unit = 64;
constexpr double most_instructions = 40e6;   // some 4 GB of host memory

// Fewer output fractals than this, or on a larger cube fewer tiles, and a barrier must stand
// between mmads that add to the same C: the sum is still on its way (vendor's basic API page,
// Mmad).
constexpr std::uint64_t tiles_in_flight = 10;

struct Block {
  const GemmTensors* tensors = nullptr;
  Range m, n;
  std::uint64_t number = 0;
};

// One panel: a block of C and the part of k that is in L1 for it at once.
struct Panel {
  Block block;
  Range k;
  std::uint64_t number = 0;
};

// Where a block's rows end: the last row of C alone is a block of its own, for an mmad of m = 1
// reads a plain row, which a panel of many rows does not hold.
std::vector<Range> row_blocks(const GemmProblem& p, const GemmTiles& t) {
  std::vector<Range> found = pieces({0, p.m}, t.l1.m);
  Range& last = found.back();
  if (last.count > 1 && last.count % t.l0.m == 1) {
    last.count -= 1;
    found.push_back({last.end(), 1});
  }
  return found;
}

// The panels of a block. The very first ones are short, so that the cube starts early, but their
// rows in GM are whole grains (docs/timing.md, G1): less would take as long.
std::vector<Range> depth_panels(const GemmProblem& p, const GemmTiles& t, const ChipConfig& chip,
                                bool first_block) {
  const std::uint64_t grain =
      chip.gm.read_grain.value() * 8 / static_cast<std::uint64_t>(element_bits(p.dtype));
  std::vector<Range> found;
  std::uint64_t size = first_block ? std::min(t.l1.k, grain) : t.l1.k;
  for (std::uint64_t at = 0; at < p.k; at = found.back().end(), size = std::min(2 * size, t.l1.k)) {
    found.push_back({at, std::min(size, p.k - at)});
  }
  return found;
}

// Pieces of `size`, of which none has to be split: its odd end is cut off.
template <class MustSplit>
std::vector<Range> tile_pieces(Range whole, std::uint64_t size, std::uint64_t unit,
                               MustSplit must_split) {
  std::vector<Range> found = pieces(whole, size);
  Range& last = found.back();
  if (must_split(last.count)) {
    const std::uint64_t even = last.count / unit * unit;
    const Range odd{last.start + even, last.count - even};
    last.count = even;
    found.push_back(odd);
  }
  return found;
}

// All panels of all blocks, one after the other.
class PanelWalk {
 public:
  PanelWalk(const GemmProblem& p, const GemmTiles& t, const ChipConfig& chip,
            std::span<const GemmTensors> batch)
      : batch_{batch},
        rows_{row_blocks(p, t)},
        columns_{pieces({0, p.n}, t.l1.n)},
        first_{depth_panels(p, t, chip, true)},
        other_{depth_panels(p, t, chip, false)} {}

  std::optional<Panel> next() {
    const std::uint64_t blocks = batch_.size() * columns_.size() * rows_.size();
    if (block_ == blocks) return std::nullopt;
    const auto& depths = block_ == 0 ? first_ : other_;
    const std::uint64_t of_batch = block_ % (columns_.size() * rows_.size());
    const Panel panel{{&batch_[block_ / (columns_.size() * rows_.size())],
                       rows_[of_batch % rows_.size()], columns_[of_batch / rows_.size()], block_},
                      depths[depth_],
                      number_++};
    if (++depth_ == depths.size()) {
      depth_ = 0;
      ++block_;
    }
    return panel;
  }

 private:
  std::span<const GemmTensors> batch_;
  std::vector<Range> rows_, columns_, first_, other_;
  std::uint64_t block_ = 0, depth_ = 0, number_ = 0;
};

Quant quant_of(const GemmProblem& p) {
  if (p.out == p.accumulator()) return Quant::none;
  if (!is_floating(p.dtype)) return p.out == DataType::f16 ? Quant::DEQF16 : Quant::REQ8;
  return p.out == DataType::f16 ? Quant::F322F16 : Quant::F322BF16;
}

// The quantisation word: the scale's bits, and the sign bit of a signed result.
std::uint64_t scale_word(const GemmProblem& p) {
  if (is_floating(p.dtype) || p.out == p.accumulator()) return 0;
  const std::uint64_t is_signed = p.out == DataType::s8;
  return std::bit_cast<std::uint32_t>(p.scale) | is_signed << 46;
}

class GemmCode {
 public:
  GemmCode(ProgramBuilder& program, const GemmProblem& p, const GemmTiles& t,
           const ChipConfig& chip)
      : program_{program},
        p_{p},
        t_{t},
        chip_{chip},
        a_{L0Buffer::L0A, p},
        b_{L0Buffer::L0B, p},
        a_panel_bytes_{a_.panel_bytes(t.l1.m, t.l1.k)},
        b_panel_bytes_{b_.panel_bytes(t.l1.n, t.l1.k)},
        bias_bytes_{p.bias ? round_up(t.l1.n * word, bt_unit) : 0},
        l1_slot_bytes_{a_panel_bytes_ + b_panel_bytes_ + round_up(bias_bytes_, 512)} {}

  // Copies run ahead of the cube by as many panels as L1 has places.
  void run(std::span<const GemmTensors> batch) {
    PanelWalk walk{p_, t_, chip_, batch};
    std::deque<Panel> loaded;
    while (true) {
      while (loaded.size() < t_.l1_slots) {
        const std::optional<Panel> ahead = walk.next();
        if (!ahead) break;
        load(*ahead);
        loaded.push_back(*ahead);
      }
      if (loaded.empty()) break;
      multiply(loaded.front());
      loaded.pop_front();
    }
    l1_free_.drain(program_);
    l0_free_.drain(program_);
  }

 private:
  // What stands in an L0 slot.
  struct Held {
    std::uint64_t panel = ~0ull, rows = 0, k = 0;
    friend bool operator==(const Held&, const Held&) = default;
  };

  std::uint32_t l1_slot(const Panel& panel) const {
    return static_cast<std::uint32_t>(panel.number % t_.l1_slots);
  }
  std::uint64_t l1_address(const Panel& panel) const { return l1_slot(panel) * l1_slot_bytes_; }
  L1Panel a_panel(const Panel& panel) const { return {l1_address(panel), panel.block.m, panel.k}; }
  L1Panel b_panel(const Panel& panel) const {
    return {l1_address(panel) + a_panel_bytes_, panel.block.n, panel.k};
  }
  L1Address bias_in_l1(const Panel& panel) const {
    return L1Address{l1_address(panel) + a_panel_bytes_ + b_panel_bytes_};
  }
  bool has_bias(const Panel& panel) const { return p_.bias && panel.k.start == 0; }

  void load(const Panel& panel) {
    l1_free_.wait(program_, l1_slot(panel));
    const GemmTensors& tensors = *panel.block.tensors;
    if (has_bias(panel)) load_bias(panel);
    a_.load_panel(program_, tensors.a, a_panel(panel));
    b_.load_panel(program_, tensors.b, b_panel(panel));
    l1_ready_.set(program_, l1_slot(panel));
  }

  // One row of n words: the ND-to-NZ copy reads no byte beyond it, a plain copy would.
  void load_bias(const Panel& panel) {
    const auto columns = static_cast<std::uint16_t>(panel.block.n.count);
    program_.add(CopyGmL1Nd2nz{.dst = bias_in_l1(panel),
                               .src = panel.block.tensors->bias + Bytes{panel.block.n.start * word},
                               .n_value = 1,
                               .d_value = columns,
                               .src_d_value = columns,
                               .dst_c0_stride = 1,
                               .dtype = p_.accumulator()});
  }

  std::uint64_t bt_address(const Panel& panel) const {
    return panel.block.number % t_.bt_slots * bias_bytes_;
  }

  // The row this one takes the place of has been read: with two slots by a step that is waited for
  // already, with one the cube is waited for.
  void move_bias(const Panel& panel) {
    if (t_.bt_slots == 1) l0_free_.drain(program_);
    const std::uint64_t units = ceil_div(panel.block.n.count * word, bt_unit);
    program_.add(CopyL1Bt{.dst = BtAddress{bt_address(panel)},
                          .src = bias_in_l1(panel),
                          .length = static_cast<std::uint16_t>(units)});
  }

  void multiply(const Panel& panel) {
    const auto ms = pieces(panel.block.m, t_.l0.m);
    const auto ns = tile_pieces(panel.block.n, t_.l0.n, b_.turned_block(),
                                [&](auto n) { return b_.must_split_rows(n); });
    const auto ks = tile_pieces(panel.k, t_.l0.k, 16, [&](auto k) { return a_.must_split_k(k); });
    l1_ready_.wait(program_, l1_slot(panel));
    for (const Range& k : ks) {
      std::uint64_t c = panel.block.number % t_.l0c_slots * t_.l1.m * t_.l1.n * word;
      for (const Range& n : ns) {
        for (const Range& m : ms) {
          const bool last = k.end() == ks.back().end() && n.end() == ns.back().end() &&
                            m.end() == ms.back().end();
          step(panel, m, n, k, c, last);
          c += round_up(m.count, 16) * round_up(n.count, 16) * word;
        }
      }
    }
  }

  void step(const Panel& panel, Range m, Range n, Range k, std::uint64_t c, bool last_of_panel) {
    const auto slot = static_cast<std::uint32_t>(steps_++ % t_.l0_slots);
    l0_free_.wait(program_, slot);
    if (has_bias(panel) && k.start == panel.k.start && m.start == panel.block.m.start &&
        n.start == panel.block.n.start) {
      move_bias(panel);
    }
    hold(b_, b_panel(panel), {panel.number, n.start, k.start}, n, k, chip_.l0b, b_held_, b_slot_);
    hold(a_, a_panel(panel), {panel.number, m.start, k.start}, m, k, chip_.l0a, a_held_, a_slot_);
    if (last_of_panel) l1_free_.set(program_, l1_slot(panel));
    l0_ready_.set(program_, slot);
    l0_ready_.wait(program_, slot);
    mmad(panel, m, n, k, c);
    l0_free_.set(program_, slot);
    if (k.end() == p_.k) store(panel, m, n, c);
  }

  // Loads a tile into the next slot unless it stands there from the step before. The slot's last
  // reader is at least l0_slots steps back, and step() has waited for that one.
  void hold(const GemmOperand& operand, const L1Panel& panel, Held wanted, Range rows, Range k,
            Bytes buffer, Held& held, std::uint32_t& slot) {
    if (held == wanted) return;
    held = wanted;
    slot = (slot + 1) % t_.l0_slots;
    operand.load_tile(program_, panel, rows, k, slot_address(buffer, slot));
  }

  std::uint64_t slot_address(Bytes buffer, std::uint32_t slot) const {
    return slot * (buffer.value() / t_.l0_slots / 512 * 512);
  }

  // A single row of a turned A is multiplied as two, the second all zero: m = 1 would read the
  // fractals as one plain row.
  std::uint64_t mmad_rows(Range m) const { return m.count == 1 && a_.turned() ? 2 : m.count; }

  std::uint64_t tiles(std::uint64_t m, std::uint64_t n) const {
    return ceil_div(m, std::max(16u, chip_.cube.m)) * ceil_div(n, std::max(16u, chip_.cube.n));
  }

  void mmad(const Panel& panel, Range m, Range n, Range k, std::uint64_t c) {
    const bool first = k.start == 0, last = k.end() == p_.k;
    if (!first && tiles(m.count, n.count) < tiles_in_flight) {
      program_.add(PipeBarrier{.on = Pipe::M});
    }
    const std::uint64_t bias =
        p_.bias ? bt_address(panel) + (n.start - panel.block.n.start) * word : 0;
    program_.add(Mmad{.c = L0cAddress{c},
                      .a = L0aAddress{slot_address(chip_.l0a, a_slot_)},
                      .b = L0bAddress{slot_address(chip_.l0b, b_slot_)},
                      .bias = BtAddress{first ? bias : 0},
                      .m = static_cast<std::uint16_t>(mmad_rows(m)),
                      .n = static_cast<std::uint16_t>(n.count),
                      .k = static_cast<std::uint16_t>(k.count),
                      .dtype = p_.dtype,
                      .init = !first    ? Init::accumulate
                              : p_.bias ? Init::bias
                                        : Init::zero,
                      .unit_flag = last ? UnitFlag::toggle : UnitFlag::check,
                      .order = Order::n_first,
                      .hf32 = p_.hf32});
  }

  void store(const Panel& panel, Range m, Range n, std::uint64_t c) {
    const std::uint64_t to = (m.start * p_.n + n.start) * element_size(p_.out);
    program_.add(Fixpipe{.dst = panel.block.tensors->c + Bytes{to},
                         .src = L0cAddress{c},
                         .m = static_cast<std::uint16_t>(m.count),
                         .n = static_cast<std::uint16_t>(n.count),
                         .src_stride = static_cast<std::uint16_t>(round_up(m.count, 16)),
                         .dst_stride = static_cast<std::uint32_t>(p_.n),
                         .acc = p_.accumulator(),
                         .quant = quant_of(p_),
                         .scale = scale_word(p_),
                         .relu = static_cast<std::uint8_t>(p_.relu),
                         .unit_flag = UnitFlag::toggle,
                         .nz2nd = 1});
  }

  ProgramBuilder& program_;
  const GemmProblem& p_;
  const GemmTiles& t_;
  const ChipConfig& chip_;
  GemmOperand a_, b_;
  std::uint64_t a_panel_bytes_, b_panel_bytes_, bias_bytes_, l1_slot_bytes_;
  FlagRing l1_ready_{Pipe::MTE2, Pipe::MTE1}, l1_free_{Pipe::MTE1, Pipe::MTE2};
  FlagRing l0_ready_{Pipe::MTE1, Pipe::M}, l0_free_{Pipe::M, Pipe::MTE1};
  std::uint64_t steps_ = 0;
  Held a_held_, b_held_;
  std::uint32_t a_slot_ = 0, b_slot_ = 0;
};

}  // namespace

void add_gemm(ProgramBuilder& program, const GemmProblem& problem, const GemmTiles& tiles,
              std::span<const GemmTensors> batch, const ChipConfig& chip) {
  check_gemm_rows(problem);
  const double needed =
      estimate_gemm(problem, tiles, chip).instructions * static_cast<double>(batch.size());
  if (needed > most_instructions) {
    throw InputError{fmt::format(
        "matmul of {} x {} x {}: about {:.0f} million instructions, more than {:.0f} million",
        problem.m, problem.n, problem.k, needed / 1e6, most_instructions / 1e6)};
  }
  GemmCode{program, problem, tiles, chip}.run(batch);
}

void order_after_writes(ProgramBuilder& program) {
  program.add(SetFlag{.from = Pipe::FIX, .to = Pipe::MTE2, .id = 0});
  program.add(WaitFlag{.from = Pipe::FIX, .to = Pipe::MTE2, .id = 0});
}

}  // namespace vitruvian::models
