// SPDX-License-Identifier: Apache-2.0
#include "tests/pipe/mover_under_test.h"

#include <fmt/format.h>

#include <stdexcept>

#include "models/program/encoding.h"

namespace vitruvian::tests {

MoverUnderTest::MoverUnderTest(const tb::MoverLibrary& library, const Settings& settings)
    : library_{library}, mover_{library.create()} {
  for (const auto& [name, value] : settings) {
    if (!library_.set(mover_, name, static_cast<std::uint32_t>(value))) {
      throw std::runtime_error{fmt::format("the mover has no setting {}", name)};
    }
  }
}

MoverUnderTest::~MoverUnderTest() { library_.destroy(mover_); }

const VitMoverOut& MoverUnderTest::cycle(const models::Instruction* head, VitMoverIn in, const VitMoverAnswers& answers) {
  models::InstructionWord word;
  word.fill(0x5eed'0f0f'1234'abcdull * (now_ | 1));  // what stands at an idle port means nothing
  if (head != nullptr) word = models::encode(*head);
  in.valid = head != nullptr;
  in.instruction = word.data();
  library_.begin(mover_, &in);
  VitMoverAsks asks;
  library_.settle(mover_, &answers, &asks);
  library_.end(mover_, &out_);
  if (const char* failure = library_.failure(mover_)) throw std::runtime_error{fmt::format("cycle {}: {}", now_, failure)};
  return out_;
}

void MoverUnderTest::expect(std::uint64_t expected, std::uint64_t seen, const char* what) const {
  if (expected != seen) throw std::runtime_error{fmt::format("cycle {}: {}: {:#x} expected, {:#x} seen", now_, what, expected, seen)};
}

std::uint64_t RandomGm::wait(std::uint64_t n) const {
  const std::uint64_t draw = tb::mix(key ^ tb::mix(2 * n));
  return draw % 100 < waits ? 1 + draw / 100 % most_wait : 0;
}

std::uint64_t RandomGm::latency(std::uint64_t n) const {
  return least_latency + tb::mix(key ^ tb::mix(2 * n + 1)) % (most_latency - least_latency + 1);
}

}  // namespace vitruvian::tests
