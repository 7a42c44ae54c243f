// SPDX-License-Identifier: Apache-2.0
//
// Random programs of FIX's instructions, run on the Verilated block through its bench and on the models.
#pragma once

#include <string>

#include "tb/common/random.h"
#include "tests/pipe/fixpipe_rtl_bench.h"

namespace vitruvian::tests {

// How a program is disturbed: percent of the cycles in which GM does not take a beat, unit flags are down, L0C is
// refused; cycles an acknowledgement takes at most.
struct FixpipeWeather {
  std::uint64_t gm_busy, flags_down, refused, longest_latency;
};

// Runs `count` random instructions, back to back or with gaps. Returns what differs from the models' memories
// afterwards, or nothing; throws what the bench throws.
std::string run_fixpipe_program(const tb::MoverLibrary& block, tb::Seed seed, std::size_t count, const FixpipeWeather& weather,
                                FixpipeRtlBench::Met* met = nullptr);

}  // namespace vitruvian::tests
