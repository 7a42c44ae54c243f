// SPDX-License-Identifier: Apache-2.0
#include "tb/core/core_library.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "models/arch/error.h"
#include "tb/pipe/block_build.h"

namespace vitruvian::tb {
namespace {

std::uint64_t deepest_queue(const ChipConfig& chip) {
  const QueueDepths& depth = chip.queue_depth;
  return std::max({depth.m, depth.mte1, depth.mte2, depth.mte3, depth.fix});
}

// A number of the chip file that is a parameter of the block. `at_most`: the block may have more.
struct Row {
  const char* key;        // of the chip file
  const char* parameter;  // of scripts/build_block; null: the RTL has one value
  std::uint64_t (*wanted)(const ChipConfig& chip);
  std::int32_t VitCoreParameters::*built;
  bool at_most = false;
};
constexpr Row rows[] = {
    {"cube.m", "M0", [](const ChipConfig& c) -> std::uint64_t { return c.cube.m; }, &VitCoreParameters::m},
    {"cube.k", "K0", [](const ChipConfig& c) -> std::uint64_t { return c.cube.k; }, &VitCoreParameters::k},
    {"cube.n", "N0", [](const ChipConfig& c) -> std::uint64_t { return c.cube.n; }, &VitCoreParameters::n},
    {"cube.revisit", "D", [](const ChipConfig& c) { return c.cube.revisit.value(); }, &VitCoreParameters::revisit},
    {"buffers.l1", "L1_BYTES", [](const ChipConfig& c) { return c.l1.value(); }, &VitCoreParameters::l1},
    {"buffers.l0a", "L0A_BYTES", [](const ChipConfig& c) { return c.l0a.value(); }, &VitCoreParameters::l0a},
    {"buffers.l0b", "L0B_BYTES", [](const ChipConfig& c) { return c.l0b.value(); }, &VitCoreParameters::l0b},
    {"buffers.l0c", "L0C_BYTES", [](const ChipConfig& c) { return c.l0c.value(); }, &VitCoreParameters::l0c},
    {"buffers.bt", "BT_BYTES", [](const ChipConfig& c) { return c.bt.value(); }, &VitCoreParameters::bt},
    {"buffers.fb", "FB_BYTES", [](const ChipConfig& c) { return c.fb.value(); }, &VitCoreParameters::fb},
    {"mte1.l0a_rate", "L0A_RATE", [](const ChipConfig& c) { return c.mte1.l0a_rate.value; }, &VitCoreParameters::l0a_rate},
    {"mte1.l0b_rate", "L0B_RATE", [](const ChipConfig& c) { return c.mte1.l0b_rate.value; }, &VitCoreParameters::l0b_rate},
    {"fix.rate", nullptr, [](const ChipConfig& c) { return c.fix.rate.value; }, &VitCoreParameters::fix_rate},
    {"gm.write_rate", "W_RATE", [](const ChipConfig& c) { return c.gm.write_rate.value; }, &VitCoreParameters::write_rate},
    {"core.queue_depth", "QUEUE", deepest_queue, &VitCoreParameters::queue, true},
    {"core.pending_sets", "SETS", [](const ChipConfig& c) -> std::uint64_t { return c.pending_sets; }, &VitCoreParameters::sets, true},
};

}  // namespace

std::filesystem::path build_core(const ChipConfig& chip, models::Numerics numerics, const std::string& variant,
                                 const std::filesystem::path& rtl) {
  BlockBuild build{.block = "aic", .parameters = {{"NUMERICS", static_cast<std::uint64_t>(numerics)}}, .variant = variant, .rtl = rtl};
  for (const Row& row : rows) {
    if (row.parameter == nullptr) continue;
    const std::uint64_t wanted = row.wanted(chip);
    // Depths: whatever a core is asked for below the usual needs no build of its own.
    const std::uint64_t usual = std::string_view{row.parameter} == "QUEUE" ? 32 : 64;
    build.parameters.emplace_back(row.parameter, row.at_most ? std::bit_ceil(std::max(wanted, usual)) : wanted);
  }
  return build_block(build);
}

CoreLibrary::CoreLibrary(const std::filesystem::path& file) : object_{file, "cube core block"} {
  decltype(&vit_core_parameters) parameters;
  object_.load("vit_core_parameters", parameters);
  parameters(&parameters_);
  if (parameters_.abi != VIT_CORE_ABI) {
    throw InputError{fmt::format("{}: block interface version {}, this program speaks {}", file.string(), parameters_.abi, VIT_CORE_ABI)};
  }
  object_.load("vit_core_create", create);
  object_.load("vit_core_destroy", destroy);
  object_.load("vit_core_set", set);
  object_.load("vit_core_ask", ask);
  object_.load("vit_core_clock", clock);
  object_.load("vit_core_beats", beats);
  object_.load("vit_core_buffer", buffer);
  object_.load("vit_core_failure", failure);
  object_.load("vit_core_trace_open", trace_open);
  object_.load("vit_core_trace_cycle", trace_cycle);
  object_.load("vit_core_trace_close", trace_close);
}

void check_fits(const CoreLibrary& library, const ChipConfig& chip, models::Numerics numerics) {
  const auto require = [&](const char* key, std::uint64_t built, std::uint64_t wanted, bool holds) {
    if (!holds) {
      throw InputError{fmt::format("{}: the RTL core has {} {}, chip {} needs {}", library.file().string(), key, built, chip.name, wanted)};
    }
  };
  for (const Row& row : rows) {
    const std::uint64_t wanted = row.wanted(chip), built = static_cast<std::uint64_t>(library.parameters().*row.built);
    require(row.key, built, wanted, row.at_most ? wanted <= built : wanted == built);
  }
  const auto rule = static_cast<std::uint64_t>(numerics), built = static_cast<std::uint64_t>(library.parameters().numerics);
  require("numerics", built, rule, built == rule);
  require("mte1.bt_rate", 32, chip.mte1.bt_rate.value, chip.mte1.bt_rate.value == 32);
}

bool is_usual_core(const ChipConfig& chip, models::Numerics numerics) {
  ChipConfig usual;
  usual.gm.write_rate = BytesPerCycle{128};
  return numerics == models::Numerics::dot24 && std::ranges::all_of(rows, [&](const Row& row) {
    return row.at_most ? row.wanted(chip) <= row.wanted(usual) : row.wanted(chip) == row.wanted(usual);
  });
}

}  // namespace vitruvian::tb
