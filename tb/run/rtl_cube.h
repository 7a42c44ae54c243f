// SPDX-License-Identifier: Apache-2.0
//
// The Verilated cube for a run: found or built for the chip's shape, put in M's place, alone or in
// lockstep with its SystemC twin.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "systemc/pipe/cube_block.h"
#include "tb/lockstep/lockstep_log.h"
#include "tb/run/run.h"

namespace vitruvian::tb {

struct RtlCube {
  systemc::CubeFactory factory;
  std::shared_ptr<LockstepLog> log;  // with lockstep
  std::string variant;               // "fast" or "trace"
};

// The shared object of a cube of this shape: one that came with the build, or built now and kept. `own` is a
// folder with the user's vit_cube.sv; empty: ours.
std::filesystem::path find_rtl_cube(const ChipConfig& chip, models::Numerics numerics, const std::string& variant,
                                    const std::filesystem::path& own = {});

// Throws InputError if the block cannot be built.
RtlCube make_rtl_cube(const RunOptions& options);

}  // namespace vitruvian::tb
