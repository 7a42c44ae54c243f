// SPDX-License-Identifier: Apache-2.0
#include "models/kernels/conv.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <deque>
#include <optional>

#include "models/arch/error.h"
#include "models/kernels/flag_ring.h"

namespace vitruvian::models {
namespace {

constexpr std::uint64_t side = 16, row_bytes = 32, fractal = 512, word = 4;

// Rows of Y, and the rows of X they need: what is cut off above and below is padding.
struct Strip {
  Range rows;        // of Y
  Range input;       // of X
  std::uint64_t pad_top, pad_bottom;
};

Strip strip_of(const ConvProblem& p, Range rows) {
  const std::uint64_t first = rows.start * p.stride;                                     // in the padded map
  const std::uint64_t past = (rows.end() - 1) * p.stride + p.dilation * (p.r - 1) + 1;
  const std::uint64_t above = first < p.pad ? p.pad - first : 0;
  const std::uint64_t below = past > p.pad + p.h ? past - p.pad - p.h : 0;
  const std::uint64_t start = first + above - p.pad;
  return {rows, {start, past - below - p.pad - start}, above, below};
}

struct Block {
  std::uint64_t image;
  Strip strip;
  Range pixels;  // of the strip
  Range k;       // output channels
};

struct Panel {
  Block block;
  Range c1;
  std::uint64_t number = 0;
};

// All panels: images, strips, windows, channels, and inside a block the channel groups of X.
std::vector<Panel> panels_of(const ConvProblem& p, const ConvTiles& t) {
  std::vector<Panel> found;
  for (std::uint64_t image = 0; image < p.n; ++image) {
    for (const Range& rows : pieces({0, p.out_h()}, t.rows)) {
      for (const Range& pixels : pieces({0, rows.count * p.out_w()}, t.window)) {
        for (const Range& k : pieces({0, p.padded_k()}, t.k)) {
          for (const Range& c1 : pieces({0, p.c1()}, t.c1)) {
            found.push_back({{image, strip_of(p, rows), pixels, k}, c1, found.size()});
          }
        }
      }
    }
  }
  return found;
}

Quant quant_of(const ConvProblem& p) {
  if (p.out == p.accumulator()) return Quant::none;
  if (p.dtype == DataType::s8) return p.out == DataType::f16 ? Quant::DEQF16 : Quant::REQ8;
  return p.out == DataType::f16 ? Quant::F322F16 : Quant::F322BF16;
}

std::uint64_t scale_word(const ConvProblem& p) {
  if (p.dtype != DataType::s8 || p.out == p.accumulator()) return 0;
  const std::uint64_t is_signed = p.out == DataType::s8;
  return std::bit_cast<std::uint32_t>(p.scale) | is_signed << 46;
}

class ConvCode {
 public:
  ConvCode(ProgramBuilder& program, const ConvProblem& p, const ConvTiles& t, const ConvTensors& tensors,
           const ChipConfig& chip)
      : program_{program}, p_{p}, t_{t}, tensors_{tensors}, chip_{chip}, panels_{panels_of(p, t)} {}

  // Copies run ahead of the cube by as many panels as L1 has places.
  void run() {
    std::size_t loaded = 0;
    for (const Panel& panel : panels_) {
      for (; loaded < panels_.size() && loaded < panel.number + t_.l1_slots; ++loaded) load(panels_[loaded]);
      multiply(panel);
    }
    l1_free_.drain(program_);
    l0_free_.drain(program_);
  }

 private:
  std::uint32_t l1_slot(const Panel& panel) const { return static_cast<std::uint32_t>(panel.number % t_.l1_slots); }
  // In an L1 place: bias, weights, then the map, which is of the size it happens to be.
  std::uint64_t place(const Panel& panel) const { return l1_slot(panel) * (chip_.l1.value() / t_.l1_slots / fractal * fractal); }
  std::uint64_t weights_at(const Panel& panel) const {
    return place(panel) + (p_.bias ? round_up(panel.block.k.count * word, fractal) : 0);
  }
  std::uint64_t map_at(const Panel& panel) const {
    return weights_at(panel) + filter() * panel.c1.count * panel.block.k.count / side * fractal;
  }
  std::uint64_t filter() const { return p_.r * p_.s; }
  bool has_bias(const Panel& panel) const { return p_.bias && panel.c1.start == 0; }

