// SPDX-License-Identifier: Apache-2.0
//
// Faults in the RTL, kept: each is put into a copy of rtl/, built at 8x8x8 and run in lockstep, which must say
// where and what. The copy without a fault must pass the same programs.
#include <gtest/gtest.h>

#include <fmt/format.h>
#include <toml++/toml.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <ostream>
#include <set>
#include <sstream>
#include <vector>

#include "tb/lockstep/verify.h"
#include "tb/pipe/cube_library.h"

namespace vitruvian::tb {
namespace {

namespace fs = std::filesystem;

constexpr Seed first_seed{0xfa17};
constexpr std::uint64_t programs = 12;

struct Edit {
  std::string file, find, replace;
};

struct Fault {
  std::string name, kind, profile, sees;
  models::Numerics numerics = models::Numerics::dot24;
  std::vector<std::string> words;
  std::vector<Edit> edits;
};

void PrintTo(const Fault& fault, std::ostream* out) { *out << fault.name; }

std::vector<Fault> read_faults() {
  std::vector<Fault> faults;
  const toml::table table = toml::parse_file(VITRUVIAN_SOURCE_DIR "/tests/faults/faults.toml");
  for (const toml::node& node : *table["fault"].as_array()) {
    const toml::table& t = *node.as_table();
    Fault fault{*t["name"].value<std::string>(), *t["class"].value<std::string>(), *t["profile"].value<std::string>(),
                *t["sees"].value<std::string>(), models::Numerics::dot24, {}, {}};
    fault.numerics = *models::numerics_from_name(t["numerics"].value_or("dot24"));
    if (const toml::array* words = t["words"].as_array()) {
      for (const toml::node& word : *words) fault.words.push_back(*word.value<std::string>());
    }
    for (const toml::node& edit : *t["edits"].as_array()) {
      const toml::table& e = *edit.as_table();
      fault.edits.push_back({*e["file"].value<std::string>(), *e["find"].value<std::string>(),
                             *e["replace"].value<std::string>()});
    }
    faults.push_back(fault);
  }
  return faults;
}

std::string text_of(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream{file}.rdbuf();
  return text.str();
}

// A copy of rtl/ with the fault in it.
fs::path faulty_rtl(const Fault& fault) {
  const fs::path rtl = fs::path{VITRUVIAN_FAULT_DIR} / fault.name / "rtl";
  fs::remove_all(rtl);
  fs::create_directories(rtl.parent_path());
  fs::copy(VITRUVIAN_SOURCE_DIR "/rtl", rtl, fs::copy_options::recursive);
  for (const Edit& edit : fault.edits) {
    std::string text = text_of(rtl / edit.file);
    const auto at = text.find(edit.find);
    EXPECT_NE(at, std::string::npos) << edit.file << " no longer has: " << edit.find;
    if (at == std::string::npos) continue;
    EXPECT_EQ(text.find(edit.find, at + 1), std::string::npos) << edit.file << " has twice: " << edit.find;
    text.replace(at, edit.find.size(), edit.replace);
    std::ofstream{rtl / edit.file} << text;
  }
  return rtl;
}

VerifyOptions options_for(const Fault& fault) {
  VerifyOptions options;
  options.chip = load_chip("ascend910b1");
  options.chip.cube.m = options.chip.cube.k = options.chip.cube.n = 8;
  options.numerics = fault.numerics;
  options.profile = fault.profile;
  options.seeds = programs;
  options.first_seed = first_seed;
  return options;
}

class SeededFault : public testing::TestWithParam<Fault> {};

TEST_P(SeededFault, IsCaughtAndLocated) {
  const Fault& fault = GetParam();
  VerifyOptions options = options_for(fault);
  options.library = build_cube({options.chip.cube, fault.numerics, "fast", faulty_rtl(fault)});
  const VerifyResult result = verify(options);
  ASSERT_FALSE(result.passed());
  const VerifyRow total = result.total();
  fmt::print("{}: {} of {} mmads differ in values, {} in cycles\n{}", fault.name, total.value_mismatches, total.instructions,
             total.cycle_mismatches, result.failures.front().report);
  const bool value = fault.sees != "cycle", cycle = fault.sees != "value";
  EXPECT_TRUE(!value || total.value_mismatches > 0);
  EXPECT_EQ(total.cycle_mismatches > 0, cycle);  // a fault of values alone moves no cycle

  std::string reports;
  for (const VerifyFailure& failure : result.failures) reports += failure.report;
  std::vector<std::string> words = fault.words;
  for (const char* word : {"instruction ", "mmad c=0x", "tile i="}) words.push_back(word);
  if (value) {
    for (const char* word : {"element row", "expected   0x", "got        0x", "definition 0x", "the RTL differs", "a[", "b["}) {
      words.push_back(word);
    }
  }
  if (cycle) words.push_back("  cycle: ");
  for (const std::string& word : words) EXPECT_NE(reports.find(word), std::string::npos) << word;
}

INSTANTIATE_TEST_SUITE_P(Cube, SeededFault, testing::ValuesIn(read_faults()),
                         [](const auto& info) { return info.param.name; });

TEST(SeededFault, LeavesAFolder) {
  const auto faults = read_faults();
  const Fault& fault = faults.front();
  VerifyOptions options = options_for(fault);
  options.seeds = 3;
  options.library = build_cube({options.chip.cube, fault.numerics, "fast", faulty_rtl(fault)});
  options.chip_options = "--set cube.m=8";
  options.out = fs::path{VITRUVIAN_FAULT_DIR} / "folder";
  fs::remove_all(options.out);
  const VerifyResult result = verify(options);
  ASSERT_FALSE(result.passed());
  const auto json = nlohmann::json::parse(text_of(options.out / "verify.json"));
  EXPECT_EQ(json["failed"], result.failed);
  const std::string seed = json["failures"][0]["seed"];
  EXPECT_EQ(json["failures"][0]["reproduce"], "vitruvian verify --block cube --profile " + fault.profile + " --seed " + seed + " --set cube.m=8");
  const std::string stem = (options.out / "failures" / (fault.profile + "_" + seed)).string();
  EXPECT_TRUE(fs::exists(stem + ".vasm"));
  EXPECT_NE(text_of(stem + ".txt").find("element row"), std::string::npos);
  EXPECT_NE(verify_text(result).find("Repeat it: vitruvian verify"), std::string::npos);
}

TEST(NoFault, PassesTheSamePrograms) {
  Fault none;
  none.name = "none";
  const fs::path rtl = faulty_rtl(none);
  std::set<std::pair<std::string, models::Numerics>> seen;
  for (Fault fault : read_faults()) {
    if (!seen.insert({fault.profile, fault.numerics}).second) continue;
    VerifyOptions options = options_for(fault);
    options.library = build_cube({options.chip.cube, fault.numerics, "fast", rtl});
    const VerifyResult result = verify(options);
    EXPECT_TRUE(result.passed()) << verify_text(result);
  }
}

TEST(Faults, CoverEveryClass) {
  std::set<std::string> classes;
  for (const Fault& fault : read_faults()) classes.insert(fault.kind);
  EXPECT_EQ(classes, (std::set<std::string>{"rounding", "accumulate", "address", "control", "mask", "sign", "special"}));
}

}  // namespace
}  // namespace vitruvian::tb
