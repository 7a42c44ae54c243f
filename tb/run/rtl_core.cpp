// SPDX-License-Identifier: Apache-2.0
#include "tb/run/rtl_core.h"

#include <fmt/format.h>

#include <filesystem>

#include "tb/common/data_root.h"

namespace vitruvian::tb {
namespace {

namespace fs = std::filesystem;

// One that came with the build, or built now and kept.
fs::path find_rtl_core(const ChipConfig& chip, models::Numerics numerics, const std::string& variant) {
  const fs::path file = block_folder() / fmt::format("aic_{}.so", variant);
  if (is_usual_core(chip, numerics) && fs::exists(file)) return file;
  fmt::print(stderr, "RTL core for {} {} ({}): built now, or taken from the cache\n", chip.name,
             models::numerics_names[static_cast<int>(numerics)], variant);
  return build_core(chip, numerics, variant);
}

}  // namespace

RtlCore make_rtl_core(const RunOptions& options) {
  RtlCore core;
  core.variant = options.waves ? "trace" : "fast";
  core.library = std::make_shared<const CoreLibrary>(find_rtl_core(options.chip, options.numerics, core.variant));
  if (options.waves) core.waves = CoreWaves{options.out / "waves.fst", options.waves->from, options.waves->to};
  return core;
}

}  // namespace vitruvian::tb
