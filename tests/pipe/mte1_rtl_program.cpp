// SPDX-License-Identifier: Apache-2.0
#include "tests/pipe/mte1_rtl_program.h"

#include <algorithm>
#include <optional>

#include "models/arch/error.h"
#include "models/program/img2col.h"
#include "models/program/program.h"

namespace vitruvian::tests {
namespace {

using models::CopyL1Bt;
using models::FillL0;
using models::Img2col;
using models::Instruction;
using models::L0Buffer;
using models::Load2d;
using models::Load2dTranspose;
using models::Load3d;
using tb::RandomStream;
using u64 = std::uint64_t;

constexpr u64 row = 32, fractal = 512;
constexpr DataType types[] = {DataType::f16, DataType::bf16, DataType::f32, DataType::s8, DataType::s4};

// From 1 to `most`, small ones and the limit itself more often.
u64 size_up_to(RandomStream& stream, u64 most) {
  switch (stream.below(6)) {
    case 0: return 1;
    case 1: return most;
    case 2: return 1 + stream.below(most);
    default: return 1 + stream.below(std::min<u64>(most, stream.chance(1, 2) ? 4 : 20));
  }
}

// None, a few, or any number up to `most`.
u64 gap_up_to(RandomStream& stream, u64 most) {
  switch (stream.below(4)) {
    case 0: return 0;
    case 1: return stream.below(most + 1);
    default: return stream.below(std::min<u64>(most, 6) + 1);
  }
}

// The largest distance from one of `count` pieces to the next with which they span no more than `room`.
u64 most_stride(u64 count, u64 piece, u64 room) { return count == 1 ? 65535 : std::min<u64>(65535, (room - piece) / (count - 1)); }

// Where something of `size` may begin in `room`: at either end, or between, in units.
u64 place(RandomStream& stream, u64 size, u64 room) {
  const u64 slack = room - size;
  return stream.chance(1, 5) ? slack : stream.chance(1, 5) ? 0 : stream.below(slack + 1);
}

struct Buffers {
  u64 l1_rows, l0;  // fractals
};
Buffers buffers(const ChipConfig& chip, L0Buffer to) {
  return {chip.l1.value() / row, (to == L0Buffer::L0A ? chip.l0a : chip.l0b).value() / fractal};
}

template <class T>
T narrow(u64 value) { return static_cast<T>(value); }

Instruction draw_load2d(RandomStream& stream, const ChipConfig& chip, u64 most) {
  Load2d load;
  load.to = static_cast<L0Buffer>(stream.below(2));
  const auto [rows, l0] = buffers(chip, load.to);
  load.repeat = narrow<std::uint8_t>(size_up_to(stream, std::min<u64>({255, most, l0, rows / 16})));
  load.src_stride = narrow<std::uint16_t>(gap_up_to(stream, most_stride(load.repeat, 1, rows / 16)));
  load.dst_gap = narrow<std::uint16_t>(gap_up_to(stream, most_stride(load.repeat, 1, l0) - 1));
  load.dst = L0Address{place(stream, (load.repeat - 1u) * (load.dst_gap + u64{1}) + 1, l0) * fractal};
  load.src = L1Address{place(stream, ((load.repeat - 1u) * load.src_stride + u64{1}) * 16, rows) * row};
  load.dtype = stream.pick(types);
  load.transpose = element_bits(load.dtype) == 16 && stream.chance(1, 2);
  return load;
}

Instruction draw_block(RandomStream& stream, const ChipConfig& chip, u64 most) {
  Load2dTranspose load;
  load.to = static_cast<L0Buffer>(stream.below(2));
  load.dtype = stream.pick(types);
  const auto [rows, l0] = buffers(chip, load.to);
  const u64 block = element_bits(load.dtype) == 4 ? 4 : element_bits(load.dtype) == 16 ? 1 : 2;
  load.repeat = narrow<std::uint8_t>(size_up_to(stream, std::min<u64>({255, std::max<u64>(most / block, 1), l0 / block, rows / 16 / block})));
  load.src_stride = narrow<std::uint16_t>(gap_up_to(stream, most_stride(load.repeat, 1, rows / 16 / block)));
  const u64 spare = stream.below(3);
  switch (stream.below(3)) {
    case 0: load.dst_gap = narrow<std::uint16_t>(block - 1 + spare); break;            // block behind block
    case 1: load.dst_frac_gap = narrow<std::uint16_t>(load.repeat - 1 + spare); break; // fractals of a number together
    default:
      load.dst_gap = narrow<std::uint16_t>(gap_up_to(stream, l0));
      load.dst_frac_gap = narrow<std::uint16_t>(gap_up_to(stream, l0));
  }
  const u64 span = (load.repeat - 1u) * (load.dst_gap + u64{1}) + (block - 1) * (load.dst_frac_gap + u64{1}) + 1;
  if (span <= l0) load.dst = L0Address{place(stream, span, l0) * fractal};
  load.src = L1Address{place(stream, ((load.repeat - 1u) * load.src_stride + u64{1}) * 16 * block, rows) * row};
  return load;
}

Instruction draw_bias(RandomStream& stream, const ChipConfig& chip, u64 most) {
  const u64 bt = chip.bt.value() / 64;
  CopyL1Bt copy;
  copy.length = narrow<std::uint16_t>(size_up_to(stream, std::min(bt, most)));
  copy.dst = BtAddress{place(stream, copy.length, bt) * 64};
  copy.src = L1Address{place(stream, copy.length * 2u, chip.l1.value() / row) * row};
  return copy;
}

Instruction draw_fill(RandomStream& stream, const ChipConfig& chip, u64 most) {
  FillL0 fill;
  fill.to = static_cast<L0Buffer>(stream.below(2));
  const u64 l0 = buffers(chip, fill.to).l0, total = std::min(l0, most);
  fill.repeat = narrow<std::uint16_t>(size_up_to(stream, total));
  fill.block_length = narrow<std::uint16_t>(size_up_to(stream, total / fill.repeat));
  fill.dst_gap = narrow<std::uint16_t>(gap_up_to(stream, std::min<u64>(32767, most_stride(fill.repeat, fill.block_length, l0) - fill.block_length)));
  fill.dst = L0Address{place(stream, (fill.repeat - 1u) * (u64{fill.block_length} + fill.dst_gap) + fill.block_length, l0) * fractal};
  fill.value = static_cast<std::uint32_t>(stream.draw());
  return fill;
}

// One side of a convolution, from its output back to the map.
struct Side {
  u64 map, filter, stride, dilation, before, after;
};
Side draw_side(RandomStream& stream, u64 most_map) {
  Side side{};
  side.filter = stream.chance(1, 10) ? 1 + stream.below(511) : 1 + stream.below(stream.chance(1, 2) ? 3 : 7);
  side.dilation = stream.chance(1, 10) ? 1 + stream.below(255) : stream.chance(1, 2) ? 1 : 1 + stream.below(4);
  side.stride = stream.chance(1, 10) ? 1 + stream.below(63) : 1 + stream.below(3);
  const u64 out = stream.chance(1, 10) ? 1 + stream.below(most_map) : 1 + stream.below(stream.chance(1, 2) ? 17 : 40);
  const u64 padded = (out - 1) * side.stride + (side.filter - 1) * side.dilation + 1 + stream.below(side.stride);
  const auto pad = [&](u64 room) {
    const u64 most = std::min<u64>(255, room);
    return stream.chance(1, 3) ? 0 : stream.chance(1, 8) ? most : stream.below(std::min<u64>(most, 5) + 1);
  };
  side.before = pad(padded - 1);
  side.after = pad(padded - 1 - side.before);
  side.map = padded - side.before - side.after;
  return side;
}

// The window of X: at its start, across its end, beyond it, or anywhere.
void draw_window(RandomStream& stream, Load3d& load, u64 most) {
  const Img2col x{load};
  const u64 c0 = static_cast<u64>(x.c0()), blocks = std::min<u64>(static_cast<u64>(x.column_blocks()), 65535 / c0);
  const u64 across = size_up_to(stream, std::min(blocks, most));
  const u64 down = size_up_to(stream, std::min<u64>(4095, most / across));
  const u64 rows = std::min<u64>((static_cast<u64>(x.rows()) + 15) / 16, 4095);
  const u64 m1 = stream.chance(1, 3) ? 0 : stream.chance(1, 3) ? rows - std::min(rows, 1 + stream.below(down)) : stream.below(rows + 1);
  load.m_start = narrow<std::uint16_t>(std::min<u64>(m1, 4095) * 16);
  load.m_extension = narrow<std::uint16_t>(down * 16);
  load.k_extension = narrow<std::uint16_t>(across * c0);
  load.k_start = narrow<std::uint16_t>(place(stream, across, blocks) * c0);
}

Instruction draw_map(RandomStream& stream, const ChipConfig& chip, u64 most) {
  Load3d load;
  load.to = static_cast<L0Buffer>(stream.below(2));
  load.dtype = stream.pick(types);
  load.transpose = load.to == L0Buffer::L0A && element_bits(load.dtype) == 16 && stream.chance(1, 2);
  load.pad_value = static_cast<std::uint32_t>(stream.draw());
  const auto [rows, l0] = buffers(chip, load.to);
  const bool flat = stream.chance(1, 8);
  const Side h = flat ? Side{1, 1, 1, 1, 0, 0} : draw_side(stream, 300), w = draw_side(stream, flat ? rows : 300);
  if (h.map * w.map > rows || h.map > 32767 || w.map > 32767) return load;  // an illegal one: another is drawn
  load.l1_h = narrow<std::uint16_t>(h.map), load.l1_w = narrow<std::uint16_t>(w.map);
  load.filter_h = narrow<std::uint16_t>(h.filter), load.filter_w = narrow<std::uint16_t>(w.filter);
  load.stride_h = narrow<std::uint8_t>(h.stride), load.stride_w = narrow<std::uint8_t>(w.stride);
  load.dilation_h = narrow<std::uint8_t>(h.dilation), load.dilation_w = narrow<std::uint8_t>(w.dilation);
  load.pad_top = narrow<std::uint8_t>(h.before), load.pad_bottom = narrow<std::uint8_t>(h.after);
  load.pad_left = narrow<std::uint8_t>(w.before), load.pad_right = narrow<std::uint8_t>(w.after);
  const u64 c0 = 256u / static_cast<unsigned>(element_bits(load.dtype));
  const u64 planes = size_up_to(stream, std::min(rows / (h.map * w.map), 65535 / c0));
  load.channel_size = narrow<std::uint16_t>(planes * c0);
  load.src = L1Address{place(stream, planes * h.map * w.map, rows) * row};
  const u64 total = std::min(l0, most);
  draw_window(stream, load, total);
  load.dst = L0Address{place(stream, load.m_extension / 16u * (load.k_extension / c0), l0) * fractal};
  return load;
}

}  // namespace

Instruction draw_mte1(RandomStream& stream, const ChipConfig& chip, u64 most) {
  constexpr Instruction (*draws[])(RandomStream&, const ChipConfig&, u64) = {draw_load2d, draw_block, draw_bias, draw_map, draw_map, draw_fill};
  const auto draw = stream.pick(draws);
  for (int attempt = 0; attempt < 1000; ++attempt) {
    const Instruction instruction = draw(stream, chip, most);
    try {
      models::check_instruction(instruction, chip);
      return instruction;
    } catch (const InputError&) {
      // does not fit, or writes a fractal twice: draw again
    }
  }
  throw InternalError{"no legal instruction found"};
}

}  // namespace vitruvian::tests
