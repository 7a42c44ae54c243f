// SPDX-License-Identifier: Apache-2.0
#include "systemc/pipe/mte1.h"

#include <algorithm>

#include "systemc/pipe/mte1_beats.h"

namespace vitruvian::systemc {

void Mte1Pipe::begin(std::uint32_t instruction, const models::Instruction& work, Cycle now) {
  const Mte1Config& config = context_.chip.mte1;
  const auto [beats, tail] = mte1_timing(work, config);
  next_start_ = now + std::max(config.setup, beats) + tail;
  const Cycle first = now + config.latency;
  const Cycle moved = first + beats;  // one past the last beat
  move(instruction, now, moved, moved - Cycles{1});
  if (!beats_.observed()) return;
  first_beats_.push(first);
  const Mte1Beats all{work, config};
  for (std::uint64_t i = 0; i < all.count(); ++i) {
    if (all.add_read(i, beats_)) {
      beats_.read(Port::l1_read_mte1, first + Cycles{i} - mte1_read_to_write);
    }
  }
}

void Mte1Pipe::tell_written(const models::Instruction& instruction) {
  const Mte1Beats all{instruction, context_.chip.mte1};
  for (std::uint64_t i = 0; i < all.count(); ++i) {
    all.add_written(i, beats_);
    beats_.write(all.write_port(), first_beats_.front() + Cycles{i}, all.destination());
  }
  first_beats_.pop();
}

}  // namespace vitruvian::systemc
