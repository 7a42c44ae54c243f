// SPDX-License-Identifier: Apache-2.0
#include "models/kernels/gemm_operand.h"

#include <algorithm>

#include "models/arch/error.h"

namespace vitruvian::models {
namespace {

constexpr std::uint64_t fractal_rows = 16;
constexpr std::uint64_t fractal_bytes = 512;
constexpr std::uint64_t row_bytes = 32;         // of a fractal
constexpr std::uint64_t longest_pitch = 65535;  // src_d_value and src_nd_stride of the copy
constexpr std::uint64_t longest_stride = 65535;
constexpr std::uint64_t most_repeats = 255;
constexpr std::uint64_t most_matrices = 4095;

}  // namespace

GemmOperand::GemmOperand(L0Buffer to, const GemmProblem& problem)
    : to_{to},
      dtype_{problem.dtype},
      c0_{static_cast<std::uint64_t>(elements_per_block(problem.dtype))} {
  const bool is_a = to == L0Buffer::L0A;
  turned_ = is_a ? a_is_turned(problem) : b_is_turned(problem);
  const std::uint64_t rows = is_a ? problem.m : problem.n;
  pitch_ = turned_ ? rows : problem.k;
}

std::uint64_t GemmOperand::panel_bytes(std::uint64_t rows, std::uint64_t k) const {
  const std::uint64_t square = turned_block();
  const std::uint64_t size = turned_
                                 ? bytes(round_up(rows, square) * round_up(k, square))
                                 : round_up(rows, fractal_rows) * round_up(bytes(k), row_bytes);
  return round_up(size, fractal_bytes);
}

// 64 s4, 32 s8, 16 others.
std::uint64_t GemmOperand::turned_block() const { return std::max(c0_, fractal_rows); }
std::uint64_t GemmOperand::fractals_down() const { return turned_block() / fractal_rows; }

std::uint64_t GemmOperand::tile_bytes(std::uint64_t rows, std::uint64_t k) const {
  return panel_bytes(rows, k);
}

bool GemmOperand::is_vector(const L1Panel& panel) const {
  return to_ == L0Buffer::L0A && !turned_ && panel.rows.count == 1;
}

bool GemmOperand::must_split_rows(std::uint64_t count) const {
  if (!turned_ || to_ != L0Buffer::L0B) return false;
  const std::uint64_t r1 = ceil_div(count, fractal_rows), group = fractals_down();
  return r1 > group && r1 % group != 0;
}

bool GemmOperand::must_split_k(std::uint64_t count) const {
  const bool inner_pairs = turned_ && dtype_ == DataType::f32 && to_ == L0Buffer::L0A;
  return inner_pairs && count > 8 && ceil_div(count, 8) % 2 == 1;
}

// ---------------------------------------------------------------- GM to L1

void GemmOperand::load_panel(ProgramBuilder& program, GmAddress matrix,
                             const L1Panel& panel) const {
  const Range& down = turned_ ? panel.k : panel.rows;
  const Range& along = turned_ ? panel.rows : panel.k;
  const GmAddress src = matrix + Bytes{bytes(down.start * pitch_ + along.start)};
  if (turned_ && dtype_ == DataType::f32) {
    return copy_groups(program, src, down.count, along.count, panel.address);
  }
  const std::uint64_t column =
      is_vector(panel) ? 1 : round_up(down.count, turned_ ? turned_block() : fractal_rows);
  copy_rows(program, src, down.count, along.count, panel.address, column);
}

// Columns of 32 B, `column_stride` rows apart; rows behind each other. A row in GM that is longer
// than the copy's stride field is followed by one copy a row. s4 travels as bytes.
void GemmOperand::copy_rows(ProgramBuilder& program, GmAddress src, std::uint64_t rows,
                            std::uint64_t columns, std::uint64_t l1,
                            std::uint64_t column_stride) const {
  const bool s4 = dtype_ == DataType::s4;
  const std::uint64_t pitch = s4 ? pitch_ / 2 : pitch_, width = s4 ? ceil_div(columns, 2) : columns;
  const std::uint64_t step = pitch <= longest_pitch ? rows : 1;
  for (std::uint64_t row = 0; row < rows; row += step) {
    program.add(CopyGmL1Nd2nz{
        .dst = L1Address{l1 + row * row_bytes},
        .src = src + Bytes{bytes(row * pitch_)},
        .n_value = static_cast<std::uint16_t>(step),
        .d_value = static_cast<std::uint16_t>(width),
        .src_d_value = static_cast<std::uint16_t>(step == 1 ? width : pitch),
        .dst_c0_stride = static_cast<std::uint16_t>(column_stride),
        .dtype = s4 ? DataType::s8 : dtype_,
    });
  }
}

// The same by groups of 16 rows, the columns of a group behind each other: what a turning load of
// fp32 wants, whose block is two fractals side by side.
void GemmOperand::copy_groups(ProgramBuilder& program, GmAddress src, std::uint64_t rows,
                              std::uint64_t columns, std::uint64_t l1) const {
  const std::uint64_t group_bytes = round_up(columns, 16) / c0_ * fractal_bytes;
  const std::uint64_t full = rows / fractal_rows;
  const bool at_once = fractal_rows * pitch_ <= longest_pitch &&
                       group_bytes / row_bytes * c0_ <= longest_stride && full <= most_matrices;
  if (at_once && full > 1) {
    program.add(CopyGmL1Nd2nz{
        .dst = L1Address{l1},
        .src = src,
        .nd_num = static_cast<std::uint16_t>(full),
        .n_value = fractal_rows,
        .d_value = static_cast<std::uint16_t>(columns),
        .src_nd_stride = static_cast<std::uint16_t>(fractal_rows * pitch_),
        .src_d_value = static_cast<std::uint16_t>(pitch_),
        .dst_c0_stride = fractal_rows,
        .dst_nd_stride = static_cast<std::uint16_t>(group_bytes / row_bytes * c0_),
        .dtype = dtype_,
    });
  }
  const std::uint64_t done = at_once && full > 1 ? full : 0;
  for (std::uint64_t group = done; group * fractal_rows < rows; ++group) {
    const std::uint64_t row = group * fractal_rows;
    copy_rows(program, src + Bytes{bytes(row * pitch_)}, std::min(fractal_rows, rows - row),
              columns, l1 + group * group_bytes, fractal_rows);
  }
}

// ---------------------------------------------------------------- L1 to L0

void GemmOperand::load_tile(ProgramBuilder& program, const L1Panel& panel, Range rows, Range k,
                            std::uint64_t l0) const {
  ensure(!must_split_rows(rows.count) && !must_split_k(k.count), "a tile holds half a group");
  const Blocks blocks = is_vector(panel) ? vector_blocks(panel, k)
                        : turned_        ? turned_blocks(panel, rows, k)
                                         : straight_blocks(panel, rows, k);
  move(program, blocks, panel.address + blocks.first, l0);
}

// Rows of L0 fractals: (r1, k1) for L0A, (k1, r1) for L0B. A block is `group_r` by `group_k`
// fractals, one of which is 1.
void GemmOperand::place(Blocks& blocks, std::uint64_t rows, std::uint64_t k, std::uint64_t group_r,
                        std::uint64_t group_k) const {
  const std::uint64_t r1 = ceil_div(rows, fractal_rows), k1 = ceil_div(k, c0_);
  const std::uint64_t down_r = to_ == L0Buffer::L0A ? k1 : 1;
  const std::uint64_t down_k = to_ == L0Buffer::L0A ? 1 : r1;
  blocks.count_r = ceil_div(r1, group_r);
  blocks.count_k = ceil_div(k1, group_k);
  blocks.dst_r = group_r * down_r;
  blocks.dst_k = group_k * down_k;
  if (group_r > 1) blocks.second = down_r;
  if (group_k > 1) blocks.second = down_k;
  // A single fractal of a group along the inner direction: the others go behind the tile. So they do
  // where two or three of four stand alone in k.
  const bool inner = (group_r > 1 && to_ == L0Buffer::L0B && r1 == 1) ||
                     (group_k > 1 && to_ == L0Buffer::L0A && k1 == 1);
  if (inner) blocks.second = r1 * k1;
}

GemmOperand::Blocks GemmOperand::straight_blocks(const L1Panel& panel, Range rows, Range k) const {
  const std::uint64_t column = ceil_div(panel.rows.count, fractal_rows);
  Blocks b{};
  b.bytes = fractal_bytes;
  b.src_r = 1;
  b.src_k = column;
  b.first =
      ((k.start - panel.k.start) / c0_ * column + (rows.start - panel.rows.start) / fractal_rows) *
      fractal_bytes;
  place(b, rows.count, k.count, 1, 1);
  return b;
}

// m = 1: the row as it is.
GemmOperand::Blocks GemmOperand::vector_blocks(const L1Panel& panel, Range k) const {
  Blocks b{};
  b.bytes = fractal_bytes;
  b.first = bytes(k.start - panel.k.start);
  b.count_r = 1;
  b.count_k = ceil_div(bytes(k.count), fractal_bytes);
  b.src_r = b.src_k = b.dst_r = b.dst_k = 1;
  return b;
}

GemmOperand::Blocks GemmOperand::turned_blocks(const L1Panel& panel, Range rows, Range k) const {
  const std::uint64_t side = turned_block();
  const std::uint64_t r = (rows.start - panel.rows.start) / side;
  const std::uint64_t d = (k.start - panel.k.start) / side;
  Blocks b{};
  b.bytes = bytes(side * side);
  if (dtype_ == DataType::f32) {  // (k, rows)
    b.src_r = 1;
    b.src_k = ceil_div(panel.rows.count, side);
  } else {  // (rows, k)
    b.src_r = ceil_div(panel.k.count, side);
    b.src_k = 1;
  }
  b.first = (r * b.src_r + d * b.src_k) * b.bytes;
  place(b, rows.count, k.count, fractals_down(), side / c0_);
  return b;
}

// One load moves one row of blocks; rows are taken the way that needs fewer loads, or all at once
// where both strides go on.
void GemmOperand::move(ProgramBuilder& program, const Blocks& b, std::uint64_t src,
                       std::uint64_t dst) const {
  struct Level {
    std::uint64_t count, src, dst;
  };
  Level outer{b.count_k, b.src_k, b.dst_k}, inner{b.count_r, b.src_r, b.dst_r};
  const auto goes_on = [](const Level& in, const Level& out) {
    return out.src == in.count * in.src && out.dst == in.count * in.dst;
  };
  if (inner.count < outer.count) std::swap(outer, inner);
  if (goes_on(inner, outer)) {
    inner.count *= outer.count;
    outer.count = 1;
  } else if (goes_on(outer, inner)) {
    inner = {outer.count * inner.count, outer.src, outer.dst};
    outer.count = 1;
  }
  for (std::uint64_t o = 0; o < outer.count; ++o) {
    for (std::uint64_t i = 0; i < inner.count; i += most_repeats) {
      const L0Address to{dst + (o * outer.dst + i * inner.dst) * fractal_bytes};
      const L1Address from{src + (o * outer.src + i * inner.src) * b.bytes};
      const auto repeat = static_cast<std::uint8_t>(std::min(most_repeats, inner.count - i));
      const auto stride = static_cast<std::uint16_t>(inner.src);
      const auto gap = static_cast<std::uint16_t>(inner.dst - 1);
      if (turned_ && element_bits(dtype_) != 16) {
        program.add(Load2dTranspose{.to = to_,
                                    .dst = to,
                                    .src = from,
                                    .repeat = repeat,
                                    .src_stride = stride,
                                    .dst_gap = gap,
                                    .dst_frac_gap = static_cast<std::uint16_t>(b.second - 1),
                                    .dtype = dtype_});
      } else {
        program.add(Load2d{.to = to_,
                           .dst = to,
                           .src = from,
                           .repeat = repeat,
                           .src_stride = stride,
                           .dst_gap = gap,
                           .transpose = static_cast<std::uint8_t>(turned_),
                           .dtype = dtype_});
      }
    }
  }
}

}  // namespace vitruvian::models
