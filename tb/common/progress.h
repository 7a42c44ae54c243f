// SPDX-License-Identifier: Apache-2.0
//
// One line on a terminal for work that takes longer than two seconds: how much is done, time left.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace vitruvian::tb {

class Progress {
 public:
  explicit Progress(std::string what);
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // Cheap enough to be called often: writes at most five times a second, and only on a terminal.
  void show(std::uint64_t done, std::uint64_t total);
  void clear();

 private:
  std::string what_;
  bool terminal_;
  bool shown_ = false;
  std::chrono::steady_clock::time_point start_, last_;
};

}  // namespace vitruvian::tb
