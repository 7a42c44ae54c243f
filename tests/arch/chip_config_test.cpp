// SPDX-License-Identifier: Apache-2.0
#include "models/arch/chip_config.h"

#include <gtest/gtest.h>

#include <fstream>

#include "models/arch/error.h"

namespace vitruvian {
namespace {

std::string message_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const InputError& error) {
    return error.what();
  }
  return "no InputError";
}

std::string file_with(const std::string& text) {
  const std::string path = testing::TempDir() + "chip_config_test.toml";
  std::ofstream{path} << "name = \"x\"\ndescription = \"y\"\ngeneration = \"V220\"\n" << text;
  return path;
}

TEST(ChipConfig, ThePublicChipsLoadAndDifferWhereTheirSocFilesDo) {
  const ChipConfig b1 = load_chip("ascend910b1"), b3 = load_chip("ascend910b3"), c = load_chip("ascend910c");
  EXPECT_EQ(b1.clock_khz, 1'850'000u);
  EXPECT_EQ(b3.clock_khz, 1'800'000u);
  EXPECT_EQ(b3.aic_cores, 20u);
  EXPECT_EQ(c.aic_cores, 24u);
  EXPECT_EQ(b1.size_of(Space::L0C), Bytes{131072});
}

TEST(ChipConfig, EveryKeyCanBeSetToItsLimitsAndReadBack) {
  for (const ChipKey& key : chip_keys()) {
    ChipConfig chip = load_chip("ascend910b1");
    for (const std::uint64_t value : {key.min, key.max}) {
      set_chip_key(chip, std::string{key.key} + "=" + std::to_string(value));
      EXPECT_EQ(key.get(chip), value) << key.key;
    }
  }
}

TEST(ChipConfig, AnUnknownKeyIsNamedWithTheNearestOne) {
  ChipConfig chip = load_chip("ascend910b1");
  const auto text = message_of([&] { set_chip_key(chip, "bufers.l1=1024"); });
  EXPECT_NE(text.find("unknown key 'bufers.l1' (did you mean 'buffers.l1'?)"), std::string::npos) << text;
}

TEST(ChipConfig, AValueOutOfRangeIsNamedWithItsLimits) {
  ChipConfig chip = load_chip("ascend910b1");
  for (const char* bad : {"buffers.l1=-1", "buffers.l1=0", "buffers.l1=99999999999", "buffers.l1=1e3", "buffers.l1="}) {
    const auto text = message_of([&] { set_chip_key(chip, bad); });
    EXPECT_NE(text.find("4096..16777216 B"), std::string::npos) << bad << ": " << text;
  }
}

TEST(ChipConfig, AFileErrorNamesTheFileAndThePlace) {
  EXPECT_NE(message_of([] { load_chip(file_with("[cube]\nm = \"wide\"\n")); }).find("cube.m must be a whole number"), std::string::npos);
  EXPECT_NE(message_of([] { load_chip(file_with("[cube\n")); }).find("chip_config_test.toml:4"), std::string::npos);
  EXPECT_NE(message_of([] { load_chip(file_with("[cube]\nm = 17\n")); }).find("cube.m = 17 is not one of 8, 16, 32"), std::string::npos);
  EXPECT_NE(message_of([] { load_chip("/nowhere/chip.toml"); }).find("does not exist"), std::string::npos);
  EXPECT_NE(message_of([] { load_chip("ascend910b2x"); }).find("did you mean 'ascend910b"), std::string::npos);
}

}  // namespace
}  // namespace vitruvian
