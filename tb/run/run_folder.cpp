// SPDX-License-Identifier: Apache-2.0
#include "tb/run/run_folder.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "models/arch/error.h"

namespace vitruvian::tb {
namespace fs = std::filesystem;

fs::path default_run_folder(const std::string& workload) {
  std::string name = fs::path{workload}.filename().string();
  std::ranges::replace_if(name, [](char c) { return !std::isalnum(static_cast<unsigned char>(c)) && c != '.' && c != '-'; }, '_');
  return fs::path{"out"} / name;
}

RunFolder::RunFolder(fs::path final_path) : final_path_{std::move(final_path)} {
  std::error_code error;
  if (fs::exists(final_path_, error)) {
    if (!fs::is_directory(final_path_)) {
      throw InputError{fmt::format("--out {}: is a file, not a folder", final_path_.string())};
    }
    if (!fs::is_empty(final_path_) && !fs::exists(final_path_ / "result.json")) {
      throw InputError{fmt::format("--out {}: holds something other than a run; give a new folder", final_path_.string())};
    }
  }
  const fs::path absolute = fs::absolute(final_path_);
  const fs::path parent = absolute.has_filename() ? absolute.parent_path() : absolute.parent_path().parent_path();
  path_ = parent / fmt::format(".{}.{}.part", fs::path{absolute.lexically_normal()}.filename().string(), ::getpid());
  fs::create_directories(path_, error);
  if (error) {
    throw InputError{fmt::format("--out {}: cannot be written: {}", final_path_.string(), error.message())};
  }
}

RunFolder::~RunFolder() {
  std::error_code ignored;
  if (!path_.empty()) fs::remove_all(path_, ignored);
}

void RunFolder::fill(const std::function<void(const fs::path&)>& write) const {
  try {
    write(path_);
  } catch (const InputError& error) {
    std::string text = error.what();
    const auto place = text.find(path_.string());
    if (place != std::string::npos) text.replace(place, path_.string().size(), final_path_.string());
    throw InputError{text};
  }
}

void RunFolder::keep() {
  std::error_code error;
  fs::remove_all(final_path_, error);
  if (!error) fs::rename(path_, final_path_, error);
  if (error) {
    throw InputError{fmt::format("--out {}: cannot be written: {}", final_path_.string(), error.message())};
  }
  path_.clear();
}

}  // namespace vitruvian::tb
