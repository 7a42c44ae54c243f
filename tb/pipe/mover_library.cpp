// SPDX-License-Identifier: Apache-2.0
#include "tb/pipe/mover_library.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <algorithm>

#include "models/arch/error.h"
#include "tb/pipe/block_build.h"

namespace vitruvian::tb {
namespace {

template <class Function>
void load(void* handle, const std::filesystem::path& file, const char* name, Function& function) {
  function = reinterpret_cast<Function>(::dlsym(handle, name));
  if (!function) {
    throw InputError{fmt::format("{}: is no mover block: it lacks {}", file.string(), name)};
  }
}

using models::Pipe;

// A number of the chip file that is a parameter of the block.
struct Row {
  const char* key;        // of the chip file
  const char* parameter;  // of scripts/build_block
  std::uint64_t (*wanted)(const ChipConfig& chip);
  std::int32_t VitMoverParameters::*built;
  std::initializer_list<Pipe> movers;
};
const Row rows[] = {
    {"buffers.l1", "L1_BYTES", [](const ChipConfig& c) { return c.l1.value(); }, &VitMoverParameters::l1_bytes,
     {Pipe::MTE1, Pipe::MTE2, Pipe::MTE3, Pipe::FIX}},
    {"buffers.l0a", "L0A_BYTES", [](const ChipConfig& c) { return c.l0a.value(); }, &VitMoverParameters::l0a_bytes, {Pipe::MTE1, Pipe::MTE2}},
    {"buffers.l0b", "L0B_BYTES", [](const ChipConfig& c) { return c.l0b.value(); }, &VitMoverParameters::l0b_bytes, {Pipe::MTE1, Pipe::MTE2}},
    {"buffers.l0c", "L0C_BYTES", [](const ChipConfig& c) { return c.l0c.value(); }, &VitMoverParameters::l0c_bytes, {Pipe::FIX}},
    {"buffers.bt", "BT_BYTES", [](const ChipConfig& c) { return c.bt.value(); }, &VitMoverParameters::bt_bytes, {Pipe::MTE1}},
    {"buffers.fb", "FB_BYTES", [](const ChipConfig& c) { return c.fb.value(); }, &VitMoverParameters::fb_bytes, {Pipe::FIX}},
    {"mte1.l0a_rate", "L0A_RATE", [](const ChipConfig& c) { return c.mte1.l0a_rate.value; }, &VitMoverParameters::l0a_rate, {Pipe::MTE1}},
    {"mte1.l0b_rate", "L0B_RATE", [](const ChipConfig& c) { return c.mte1.l0b_rate.value; }, &VitMoverParameters::l0b_rate, {Pipe::MTE1}},
    {"gm.write_rate", "W_RATE", [](const ChipConfig& c) { return c.gm.write_rate.value; }, &VitMoverParameters::gm_rate, {Pipe::MTE3}},
};
bool concerns(const Row& row, Pipe pipe) { return std::ranges::find(row.movers, pipe) != row.movers.end(); }

// A number the RTL has one value for.
struct Fixed {
  const char* key;
  std::uint64_t value;
  std::uint64_t (*wanted)(const ChipConfig& chip);
  Pipe mover;
};
constexpr Fixed fixed[] = {
    {"mte1.bt_rate", 32, [](const ChipConfig& c) { return c.mte1.bt_rate.value; }, Pipe::MTE1},
    {"fix.rate", 128, [](const ChipConfig& c) { return c.fix.rate.value; }, Pipe::FIX},
    {"fix.fb_rate", 32, [](const ChipConfig& c) { return c.fix.fb_rate.value; }, Pipe::FIX},
};

}  // namespace

std::string_view mover_block_of(Pipe pipe) {
  switch (pipe) {
    case Pipe::MTE1: return "mte1";
    case Pipe::MTE2: return "mte2";
    case Pipe::MTE3: return "mte3";
    default: return "fixpipe";
  }
}

std::filesystem::path build_mover(Pipe pipe, const ChipConfig& chip, const std::string& variant) {
  BlockBuild build{.block = std::string{mover_block_of(pipe)}, .parameters = {}, .variant = variant, .rtl = {}};
  for (const Row& row : rows) {
    if (concerns(row, pipe)) build.parameters.emplace_back(row.parameter, row.wanted(chip));
  }
  return build_block(build);
}

bool is_usual_mover(Pipe pipe, const ChipConfig& chip) {
  const ChipConfig usual;
  return std::ranges::all_of(rows, [&](const Row& row) { return !concerns(row, pipe) || row.wanted(chip) == row.wanted(usual); });
}

void check_fits(const MoverLibrary& library, Pipe pipe, const ChipConfig& chip) {
  const VitMoverParameters& built = library.parameters();
  const std::string file = library.file().string();
  if (mover_block_of(pipe) != built.block) throw InputError{fmt::format("{}: is {}, not {}", file, built.block, mover_block_of(pipe))};
  const auto require = [&](const char* key, std::uint64_t has, std::uint64_t wanted) {
    if (has != wanted) throw InputError{fmt::format("{}: the RTL of {} has {} {}, chip {} needs {}", file, name(pipe), key, has, chip.name, wanted)};
  };
  for (const Row& row : rows) {
    if (concerns(row, pipe)) require(row.key, static_cast<std::uint64_t>(built.*row.built), row.wanted(chip));
  }
  for (const Fixed& number : fixed) {
    if (number.mover == pipe) require(number.key, number.value, number.wanted(chip));
  }
}

MoverLibrary::MoverLibrary(const std::filesystem::path& file)
    : file_{file}, handle_{::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL)} {
  if (!handle_) throw InputError{fmt::format("{}: {}", file.string(), ::dlerror())};
  decltype(&vit_mover_parameters) parameters;
  load(handle_, file, "vit_mover_parameters", parameters);
  parameters(&parameters_);
  if (parameters_.abi != VIT_MOVER_ABI) {
    throw InputError{fmt::format("{}: block interface version {}, this program speaks {}", file.string(),
                                 parameters_.abi, VIT_MOVER_ABI)};
  }
  load(handle_, file, "vit_mover_create", create);
  load(handle_, file, "vit_mover_destroy", destroy);
  load(handle_, file, "vit_mover_set", set);
  load(handle_, file, "vit_mover_begin", begin);
  load(handle_, file, "vit_mover_settle", settle);
  load(handle_, file, "vit_mover_report", report);
  load(handle_, file, "vit_mover_end", end);
  load(handle_, file, "vit_mover_failure", failure);
  load(handle_, file, "vit_mover_trace_open", trace_open);
  load(handle_, file, "vit_mover_trace_cycle", trace_cycle);
  load(handle_, file, "vit_mover_trace_close", trace_close);
}

MoverLibrary::~MoverLibrary() { ::dlclose(handle_); }

}  // namespace vitruvian::tb
