// SPDX-License-Identifier: Apache-2.0
//
// Runs a few instructions for their cycles.
#pragma once

#include <initializer_list>
#include <vector>

#include "models/program/program.h"
#include "systemc/chip/simulation.h"

namespace vitruvian::tests {

using models::CopyGmL1;
using models::CopyGmL1Nd2nz;
using models::CopyL1Bt;
using models::Fixpipe;
using models::Init;
using models::Instruction;
using models::L0Buffer;
using models::Load2d;
using models::Load2dTranspose;
using models::Mmad;
using models::Order;
using models::Pipe;
using models::PipeBarrier;
using models::Quant;
using models::Scalar;
using models::SetFlag;
using models::UnitFlag;
using models::WaitFlag;

struct Times {
  std::uint64_t issue, start, end;
  friend bool operator==(const Times&, const Times&) = default;
};

class Timed {
 public:
  Timed(const ChipConfig& chip, std::vector<Instruction> instructions,
        std::size_t trace_limit = 50'000);

  // Of instruction `i`.
  Times at(std::size_t i) const;
  std::uint64_t start(std::size_t i) const { return at(i).start; }
  std::uint64_t end(std::size_t i) const { return at(i).end; }
  // State of a pipe in a cycle.
  systemc::State state(Pipe pipe, std::uint64_t cycle) const;
  std::uint64_t cycles_in(Pipe pipe, systemc::State state) const;
  const systemc::CoreResult& result() const { return result_; }

 private:
  systemc::CoreResult result_;
};

// ascend910b1 with round numbers where calibration may move them.
ChipConfig timing_chip();
ChipConfig chip_with(std::initializer_list<const char*> settings);
std::ostream& operator<<(std::ostream& out, const Times& times);

// The message of the error the program stops with, or "".
template <class Error>
std::string error_of(const ChipConfig& chip, std::vector<Instruction> instructions) {
  try {
    Timed{chip, std::move(instructions)};
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

inline SetFlag set(Pipe from, Pipe to, int id = 0) {
  return {from, to, static_cast<std::uint8_t>(id)};
}
inline WaitFlag wait(Pipe from, Pipe to, int id = 0) {
  return {from, to, static_cast<std::uint8_t>(id)};
}
inline Load2d load(L0Buffer to, int fractals) {
  return {.to = to, .repeat = static_cast<std::uint8_t>(fractals), .dtype = DataType::f16};
}
// f16 unless told; tiles of 16 x 16 x 16.
Mmad mmad(int m, int n, int k, Init init = Init::zero);
Fixpipe fixpipe(int m, int n);

}  // namespace vitruvian::tests
