// SPDX-License-Identifier: Apache-2.0
//
// docs/timing.md read literally: a cube core stepped cycle by cycle, every tile, element, beat and
// byte of port time by itself. Slow and simple; the event-driven core must agree with it on every
// cycle. Shares no code with systemc/.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "models/arch/chip_config.h"
#include "models/program/instruction.h"
#include "systemc/memory/gm_answers.h"
#include "tests/core/cycle_units.h"

namespace vitruvian::tests {

struct CycleResult {
  std::string error;  // "event", "deadlock" or empty
  std::uint64_t cycles = 0;
  std::vector<CycleTimes> times;                             // by instruction
  std::array<std::vector<std::uint8_t>, unit_count> states;  // systemc::State of each cycle
  std::uint64_t mmads_stalled_by_unit_flag = 0, mmads_stalled_by_bank = 0;
  std::array<std::vector<Taken>, systemc::gm_port_count> requests;
  std::vector<std::uint64_t> fix_reads;  // cycles in which FIX reads L0C
};

CycleResult step_by_cycles(const ChipConfig& chip, const std::vector<models::Instruction>& program,
                           const systemc::GmAnswers& answers);

}  // namespace vitruvian::tests
