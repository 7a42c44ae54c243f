// SPDX-License-Identifier: Apache-2.0
//
// What a program can do wrong while it runs. Exit code 1: the answer is no.
#pragma once

#include <stdexcept>

namespace vitruvian::systemc {

class ProgramFault : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Nothing can move any more; the message says which pipe waits for what.
class DeadlockError : public ProgramFault {
  using ProgramFault::ProgramFault;
};

// A rule of the machine is broken, such as raising an event that is up.
class ProgramError : public ProgramFault {
  using ProgramFault::ProgramFault;
};

}  // namespace vitruvian::systemc
