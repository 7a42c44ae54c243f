// SPDX-License-Identifier: Apache-2.0
//
// Random programs and chips for timing: every instruction and rule of docs/timing.md, with sizes
// that make the pipes meet. Legal for the chip, every event is raised only where it is known to be
// down, and every wait stands behind what it waits for, so none deadlocks. Not race-free: values
// mean nothing.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "models/arch/chip_config.h"
#include "models/program/program.h"

namespace vitruvian::tests {

// What a program dwells on.
enum class Focus : std::uint8_t {
  everything,  // every instruction of a cube core
  sharing,     // M and FIX at L0C
  memory,      // what reads and writes GM and L1
};

// Bytes of GM the programs use.
inline constexpr std::uint64_t timing_gm_bytes = 1 << 20;

ChipConfig random_timing_chip(std::mt19937_64& random);
models::Program random_timing_program(std::mt19937_64& random, const ChipConfig& chip, Focus focus,
                                      int instructions);

}  // namespace vitruvian::tests
