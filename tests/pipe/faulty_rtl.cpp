// SPDX-License-Identifier: Apache-2.0
#include "tests/pipe/faulty_rtl.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace vitruvian::tests {

namespace fs = std::filesystem;

FaultyRtl::FaultyRtl(const RtlFault& fault)
    : folder_{fs::temp_directory_path() / fmt::format("vit_fault_{}_{}", fault.name, ::getpid())} {
  fs::copy(VITRUVIAN_SOURCE_DIR "/rtl", folder_, fs::copy_options::recursive);
  std::ifstream in{folder_ / fault.file};
  std::string text{std::istreambuf_iterator<char>{in}, {}};
  const std::size_t at = text.find(fault.find);
  if (at == std::string::npos || text.find(fault.find, at + 1) != std::string::npos) {
    fs::remove_all(folder_);
    throw std::runtime_error{fmt::format("{} does not have once: {}", fault.file, fault.find)};
  }
  text.replace(at, std::strlen(fault.find), fault.replace);
  std::ofstream{folder_ / fault.file} << text;
}

FaultyRtl::~FaultyRtl() { fs::remove_all(folder_); }

}  // namespace vitruvian::tests