  void load(const Panel& panel) {
    l1_free_.wait(program_, l1_slot(panel));
    if (has_bias(panel)) load_bias(panel);
    load_weights(panel);
    load_map(panel);
    l1_ready_.set(program_, l1_slot(panel));
  }

  void load_bias(const Panel& panel) {
    const Range& k = panel.block.k;
    program_.add(CopyGmL1{.dst = L1Address{place(panel)},
                          .src = tensors_.bias + Bytes{k.start * word},
                          .block_length = static_cast<std::uint16_t>(k.count * word / row_bytes)});
  }

  // One block of fractals for each (c1, r, s).
  void load_weights(const Panel& panel) {
    const std::uint64_t all = p_.padded_k() / side, some = panel.block.k.count / side;
    constexpr std::uint64_t units = fractal / row_bytes, most_blocks = 4095;
    std::uint64_t to = weights_at(panel);
    for (const Range& part : pieces({panel.c1.start * filter(), panel.c1.count * filter()}, most_blocks)) {
      program_.add(CopyGmL1{.dst = L1Address{to},
                            .src = tensors_.w + Bytes{(part.start * all + panel.block.k.start / side) * fractal},
                            .block_count = static_cast<std::uint16_t>(part.count),
                            .block_length = static_cast<std::uint16_t>(some * units),
                            .src_gap = static_cast<std::uint16_t>((all - some) * units)});
      to += part.count * some * fractal;
    }
  }

  // The strip's rows of each channel group follow each other in GM.
  void load_map(const Panel& panel) {
    const Strip& strip = panel.block.strip;
    const std::uint64_t length = strip.input.count * p_.w, gap = (p_.h - strip.input.count) * p_.w;
    constexpr std::uint64_t most = 65535;
    const std::uint64_t at_once = gap <= most ? panel.c1.count : 1;
    std::uint64_t to = map_at(panel);
    for (const Range& part : pieces(panel.c1, at_once)) {
      const std::uint64_t pixel = ((panel.block.image * p_.c1() + part.start) * p_.h + strip.input.start) * p_.w;
      program_.add(CopyGmL1{.dst = L1Address{to},
                            .src = tensors_.x + Bytes{pixel * row_bytes},
                            .block_count = static_cast<std::uint16_t>(part.count),
                            .block_length = static_cast<std::uint16_t>(length),
                            .src_gap = static_cast<std::uint16_t>(part.count > 1 ? gap : 0)});
      to += part.count * length * row_bytes;
    }
  }

  void multiply(const Panel& panel) {
    const auto ms = pieces(panel.block.pixels, t_.l0.m);
    const auto ns = pieces(panel.block.k, t_.l0.n);
    // In columns of C0 of the panel's virtual matrix.
    const auto ks = pieces({0, panel.c1.count * filter()}, t_.l0.k / p_.c0());
    l1_ready_.wait(program_, l1_slot(panel));
    for (const Range& k : ks) {
      std::uint64_t c = 0;
      for (const Range& n : ns) {
        for (const Range& m : ms) {
          const bool last = k.end() == ks.back().end() && n.end() == ns.back().end() && m.end() == ms.back().end();
          step(panel, m, n, k, c, last);
          c += round_up(m.count, side) * n.count * word;
        }
      }
    }
  }

