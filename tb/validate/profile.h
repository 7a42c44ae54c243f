// SPDX-License-Identifier: Apache-2.0
//
// What the columns of the vendor's profiler count (docs/timing.md, "Published columns").
#pragma once

#include <cstdint>
#include <string>

#include "systemc/observe/stats.h"

namespace vitruvian::tb {

enum class Column { task, mac, mte1, mte2, scalar, fixpipe };

// Throws InputError with the known names.
Column column_of(const std::string& name);

// What is no part of the core's timing: a sample's scalar code, and what the profiler adds.
struct Profile {
  std::uint64_t scalar = 433;   // cycles of scalar code a step of the matmul sample
  std::uint64_t mac_wake = 39;  // cycles a stretch of M's work counts beyond its states
};

// Cycles of a run, all of whose segments are kept, that a column counts.
std::uint64_t cycles_of(const systemc::CoreResult& run, Column column, const Profile& profile);

}  // namespace vitruvian::tb
