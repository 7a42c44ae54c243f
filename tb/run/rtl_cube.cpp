// SPDX-License-Identifier: Apache-2.0
#include "tb/run/rtl_cube.h"

#include <fmt/format.h>

#include <filesystem>

#include "models/arch/error.h"
#include "systemc/pipe/cube.h"
#include "tb/common/data_root.h"
#include "tb/lockstep/cube_lockstep.h"
#include "tb/pipe/cube_rtl.h"

namespace vitruvian::tb {
namespace {

namespace fs = std::filesystem;

// The blocks CMake built: the default shape and numerics.
std::optional<fs::path> prebuilt(const ChipConfig& chip, models::Numerics numerics, const std::string& variant) {
  const CubeConfig usual;
  const bool same = chip.cube.m == usual.m && chip.cube.k == usual.k && chip.cube.n == usual.n &&
                    chip.cube.revisit == usual.revisit && numerics == models::Numerics::dot24;
  const fs::path file = block_folder() / fmt::format("cube_{}.so", variant);
  if (!same || !fs::exists(file)) return std::nullopt;
  return file;
}

}  // namespace

fs::path find_rtl_cube(const ChipConfig& chip, models::Numerics numerics, const std::string& variant,
                       const fs::path& own) {
  const auto file = own.empty() ? prebuilt(chip, numerics, variant) : std::nullopt;
  if (file) return *file;
  fmt::print(stderr, "RTL cube{} {}x{}x{} {} ({}): built now, or taken from the cache\n",
             own.empty() ? "" : " of " + own.string(), chip.cube.m, chip.cube.k, chip.cube.n,
             models::numerics_names[static_cast<int>(numerics)], variant);
  return build_cube({.cube = chip.cube, .numerics = numerics, .variant = variant, .rtl = {}, .own = own});
}

RtlCube make_rtl_cube(const RunOptions& options) {
  RtlCube cube;
  cube.variant = options.waves ? "trace" : "fast";
  const fs::path file = options.rtl_cube_library.empty()
      ? find_rtl_cube(options.chip, options.numerics, cube.variant, options.rtl_cube_own) : fs::path{options.rtl_cube_library};
  auto library = std::make_shared<const CubeLibrary>(file);
  std::optional<CubeWaves> waves;
  if (options.waves) waves = CubeWaves{options.out / "waves.fst", options.waves->from, options.waves->to};
  if (options.lockstep) cube.log = std::make_shared<LockstepLog>();
  cube.factory = [library, waves, log = cube.log](const systemc::CubeContext& context) -> std::unique_ptr<systemc::CubeBlock> {
    auto rtl = std::make_unique<CubeRtl>(context, library, waves);
    if (!log) return rtl;
    return std::make_unique<CubeLockstep>(context, std::move(rtl), systemc::make_cube, LockstepOptions{}, *log);
  };
  return cube;
}

}  // namespace vitruvian::tb
