// SPDX-License-Identifier: Apache-2.0
#include "systemc/memory/gm_port.h"

#include <bit>

namespace vitruvian::systemc {

GmReadPort::GmReadPort(const GmConfig& gm, std::uint32_t outstanding)
    : rate_{static_cast<std::uint32_t>(gm.read_rate.value)},
      grain_bits_{std::countr_zero(gm.read_grain.value())},
      occupation_{[&] {
        Occupations all;
        for (std::size_t grains = 0; grains < all.size(); ++grains) {
          const std::uint64_t bytes = grains * gm.read_grain.value();
          all[grains] = {bytes / rate_, static_cast<std::uint32_t>(bytes % rate_)};
        }
        return all;
      }()},
      places_(outstanding) {}

}  // namespace vitruvian::systemc
