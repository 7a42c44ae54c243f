// SPDX-License-Identifier: Apache-2.0
//
// What a program can do wrong while it runs. Exit code 1: the answer is no.
#pragma once

#include <stdexcept>

namespace vitruvian::systemc {

class ProgramFault : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Nothing can move any more: queues wait for each other, or for what nobody will do. The message
// says which queue waits for what.
class DeadlockError : public ProgramFault {
  using ProgramFault::ProgramFault;
};

// A rule of the machine is broken: an event that is up is raised (docs/timing.md, F3).
class ProgramError : public ProgramFault {
  using ProgramFault::ProgramFault;
};

}  // namespace vitruvian::systemc
