// SPDX-License-Identifier: Apache-2.0
//
// A Verilated mover, loaded: the functions of tb/pipe/mover_block.h.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "models/arch/chip_config.h"
#include "models/program/instruction.h"
#include "tb/pipe/mover_block.h"

namespace vitruvian::tb {

// Throws InputError if the file is no mover, or speaks another version.
class MoverLibrary {
 public:
  explicit MoverLibrary(const std::filesystem::path& file);
  ~MoverLibrary();
  MoverLibrary(const MoverLibrary&) = delete;
  MoverLibrary& operator=(const MoverLibrary&) = delete;

  const VitMoverParameters& parameters() const { return parameters_; }
  const std::filesystem::path& file() const { return file_; }

  decltype(&vit_mover_create) create;
  decltype(&vit_mover_destroy) destroy;
  decltype(&vit_mover_set) set;
  decltype(&vit_mover_begin) begin;
  decltype(&vit_mover_settle) settle;
  decltype(&vit_mover_report) report;
  decltype(&vit_mover_end) end;
  decltype(&vit_mover_failure) failure;
  decltype(&vit_mover_trace_open) trace_open;
  decltype(&vit_mover_trace_cycle) trace_cycle;
  decltype(&vit_mover_trace_close) trace_close;

 private:
  std::filesystem::path file_;
  void* handle_;
  VitMoverParameters parameters_{};
};

// The block of a pipe that moves, as scripts/build_block calls it.
std::string_view mover_block_of(models::Pipe pipe);

// The shared object for a chip: from the cache, or built now. Throws InputError if it cannot be built.
std::filesystem::path build_mover(models::Pipe pipe, const ChipConfig& chip, const std::string& variant);

// Is it the one that comes with the build?
bool is_usual_mover(models::Pipe pipe, const ChipConfig& chip);

// Throws InputError unless the block is this pipe's, built for the chip.
void check_fits(const MoverLibrary& library, models::Pipe pipe, const ChipConfig& chip);

}  // namespace vitruvian::tb
