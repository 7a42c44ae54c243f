// SPDX-License-Identifier: Apache-2.0
//
// A vector clock: how many of the first instructions of each queue have certainly ended.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "models/program/instruction.h"

namespace vitruvian::tb {

class Known {
 public:
  // Has the instruction at `place` of `queue` ended?
  bool ended(models::Pipe queue, std::uint32_t place) const { return count_[at(queue)] > place; }

  // The first `count` instructions of `queue` have ended.
  void learn(models::Pipe queue, std::uint32_t count) {
    count_[at(queue)] = std::max(count_[at(queue)], count);
  }
  void learn(const Known& other) {
    for (std::size_t q = 0; q < count_.size(); ++q) {
      count_[q] = std::max(count_[q], other.count_[q]);
    }
  }

 private:
  static std::size_t at(models::Pipe queue) { return static_cast<std::size_t>(queue); }
  std::array<std::uint32_t, 7> count_{};
};

}  // namespace vitruvian::tb
