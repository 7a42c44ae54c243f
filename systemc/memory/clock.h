// SPDX-License-Identifier: Apache-2.0
//
// From whole cycles to simulated time. A cycle of 1.85 GHz is no whole number of any unit sc_time
// has, so time is never summed up: each absolute cycle is converted by exact rational arithmetic
// and rounded once, to the nearest femtosecond.
#pragma once

#include <cstdint>
#include <systemc>

#include "models/arch/count.h"

namespace vitruvian::systemc {

class Clock {
 public:
  explicit Clock(std::uint64_t khz) : khz_{khz} {}
  // The start of `cycle`. The kernel's resolution must be 1 fs (Simulation sets it).
  sc_core::sc_time at(Cycle cycle) const {
    return sc_core::sc_time::from_value(femtoseconds(cycle));
  }
  // The cycle that `time` lies in.
  Cycle cycle_of(const sc_core::sc_time& time) const;

 private:
  static constexpr unsigned __int128 fs_per_ms = 1'000'000'000'000;
  std::uint64_t femtoseconds(Cycle cycle) const {
    return static_cast<std::uint64_t>((cycle.value() * fs_per_ms * 2 + khz_) / (2 * khz_));
  }
  std::uint64_t khz_;
};

inline Cycle Clock::cycle_of(const sc_core::sc_time& time) const {
  const auto whole = static_cast<unsigned __int128>(time.value()) * khz_ / fs_per_ms;
  const Cycle cycle{static_cast<std::uint64_t>(whole)};
  const Cycle next = cycle + Cycles{1};  // rounding may have put its start before the exact one
  return femtoseconds(next) <= time.value() ? next : cycle;
}

}  // namespace vitruvian::systemc
