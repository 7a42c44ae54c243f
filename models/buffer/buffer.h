// SPDX-License-Identifier: Apache-2.0
//
// An on-chip buffer: a named array of bytes. Bounds are checked where instructions are built
// (models/program/footprint.h); here they are asserted.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "models/arch/address.h"
#include "models/arch/error.h"

namespace vitruvian::models {

class Buffer {
 public:
  Buffer(Space space, Bytes size) : space_{space}, bytes_(size.value()) {}

  Space space() const { return space_; }
  std::span<std::uint8_t> bytes() { return bytes_; }
  std::span<const std::uint8_t> bytes() const { return bytes_; }

  // `size` bytes from byte `start` on.
  std::span<std::uint8_t> at(std::uint64_t start, std::uint64_t size) {
    ensure(size <= bytes_.size() && start <= bytes_.size() - size, "access outside a buffer");
    return std::span{bytes_}.subspan(start, size);
  }
  std::span<const std::uint8_t> at(std::uint64_t start, std::uint64_t size) const {
    ensure(size <= bytes_.size() && start <= bytes_.size() - size, "access outside a buffer");
    return std::span{bytes_}.subspan(start, size);
  }

 private:
  Space space_;
  std::vector<std::uint8_t> bytes_;
};

}  // namespace vitruvian::models
