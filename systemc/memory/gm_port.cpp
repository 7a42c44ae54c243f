// SPDX-License-Identifier: Apache-2.0
#include "systemc/memory/gm_port.h"

namespace vitruvian::systemc {

GmReadPort::GmReadPort(BytesPerCycle rate, std::uint32_t outstanding)
    : rate_{static_cast<std::uint32_t>(rate.value)},
      occupation_{[&] {
        Occupations all;
        for (std::size_t sectors = 0; sectors < all.size(); ++sectors) {
          const std::uint64_t bytes = sectors * BurstList::sector;
          all[sectors] = {bytes / rate.value, static_cast<std::uint32_t>(bytes % rate.value)};
        }
        return all;
      }()},
      places_(outstanding) {}

}  // namespace vitruvian::systemc
