// SPDX-License-Identifier: Apache-2.0
#include "systemc/observe/beats.h"

#include <algorithm>

namespace vitruvian::systemc {
namespace {

std::span<const std::uint8_t> bytes_at(models::CoreState& state, Space space, std::uint64_t address,
                                       std::uint64_t size) {
  if (space == Space::GM) return state.gm.at(GmAddress{address}, Bytes{size});
  return state.buffer(space).at(address, size);
}

}  // namespace

// In ascending order, one where they touch.
void Beats::join() {
  std::ranges::sort(pieces_, {}, &Piece::address);
  std::size_t kept = 0;
  for (std::size_t i = 1; i < pieces_.size(); ++i) {
    Piece& last = pieces_[kept];
    const std::uint64_t end = last.address + last.size;
    if (pieces_[i].address > end) {
      pieces_[++kept] = pieces_[i];
    } else {
      last.size = std::max(end, pieces_[i].address + pieces_[i].size) - last.address;
    }
  }
  if (!pieces_.empty()) pieces_.resize(kept + 1);
}

void Beats::hand_on(Port port, Cycle at, models::CoreState* bytes, Space space) {
  join();
  rows_.clear();
  for (const Piece& piece : pieces_) {
    rows_.push_back({piece.address, static_cast<std::uint32_t>(piece.size), {}});
    if (bytes != nullptr) rows_.back().bytes = bytes_at(*bytes, space, piece.address, piece.size);
  }
  observer_->beat(port, at, rows_);
  pieces_.clear();
}

}  // namespace vitruvian::systemc
