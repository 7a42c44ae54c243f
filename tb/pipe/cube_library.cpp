// SPDX-License-Identifier: Apache-2.0
#include "tb/pipe/cube_library.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include "models/arch/error.h"
#include "tb/pipe/block_build.h"

namespace vitruvian::tb {
namespace {

template <class Function>
void load(void* handle, const std::filesystem::path& file, const char* name, Function& function) {
  function = reinterpret_cast<Function>(::dlsym(handle, name));
  if (!function) {
    throw InputError{fmt::format("{}: is no cube block: it lacks {}", file.string(), name)};
  }
}

}  // namespace

std::filesystem::path build_cube(const CubeBuild& build) {
  return build_block({"cube",
                      {{"M0", build.cube.m},
                       {"K0", build.cube.k},
                       {"N0", build.cube.n},
                       {"NUMERICS", static_cast<std::uint64_t>(build.numerics)},
                       {"D", build.cube.revisit.value()}},
                      build.variant,
                      build.rtl,
                      build.own});
}

CubeLibrary::CubeLibrary(const std::filesystem::path& file)
    : file_{file}, handle_{::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL)} {
  if (!handle_) throw InputError{fmt::format("{}: {}", file.string(), ::dlerror())};
  decltype(&vit_cube_parameters) parameters;
  load(handle_, file, "vit_cube_parameters", parameters);
  parameters(&parameters_);
  if (parameters_.abi != VIT_CUBE_ABI) {
    throw InputError{fmt::format("{}: block interface version {}, this program speaks {}", file.string(),
                                 parameters_.abi, VIT_CUBE_ABI)};
  }
  load(handle_, file, "vit_cube_create", create);
  load(handle_, file, "vit_cube_destroy", destroy);
  load(handle_, file, "vit_cube_ask", ask);
  load(handle_, file, "vit_cube_clock", clock);
  load(handle_, file, "vit_cube_failure", failure);
  load(handle_, file, "vit_cube_trace_open", trace_open);
  load(handle_, file, "vit_cube_trace_cycle", trace_cycle);
  load(handle_, file, "vit_cube_trace_close", trace_close);
}

CubeLibrary::~CubeLibrary() { ::dlclose(handle_); }

void check_fits(const CubeLibrary& library, const ChipConfig& chip, models::Numerics numerics) {
  const VitCubeParameters& p = library.parameters();
  const auto require = [&](const char* what, std::int64_t block, std::int64_t wanted) {
    if (block != wanted) {
      throw InputError{fmt::format("{}: built for {} {}, chip {} needs {}", library.file().string(), what, block,
                                   chip.name, wanted)};
    }
  };
  require("cube.m", p.m, chip.cube.m);
  require("cube.k", p.k, chip.cube.k);
  require("cube.n", p.n, chip.cube.n);
  require("cube.revisit", p.revisit, static_cast<std::int64_t>(chip.cube.revisit.value()));
  require("numerics", p.numerics, static_cast<int>(numerics));
}

}  // namespace vitruvian::tb
