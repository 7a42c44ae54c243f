// SPDX-License-Identifier: Apache-2.0
//
// Runs the `vitruvian` program as a user does.
#pragma once

#include <filesystem>
#include <string>

namespace vitruvian::tests {

struct Outcome {
  int code = -1;
  std::string text;  // standard output and error together
};

// `arguments` as they would be typed; `before` is put in front of the command (an environment, ulimit).
Outcome vitruvian_program(const std::string& arguments, const std::string& before = "");

// A fresh folder, removed with the object.
class ScratchFolder {
 public:
  ScratchFolder();
  ~ScratchFolder();
  const std::filesystem::path& path() const { return path_; }
  std::string operator/(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

}  // namespace vitruvian::tests
