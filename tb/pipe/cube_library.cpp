// SPDX-License-Identifier: Apache-2.0
#include "tb/pipe/cube_library.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <cstdio>

#include "models/arch/error.h"

namespace vitruvian::tb {
namespace {

// A word of a shell command.
std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string{"'\\''"} : std::string{c};
  return out + "'";
}

struct Ran {
  int status;
  std::string output;
};

Ran run_command(const std::string& command) {
  std::FILE* pipe = ::popen(command.c_str(), "r");
  ensure(pipe != nullptr, "popen");
  std::string output;
  char part[4096];
  while (const std::size_t size = std::fread(part, 1, sizeof part, pipe)) output.append(part, size);
  return {::pclose(pipe), output};
}

template <class Function>
void load(void* handle, const std::filesystem::path& file, const char* name, Function& function) {
  function = reinterpret_cast<Function>(::dlsym(handle, name));
  if (!function) {
    throw InputError{fmt::format("{}: is no cube block: it lacks {}", file.string(), name)};
  }
}

}  // namespace

std::filesystem::path build_cube(const CubeBuild& build) {
  std::string command = fmt::format(
      "{} cube --variant {} --param M0={} --param K0={} --param N0={} --param NUMERICS={} --param D={}",
      quoted(VITRUVIAN_SOURCE_DIR "/scripts/build_block"), build.variant, build.cube.m, build.cube.k,
      build.cube.n, static_cast<int>(build.numerics), build.cube.revisit.value());
  if (!build.rtl.empty()) command += " --rtl " + quoted(build.rtl.string());
  const Ran ran = run_command(command + " 2>&1");
  if (ran.status != 0) {
    throw InputError{fmt::format("the cube block {}x{}x{} {} ({}) cannot be built:\n{}", build.cube.m,
                                 build.cube.k, build.cube.n,
                                 models::numerics_names[static_cast<int>(build.numerics)], build.variant,
                                 ran.output)};
  }
  const std::string path = ran.output.substr(0, ran.output.find_last_not_of('\n') + 1);
  return path.substr(path.find_last_of('\n') + 1);
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
