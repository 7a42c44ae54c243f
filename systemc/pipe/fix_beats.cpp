// SPDX-License-Identifier: Apache-2.0
#include "systemc/pipe/fix_beats.h"

namespace vitruvian::systemc {
namespace {

constexpr std::uint64_t side = 16, scale_bytes = 8;

}  // namespace

void output_beats(const models::FixpipeTarget& target, std::uint32_t rows_a_cycle,
                  BurstList& list) {
  list.bursts.clear();
  list.last_beat = static_cast<std::uint32_t>(side) / rows_a_cycle - 1;
  std::uint64_t at = target.start;
  for (std::uint32_t row = 0; row < target.rows; ++row, at += target.pitch) {
    for (std::uint32_t half = 0; half < target.halves; ++half) {
      list.bursts.push_back(
          {GmAddress{at + half * target.step}, Bytes{target.size}, row / rows_a_cycle});
    }
  }
}

bool add_output(const models::FixpipeTarget& target, std::uint32_t rows_a_cycle,
                std::uint32_t cycle, Beats& beats) {
  const std::uint32_t first = cycle * rows_a_cycle;
  const std::uint32_t past = std::min(target.rows, first + rows_a_cycle);
  for (std::uint32_t row = first; row < past; ++row) {
    for (std::uint32_t half = 0; half < target.halves; ++half) {
      beats.add(target.start + row * target.pitch + half * target.step, target.size);
    }
  }
  return first < past;
}

void add_scales(const models::FixpipeView& fixpipe, const models::FixpipeFractal& fractal,
                Beats& beats) {
  beats.add(fixpipe.fb + fractal.column * side * scale_bytes, side * scale_bytes);
}

}  // namespace vitruvian::systemc
