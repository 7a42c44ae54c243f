// SPDX-License-Identifier: Apache-2.0
//
// Why nothing moves any more.
#pragma once

#include <string>

#include "systemc/core/dispatch.h"

namespace vitruvian::systemc {

// Says for each queue that is not done which instruction it is at and what that waits for, and the
// chain of waiting queues.
std::string explain_deadlock(const PipeContext& context, const Dispatch& dispatch,
                             const Dispatch::Pipes& pipes, Cycle now);

// An instruction as text: its name and fields.
std::string text_of(const models::Instruction& instruction);

}  // namespace vitruvian::systemc
