// SPDX-License-Identifier: Apache-2.0
#include "systemc/pipe/mte2_beats.h"

#include <algorithm>

#include "models/arch/error.h"

namespace vitruvian::systemc {
namespace {

constexpr std::uint64_t block = 32, fractal = 512, beat_bytes = 256;

// A contiguous piece of GM, and where it goes: its bytes fall into blocks of 32 B, each `step`
// behind the one before.
struct CopyPiece {
  GmAddress from;
  std::uint64_t size;
  std::uint64_t to, step;
};

// Calls `visit` for each piece of a copy, in order.
template <class Visit>
void each_piece(const models::CopyGmL1& i, Visit visit) {
  const std::uint64_t size = i.block_length * block;
  for (std::uint64_t b = 0; b < i.block_count; ++b) {
    visit(CopyPiece{i.src + Bytes{b * (size + i.src_gap * block)}, size,
                    i.dst.value() + b * (size + i.dst_gap * block), block});
  }
}
template <class Visit>
void each_piece(const models::CopyGmL1Nd2nz& i, Visit visit) {
  const auto element = static_cast<std::uint64_t>(element_size(i.dtype));
  for (std::uint64_t matrix = 0; matrix < i.nd_num; ++matrix) {
    const GmAddress from = i.src + Bytes{matrix * i.src_nd_stride * element};
    const std::uint64_t to = i.dst.value() + matrix * i.dst_nd_stride * element;
    for (std::uint64_t r = 0; r < i.n_value; ++r) {
      visit(CopyPiece{from + Bytes{r * i.src_d_value * element}, i.d_value * element,
                      to + r * i.dst_n_stride * block, i.dst_c0_stride * block});
    }
  }
}
template <class Visit>
void each_piece(const models::Load2dGm& i, Visit visit) {
  for (std::uint64_t f = 0; f < i.repeat; ++f) {
    visit(CopyPiece{i.src + Bytes{f * i.src_stride * fractal}, fractal,
                    i.dst.value() + f * (1 + std::uint64_t{i.dst_gap}) * fractal, block});
  }
}
template <class Visit>
void each_piece(const models::Instruction& copy, Visit visit) {
  if (const auto* i = std::get_if<models::CopyGmL1>(&copy)) return each_piece(*i, visit);
  if (const auto* i = std::get_if<models::CopyGmL1Nd2nz>(&copy)) return each_piece(*i, visit);
  each_piece(*std::get_if<models::Load2dGm>(&copy), visit);
}

struct Destination {
  Port port;
  Space space;
};
Destination destination_of(const models::Instruction& copy) {
  const auto* load = std::get_if<models::Load2dGm>(&copy);
  if (load == nullptr) return {Port::l1_write_mte2, Space::L1};
  if (load->to == models::L0Buffer::L0A) return {Port::l0a_write_mte2, Space::L0A};
  return {Port::l0b_write_mte2, Space::L0B};
}

// Bytes [first, past) of a piece. The last also bring the zeros of their block.
void add_rows(const CopyPiece& piece, std::uint64_t first, std::uint64_t past, Beats& beats) {
  if (past == piece.size) past = round_up(past, block);
  while (first < past) {
    const std::uint64_t next = std::min(past, round_up(first + 1, block));
    beats.add(piece.to + first / block * piece.step + first % block, next - first);
    first = next;
  }
}

// The beats of one burst of a piece: one each with the cycles up to the burst's last.
void tell_burst(const CopyPiece& piece, const Burst& burst, const Destination& to, Beats& beats) {
  const std::uint64_t start = burst.address.value(), end = start + burst.size.value();
  const std::uint64_t middle = std::min(end, round_up(start + 1, beat_bytes));
  const std::uint64_t skipped = start - piece.from.value();
  add_rows(piece, skipped, skipped + (middle - start), beats);
  beats.write(to.port, middle < end ? burst.done - Cycles{1} : burst.done, to.space);
  if (middle == end) return;
  add_rows(piece, skipped + (middle - start), skipped + (end - start), beats);
  beats.write(to.port, burst.done, to.space);
}

}  // namespace

void read_bursts(const models::Instruction& copy, BurstList& list) {
  list.clear();
  each_piece(copy, [&](const CopyPiece& piece) { list.add(piece.from, Bytes{piece.size}); });
}

void tell_copy(const models::Instruction& copy, std::span<const Burst> bursts, Beats& beats) {
  const Destination to = destination_of(copy);
  each_piece(copy, [&](const CopyPiece& piece) {
    for (std::uint64_t left = piece.size; left > 0; left -= bursts.front().size.value(),
                       bursts = bursts.subspan(1)) {
      tell_burst(piece, bursts.front(), to, beats);
    }
  });
}

// Up to 256 B of one block a cycle.
Cycles fill_beats(const models::FillL1& fill) {
  return Cycles{fill.repeat * ceil_div(fill.block_length * block, beat_bytes)};
}

void tell_fill(const models::FillL1& fill, Cycle first, Beats& beats) {
  const std::uint64_t size = fill.block_length * block, pitch = size + fill.dst_gap * block;
  for (std::uint64_t b = 0; b < fill.repeat; ++b) {
    for (std::uint64_t at = 0; at < size; at += beat_bytes, first = first + Cycles{1}) {
      beats.add(fill.dst.value() + b * pitch + at, std::min(beat_bytes, size - at));
      beats.write(Port::l1_write_mte2, first, Space::L1);
    }
  }
}

}  // namespace vitruvian::systemc