  void step(const Panel& panel, Range m, Range n, Range k, std::uint64_t c, bool last_of_panel) {
    const auto slot = static_cast<std::uint32_t>(steps_++ % t_.l0_slots);
    l0_free_.wait(program_, slot);
    const bool first = panel.c1.start == 0 && k.start == 0;
    if (has_bias(panel) && k.start == 0 && m.start == panel.block.pixels.start && n.start == panel.block.k.start) {
      move_bias(panel);
    }
    load_right(panel, n, k, slot);
    load_left(panel, m, k, slot);
    if (last_of_panel) l1_free_.set(program_, l1_slot(panel));
    l0_ready_.set(program_, slot);
    l0_ready_.wait(program_, slot);
    const bool last = panel.c1.end() == p_.c1() && k.end() == panel.c1.count * filter();
    mmad(panel, m, n, k, c, slot, first, last);
    l0_free_.set(program_, slot);
    if (last) store(panel, m, n, c);
  }

  // Every earlier reader of BT has been waited for.
  void move_bias(const Panel& panel) {
    l0_free_.drain(program_);
    program_.add(CopyL1Bt{.dst = BtAddress{0},
                          .src = L1Address{place(panel)},
                          .length = static_cast<std::uint16_t>(panel.block.k.count * word / 64)});
  }

  // Fractals (k, n) stand in L1 in L0B's order.
  void load_right(const Panel& panel, Range n, Range k, std::uint32_t slot) {
    const std::uint64_t across = panel.block.k.count / side, count = n.count / side;
    const std::uint64_t from = weights_at(panel) + (k.start * across + (n.start - panel.block.k.start) / side) * fractal;
    const std::uint64_t to = slot_address(chip_.l0b, slot);
    const bool whole = count == across;
    const std::uint64_t runs = whole ? 1 : k.count, length = whole ? k.count * count : count;
    for (std::uint64_t run = 0; run < runs; ++run) {
      constexpr std::uint64_t most_repeats = 255;
      for (const Range& part : pieces({0, length}, most_repeats)) {
        program_.add(Load2d{.to = L0Buffer::L0B,
                            .dst = L0Address{to + (run * count + part.start) * fractal},
                            .src = L1Address{from + (run * across + part.start) * fractal},
                            .repeat = static_cast<std::uint8_t>(part.count),
                            .dtype = p_.dtype});
      }
    }
  }

  void load_left(const Panel& panel, Range m, Range k, std::uint32_t slot) {
    const Strip& strip = panel.block.strip;
    const auto narrow = [](std::uint64_t value) { return static_cast<std::uint8_t>(value); };
    const auto wide = [](std::uint64_t value) { return static_cast<std::uint16_t>(value); };
    program_.add(Load3d{.to = L0Buffer::L0A,
                        .dst = L0Address{slot_address(chip_.l0a, slot)},
                        .src = L1Address{map_at(panel)},
                        .l1_h = wide(strip.input.count),
                        .l1_w = wide(p_.w),
                        .channel_size = wide(panel.c1.count * p_.c0()),
                        .m_start = wide(m.start),
                        .m_extension = wide(round_up(m.count, side)),
                        .k_start = wide(k.start * p_.c0()),
                        .k_extension = wide(k.count * p_.c0()),
                        .stride_w = narrow(p_.stride),
                        .stride_h = narrow(p_.stride),
                        .filter_w = wide(p_.s),
                        .filter_h = wide(p_.r),
                        .dilation_w = narrow(p_.dilation),
                        .dilation_h = narrow(p_.dilation),
                        .pad_left = narrow(p_.pad),
                        .pad_right = narrow(p_.pad),
                        .pad_top = narrow(strip.pad_top),
                        .pad_bottom = narrow(strip.pad_bottom),
                        .dtype = p_.dtype});
  }

  std::uint64_t slot_address(Bytes buffer, std::uint32_t slot) const {
    return slot * (buffer.value() / t_.l0_slots / fractal * fractal);
  }

