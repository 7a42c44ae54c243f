// SPDX-License-Identifier: Apache-2.0
#include "tests/program/random_instruction.h"

#include <algorithm>
#include <limits>

#include "models/arch/error.h"
#include "models/arch/number.h"
#include "models/program/img2col.h"
#include "models/program/program.h"

namespace vitruvian::tests {
namespace {

using namespace models;
using tb::RandomStream;

constexpr DataType operands[] = {DataType::f16, DataType::bf16, DataType::f32, DataType::s8};
constexpr UnitFlag unit_flags[] = {UnitFlag::off, UnitFlag::check, UnitFlag::toggle};
constexpr Pipe pipes[] = {Pipe::S, Pipe::M, Pipe::MTE1, Pipe::MTE2, Pipe::MTE3, Pipe::FIX};
constexpr Pipe barriers[] = {Pipe::M, Pipe::MTE1, Pipe::MTE2, Pipe::MTE3, Pipe::FIX, Pipe::ALL};
// What loads move; the cube of these tests multiplies `operands`.
constexpr DataType moved[] = {DataType::f16, DataType::bf16, DataType::f32, DataType::s8,
                              DataType::s4};

// A size where off-by-ones live: 1, around 16 and 32, or anything up to `most`.
std::uint16_t size(RandomStream& random, std::uint64_t most) {
  constexpr std::uint64_t edges[] = {1, 2, 7, 8, 9, 15, 16, 17, 31, 32, 33, 48, 64};
  const std::uint64_t drawn = random.chance(1, 2) ? random.pick(edges) : 1 + random.below(most);
  return static_cast<std::uint16_t>(std::min(drawn, most));
}

// Mostly small, so that the instruction fits; now and then zero.
std::uint16_t gap(RandomStream& random) {
  return random.chance(1, 3) ? 0 : static_cast<std::uint16_t>(random.below(5));
}

std::uint64_t address(RandomStream& random, Bytes memory, std::uint64_t align) {
  return random.below(memory.value() / align) * align;
}

Instruction draw(const Scalar&, const ChipConfig&, RandomStream& random) {
  return Scalar{.cost = static_cast<std::uint16_t>(1 + random.below(65535))};
}

Instruction draw(const LoadScalar&, const ChipConfig& chip, RandomStream& random) {
  return LoadScalar{.src = GmAddress{address(random, chip.gm.size, 8)}};
}

template <class Flag>
Instruction draw_flag(const ChipConfig& chip, RandomStream& random) {
  return Flag{.from = random.pick(pipes),
              .to = random.pick(pipes),
              .id = static_cast<std::uint8_t>(random.below(chip.event_ids))};
}
Instruction draw(const SetFlag&, const ChipConfig& chip, RandomStream& random) {
  return draw_flag<SetFlag>(chip, random);
}
Instruction draw(const WaitFlag&, const ChipConfig& chip, RandomStream& random) {
  return draw_flag<WaitFlag>(chip, random);
}

Instruction draw(const PipeBarrier&, const ChipConfig&, RandomStream& random) {
  return PipeBarrier{.on = random.pick(barriers)};
}

Instruction draw(const Mmad&, const ChipConfig& chip, RandomStream& random) {
  Mmad i;
  i.c = L0cAddress{address(random, chip.l0c, 1024)};
  i.a = L0aAddress{address(random, chip.l0a, 512)};
  i.b = L0bAddress{address(random, chip.l0b, 512)};
  i.bias = BtAddress{address(random, chip.bt, 64)};
  i.m = size(random, 70), i.n = size(random, 70), i.k = size(random, 70);
  if (random.chance(1, 40)) (random.chance(1, 2) ? i.m : i.k) = 0;
  i.dtype = random.pick(operands);
  i.init = static_cast<Init>(random.below(3));
  i.unit_flag = random.pick(unit_flags);
  i.order = static_cast<Order>(random.below(2));
  return i;
}

Instruction draw(const Load2d&, const ChipConfig& chip, RandomStream& random) {
  Load2d i;
  i.to = static_cast<L0Buffer>(random.below(2));
  i.dst = L0Address{address(random, chip.l0a, 512)};
  i.src = L1Address{address(random, chip.l1, 32)};
  i.repeat = static_cast<std::uint8_t>(size(random, random.chance(1, 8) ? 255 : 12));
  i.src_stride = gap(random), i.dst_gap = gap(random);
  i.dtype = random.pick(moved);
  i.transpose = element_bits(i.dtype) == 16 && random.chance(1, 2);
  return i;
}

Instruction draw(const Load2dTranspose&, const ChipConfig& chip, RandomStream& random) {
  Load2dTranspose i;
  i.to = static_cast<L0Buffer>(random.below(2));
  i.dst = L0Address{address(random, chip.l0a, 512)};
  i.src = L1Address{address(random, chip.l1, 32)};
  i.repeat = static_cast<std::uint8_t>(size(random, 8));
  i.src_stride = gap(random), i.dst_gap = gap(random), i.dst_frac_gap = gap(random);
  i.dtype = random.pick(moved);
  return i;
}

Instruction draw(const CopyL1Bt&, const ChipConfig& chip, RandomStream& random) {
  return CopyL1Bt{.dst = BtAddress{address(random, chip.bt, 64)},
                  .src = L1Address{address(random, chip.l1, 32)},
                  .length = size(random, chip.bt.value() / 64)};
}

Instruction draw(const CopyL1Fb&, const ChipConfig& chip, RandomStream& random) {
  return CopyL1Fb{.dst = FbAddress{address(random, chip.fb, 64)},
                  .src = L1Address{address(random, chip.l1, 32)},
                  .length = size(random, chip.fb.value() / 64)};
}

// One side of a convolution: how big the map, the filter and its steps are.
struct Side {
  std::uint16_t map;
  std::uint16_t filter;
  std::uint8_t stride, dilation, before, after;
};
Side draw_side(RandomStream& random) {
  const auto few = [&](std::uint64_t most) { return static_cast<std::uint8_t>(random.below(most)); };
  return {size(random, 20),
          static_cast<std::uint16_t>(1 + few(4)),
          static_cast<std::uint8_t>(1 + few(3)),
          static_cast<std::uint8_t>(random.chance(1, 2) ? 1 : 1 + few(4)),
          random.chance(1, 30) ? std::uint8_t{255} : few(4),
          few(4)};
}

// A window of up to 16 fractals, in front of the end of X or across it.
void draw_window(Load3d& i, RandomStream& random) {
  const Img2col x{i};
  if (x.rows() == 0) return;
  const auto blocks = static_cast<std::uint64_t>(x.column_blocks());
  const std::uint64_t across = 1 + random.below(std::min<std::uint64_t>(blocks, 8));
  const std::uint64_t down = 1 + random.below(std::max<std::uint64_t>(16 / across, 1));
  const std::uint64_t last = static_cast<std::uint64_t>(x.rows()) / 16;
  i.m_start = static_cast<std::uint16_t>(16 * random.below(last + 2));
  i.m_extension = static_cast<std::uint16_t>(16 * down);
  const auto c0 = static_cast<std::uint64_t>(x.c0());
  i.k_start = static_cast<std::uint16_t>(c0 * random.below(blocks - across + 1));
  i.k_extension = static_cast<std::uint16_t>(c0 * across);
}

Instruction draw(const Load3d&, const ChipConfig& chip, RandomStream& random) {
  const Side h = draw_side(random), w = draw_side(random);
  Load3d i;
  i.dtype = random.pick(moved);
  i.to = static_cast<L0Buffer>(random.below(2));
  i.dst = L0Address{address(random, chip.l0a, 512)};
  i.src = L1Address{address(random, chip.l1, 32)};
  i.l1_h = h.map, i.l1_w = w.map;
  i.channel_size =
      static_cast<std::uint16_t>(elements_per_block(i.dtype) * (1 + random.below(3)));
  i.filter_h = h.filter, i.filter_w = w.filter;
  i.stride_h = h.stride, i.stride_w = w.stride;
  i.dilation_h = h.dilation, i.dilation_w = w.dilation;
  i.pad_top = h.before, i.pad_bottom = h.after, i.pad_left = w.before, i.pad_right = w.after;
  i.pad_value = static_cast<std::uint32_t>(random.draw());
  i.transpose = i.to == L0Buffer::L0A && element_bits(i.dtype) == 16 && random.chance(1, 2);
  draw_window(i, random);
  return i;
}

Instruction draw(const FillL0&, const ChipConfig& chip, RandomStream& random) {
  return FillL0{.to = static_cast<L0Buffer>(random.below(2)),
                .dst = L0Address{address(random, chip.l0a, 512)},
                .repeat = size(random, 4),
                .block_length = size(random, random.chance(1, 8) ? 16 : 4),
                .dst_gap = gap(random),
                .value = static_cast<std::uint32_t>(random.draw())};
}

Instruction draw(const FillL1&, const ChipConfig& chip, RandomStream& random) {
  return FillL1{.dst = L1Address{address(random, chip.l1, 32)},
                .repeat = size(random, 12),
                .block_length = size(random, 64),
                .dst_gap = gap(random),
                .value = static_cast<std::uint32_t>(random.draw())};
}

Instruction draw(const Load2dGm&, const ChipConfig& chip, RandomStream& random) {
  return Load2dGm{.to = static_cast<L0Buffer>(random.below(2)),
                  .dst = L0Address{address(random, chip.l0a, 512)},
                  .src = GmAddress{address(random, chip.gm.size, 32)},
                  .repeat = static_cast<std::uint8_t>(size(random, 12)),
                  .src_stride = gap(random),
                  .dst_gap = gap(random)};
}

Instruction draw(const CopyL1Gm&, const ChipConfig& chip, RandomStream& random) {
  return CopyL1Gm{.dst = GmAddress{address(random, chip.gm.size, 32)},
                  .src = L1Address{address(random, chip.l1, 32)},
                  .block_count = size(random, 12),
                  .block_length = size(random, 64),
                  .src_gap = gap(random),
                  .dst_gap = gap(random)};
}

Instruction draw(const CopyGmL1&, const ChipConfig& chip, RandomStream& random) {
  CopyGmL1 i;
  i.dst = L1Address{address(random, chip.l1, 32)};
  i.src = GmAddress{address(random, chip.gm.size, 32)};
  i.block_count = size(random, 12), i.block_length = size(random, 64);
  i.src_gap = gap(random), i.dst_gap = gap(random);
  return i;
}

Instruction draw(const CopyGmL1Nd2nz&, const ChipConfig& chip, RandomStream& random) {
  CopyGmL1Nd2nz i;
  i.dtype = random.chance(1, 8) ? DataType::s32 : random.pick(operands);
  const auto c0 = static_cast<std::uint16_t>(elements_per_block(i.dtype));
  i.dst = L1Address{address(random, chip.l1, 32)};
  i.src =
      GmAddress{address(random, chip.gm.size, static_cast<std::uint64_t>(element_size(i.dtype)))};
  i.nd_num = random.chance(1, 20) ? 0 : random.chance(1, 2) ? 1 : size(random, 4);
  i.n_value = size(random, 40), i.d_value = size(random, 80);
  i.src_d_value = static_cast<std::uint16_t>(i.d_value + gap(random));
  i.src_nd_stride = static_cast<std::uint16_t>(i.src_d_value * i.n_value + gap(random));
  i.dst_n_stride = static_cast<std::uint16_t>(1 + random.below(2));
  i.dst_c0_stride = static_cast<std::uint16_t>(i.n_value * i.dst_n_stride + gap(random));
  const auto columns = static_cast<std::uint16_t>((i.d_value + c0 - 1) / c0);
  i.dst_nd_stride = static_cast<std::uint16_t>((columns * i.dst_c0_stride + gap(random)) * c0);
  if (random.chance(1, 4)) {  // rows further apart than columns
    i.dst_c0_stride = static_cast<std::uint16_t>(1 + random.below(2));
    i.dst_n_stride = static_cast<std::uint16_t>(columns * i.dst_c0_stride + gap(random));
    i.dst_nd_stride = static_cast<std::uint16_t>(i.n_value * i.dst_n_stride * c0);
  }
  return i;
}

// What fixpipe and fixpipe_l1 share; leaves `dst` and matrices to them.
template <class F>
F draw_fixpipe(const ChipConfig& chip, RandomStream& random, bool nz2nd) {
  constexpr Quant of_f32[] = {Quant::none, Quant::F322F16, Quant::F322BF16, Quant::QF322B8,
                              Quant::VQF322B8};
  constexpr Quant of_s32[] = {Quant::none, Quant::DEQF16, Quant::VDEQF16, Quant::REQ8,
                              Quant::VREQ8};
  F i;
  i.acc = random.chance(1, 2) ? DataType::f32 : DataType::s32;
  i.quant = i.acc == DataType::f32 ? random.pick(of_f32) : random.pick(of_s32);
  i.split = i.acc == DataType::f32 && i.quant == Quant::none && !nz2nd && random.chance(2, 3);
  i.unit_flag = random.pick(unit_flags);
  i.relu = random.chance(1, 2);
  i.scale = random.below(std::uint64_t{1} << 47);
  i.fb = FbAddress{address(random, chip.fb, 64)};
  i.m = size(random, 70), i.n = size(random, 70);
  const auto unit = static_cast<std::uint16_t>(i.split ? 8 : 16);
  if (!nz2nd) i.n = static_cast<std::uint16_t>(unit * (1 + i.n / unit));
  i.src = L0cAddress{address(random, chip.l0c, i.unit_flag == UnitFlag::off ? 64 : 1024)};
  i.src_stride = static_cast<std::uint16_t>(16 * ((i.m + 15) / 16 + gap(random)));
  i.dst_stride = nz2nd ? i.n + gap(random) : i.m * 2 + gap(random);
  return i;
}

Instruction draw(const FixpipeL1&, const ChipConfig& chip, RandomStream& random) {
  auto i = draw_fixpipe<FixpipeL1>(chip, random, false);
  i.dst = L1Address{address(random, chip.l1, 32)};
  if (i.split) i.dst_stride = i.m + gap(random);
  return i;
}

Instruction draw(const Fixpipe&, const ChipConfig& chip, RandomStream& random) {
  const bool nz2nd = random.chance(1, 2);
  auto i = draw_fixpipe<Fixpipe>(chip, random, nz2nd);
  i.nz2nd = nz2nd;
  i.dst = GmAddress{address(random, chip.gm.size, i.nz2nd ? 4 : 32)};
  if (i.nz2nd && random.chance(1, 3)) {
    i.nd_num = size(random, 3);
    i.src_nd_stride = static_cast<std::uint16_t>(random.below(4));
    i.dst_nd_stride = i.m * i.dst_stride + gap(random);
    if (random.chance(1, 2)) {  // matrices side by side
      i.dst_nd_stride = i.n;
      i.dst_stride = i.nd_num * i.n + gap(random);
    }
  }
  return i;
}

std::uint64_t any_value(const FieldInfo& field, RandomStream& random) {
  if (field.kind == FieldKind::enumeration) return random.pick(field.values).value;
  if (random.chance(1, 8)) return field.min;
  if (random.chance(1, 8)) return field.max / field.align * field.align;
  const std::uint64_t span = field.max - field.min;
  const std::uint64_t value =
      field.min +
      (span == std::numeric_limits<std::uint64_t>::max() ? random.draw() : random.below(span + 1));
  return value / field.align * field.align;
}

}  // namespace

ChipConfig small_chip() {
  ChipConfig chip;
  chip.name = "small";
  chip.gm.size = Bytes{256 << 10};
  chip.l1 = Bytes{32 << 10};
  chip.l0a = chip.l0b = Bytes{8 << 10};
  chip.l0c = Bytes{16 << 10};
  return chip;
}

Instruction any_fields(int row, RandomStream& random) {
  Instruction instruction = instruction_table[row].make();
  for (const FieldInfo& field : instruction_table[row].fields) {
    field.set(instruction, any_value(field, random));
  }
  return instruction;
}

Instruction legal_instruction(int row, const ChipConfig& chip, RandomStream& random) {
  const Instruction kind = instruction_table[row].make();
  for (int attempt = 0; attempt < 10'000; ++attempt) {
    const Instruction drawn =
        std::visit([&](const auto& k) { return draw(k, chip, random); }, kind);
    try {
      check_instruction(drawn, chip);
      return drawn;
    } catch (const InputError&) {
      // Does not fit, or contradicts itself: draw again.
    }
  }
  throw InternalError{"no legal instruction found"};
}

}  // namespace vitruvian::tests
