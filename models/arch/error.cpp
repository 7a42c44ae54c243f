// SPDX-License-Identifier: Apache-2.0
#include "models/arch/error.h"

#include <fmt/format.h>

namespace vitruvian {

void ensure(bool condition, std::string_view what, Place where) {
  if (!condition) {
    throw InternalError{fmt::format("{}:{}: {}", where.file, where.line, what)};
  }
}

}  // namespace vitruvian