  void mmad(const Panel& panel, Range m, Range n, Range k, std::uint64_t c, std::uint32_t slot, bool first, bool last) {
    // The vendor's rule: below ten output fractals (on a larger cube tiles) the sum before is still on its way.
    constexpr std::uint64_t tiles_in_flight = 10;
    const std::uint64_t tiles = ceil_div(m.count, std::max(16u, chip_.cube.m)) * ceil_div(n.count, std::max(16u, chip_.cube.n));
    if (!first && tiles < tiles_in_flight) program_.add(PipeBarrier{.on = Pipe::M});
    const std::uint64_t bias = p_.bias && first ? (n.start - panel.block.k.start) * word : 0;
    program_.add(Mmad{.c = L0cAddress{c},
                      .a = L0aAddress{slot_address(chip_.l0a, slot)},
                      .b = L0bAddress{slot_address(chip_.l0b, slot)},
                      .bias = BtAddress{bias},
                      .m = static_cast<std::uint16_t>(m.count),
                      .n = static_cast<std::uint16_t>(n.count),
                      .k = static_cast<std::uint16_t>(k.count * p_.c0()),
                      .dtype = p_.dtype,
                      .init = !first    ? Init::accumulate
                              : p_.bias ? Init::bias
                                        : Init::zero,
                      .unit_flag = last ? UnitFlag::toggle : UnitFlag::check,
                      .order = Order::n_first,
                      .no_gemv = 1});
  }

  void store(const Panel& panel, Range m, Range n, std::uint64_t c) {
    const std::uint64_t plane = p_.out_h() * p_.out_w(), width = p_.out_c0();
    const std::uint64_t pixel_bytes = width * static_cast<std::uint64_t>(element_size(p_.out));
    const std::uint64_t column = panel.block.image * (p_.padded_k() / width) + n.start / width;
    const std::uint64_t pixel = panel.block.strip.rows.start * p_.out_w() + m.start;
    program_.add(Fixpipe{.dst = tensors_.y + Bytes{(column * plane + pixel) * pixel_bytes},
                         .src = L0cAddress{c},
                         .m = static_cast<std::uint16_t>(m.count),
                         .n = static_cast<std::uint16_t>(n.count),
                         .src_stride = static_cast<std::uint16_t>(round_up(m.count, side)),
                         .dst_stride = static_cast<std::uint32_t>(plane * pixel_bytes / row_bytes),
                         .acc = p_.accumulator(),
                         .quant = quant_of(p_),
                         .scale = scale_word(p_),
                         .relu = static_cast<std::uint8_t>(p_.relu),
                         .unit_flag = UnitFlag::toggle,
                         .split = static_cast<std::uint8_t>(p_.out == DataType::f32)});
  }

  ProgramBuilder& program_;
  const ConvProblem& p_;
  const ConvTiles& t_;
  const ConvTensors& tensors_;
  const ChipConfig& chip_;
  const std::vector<Panel> panels_;
  FlagRing l1_ready_{Pipe::MTE2, Pipe::MTE1}, l1_free_{Pipe::MTE1, Pipe::MTE2};
  FlagRing l0_ready_{Pipe::MTE1, Pipe::M}, l0_free_{Pipe::M, Pipe::MTE1};
  std::uint64_t steps_ = 0;
};

}  // namespace

ConvSizes conv_sizes(const ConvProblem& p) {
  const std::uint64_t rows = p.n * p.c1() * p.h * p.w;
  const std::uint64_t fractals = p.c1() * p.r * p.s * p.padded_k() / side;
  const std::uint64_t results = p.n * p.padded_k() * p.out_h() * p.out_w();
  return {Bytes{rows * row_bytes}, Bytes{fractals * fractal}, Bytes{p.bias ? p.padded_k() * word : 0},
          Bytes{results * static_cast<std::uint64_t>(element_size(p.out))}};
}

void add_conv(ProgramBuilder& program, const ConvProblem& problem, const ConvTiles& tiles, const ConvTensors& tensors,
              const ChipConfig& chip) {
  ConvCode{program, problem, tiles, tensors, chip}.run();
}

}  // namespace vitruvian::models
