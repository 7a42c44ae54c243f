// SPDX-License-Identifier: Apache-2.0
//
// Programs in text, looked over by tb/check.
#pragma once

#include <string>
#include <string_view>

#include "models/program/assembler.h"
#include "tb/check/check.h"

namespace vitruvian::tests {

// The chip of these tests.
const ChipConfig& check_chip();

models::AssemblyFile assembled(std::string_view text);

// Races, uninitialised bytes and deadlocks of a program; its input tensors are what GM holds.
tb::OrderFindings looked_over(const models::AssemblyFile& file);
tb::OrderFindings looked_over(std::string_view text);

// How many races the text has; a deadlock counts as a failure of the test.
std::uint64_t races_in(std::string_view text);
// The first one in words, or "".
std::string first_race(std::string_view text);

}  // namespace vitruvian::tests
