// SPDX-License-Identifier: Apache-2.0
#include "tb/common/data_root.h"

#include <optional>

namespace vitruvian::tb {
namespace {

std::optional<std::filesystem::path> installed() {
  std::error_code failed;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", failed);
  if (failed) return std::nullopt;
  const auto root = program.parent_path().parent_path() / "share" / "vitruvian";
  if (std::filesystem::exists(root / "scripts" / "build_block")) return root;
  return std::nullopt;
}

}  // namespace

std::filesystem::path data_root() { return installed().value_or(VITRUVIAN_SOURCE_DIR); }

std::filesystem::path block_folder() {
  const auto root = installed();
  return root ? *root / "blocks" : std::filesystem::path{VITRUVIAN_BLOCK_DIR};
}

}  // namespace vitruvian::tb
