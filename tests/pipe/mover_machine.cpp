// SPDX-License-Identifier: Apache-2.0
#include "tests/pipe/mover_machine.h"

#include <gtest/gtest.h>

namespace vitruvian::tests {

MoverMachine::MoverMachine(tb::RandomStream stream, const ChipConfig& config)
    : chip{config}, gm{chip.gm.size}, state{chip, gm}, random{stream} {
  refill();
}

void MoverMachine::refill() {
  for (int space = 0; space < space_count; ++space) {
    for (std::uint8_t& byte : bytes(static_cast<Space>(space))) {
      byte = static_cast<std::uint8_t>(random.draw());
    }
  }
}

std::span<std::uint8_t> MoverMachine::bytes(Space space) {
  return space == Space::GM ? gm.at(GmAddress{0}, chip.gm.size) : state.buffer(space).bytes();
}

std::span<std::uint8_t> MoverMachine::bytes(models::L0Buffer to) {
  return bytes(to == models::L0Buffer::L0A ? Space::L0A : Space::L0B);
}

std::vector<std::uint8_t> copy_of(std::span<const std::uint8_t> bytes) {
  return {bytes.begin(), bytes.end()};
}

void expect_written(const std::vector<std::uint8_t>& before, std::span<const std::uint8_t> after,
                    const Image& image) {
  ASSERT_FALSE(image.empty());
  ASSERT_LT(image.rbegin()->first, before.size());
  for (std::uint64_t at = 0; at < before.size(); ++at) {
    const auto found = image.find(at);
    const std::uint8_t expected = found == image.end() ? before[at] : found->second;
    ASSERT_EQ(after[at], expected)
        << "byte " << at << (found == image.end() ? ", not to be written" : "");
  }
}

}  // namespace vitruvian::tests
