// SPDX-License-Identifier: Apache-2.0
//
// A memory that lets requests wait and answers late, at random but for ever the same: what it does
// about request n of a port depends on seed, port and n only.
#pragma once

#include <cstdint>

#include "systemc/memory/gm_answers.h"

namespace vitruvian::tests {

class RandomAnswers final : public systemc::GmAnswers {
 public:
  // Waits of 0 to `most` cycles, four of five 0; latencies of 2 to `slowest`.
  RandomAnswers(std::uint64_t seed, std::uint64_t most, std::uint64_t slowest)
      : seed_{seed}, most_{most}, slowest_{slowest} {}

  Cycles wait(systemc::GmPort port, std::uint64_t n) const override {
    const std::uint64_t x = hash(port, n, 1);
    return Cycles{x % 5 == 0 ? x / 5 % (most_ + 1) : 0};
  }
  Cycles latency(systemc::GmPort port, std::uint64_t n) const override {
    return Cycles{2 + hash(port, n, 2) % (slowest_ - 1)};
  }

 private:
  std::uint64_t hash(systemc::GmPort port, std::uint64_t n, std::uint64_t what) const {
    std::uint64_t x =
        seed_ * 0x9e3779b97f4a7c15 + n * 16 + static_cast<std::uint64_t>(port) * 4 + what;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
    x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
    return x ^ (x >> 31);
  }
  std::uint64_t seed_, most_, slowest_;
};

}  // namespace vitruvian::tests
