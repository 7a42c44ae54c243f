// SPDX-License-Identifier: Apache-2.0
#include "tb/random/instruction_shape.h"

#include <algorithm>

#include "models/program/img2col.h"

namespace vitruvian::tb {
namespace {

using namespace models;

constexpr DataType operands[] = {DataType::f16, DataType::bf16, DataType::f32, DataType::s8,
                                 DataType::s4};
constexpr Pipe pipes[] = {Pipe::S, Pipe::M, Pipe::MTE1, Pipe::MTE2, Pipe::MTE3, Pipe::FIX};
constexpr Pipe barriers[] = {Pipe::M, Pipe::MTE1, Pipe::MTE2, Pipe::MTE3, Pipe::FIX, Pipe::ALL};

L0Buffer l0(Sizes& sizes) { return static_cast<L0Buffer>(sizes.below(2)); }
std::uint32_t word(Sizes& sizes) { return static_cast<std::uint32_t>(sizes.random.draw()); }

template <class Flag>
void shape_flag(Flag& i, const ChipConfig& chip, Sizes& sizes) {
  i.from = sizes.random.pick(pipes);
  do {
    i.to = sizes.random.pick(pipes);
  } while (i.to == i.from);
  i.id = sizes.below<std::uint8_t>(chip.event_ids);
}

// One side of a convolution: how big the map, the filter and its steps are.
struct Side {
  std::uint16_t map, filter;
  std::uint8_t stride, dilation, before, after;
};
Side draw_side(Sizes& sizes) {
  return {sizes.size(20),
          static_cast<std::uint16_t>(1 + sizes.below(4)),
          static_cast<std::uint8_t>(1 + sizes.below(3)),
          static_cast<std::uint8_t>(sizes.chance(1, 2) ? 1 : 1 + sizes.below(4)),
          static_cast<std::uint8_t>(sizes.chance(1, 30) ? 255 : sizes.below(4)),
          sizes.below<std::uint8_t>(4)};
}

// A window of up to 16 fractals, in front of the end of X, across it or behind it.
void draw_window(Load3d& i, Sizes& sizes) {
  const Img2col x{i};
  if (x.rows() == 0) return;
  const auto blocks = static_cast<std::uint64_t>(x.column_blocks());
  const std::uint64_t across = sizes.size(std::min<std::uint64_t>(blocks, 8));
  const std::uint64_t down = sizes.size(std::max<std::uint64_t>(16 / across, 1));
  const std::uint64_t past = static_cast<std::uint64_t>(x.rows()) / 16 + 1;
  const auto c0 = static_cast<std::uint64_t>(x.c0());
  i.m_start =
      static_cast<std::uint16_t>(16 * std::min<std::uint64_t>(sizes.random.below(past + 1), 4000));
  i.m_extension = static_cast<std::uint16_t>(16 * down);
  i.k_start = static_cast<std::uint16_t>(c0 * sizes.random.below(blocks - across + 1));
  i.k_extension = static_cast<std::uint16_t>(c0 * across);
}

template <class F>
void shape_fixpipe(F& i, Sizes& sizes, const OutputBlock& block, bool nz2nd) {
  constexpr Quant of_f32[] = {Quant::none, Quant::F322F16, Quant::F322BF16, Quant::QF322B8,
                              Quant::VQF322B8};
  constexpr Quant of_s32[] = {Quant::none, Quant::DEQF16, Quant::VDEQF16, Quant::REQ8,
                              Quant::VREQ8};
  i.acc = block.acc;
  i.quant = i.acc == DataType::f32 ? sizes.random.pick(of_f32) : sizes.random.pick(of_s32);
  const bool splits = i.acc == DataType::f32 && i.quant == Quant::none && !nz2nd;
  i.split = splits && sizes.chance(2, 3);
  i.relu = sizes.chance(1, 2);
  i.scale = sizes.random.below(std::uint64_t{1} << 47);
  i.src = block.start;
  i.m = block.m, i.n = block.n;
  const std::uint64_t column = i.split ? 8 : 16;
  if (!nz2nd) i.n = static_cast<std::uint16_t>(round_up(block.n, column));
  i.src_stride = static_cast<std::uint16_t>(round_up(block.m, 16));
  i.dst_stride = i.m * (i.split ? 1u : 2u) + sizes.gap();
  if (nz2nd) i.dst_stride = i.n + sizes.gap();
}

// A block of any size, its rows behind each other.
OutputBlock draw_block(Sizes& sizes) {
  return {.m = sizes.size(70),
          .n = sizes.size(70),
          .acc = sizes.chance(1, 2) ? DataType::f32 : DataType::s32};
}

void draw_matrices(Fixpipe& i, Sizes& sizes) {
  i.nd_num = sizes.size(3);
  i.src_nd_stride = sizes.below(4);
  i.dst_nd_stride = i.m * i.dst_stride + sizes.gap();
  if (sizes.chance(1, 2)) {  // side by side
    i.dst_nd_stride = i.n;
    i.dst_stride = i.nd_num * i.n + sizes.gap();
  }
}

}  // namespace

std::uint64_t Sizes::drawn(std::uint64_t most) {
  constexpr std::uint64_t edges[] = {1, 2, 7, 8, 9, 15, 16, 17, 31, 32, 33, 48, 64};
  const std::uint64_t limit = std::max<std::uint64_t>(most >> std::min(shrink_, 63), 1);
  return std::min(chance(1, 2) ? random.pick(edges) : 1 + random.below(limit), limit);
}

void shape(Scalar& i, const ChipConfig&, Sizes& sizes) { i.cost = sizes.size(100); }
void shape(LoadScalar&, const ChipConfig&, Sizes&) {}
void shape(SetFlag& i, const ChipConfig& chip, Sizes& sizes) { shape_flag(i, chip, sizes); }
void shape(WaitFlag& i, const ChipConfig& chip, Sizes& sizes) { shape_flag(i, chip, sizes); }
void shape(PipeBarrier& i, const ChipConfig&, Sizes& sizes) { i.on = sizes.random.pick(barriers); }

void shape(Mmad& i, const ChipConfig&, Sizes& sizes) {
  i.dtype = sizes.random.pick(operands);
  i.m = sizes.size(70), i.n = sizes.size(70),
  i.k = sizes.size(element_bits(i.dtype) <= 8 ? 200 : 80);
  if (sizes.chance(1, 40)) (sizes.chance(1, 2) ? i.m : sizes.chance(1, 2) ? i.n : i.k) = 0;
  i.init = static_cast<Init>(sizes.below(3));
  i.order = static_cast<Order>(sizes.below(2));
  i.no_gemv = sizes.chance(1, 2);
  if (i.dtype != DataType::f32) return;
  i.hf32 = static_cast<Hf32>(sizes.below(3));
  i.k_align = sizes.chance(1, 3);
}

void shape(Load2d& i, const ChipConfig&, Sizes& sizes) {
  i.to = l0(sizes);
  i.repeat = sizes.size<std::uint8_t>(sizes.chance(1, 8) ? 255 : 12);
  i.src_stride = sizes.gap(), i.dst_gap = sizes.gap();
  i.dtype = sizes.random.pick(operands);
  i.transpose = element_bits(i.dtype) == 16 && sizes.chance(1, 2);
}

void shape(Load2dTranspose& i, const ChipConfig&, Sizes& sizes) {
  i.to = l0(sizes);
  i.repeat = sizes.size<std::uint8_t>(8);
  i.src_stride = sizes.gap(), i.dst_gap = sizes.gap(), i.dst_frac_gap = sizes.gap();
  i.dtype = sizes.random.pick(operands);
}

void shape(CopyL1Bt& i, const ChipConfig& chip, Sizes& sizes) {
  i.length = sizes.size(chip.bt.value() / 64);
}

void shape(Load3d& i, const ChipConfig&, Sizes& sizes) {
  const Side h = draw_side(sizes), w = draw_side(sizes);
  i.dtype = sizes.random.pick(operands);
  i.to = l0(sizes);
  i.l1_h = h.map, i.l1_w = w.map;
  i.channel_size = static_cast<std::uint16_t>(elements_per_block(i.dtype) * sizes.size(3));
  i.filter_h = h.filter, i.filter_w = w.filter;
  i.stride_h = h.stride, i.stride_w = w.stride;
  i.dilation_h = h.dilation, i.dilation_w = w.dilation;
  i.pad_top = h.before, i.pad_bottom = h.after, i.pad_left = w.before, i.pad_right = w.after;
  i.pad_value = word(sizes);
  i.transpose = i.to == L0Buffer::L0A && element_bits(i.dtype) == 16 && sizes.chance(1, 2);
  draw_window(i, sizes);
}

void shape(FillL0& i, const ChipConfig&, Sizes& sizes) {
  i.to = l0(sizes);
  i.repeat = sizes.size(4);
  i.block_length = sizes.size(sizes.chance(1, 8) ? 16 : 4);
  i.dst_gap = sizes.gap();
  i.value = word(sizes);
}

void shape(CopyGmL1& i, const ChipConfig&, Sizes& sizes) {
  i.block_count = sizes.size(12), i.block_length = sizes.size(64);
  i.src_gap = sizes.gap(), i.dst_gap = sizes.gap();
}

void shape(CopyGmL1Nd2nz& i, const ChipConfig&, Sizes& sizes) {
  i.dtype = sizes.chance(1, 8) ? DataType::s32 : sizes.random.pick(std::span{operands}.first(4));
  const auto c0 = static_cast<std::uint64_t>(elements_per_block(i.dtype));
  i.nd_num = sizes.chance(1, 20) ? 0 : sizes.chance(1, 2) ? 1 : sizes.size(4);
  i.n_value = sizes.size(40), i.d_value = sizes.size(sizes.chance(1, 8) ? 700 : 80);
  i.src_d_value = static_cast<std::uint16_t>(i.d_value + sizes.gap());
  if (sizes.chance(1, 12)) i.src_d_value = sizes.size(i.d_value);  // rows overlap
  const std::uint64_t columns = ceil_div(i.d_value, c0);
  i.src_nd_stride = static_cast<std::uint16_t>(i.src_d_value * i.n_value + sizes.gap());
  i.dst_n_stride = static_cast<std::uint16_t>(1 + sizes.below(2));
  i.dst_c0_stride = static_cast<std::uint16_t>(i.n_value * i.dst_n_stride + sizes.gap());
  i.dst_nd_stride = static_cast<std::uint16_t>((columns * i.dst_c0_stride + sizes.gap()) * c0);
  if (sizes.chance(1, 4)) {  // rows further apart than columns
    i.dst_c0_stride = static_cast<std::uint16_t>(1 + sizes.below(2));
    i.dst_n_stride = static_cast<std::uint16_t>(columns * i.dst_c0_stride + sizes.gap());
    i.dst_nd_stride = static_cast<std::uint16_t>(i.n_value * i.dst_n_stride * c0);
  }
}

void shape(Load2dGm& i, const ChipConfig&, Sizes& sizes) {
  i.to = l0(sizes);
  i.repeat = sizes.size<std::uint8_t>(12);
  i.src_stride = sizes.gap(), i.dst_gap = sizes.gap();
}

void shape(FillL1& i, const ChipConfig&, Sizes& sizes) {
  i.repeat = sizes.size(12), i.block_length = sizes.size(64);
  i.dst_gap = sizes.gap();
  i.value = word(sizes);
}

void shape(CopyL1Gm& i, const ChipConfig&, Sizes& sizes) {
  i.block_count = sizes.size(12), i.block_length = sizes.size(64);
  i.src_gap = sizes.gap(), i.dst_gap = sizes.gap();
}

void shape(Fixpipe& i, const ChipConfig&, Sizes& sizes) {
  shape_of_block(i, sizes, draw_block(sizes));
  i.src_stride = static_cast<std::uint16_t>(i.src_stride + 16 * sizes.gap());
  if (i.nz2nd && sizes.chance(1, 3)) draw_matrices(i, sizes);
}

void shape(FixpipeL1& i, const ChipConfig&, Sizes& sizes) {
  shape_of_block(i, sizes, draw_block(sizes));
  i.src_stride = static_cast<std::uint16_t>(i.src_stride + 16 * sizes.gap());
}

void shape(CopyL1Fb& i, const ChipConfig& chip, Sizes& sizes) {
  i.length = sizes.size(chip.fb.value() / 64);
}

void shape_of_block(Fixpipe& i, Sizes& sizes, const OutputBlock& block) {
  i.nz2nd = sizes.chance(1, 2);
  shape_fixpipe(i, sizes, block, i.nz2nd != 0);
}

void shape_of_block(FixpipeL1& i, Sizes& sizes, const OutputBlock& block) {
  shape_fixpipe(i, sizes, block, false);
}

}  // namespace vitruvian::tb
