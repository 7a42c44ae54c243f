// SPDX-License-Identifier: Apache-2.0
//
// A memory that answers as it likes, and the same each time: waits and latencies hashed from a seed, the port and the request's number.
#pragma once

#include "systemc/memory/gm_answers.h"
#include "tb/common/random.h"

namespace vitruvian::tb {

class RandomGm final : public systemc::GmAnswers {
 public:
  // Some seeds never make a request wait, some often; latencies are short, long, or both in turns.
  explicit RandomGm(const Seed& seed) : key_{seed.stream("memory").draw()} {}

  Cycles wait(systemc::GmPort port, std::uint64_t n) const override {
    const std::uint64_t word = at(port, n, 0);
    return Cycles{word % 8 < key_ % 5 ? word / 8 % 20 : 0};
  }
  Cycles latency(systemc::GmPort port, std::uint64_t n) const override {
    const std::uint64_t word = at(port, n, 1), most = key_ / 5 % 3 == 0 ? 8 : key_ / 5 % 3 == 1 ? 400 : 60;
    return Cycles{2 + word % most};
  }

 private:
  std::uint64_t at(systemc::GmPort port, std::uint64_t n, std::uint64_t which) const {
    return mix(key_ ^ mix(n * 16 + static_cast<std::uint64_t>(port) * 2 + which));
  }
  std::uint64_t key_;
};

}  // namespace vitruvian::tb
