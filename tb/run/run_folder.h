// SPDX-License-Identifier: Apache-2.0
//
// The folder a run leaves. It is written beside its place and renamed at the end: a run that fails
// leaves nothing.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

namespace vitruvian::tb {

// out/NAME with characters a file name should not have replaced.
std::filesystem::path default_run_folder(const std::string& workload);

class RunFolder {
 public:
  // Throws InputError if the folder cannot be made, or `final_path` exists and is not a run's folder
  // (one with a result.json) or empty.
  explicit RunFolder(std::filesystem::path final_path);
  ~RunFolder();  // removes what was written unless kept
  RunFolder(const RunFolder&) = delete;
  RunFolder& operator=(const RunFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  const std::filesystem::path& final_path() const { return final_path_; }

  // Calls `write` with path(). An InputError that names a file there is told of its final place.
  void fill(const std::function<void(const std::filesystem::path&)>& write) const;

  // Moves it to its place, in exchange for a run that stood there.
  void keep();

 private:
  std::filesystem::path final_path_, path_;
};

}  // namespace vitruvian::tb
