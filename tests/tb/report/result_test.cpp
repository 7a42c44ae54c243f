// SPDX-License-Identifier: Apache-2.0
#include "tb/report/result.h"

#include <limits>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "models/arch/error.h"
#include "tests/tb/report/synthetic.h"

namespace vitruvian::tb {
namespace {

using nlohmann::json;

std::uint64_t sum_of(const json& pipe) {
  std::uint64_t sum = pipe["busy"];
  for (const auto& [state, cycles] : pipe["stalls"].items()) sum += cycles.get<std::uint64_t>();
  return sum;
}

TEST(ResultJson, BusyAndStallsOfEveryPipeAddUpToTheCyclesOfItsCores) {
  const json result = json::parse(result_json(synthetic_run({.tiles = 9, .cores = 3})));
  const std::uint64_t cycles = result["cycles"];
  for (const json& core : result["cores"]) {
    for (const auto& [name, pipe] : core["pipes"].items()) EXPECT_EQ(sum_of(pipe), cycles) << name;
  }
  for (const auto& [name, pipe] : result["pipes"].items())
    EXPECT_EQ(sum_of(pipe), 3 * cycles) << name;
}

TEST(ResultJson, IsRefusedIfAPipesStatesDoNotAddUp) {
  RunResult run = synthetic_run({.tiles = 4});
  ++run.cores[0].pipes[2].cycles[0];
  EXPECT_THROW(result_json(run), InternalError);
}

TEST(ResultJson, HoldsOnlyThePipesTheCoresHave) {
  const json result = json::parse(result_json(synthetic_run({.tiles = 4})));
  std::vector<std::string> names;
  for (const auto& [name, pipe] : result["pipes"].items()) names.push_back(name);
  EXPECT_EQ(names, (std::vector<std::string>{"FIX", "M", "MTE1", "MTE2", "S"}));
}

TEST(ResultJson, GivesTheTimeOfTheCyclesTheLaunchAndBoth) {
  RunResult run = synthetic_run({.tiles = 4});
  run.chip.clock_khz = 1'850'000;
  run.launch_cycles = Cycles{3700};
  const json time = json::parse(result_json(run))["time_us"];
  EXPECT_DOUBLE_EQ(time["launch"], 2.0);
  EXPECT_DOUBLE_EQ(time["cycles"], static_cast<double>(run.cycles.value()) / 1850.0);
  EXPECT_DOUBLE_EQ(time["total"], time["launch"].get<double>() + time["cycles"].get<double>());
}

TEST(ResultJson, WritesNullForWhatWasNotComparedAndNamesWhatIsNotFinite) {
  RunResult run = synthetic_run({.tiles = 4});
  run.check = {};
  run.rtl = {};
  json result = json::parse(result_json(run));
  for (const char* key : {"bit_exact", "max_abs_error", "error_over_bound", "expected_output"})
    EXPECT_TRUE(result["check"][key].is_null()) << key;
  EXPECT_TRUE(result["rtl"]["lockstep"].is_null());
  run.check.max_abs_error = std::numeric_limits<double>::infinity();
  run.check.error_over_bound = std::numeric_limits<double>::quiet_NaN();
  result = json::parse(result_json(run));
  EXPECT_EQ(result["check"]["max_abs_error"], "inf");
  EXPECT_EQ(result["check"]["error_over_bound"], "nan");
  EXPECT_EQ(result["passed"], false);
}

TEST(ResultJson, SurvivesTextThatIsNotUtf8) {
  RunResult run = synthetic_run({.tiles = 4});
  run.workload = "a\xff\"\n</script>";
  EXPECT_EQ(json::parse(result_json(run))["workload"], "a\xef\xbf\xbd\"\n</script>");
}

TEST(ResultJson, HoldsEveryParameterOfTheChip) {
  const RunResult run = synthetic_run({.tiles = 4});
  const json parameters = json::parse(result_json(run))["chip_parameters"];
  EXPECT_EQ(parameters.size(), chip_keys().size());
  for (const ChipKey& key : chip_keys())
    EXPECT_EQ(parameters[std::string{key.key}], key.get(run.chip)) << key.key;
}

TEST(AllChecksHold, EachCheckCanFailAlone) {
  const RunResult good = synthetic_run({.tiles = 2});
  EXPECT_TRUE(all_checks_hold(good));
  const auto fails = [&](auto change) {
    RunResult run = good;
    change(run);
    return !all_checks_hold(run);
  };
  EXPECT_TRUE(fails([](RunResult& r) { r.check.bit_exact = false; }));
  EXPECT_TRUE(fails([](RunResult& r) { r.check.error_over_bound = 1.01; }));
  EXPECT_TRUE(fails(
      [](RunResult& r) { r.check.error_over_bound = std::numeric_limits<double>::quiet_NaN(); }));
  EXPECT_TRUE(fails([](RunResult& r) { r.check.expected_output = false; }));
  EXPECT_TRUE(fails([](RunResult& r) { r.rtl.lockstep->value_mismatches = 1; }));
  EXPECT_TRUE(fails([](RunResult& r) { r.check.order.races.emplace().count = 1; }));
  EXPECT_TRUE(fails([](RunResult& r) { r.check.order.uninitialised.emplace().count = 1; }));
  EXPECT_TRUE(fails([](RunResult& r) { r.check.order.deadlock = "deadlock"; }));
  EXPECT_TRUE(fails([](RunResult& r) { r.check.fault = "an event is raised that is up"; }));
  EXPECT_FALSE(fails([](RunResult& r) { r.check.order.races.emplace(); }));
  EXPECT_TRUE(fails([](RunResult& r) { r.rtl.lockstep->cycle_mismatches = 1; }));
  EXPECT_FALSE(fails([](RunResult& r) { r.check.error_over_bound = 1.0; }));
  EXPECT_FALSE(fails([](RunResult& r) {
    r.check = {};
    r.rtl = {};
  }));
}

}  // namespace
}  // namespace vitruvian::tb
