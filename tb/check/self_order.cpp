// SPDX-License-Identifier: Apache-2.0
#include "tb/check/self_order.h"

#include <algorithm>
#include <optional>

namespace vitruvian::tb {
namespace {

using models::Pipe;

struct Row {
  Pipe pipe;
  std::optional<Space> space;  // none: every
  bool read_after_write, write_after_read, write_after_write;
};

// What is not here does not order itself. Reasons stand in docs/check.md.
constexpr Row rows[] = {
    {Pipe::S, std::nullopt, true, true, true},
    {Pipe::MTE1, std::nullopt, true, true, true},
    {Pipe::FIX, Space::FB, true, true, true},
    {Pipe::FIX, Space::L1, false, true, true},
};

// Fewer output fractals, or on a larger cube fewer tiles, and the sum is still on its way (the
// vendor's basic API page, Mmad).
constexpr std::uint64_t outputs_in_flight = 10;

}  // namespace

bool orders_itself(Pipe pipe, Space space, bool earlier_writes, bool later_writes) {
  for (const Row& row : rows) {
    if (row.pipe != pipe || row.space.value_or(space) != space) continue;
    if (!later_writes) return row.read_after_write;
    return earlier_writes ? row.write_after_write : row.write_after_read;
  }
  return false;
}

bool is_chain(const models::Mmad& earlier, const models::Mmad& later, const CubeConfig& cube) {
  const std::uint64_t rows_of_tiles = ceil_div(later.m, std::max(16u, cube.m));
  const std::uint64_t columns_of_tiles = ceil_div(later.n, std::max(16u, cube.n));
  const bool same_way = earlier.order == later.order || ceil_div(later.m, cube.m) == 1 ||
                        ceil_div(later.n, cube.n) == 1;
  return earlier.c == later.c && earlier.m == later.m && earlier.n == later.n && same_way &&
         rows_of_tiles * columns_of_tiles >= outputs_in_flight;
}

}  // namespace vitruvian::tb
