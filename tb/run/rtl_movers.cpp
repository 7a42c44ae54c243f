// SPDX-License-Identifier: Apache-2.0
#include "tb/run/rtl_movers.h"

#include <fmt/format.h>

#include <filesystem>

#include "tb/common/data_root.h"
#include "tb/pipe/mover_rtl.h"

namespace vitruvian::tb {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view variant = "fast";

// One that came with the build, or built now and kept.
fs::path find_rtl_mover(models::Pipe pipe, const ChipConfig& chip) {
  const fs::path file = block_folder() / fmt::format("{}_{}.so", mover_block_of(pipe), variant);
  if (is_usual_mover(pipe, chip) && fs::exists(file)) return file;
  fmt::print(stderr, "RTL {} for {} ({}): built now, or taken from the cache\n", name(pipe), chip.name, variant);
  return build_mover(pipe, chip, std::string{variant});
}

}  // namespace

systemc::MoverFactories make_rtl_movers(const RunOptions& options) {
  systemc::MoverFactories movers;
  for (const models::Pipe pipe : options.rtl_movers) {
    movers.of(pipe) = mover_rtl_factory(std::make_shared<const MoverLibrary>(find_rtl_mover(pipe, options.chip)));
  }
  return movers;
}

}  // namespace vitruvian::tb
