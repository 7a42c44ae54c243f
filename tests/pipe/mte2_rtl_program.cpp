// SPDX-License-Identifier: Apache-2.0
#include "tests/pipe/mte2_rtl_program.h"

#include <algorithm>
#include <optional>

namespace vitruvian::tests {
namespace {

using models::CopyGmL1;
using models::CopyGmL1Nd2nz;
using models::FillL1;
using models::Instruction;
using models::L0Buffer;
using models::Load2dGm;
using tb::RandomStream;
using u64 = std::uint64_t;

constexpr u64 row = 32, fractal = 512, most_field = 65535;

// From 1 to `most`, small ones and the limit itself more often.
u64 size_up_to(RandomStream& stream, u64 most) {
  switch (stream.below(6)) {
    case 0: return 1;
    case 1: return most;
    case 2: return stream.between(1, static_cast<std::int64_t>(most));
    default: return stream.between(1, static_cast<std::int64_t>(std::min<u64>(most, stream.chance(1, 2) ? 4 : 40)));
  }
}

// Between blocks: none, a few, or any number up to `most`.
u64 gap_up_to(RandomStream& stream, u64 most) {
  switch (stream.below(4)) {
    case 0: return 0;
    case 1: return stream.below(most + 1);
    default: return stream.below(std::min<u64>(most, 6) + 1);
  }
}

// The largest gap with which `count` blocks of `length` fit in `room`.
u64 most_gap(u64 count, u64 length, u64 room, u64 limit) {
  return count == 1 ? limit : std::min(limit, (room - count * length) / (count - 1));
}

// Where `size` of `room` may begin: at either end, or between.
u64 place(RandomStream& stream, u64 size, u64 room) {
  const u64 slack = room - size;
  return stream.chance(1, 5) ? slack : stream.chance(1, 5) ? 0 : stream.below(slack + 1);
}

// A source that stays inside GM: on a line, just beside one, or anywhere, in steps of `align`.
GmAddress source(RandomStream& stream, u64 span, u64 align, const ChipConfig& chip) {
  const u64 room = chip.gm.size.value() - span;
  u64 at = stream.below(room + 1);
  if (stream.chance(1, 3)) at = at / 512 * 512;
  if (stream.chance(1, 6)) at += std::min<u64>(room - at, 512 - align);
  return GmAddress{at / align * align};
}

Instruction draw_copy(RandomStream& stream, const ChipConfig& chip, u64 most_rows) {
  const u64 room = chip.l1.value() / row;
  const u64 length = size_up_to(stream, std::min(most_rows, room));
  const u64 count = size_up_to(stream, std::clamp<u64>(most_rows / length, 1, 4095));
  const u64 dst_gap = gap_up_to(stream, most_gap(count, length, room, most_field)), src_gap = gap_up_to(stream, most_field);
  const u64 span = (count - 1) * (length + (count == 1 ? 0 : dst_gap)) + length;
  CopyGmL1 copy;
  copy.block_count = static_cast<std::uint16_t>(count);
  copy.block_length = static_cast<std::uint16_t>(length);
  copy.src_gap = static_cast<std::uint16_t>(src_gap);
  copy.dst_gap = static_cast<std::uint16_t>(dst_gap);
  copy.dst = L1Address{place(stream, span, room) * row};
  copy.src = source(stream, ((count - 1) * (length + src_gap) + length) * row, row, chip);
  return copy;
}

Instruction draw_load(RandomStream& stream, const ChipConfig& chip, u64 most_rows) {
  Load2dGm load;
  load.to = static_cast<L0Buffer>(stream.below(2));
  const u64 room = (load.to == L0Buffer::L0A ? chip.l0a : chip.l0b).value() / fractal;
  const u64 repeat = size_up_to(stream, std::clamp<u64>(most_rows / 16, 1, std::min<u64>(room, 255)));
  const u64 gap = gap_up_to(stream, most_gap(repeat, 1, room, most_field));
  const u64 stride = gap_up_to(stream, most_field);
  load.repeat = static_cast<std::uint8_t>(repeat);
  load.dst_gap = static_cast<std::uint16_t>(gap);
  load.src_stride = static_cast<std::uint16_t>(stride);
  load.dst = L0Address{place(stream, (repeat - 1) * (1 + (repeat == 1 ? 0 : gap)) + 1, room) * fractal};
  load.src = source(stream, (repeat - 1) * stride * fractal + fractal, row, chip);
  return load;
}

Instruction draw_fill(RandomStream& stream, const ChipConfig& chip, u64 most_rows) {
  const u64 room = chip.l1.value() / row;
  const u64 length = size_up_to(stream, std::min<u64>({most_rows, room, 32767}));
  const u64 count = size_up_to(stream, std::clamp<u64>(most_rows / length, 1, 32767));
  const u64 gap = gap_up_to(stream, most_gap(count, length, room, 32767));
  FillL1 fill;
  fill.repeat = static_cast<std::uint16_t>(count);
  fill.block_length = static_cast<std::uint16_t>(length);
  fill.dst_gap = static_cast<std::uint16_t>(gap);
  fill.dst = L1Address{place(stream, (count - 1) * (length + (count == 1 ? 0 : gap)) + length, room) * row};
  fill.value = static_cast<std::uint32_t>(stream.draw());
  return fill;
}

// How the rows and columns of matrices lie in L1, in rows of 32 B: either is the inner one.
struct Image {
  u64 column, down, span;
};
Image draw_image(RandomStream& stream, u64 columns, u64 rows) {
  const bool rows_inside = stream.chance(2, 3);
  const u64 inner = stream.chance(2, 3) ? 1 : 1 + stream.below(3), inside = rows_inside ? rows : columns;
  const u64 outer = inner * inside + gap_up_to(stream, 20);
  const u64 column = rows_inside ? outer : inner, down = rows_inside ? inner : outer;
  return {column, down, (columns - 1) * column + (rows - 1) * down + 1};
}

std::optional<Instruction> try_nd2nz(RandomStream& stream, const ChipConfig& chip, u64 most_rows) {
  constexpr DataType types[] = {DataType::f16, DataType::bf16, DataType::f32, DataType::s8, DataType::s32};
  CopyGmL1Nd2nz nd;
  nd.dtype = stream.pick(types);
  const u64 size = element_size(nd.dtype), c0 = row / size, room = chip.l1.value() / row;
  u64 d = size_up_to(stream, stream.chance(1, 2) ? 3 * c0 : std::min(most_rows * c0, most_field));
  if (stream.chance(1, 3)) d = std::min(most_field / c0, (d + c0 - 1) / c0) * c0;
  const u64 columns = (d * size + row - 1) / row;
  const u64 rows = size_up_to(stream, std::clamp<u64>(most_rows / columns, 1, 16384));
  const Image image = draw_image(stream, columns, rows);
  const u64 matrices = stream.chance(1, 3) ? size_up_to(stream, std::clamp<u64>(most_rows / columns / rows, 1, 4095)) : 1;
  const u64 step = (image.span + gap_up_to(stream, 9));  // from matrix to matrix
  const u64 pitch = stream.chance(1, 2) ? d : stream.chance(1, 2) ? std::min(most_field, d + stream.below(300)) : size_up_to(stream, most_field);
  const u64 src_step = gap_up_to(stream, most_field);
  const u64 span = (matrices - 1) * step + image.span;
  if (span > room || image.column > 16384 || image.down > 16384 || (matrices > 1 && step * c0 > most_field)) return std::nullopt;
  nd.nd_num = static_cast<std::uint16_t>(stream.chance(1, 25) ? 0 : matrices);
  nd.n_value = static_cast<std::uint16_t>(rows);
  nd.d_value = static_cast<std::uint16_t>(d);
  nd.src_nd_stride = static_cast<std::uint16_t>(src_step);
  nd.src_d_value = static_cast<std::uint16_t>(pitch);
  nd.dst_c0_stride = static_cast<std::uint16_t>(image.column);
  nd.dst_n_stride = static_cast<std::uint16_t>(image.down);
  nd.dst_nd_stride = static_cast<std::uint16_t>(matrices > 1 ? step * c0 : stream.below(most_field + 1));
  nd.dst = L1Address{place(stream, span, room) * row};
  nd.src = source(stream, ((matrices - 1) * src_step + (rows - 1) * pitch + d) * size, size, chip);
  return nd;
}

Instruction draw_nd2nz(RandomStream& stream, const ChipConfig& chip, u64 most_rows) {
  for (;;) {
    if (const auto nd = try_nd2nz(stream, chip, most_rows)) return *nd;
  }
}

}  // namespace

Instruction draw_mte2(RandomStream& stream, const ChipConfig& chip, u64 most_bytes) {
  constexpr std::uint32_t weights[] = {30, 45, 17, 8};
  constexpr Instruction (*draw[])(RandomStream&, const ChipConfig&, u64) = {draw_copy, draw_nd2nz, draw_load, draw_fill};
  return draw[stream.weighted(weights)](stream, chip, std::max<u64>(1, most_bytes / row));
}

}  // namespace vitruvian::tests
