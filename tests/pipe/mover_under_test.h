// SPDX-License-Identifier: Apache-2.0
//
// A Verilated mover for a bench: made, set and clocked. A failed assertion, or anything that is not as the
// bench expects it, is a std::runtime_error that says what and when.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "models/program/instruction.h"
#include "tb/common/random.h"
#include "tb/pipe/mover_library.h"

namespace vitruvian::tests {

class MoverUnderTest {
 public:
  using Settings = std::vector<std::pair<const char*, std::uint64_t>>;
  MoverUnderTest(const tb::MoverLibrary& library, const Settings& settings);
  ~MoverUnderTest();
  MoverUnderTest(const MoverUnderTest&) = delete;
  MoverUnderTest& operator=(const MoverUnderTest&) = delete;

  // One cycle of a mover that asks once. `head`: the instruction at the port, if any.
  const VitMoverOut& cycle(const models::Instruction* head, VitMoverIn in, const VitMoverAnswers& answers);

  void expect(std::uint64_t expected, std::uint64_t seen, const char* what) const;
  std::uint64_t now() const { return now_; }  // the cycle at hand, or the next one
  void next() { ++now_; }

 private:
  const tb::MoverLibrary& library_;
  VitMover* mover_;
  VitMoverOut out_{};
  std::uint64_t now_ = 0;
};

// What memory decides about its n-th request: how long it waits and its latency, functions of n alone.
struct RandomGm {
  std::uint64_t key = 0;
  std::uint64_t waits = 0;         // percent of the requests
  std::uint64_t most_wait = 0;
  std::uint64_t least_latency = 2, most_latency = 2;

  std::uint64_t wait(std::uint64_t n) const;
  std::uint64_t latency(std::uint64_t n) const;
};

}  // namespace vitruvian::tests
