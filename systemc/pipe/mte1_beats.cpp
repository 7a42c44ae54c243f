// SPDX-License-Identifier: Apache-2.0
#include "systemc/pipe/mte1_beats.h"

#include "models/arch/error.h"
#include "models/pipe/load3d.h"
#include "models/program/img2col.h"

namespace vitruvian::systemc {
namespace {

constexpr std::uint64_t fractal = 512, rows_of_fractal = 16, bt_unit = 64;

// Fractals in one block of a transposing load: a block is square, a fractal 16 rows of 32 B.
std::uint64_t fractals_in_block(DataType type) {
  switch (element_bits(type)) {
    case 4: return 4;
    case 16: return 1;
    default: return 2;
  }
}

// Fractals an instruction writes to L0, and which of the two it is.
struct FractalCount {
  models::L0Buffer to;
  std::uint64_t fractals;
};
std::optional<FractalCount> fractals_of(const models::Instruction& instruction) {
  if (const auto* i = std::get_if<models::Load2d>(&instruction)) return {{i->to, i->repeat}};
  if (const auto* i = std::get_if<models::Load2dTranspose>(&instruction)) {
    return {{i->to, i->repeat * fractals_in_block(i->dtype)}};
  }
  if (const auto* i = std::get_if<models::Load3d>(&instruction)) {
    const std::uint64_t across = i->k_extension / elements_per_block(i->dtype);
    return {{i->to, i->m_extension / rows_of_fractal * across}};
  }
  if (const auto* i = std::get_if<models::FillL0>(&instruction)) {
    return {{i->to, std::uint64_t{i->repeat} * i->block_length}};
  }
  return std::nullopt;
}

}  // namespace

Mte1Timing mte1_timing(const models::Instruction& instruction, const Mte1Config& config) {
  if (const auto load = fractals_of(instruction)) {
    const bool l0a = load->to == models::L0Buffer::L0A;
    const BytesPerCycle rate = l0a ? config.l0a_rate : config.l0b_rate;
    return {cycles_to_move(Bytes{load->fractals * fractal}, rate), config.load_tail};
  }
  const auto& copy = *std::get_if<models::CopyL1Bt>(&instruction);
  return {cycles_to_move(Bytes{copy.length * bt_unit}, config.bt_rate), Cycles{0}};
}

// Lists the rows of each instruction.
struct Mte1Beats::Lister {
  Rows& source;
  Rows& destination;

  static void list(Rows& rows, std::uint64_t start, std::uint64_t size) {
    for (std::uint64_t at = 0; at < size; at += row) rows.push_back(start + at);
  }

  void operator()(const models::Load2d& i) const {
    for (std::uint64_t f = 0; f < i.repeat; ++f) {
      list(source, i.src.value() + f * i.src_stride * fractal, fractal);
      list(destination, i.dst.value() + f * (1 + std::uint64_t{i.dst_gap}) * fractal, fractal);
    }
  }
  void operator()(const models::Load2dTranspose& i) const {
    const std::uint64_t inside = fractals_in_block(i.dtype);
    for (std::uint64_t block = 0; block < i.repeat; ++block) {
      list(source, i.src.value() + block * i.src_stride * inside * fractal, inside * fractal);
      const std::uint64_t first = block * (1 + std::uint64_t{i.dst_gap});
      for (std::uint64_t f = 0; f < inside; ++f) {
        const std::uint64_t place = first + f * (1 + std::uint64_t{i.dst_frac_gap});
        list(destination, i.dst.value() + place * fractal, fractal);
      }
    }
  }
  // m1 outer, k1 inner.
  void operator()(const models::Load3d& i) const {
    const models::Img2col x{i};
    const std::int64_t first = i.k_start / x.c0(), across = i.k_extension / x.c0();
    for (std::int64_t m1 = 0; m1 < i.m_extension / 16; ++m1) {
      for (std::int64_t k1 = 0; k1 < across; ++k1) {
        for (std::int64_t r = 0; r < 16; ++r) {
          source.push_back(x.source(i.m_start + m1 * 16 + r, first + k1));
        }
        list(destination,
             models::load3d_fractal(i, static_cast<std::uint64_t>(m1),
                                    static_cast<std::uint64_t>(k1)),
             fractal);
      }
    }
  }
  void operator()(const models::FillL0& i) const {
    const std::uint64_t size = i.block_length * fractal, pitch = size + i.dst_gap * fractal;
    for (std::uint64_t block = 0; block < i.repeat; ++block) {
      list(destination, i.dst.value() + block * pitch, size);
    }
  }
  void operator()(const models::CopyL1Bt& i) const {
    list(source, i.src.value(), i.length * bt_unit);
    list(destination, i.dst.value(), i.length * bt_unit);
  }
  template <class Other>
  void operator()(const Other&) const {
    throw InternalError{"not an instruction of MTE1"};
  }
};

Mte1Beats::Mte1Beats(const models::Instruction& instruction, const Mte1Config& config)
    : rate_{config.bt_rate.value} {
  if (const auto load = fractals_of(instruction)) {
    const bool l0a = load->to == models::L0Buffer::L0A;
    write_port_ = l0a ? Port::l0a_write_mte1 : Port::l0b_write_mte1;
    rate_ = (l0a ? config.l0a_rate : config.l0b_rate).value;
  }
  std::visit(Lister{source_, destination_}, instruction);
}

Space Mte1Beats::destination() const {
  if (write_port_ == Port::bt_write) return Space::BT;
  return write_port_ == Port::l0a_write_mte1 ? Space::L0A : Space::L0B;
}

bool Mte1Beats::add_written(std::uint64_t beat, Beats& beats) const {
  return add(destination_, beat, beats);
}
bool Mte1Beats::add_read(std::uint64_t beat, Beats& beats) const {
  return add(source_, beat, beats);
}

// Bytes beat * rate .. of the sequence.
bool Mte1Beats::add(const Rows& rows, std::uint64_t beat, Beats& beats) const {
  bool any = false;
  const std::uint64_t end = std::min((beat + 1) * rate_, rows.size() * row);
  for (std::uint64_t at = beat * rate_; at < end;) {
    const std::uint64_t next = std::min(end, round_up(at + 1, row));
    if (const auto& start = rows[at / row]) {
      beats.add(*start + at % row, next - at);
      any = true;
    }
    at = next;
  }
  return any;
}

}  // namespace vitruvian::systemc
