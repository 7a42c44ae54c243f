// SPDX-License-Identifier: Apache-2.0
//
// MTE3 against a reference that says, byte by byte, where it comes from.
#include "models/pipe/mte3.h"

#include <gtest/gtest.h>

#include "tests/pipe/mover_machine.h"

namespace vitruvian::models {
namespace {

using tests::copy_of;
using tests::expect_written;
using tests::Image;

constexpr tb::Seed seed{0x3180};

struct Machine : tests::MoverMachine {
  explicit Machine(std::string_view stream, const ChipConfig& config = tests::small_chip())
      : MoverMachine{seed.stream(stream), config} {}
};

TEST(CopyL1Gm, MovesRandomBlocksAndGaps) {
  Machine m{"copy_l1_gm"};
  for (int n = 0; n < 200 && !HasFatalFailure(); ++n) {
    const auto i = tests::draw<CopyL1Gm>(m);
    SCOPED_TRACE(fmt::format("seed {} case {}", seed.text(), n));
    const std::vector<std::uint8_t> before = copy_of(m.bytes(Space::GM));
    copy_l1_gm(i, m.state);
    const std::uint64_t size = std::uint64_t{32} * i.block_length;
    expect_written(
        before, m.bytes(Space::GM),
        tests::pieces(i.dst.value(), i.block_count, size, size + std::uint64_t{32} * i.dst_gap,
                      [&](std::uint64_t block, std::uint64_t b) {
                        const std::uint64_t pitch = size + std::uint64_t{32} * i.src_gap;
                        return m.bytes(Space::L1)[i.src.value() + block * pitch + b];
                      }));
  }
}

}  // namespace
}  // namespace vitruvian::models
