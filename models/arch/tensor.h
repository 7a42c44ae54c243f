// SPDX-License-Identifier: Apache-2.0
//
// A tensor on the host: what a file or a model holds, before it has a place in a memory.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/arch/number.h"

namespace vitruvian {

struct TensorType {
  DataType dtype = DataType::f32;
  std::vector<std::uint64_t> dims;  // outermost first; none: a scalar
  friend bool operator==(const TensorType&, const TensorType&) = default;

  std::uint64_t elements() const {
    std::uint64_t count = 1;
    for (const std::uint64_t d : dims) count *= d;
    return count;
  }
  std::uint64_t bytes() const { return bytes_of(dtype, elements()); }
};

struct TensorValue {
  std::string name;
  TensorType type;
  std::vector<std::uint8_t> bytes;  // row-major, little-endian
};

}  // namespace vitruvian
