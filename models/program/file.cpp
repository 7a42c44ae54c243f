// SPDX-License-Identifier: Apache-2.0
#include "models/program/file.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <system_error>

#include "models/arch/error.h"

namespace vitruvian::models {

std::string read_file(const std::filesystem::path& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    throw InputError{fmt::format("{}: is a folder", path.string())};
  }
  errno = 0;
  std::ifstream in{path, std::ios::binary};
  std::string text{std::istreambuf_iterator<char>{in}, {}};
  if (!in.is_open() || in.bad()) {
    throw InputError{fmt::format("{}: cannot be read: {}", path.string(), std::strerror(errno))};
  }
  return text;
}

void write_file(const std::filesystem::path& path, std::span<const std::uint8_t> bytes) {
  const std::filesystem::path beside = fmt::format("{}.{}.tmp", path.string(), getpid());
  const auto fail = [&](const std::string& why) {
    std::error_code ignored;
    std::filesystem::remove(beside, ignored);
    throw InputError{fmt::format("{}: cannot be written: {}", path.string(), why)};
  };
  errno = 0;
  std::ofstream out{beside, std::ios::binary | std::ios::trunc};
  if (!out) fail(std::strerror(errno));
  out.write(reinterpret_cast<const char*>(bytes.data()),
            static_cast<std::streamsize>(bytes.size()));
  out.close();  // the last bytes may only now find the disk full
  if (!out) fail(std::strerror(errno));
  std::error_code error;
  std::filesystem::rename(beside, path, error);
  if (error) fail(error.message());
}

}  // namespace vitruvian::models
