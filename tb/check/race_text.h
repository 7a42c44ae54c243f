// SPDX-License-Identifier: Apache-2.0
//
// Findings in words: who, what, where, and what would help.
#pragma once

#include <string>

#include "models/program/program.h"
#include "tb/check/findings.h"

namespace vitruvian::tb {

// "instruction 12 (mmad c=0x0 ...)"
std::string instruction_text(std::uint64_t number, const models::Program& program);
// "L0A bytes 0x0 to 0x1ff" and how many of them if not all.
std::string range_text(const ByteRange& bytes);

std::string race_text(const Race& race, const models::Program& program);
std::string raised_twice_text(std::uint64_t set, std::optional<std::uint32_t> wait,
                              const models::Program& program);
std::string left_up_text(std::uint64_t set, const models::Program& program);

}  // namespace vitruvian::tb
