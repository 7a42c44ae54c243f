// SPDX-License-Identifier: Apache-2.0
//
// Random operands. A mix is a way of drawing numbers that meets some corner of the arithmetic often:
// subnormals, infinities, cancellation, saturation. Every mix works for every element type.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "models/arch/number.h"
#include "tb/common/random.h"

namespace vitruvian::tb {

enum class Mix : std::uint8_t {
  normal, wide, subnormal, special, zeros, cancel, integers, extreme, raw, ties
};
inline constexpr int mix_count = 10;

struct MixInfo {
  std::string_view name;
  std::string_view doc;
};
const MixInfo& info(Mix mix);

// The bits of one number of `type`.
std::uint32_t draw_number(RandomStream& stream, Mix mix, DataType type);

// Fills `bytes` with numbers of `type`, s4 two a byte; a tail shorter than one is left alone.
void fill_numbers(std::span<std::uint8_t> bytes, RandomStream stream, Mix mix, DataType type);

}  // namespace vitruvian::tb
