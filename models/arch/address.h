// SPDX-License-Identifier: Apache-2.0
//
// Byte addresses. Each belongs to its memory: an L1 address does not fit where an L0A one is asked.
#pragma once

#include <compare>
#include <cstdint>
#include <string_view>

#include "models/arch/count.h"

namespace vitruvian {

// The memories of a cube core. The order is that of the tables indexed by it.
enum class Space : std::uint8_t { GM, L1, L0A, L0B, L0C, BT, FB };
inline constexpr int space_count = 7;
inline constexpr std::string_view space_names[space_count] = {"GM", "L1", "L0A", "L0B", "L0C", "BT", "FB"};
constexpr std::string_view name(Space space) { return space_names[static_cast<int>(space)]; }

template <class In>
class Address {
 public:
  constexpr Address() = default;
  constexpr explicit Address(std::uint64_t byte) : byte_{byte} {}
  constexpr std::uint64_t value() const { return byte_; }
  friend constexpr Address operator+(Address a, Bytes b) { return Address{a.byte_ + b.value()}; }
  friend constexpr auto operator<=>(Address, Address) = default;

 private:
  std::uint64_t byte_ = 0;
};

using GmAddress = Address<struct InGm>;
using L1Address = Address<struct InL1>;
using L0aAddress = Address<struct InL0a>;
using L0bAddress = Address<struct InL0b>;
using L0cAddress = Address<struct InL0c>;
using BtAddress = Address<struct InBt>;
using FbAddress = Address<struct InFb>;
using L0Address = Address<struct InL0>;  // in L0A or L0B: a field beside it says which

}  // namespace vitruvian
