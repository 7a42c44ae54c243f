// SPDX-License-Identifier: Apache-2.0
//
// Where a failure of a running Verilated model goes: Verilator prints the name of a failed assertion, then calls
// vl_stop(). Every shim that scripts/build_block compiles links the file behind this.
#pragma once

#include <string>

// While one lives, the first failure is noted in `text`; it stays.
class VerilatedFailure {
 public:
  explicit VerilatedFailure(std::string& text);
  ~VerilatedFailure();
  VerilatedFailure(const VerilatedFailure&) = delete;
  VerilatedFailure& operator=(const VerilatedFailure&) = delete;
};
