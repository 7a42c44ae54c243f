// SPDX-License-Identifier: Apache-2.0
//
// docs/timing.md read literally: a cube core stepped cycle by cycle, every tile, element and byte
// of port time by itself. Slow and simple; the event-driven core must agree with it on every cycle.
// Shares no code with systemc/.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/arch/chip_config.h"
#include "models/program/instruction.h"

namespace vitruvian::tests {

struct CycleResult {
  struct Times {
    std::uint64_t issue = 0, start = 0, end = 0;
    friend bool operator==(const Times&, const Times&) = default;
  };
  std::string error;  // "event", "deadlock" or empty
  std::uint64_t cycles = 0;
  std::vector<Times> times;                     // by instruction
  std::array<std::vector<std::uint8_t>, 5>
      states;  // S, M, MTE1, MTE2, FIX: systemc::State of each cycle
  std::uint64_t mmads_stalled_by_unit_flag = 0, mmads_stalled_by_bank = 0;
};

CycleResult step_by_cycles(const ChipConfig& chip, const std::vector<models::Instruction>& program);

}  // namespace vitruvian::tests
