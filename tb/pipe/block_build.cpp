// SPDX-License-Identifier: Apache-2.0
#include "tb/pipe/block_build.h"

#include <fmt/format.h>

#include <cstdio>

#include "models/arch/error.h"
#include "tb/common/data_root.h"

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

}  // namespace

std::filesystem::path build_block(const BlockBuild& build) {
  std::string parameters;
  for (const auto& [name, value] : build.parameters) parameters += fmt::format(" --param {}={}", name, value);
  std::string command = fmt::format("{} {} --variant {}{}", quoted((data_root() / "scripts" / "build_block").string()),
                                    build.block, build.variant, parameters);
  if (!build.rtl.empty()) command += " --rtl " + quoted(build.rtl.string());
  if (!build.own.empty()) command += " --own " + quoted(build.own.string());
  const Ran ran = run_command(command + " 2>&1");
  if (ran.status != 0) {
    throw InputError{fmt::format("the {} block ({}{}) cannot be built:\n{}", build.block, build.variant, parameters,
                                 ran.output)};
  }
  const std::string path = ran.output.substr(0, ran.output.find_last_not_of('\n') + 1);
  return path.substr(path.find_last_of('\n') + 1);
}

}  // namespace vitruvian::tb
