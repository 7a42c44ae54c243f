// SPDX-License-Identifier: Apache-2.0
#include "tb/pipe/mover_library.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include "models/arch/error.h"

namespace vitruvian::tb {
namespace {

template <class Function>
void load(void* handle, const std::filesystem::path& file, const char* name, Function& function) {
  function = reinterpret_cast<Function>(::dlsym(handle, name));
  if (!function) {
    throw InputError{fmt::format("{}: is no mover block: it lacks {}", file.string(), name)};
  }
}

}  // namespace

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
  load(handle_, file, "vit_mover_end", end);
  load(handle_, file, "vit_mover_failure", failure);
  load(handle_, file, "vit_mover_trace_open", trace_open);
  load(handle_, file, "vit_mover_trace_cycle", trace_cycle);
  load(handle_, file, "vit_mover_trace_close", trace_close);
}

MoverLibrary::~MoverLibrary() { ::dlclose(handle_); }

}  // namespace vitruvian::tb
