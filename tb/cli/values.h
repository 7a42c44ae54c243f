// SPDX-License-Identifier: Apache-2.0
//
// Values of command-line options. Each throws InputError naming the option and what is allowed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "models/arch/chip_config.h"
#include "models/pipe/cube_dot.h"

namespace vitruvian::tb {

// Decimal, or hexadecimal after 0x.
std::uint64_t number_in(std::string_view text, const std::string& option);

models::Numerics numerics_of(const std::string& name);

// A chip by name or file, with "key=value" changes, checked.
ChipConfig chip_of(const std::string& name_or_file, const std::vector<std::string>& assignments);

}  // namespace vitruvian::tb
