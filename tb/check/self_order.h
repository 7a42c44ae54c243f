// SPDX-License-Identifier: Apache-2.0
//
// What a pipe orders among its own instructions, without a barrier (the table of docs/check.md).
#pragma once

#include "models/arch/address.h"
#include "models/arch/chip_config.h"
#include "models/program/instruction.h"

namespace vitruvian::tb {

// Is the access of an earlier instruction of `pipe` to a byte of `space` over before that of a
// later one? For M see is_chain().
bool orders_itself(models::Pipe pipe, Space space, bool earlier_writes, bool later_writes);

// May `later` use what `earlier` left in L0C without a barrier? Both walk the same outputs the same
// way, ten fractals or more, so none is met again before it is there.
bool is_chain(const models::Mmad& earlier, const models::Mmad& later, const CubeConfig& cube);

}  // namespace vitruvian::tb
