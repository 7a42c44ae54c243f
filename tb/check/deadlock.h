// SPDX-License-Identifier: Apache-2.0
//
// Why a program does not come to its end: for each queue what it is at and waits for, and the chain
// of who waits for whom.
#pragma once

#include <string>

#include "tb/check/order_machine.h"

namespace vitruvian::tb {

std::string explain_deadlock(const OrderMachine& machine);

}  // namespace vitruvian::tb
