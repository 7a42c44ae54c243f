// SPDX-License-Identifier: Apache-2.0
//
// Global memory contents. The whole range is mapped but pages cost nothing until written, so a chip
// with 64 GB fits a small host. Unwritten bytes read as zero.
#pragma once

#include <cstdint>
#include <span>

#include "models/arch/address.h"

namespace vitruvian::models {

class Memory {
 public:
  explicit Memory(Bytes size);
  ~Memory();
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;

  Bytes size() const { return size_; }

  // `size` bytes from `start` on; throws InternalError outside the memory.
  std::span<std::uint8_t> at(GmAddress start, Bytes size);
  std::span<const std::uint8_t> at(GmAddress start, Bytes size) const;

 private:
  Bytes size_;
  std::uint8_t* base_;
};

}  // namespace vitruvian::models
