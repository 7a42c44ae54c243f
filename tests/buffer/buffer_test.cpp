// SPDX-License-Identifier: Apache-2.0
#include "models/buffer/buffer.h"

#include <gtest/gtest.h>

#include "models/core/state.h"

namespace vitruvian::models {
namespace {

TEST(Buffer, StartsAtZeroAndHoldsWhatIsWritten) {
  Buffer buffer{Space::L1, Bytes{64}};
  EXPECT_EQ(buffer.at(63, 1)[0], 0);
  buffer.at(62, 2)[1] = 5;
  EXPECT_EQ(std::as_const(buffer).at(63, 1)[0], 5);
}

TEST(Buffer, EndsAtItsSize) {
  Buffer buffer{Space::L1, Bytes{64}};
  EXPECT_NO_THROW(buffer.at(64, 0));
  EXPECT_THROW(buffer.at(63, 2), InternalError);
  EXPECT_THROW(buffer.at(8, ~0ull - 4), InternalError) << "start + size wraps";
}

TEST(Buffer, ACoreHasOneForEverySpaceButGm) {
  ChipConfig chip;
  Memory gm{Bytes{4096}};
  CoreState state{chip, gm};
  for (const Space space : {Space::L1, Space::L0A, Space::L0B, Space::L0C, Space::BT, Space::FB}) {
    EXPECT_EQ(state.buffer(space).space(), space);
    EXPECT_EQ(state.buffer(space).bytes().size(), chip.size_of(space).value());
  }
  EXPECT_THROW(state.buffer(Space::GM), InternalError);
}

}  // namespace
}  // namespace vitruvian::models
