// SPDX-License-Identifier: Apache-2.0
#include "tests/cli/program.h"

#include <stdlib.h>
#include <sys/wait.h>

#include <cstdio>
#include <stdexcept>

namespace vitruvian::tests {

Outcome vitruvian_program(const std::string& arguments, const std::string& before) {
  const std::string command = before + " " VITRUVIAN_PROGRAM " " + arguments + " 2>&1";
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error{"no shell"};
  Outcome outcome;
  char piece[512];
  while (std::fgets(piece, sizeof piece, pipe) != nullptr) outcome.text += piece;
  const int status = pclose(pipe);
  outcome.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return outcome;
}

ScratchFolder::ScratchFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "vitruvian_XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error{"no scratch folder"};
  path_ = name;
}

ScratchFolder::~ScratchFolder() { std::filesystem::remove_all(path_); }

}  // namespace vitruvian::tests
