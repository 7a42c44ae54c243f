// SPDX-License-Identifier: Apache-2.0
//
// Random programs and chips for timing: every instruction and rule of docs/timing.md, with sizes
// that make the pipes meet. Addresses are whole, values mean nothing.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "models/arch/chip_config.h"
#include "models/program/program.h"

namespace vitruvian::tests {

// What a program dwells on.
enum class Focus : std::uint8_t { everything, sharing };  // sharing: M and FIX at L0C

ChipConfig random_timing_chip(std::mt19937_64& random);
models::Program random_timing_program(std::mt19937_64& random, const ChipConfig& chip, Focus focus,
                                      int instructions);

}  // namespace vitruvian::tests
