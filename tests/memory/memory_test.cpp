// SPDX-License-Identifier: Apache-2.0
#include "models/memory/memory.h"

#include <gtest/gtest.h>

#include "models/arch/error.h"

namespace vitruvian::models {
namespace {

TEST(Memory, SixtyFourGigabytesCostNothingAndReadAsZero) {
  Memory memory{Bytes{64ull << 30}};
  for (const std::uint64_t start : {0ull, 1ull << 35, (64ull << 30) - 8}) {
    for (const std::uint8_t byte : memory.at(GmAddress{start}, Bytes{8})) EXPECT_EQ(byte, 0);
  }
}

TEST(Memory, HoldsWhatIsWritten) {
  Memory memory{Bytes{1 << 20}};
  memory.at(GmAddress{(1 << 20) - 1}, Bytes{1})[0] = 7;
  memory.at(GmAddress{4096}, Bytes{2})[1] = 9;
  const Memory& reader = memory;
  EXPECT_EQ(reader.at(GmAddress{(1 << 20) - 1}, Bytes{1})[0], 7);
  EXPECT_EQ(reader.at(GmAddress{4097}, Bytes{1})[0], 9);
  EXPECT_EQ(reader.at(GmAddress{4096}, Bytes{1})[0], 0);
}

TEST(Memory, EndsAtItsSize) {
  Memory memory{Bytes{4096}};
  EXPECT_NO_THROW(memory.at(GmAddress{4095}, Bytes{1}));
  EXPECT_NO_THROW(memory.at(GmAddress{4096}, Bytes{0}));
  EXPECT_THROW(memory.at(GmAddress{4095}, Bytes{2}), InternalError);
  EXPECT_THROW(memory.at(GmAddress{4097}, Bytes{0}), InternalError);
  EXPECT_THROW(memory.at(GmAddress{8}, Bytes{~0ull - 4}), InternalError) << "start + size wraps";
}

TEST(Memory, ASizeTheHostCannotMapIsTheUsersMistake) {
  EXPECT_THROW(Memory{Bytes{1ull << 62}}, InputError);
}

}  // namespace
}  // namespace vitruvian::models
