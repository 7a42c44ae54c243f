// SPDX-License-Identifier: Apache-2.0
#include "systemc/pipe/mte3.h"

#include <algorithm>

namespace vitruvian::systemc {
namespace {

constexpr std::uint64_t block = 32;
constexpr Cycles read_to_offer{2};  // M4

}  // namespace

void write_beats(const models::CopyL1Gm& copy, BytesPerCycle rate, BurstList& list) {
  list.clear();
  const std::uint64_t size = copy.block_length * block, pitch = size + copy.dst_gap * block;
  for (std::uint64_t b = 0; b < copy.block_count; ++b) {
    list.add(copy.dst + Bytes{b * pitch}, Bytes{size}, Bytes{rate.value});
  }
}

void Mte3Pipe::advance(Cycle now) {
  apply_effects(now);
  clock_.settle(now);
}

// M1 in cycles that are not frozen, then in_flight; nothing starts in a frozen one.
Pipe::Hold Mte3Pipe::hold(const models::Instruction&, Cycle now) {
  if (clock_.moved(now) < next_start_) return {clock_.real(next_start_), State::busy};
  if (in_flight_.count(now) >= context_.chip.mte3.in_flight) {
    return {after(in_flight_.oldest()), State::memory};
  }
  return {clock_.next_move(now), State::busy};
}

void Mte3Pipe::begin(std::uint32_t instruction, const models::Instruction& work, Cycle now) {
  const auto& copy = *std::get_if<models::CopyL1Gm>(&work);
  const Mte3Config& config = context_.chip.mte3;
  write_beats(copy, context_.chip.gm.write_rate, list_);
  list_.port = GmPort::mte3_write;
  list_.from = clock_.real(clock_.moved(now) + config.latency);
  gm_(list_);
  list_.each_wait([&](Cycle offered, Cycle taken) {
    clock_.hold(offered, taken);
    line_.held_by_memory(offered, taken);
  });
  next_start_ = clock_.moved(now) + std::max(config.setup, Cycles{list_.bursts.size()});
  in_flight_.add(list_.done);
  move(instruction, now, after(list_.taken), list_.done);
  if (beats_.observed()) tell_reads(copy, now);
}

void Mte3Pipe::tell_reads(const models::CopyL1Gm& copy, Cycle now) {
  const Cycle first = clock_.moved(now) + context_.chip.mte3.latency - read_to_offer;
  const std::uint64_t size = copy.block_length * block, pitch = size + copy.src_gap * block;
  std::uint64_t sent = 0;  // bytes
  for (const Burst& burst : list_.bursts) {
    // The port's whole width, however short the piece is.
    beats_.add(copy.src.value() + sent / size * pitch + sent % size,
               context_.chip.gm.write_rate.value);
    beats_.read(Port::l1_read_mte3, clock_.real(first + Cycles{burst.beat}));
    sent += burst.size.value();
  }
  sent_.push(list_.bursts);
}

void Mte3Pipe::tell_written(const models::Instruction&) {
  for (const Burst& burst : sent_.front()) {
    beats_.add(burst.address.value(), burst.size.value());
    beats_.write(Port::gm_write_mte3, burst.taken, Space::GM);
  }
  sent_.pop();
}

}  // namespace vitruvian::systemc
