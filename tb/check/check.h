// SPDX-License-Identifier: Apache-2.0
//
// Looks a program over before it runs: races, bytes nothing wrote, deadlocks. No time is simulated
// and no value computed; the answer holds for every timing (docs/check.md).
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "models/program/program.h"
#include "tb/check/findings.h"

namespace vitruvian::tb {

struct OrderCheck {
  bool races = true;
  bool uninitialised = false;
  std::vector<models::Tensor> initial = {};  // what GM holds at the start, for `uninitialised`
  std::function<void(std::uint64_t done, std::uint64_t total)> progress = {};
};

// The program has passed check_instruction() for this chip.
OrderFindings check_order(const models::Program& program, const ChipConfig& chip,
                          const OrderCheck& what);

}  // namespace vitruvian::tb
