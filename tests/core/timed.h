// SPDX-License-Identifier: Apache-2.0
//
// Runs a few instructions for their cycles.
#pragma once

#include <array>
#include <initializer_list>
#include <vector>

#include "models/program/program.h"
#include "systemc/chip/simulation.h"
#include "tests/core/recorder.h"

namespace vitruvian::tests {

using models::CopyGmL1;
using models::CopyGmL1Nd2nz;
using models::CopyL1Bt;
using models::CopyL1Fb;
using models::CopyL1Gm;
using models::FillL0;
using models::FillL1;
using models::Fixpipe;
using models::FixpipeL1;
using models::Hf32;
using models::Init;
using models::Instruction;
using models::L0Buffer;
using models::Load2d;
using models::Load2dGm;
using models::Load2dTranspose;
using models::Load3d;
using models::LoadScalar;
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

// Waits and latencies written down, of one port; the last holds for all that follow. The other
// ports are those of an unloaded memory.
struct Answers final : systemc::GmAnswers {
  Answers(const ChipConfig& chip, systemc::GmPort port, std::vector<std::uint64_t> waits,
          std::vector<std::uint64_t> latencies)
      : of{port}, waits{std::move(waits)}, latencies{std::move(latencies)}, others{chip.gm} {}
  Cycles wait(systemc::GmPort port, std::uint64_t n) const override {
    return port == of ? pick(waits, n) : others.wait(port, n);
  }
  Cycles latency(systemc::GmPort port, std::uint64_t n) const override {
    return port == of ? pick(latencies, n) : others.latency(port, n);
  }
  static Cycles pick(const std::vector<std::uint64_t>& from, std::uint64_t n) {
    return Cycles{from[std::min<std::size_t>(n, from.size() - 1)]};
  }
  systemc::GmPort of;
  std::vector<std::uint64_t> waits, latencies;
  systemc::UnloadedGm others;
};

class Timed {
 public:
  Timed(const ChipConfig& chip, std::vector<Instruction> instructions,
        std::size_t trace_limit = 50'000, const systemc::GmAnswers* answers = nullptr);
  Timed(const ChipConfig& chip, std::vector<Instruction> instructions,
        const systemc::GmAnswers& answers)
      : Timed{chip, std::move(instructions), 50'000, &answers} {}

  // Of instruction `i`.
  Times at(std::size_t i) const;
  std::uint64_t start(std::size_t i) const { return at(i).start; }
  std::uint64_t end(std::size_t i) const { return at(i).end; }
  // State of a pipe in a cycle.
  systemc::State state(Pipe pipe, std::uint64_t cycle) const;
  std::uint64_t cycles_in(Pipe pipe, systemc::State state) const;
  const systemc::CoreResult& result() const { return result_; }
  // Beats of a port, and the cycles of them.
  const std::vector<RecordedBeat>& beats(systemc::Port port) const { return told_.of(port); }
  std::vector<std::uint64_t> cycles(systemc::Port port) const;

 private:
  Recorder told_;
  systemc::CoreResult result_;
};

// n, n + 1 ... to last.
std::vector<std::uint64_t> from_to(std::uint64_t n, std::uint64_t last);

// From start to start of two of it; from its start to its end.
std::uint64_t start_to_start(const ChipConfig& chip, const Instruction& instruction);
std::uint64_t start_to_end(const ChipConfig& chip, const Instruction& instruction);

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
inline CopyGmL1 copy(std::uint64_t from, int blocks_of_32) {
  return {.src = GmAddress{from}, .block_length = static_cast<std::uint16_t>(blocks_of_32)};
}
inline CopyL1Gm store(std::uint64_t to, int blocks_of_32) {
  return {.dst = GmAddress{to}, .block_length = static_cast<std::uint16_t>(blocks_of_32)};
}
// f16 unless told; tiles of 16 x 16 x 16.
Mmad mmad(int m, int n, int k, Init init = Init::zero);
Fixpipe fixpipe(int m, int n);
FixpipeL1 fixpipe_l1(int m, int n);

}  // namespace vitruvian::tests
