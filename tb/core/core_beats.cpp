// SPDX-License-Identifier: Apache-2.0
#include "tb/core/core_beats.h"

#include <algorithm>

namespace vitruvian::tb {
namespace {

using systemc::Port;

// The C interface counts the ports of the buffers as systemc::Port does.
static_assert(VIT_L1_READ_MTE1 == static_cast<int>(Port::l1_read_mte1) && VIT_L1_WRITE_FIX == static_cast<int>(Port::l1_write_fix));
static_assert(VIT_L0A_WRITE_MTE1 == static_cast<int>(Port::l0a_write_mte1) && VIT_L0B_READ == static_cast<int>(Port::l0b_read));
static_assert(VIT_L0C_READ == static_cast<int>(Port::l0c_read) && VIT_L0C_READ_FIX == static_cast<int>(Port::l0c_read_fix));
static_assert(VIT_BT_WRITE == static_cast<int>(Port::bt_write) && VIT_FB_READ == static_cast<int>(Port::fb_read));

}  // namespace

void CoreBeats::tell(Port port, Cycle now, const VitCoreRow* rows, std::int32_t count) {
  sorted_.assign(rows, rows + count);
  std::ranges::sort(sorted_, {}, &VitCoreRow::address);
  std::size_t size = 0;
  for (const VitCoreRow& row : sorted_) size += row.size;
  bytes_.clear();
  bytes_.reserve(size);  // spans into it stay
  joined_.clear();
  for (const VitCoreRow& row : sorted_) {
    const std::uint8_t* const here = bytes_.data() + bytes_.size();
    if (row.bytes != nullptr) bytes_.insert(bytes_.end(), row.bytes, row.bytes + row.size);
    systemc::BeatRow* const last = joined_.empty() ? nullptr : &joined_.back();
    if (last != nullptr && row.address <= last->address + last->size) {
      // Reads may name a row twice; what is written is written once.
      const std::uint64_t end = std::max(last->address + last->size, row.address + row.size);
      last->size = static_cast<std::uint32_t>(end - last->address);
      if (row.bytes != nullptr) last->bytes = {last->bytes.data(), last->size};
    } else {
      joined_.push_back({row.address, row.size, row.bytes == nullptr ? std::span<const std::uint8_t>{} : std::span{here, row.size}});
    }
  }
  observer_.beat(port, now, joined_);
}

void CoreBeats::tell_gm(Cycle now, const VitCoreIn& in, const VitCoreOut& out) {
  constexpr Port reads[] = {Port::gm_read_mte2, Port::gm_read_s}, writes[] = {Port::gm_write_fix, Port::gm_write_mte3};
  for (int p = 0; p < 2; ++p) {
    if (out.read[p].valid && in.read_ready[p]) {
      const VitCoreRow row{out.read[p].address, out.read[p].size, nullptr};
      tell(reads[p], now, &row, 1);
    }
    const VitCoreWrite& write = out.write[p];
    if (!write.valid || !in.write_ready[p]) continue;
    VitCoreRow rows[2];
    int count = 0;
    for (int piece = 0; piece < 2; ++piece) {
      if (write.size[piece] != 0) rows[count++] = {write.address[piece], write.size[piece], write.data[piece]};
    }
    tell(writes[p], now, rows, count);
  }
}

}  // namespace vitruvian::tb
