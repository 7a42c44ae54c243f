// SPDX-License-Identifier: Apache-2.0
//
// The two kinds of failure. The user's mistake is an InputError: its message names the file, key or
// instruction, the value, and what is allowed (exit code 2). Ours is an InternalError (exit code 3).
#pragma once

#include <stdexcept>
#include <string_view>

namespace vitruvian {

class InputError : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

class InternalError : public std::logic_error {
  using std::logic_error::logic_error;
};

// A place in our source. (std::source_location, but Debian 12's clang, which builds the fuzz targets,
// does not have it.)
struct Place {
  const char* file;
  int line;
  static constexpr Place here(const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
    return {file, line};
  }
};

// Throws InternalError with the caller's place if `condition` does not hold.
void ensure(bool condition, std::string_view what, Place where = Place::here());

}  // namespace vitruvian
