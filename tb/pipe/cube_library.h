// SPDX-License-Identifier: Apache-2.0
//
// Verilated cubes as shared objects: built, found and loaded.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "models/arch/chip_config.h"
#include "models/pipe/cube_dot.h"
#include "tb/pipe/cube_block.h"

namespace vitruvian::tb {

// What scripts/build_block is asked for.
struct CubeBuild {
  CubeConfig cube;
  models::Numerics numerics = models::Numerics::dot24;
  std::string variant = "fast";   // fast, check, trace, cov
  std::filesystem::path rtl;      // another rtl/; empty: ours
  std::filesystem::path own{};    // a user's vit_cube.sv and modules, before those of rtl/
};

// The shared object: from the cache, or built now. Throws InputError with the tools' own words if it
// cannot be built.
std::filesystem::path build_cube(const CubeBuild& build);

// A loaded block: its functions. Throws InputError if the file is none, or speaks another version.
class CubeLibrary {
 public:
  explicit CubeLibrary(const std::filesystem::path& file);
  ~CubeLibrary();
  CubeLibrary(const CubeLibrary&) = delete;
  CubeLibrary& operator=(const CubeLibrary&) = delete;

  const VitCubeParameters& parameters() const { return parameters_; }
  const std::filesystem::path& file() const { return file_; }

  decltype(&vit_cube_create) create;
  decltype(&vit_cube_destroy) destroy;
  decltype(&vit_cube_ask) ask;
  decltype(&vit_cube_clock) clock;
  decltype(&vit_cube_failure) failure;
  decltype(&vit_cube_trace_open) trace_open;
  decltype(&vit_cube_trace_cycle) trace_cycle;
  decltype(&vit_cube_trace_close) trace_close;

 private:
  std::filesystem::path file_;
  void* handle_;
  VitCubeParameters parameters_{};
};

// Throws InputError unless the block was built for the chip's cube and these numerics.
void check_fits(const CubeLibrary& library, const ChipConfig& chip, models::Numerics numerics);

}  // namespace vitruvian::tb
