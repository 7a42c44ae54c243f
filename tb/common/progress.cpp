// SPDX-License-Identifier: Apache-2.0
#include "tb/common/progress.h"

#include <fmt/core.h>
#include <unistd.h>

#include <cstdio>

namespace vitruvian::tb {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds quiet{2000}, between{200};

std::string left(std::chrono::duration<double> spent, std::uint64_t done, std::uint64_t total) {
  if (done == 0) return "";
  const auto seconds = static_cast<std::uint64_t>(spent.count() * static_cast<double>(total - done) / static_cast<double>(done) + 0.5);
  return fmt::format(", {}:{:02} left", seconds / 60, seconds % 60);
}

}  // namespace

Progress::Progress(std::string what)
    : what_{std::move(what)}, terminal_{isatty(STDERR_FILENO) != 0}, start_{Clock::now()}, last_{start_} {}

void Progress::show(std::uint64_t done, std::uint64_t total) {
  if (!terminal_ || total == 0) return;
  const Clock::time_point now = Clock::now();
  if (now - start_ < quiet || now - last_ < between) return;
  last_ = now;
  shown_ = true;
  fmt::print(stderr, "\r\033[K{} of {} {} ({} %){}", done, total, what_, 100 * done / total, left(now - start_, done, total));
  std::fflush(stderr);
}

void Progress::clear() {
  if (shown_) fmt::print(stderr, "\r\033[K");
  shown_ = false;
}

}  // namespace vitruvian::tb
