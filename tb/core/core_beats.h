// SPDX-License-Identifier: Apache-2.0
//
// Tells an observer what moves on the core's ports: rows in ascending address, joined where they touch.
#pragma once

#include <cstdint>
#include <vector>

#include "systemc/observe/observer.h"
#include "tb/core/core_block.h"

namespace vitruvian::tb {

class CoreBeats {
 public:
  explicit CoreBeats(systemc::CoreObserver& observer) : observer_{observer} {}

  // A port's beat in a cycle, rows in any order.
  void tell(systemc::Port port, Cycle now, const VitCoreRow* rows, std::int32_t count);
  // Requests and beats of GM that are taken in the cycle.
  void tell_gm(Cycle now, const VitCoreIn& in, const VitCoreOut& out);

 private:
  systemc::CoreObserver& observer_;
  std::vector<VitCoreRow> sorted_;
  std::vector<systemc::BeatRow> joined_;
  std::vector<std::uint8_t> bytes_;
};

}  // namespace vitruvian::tb
