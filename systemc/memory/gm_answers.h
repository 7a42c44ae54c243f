// SPDX-License-Identifier: Apache-2.0
//
// What memory decides about the n-th request of each of a core's GM ports, and all it decides
// (docs/timing.md, "GM"). Includes no SystemC.
#pragma once

#include <cstdint>

#include "models/arch/chip_config.h"

namespace vitruvian::systemc {

enum class GmPort : std::uint8_t { mte2_read, s_read, fix_write, mte3_write };
inline constexpr int gm_port_count = 4;
constexpr bool is_write(GmPort port) {
  return port == GmPort::fix_write || port == GmPort::mte3_write;
}

class GmAnswers {
 public:
  virtual ~GmAnswers() = default;
  // Cycles request n (from 0; of a write port: the n-th beat) waits after its first offer before it
  // is taken.
  virtual Cycles wait(GmPort port, std::uint64_t n) const = 0;
  // Latency of request n (of a write port: of the n-th beat that asks for an acknowledgement). At
  // least 2.
  virtual Cycles latency(GmPort port, std::uint64_t n) const = 0;
};

// A memory nobody else uses: no waiting, the chip file's latencies.
class UnloadedGm final : public GmAnswers {
 public:
  explicit UnloadedGm(const GmConfig& gm) : read_{gm.read_latency}, write_{gm.write_latency} {}
  Cycles wait(GmPort, std::uint64_t) const override { return Cycles{0}; }
  Cycles latency(GmPort port, std::uint64_t) const override {
    return is_write(port) ? write_ : read_;
  }

 private:
  Cycles read_, write_;
};

}  // namespace vitruvian::systemc
