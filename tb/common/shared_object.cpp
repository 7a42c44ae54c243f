// SPDX-License-Identifier: Apache-2.0
#include "tb/common/shared_object.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include "models/arch/error.h"

namespace vitruvian::tb {

SharedObject::SharedObject(const std::filesystem::path& file, const char* what)
    : file_{file}, what_{what}, handle_{::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL)} {
  if (!handle_) throw InputError{fmt::format("{}: {}", file.string(), ::dlerror())};
}

SharedObject::~SharedObject() { ::dlclose(handle_); }

void* SharedObject::find(const char* name) const {
  void* const found = ::dlsym(handle_, name);
  if (!found) throw InputError{fmt::format("{}: is no {}: it lacks {}", file_.string(), what_, name)};
  return found;
}

}  // namespace vitruvian::tb
