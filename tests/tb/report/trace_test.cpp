// SPDX-License-Identifier: Apache-2.0
#include "tb/report/trace.h"

#include <map>
#include <set>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/tb/report/synthetic.h"

namespace vitruvian::tb {
namespace {

using nlohmann::json;
using Track = std::pair<int, int>;

json trace_of(const RunResult& run) { return json::parse(trace_json(run, make_timeline(run))); }

// What a viewer needs of a trace; one line per fault. Tracks: only "X" spans, in order, not
// overlapping.
std::set<std::string> faults_of(const json& trace) {
  std::set<std::string> faults;
  std::map<Track, double> free_from;
  std::map<Track, std::vector<std::pair<double, double>>> spans;
  std::set<Track> named;
  std::map<std::pair<int, std::string>, double> counter_at;
  std::map<int, std::vector<json>> flows;
  for (const json& event : trace.at("traceEvents")) {
    const std::string phase = event.at("ph");
    const Track track{event.value("pid", 0), event.value("tid", 0)};
    if (phase == "M") {
      if (event.at("name") == "thread_name") named.insert(track);
      continue;
    }
    const double at = event.at("ts");
    if (at < 0) faults.insert("negative time");
    if (phase == "X") {
      const double length = event.at("dur");
      if (length <= 0) faults.insert("span without length");
      if (at < free_from[track]) faults.insert("overlap or step back in a track");
      free_from[track] = at + length;
      spans[track].emplace_back(at, at + length);
    } else if (phase == "C") {
      double& last = counter_at.try_emplace({track.first, event.at("name")}, -1).first->second;
      if (at <= last) faults.insert("counter steps back");
      last = at;
    } else if (phase == "s" || phase == "f") {
      flows[event.at("id")].push_back(event);
    } else if (phase != "i") {
      faults.insert("unknown phase " + phase);
    }
  }
  for (const auto& [track, list] : spans) {
    if (!named.contains(track)) faults.insert("track without a name");
  }
  for (const auto& [id, ends] : flows) {
    if (ends.size() != 2 || ends[0]["ph"] != "s" || ends[1]["ph"] != "f" ||
        ends[0]["ts"] > ends[1]["ts"]) {
      faults.insert("flow without a pair");
      continue;
    }
    for (const json& end : ends) {
      bool inside = false;
      for (const auto& [from, to] : spans[{end["pid"], end["tid"]}])
        inside |= from <= end["ts"].get<double>() && end["ts"].get<double>() < to;
      if (!inside) faults.insert("flow end outside every span");
    }
  }
  return faults;
}

TEST(Trace, HasTheFormAViewerNeeds) {
  EXPECT_EQ(faults_of(trace_of(synthetic_run({.tiles = 12, .cores = 2}))), std::set<std::string>{});
  EXPECT_EQ(faults_of(trace_of(synthetic_run({.tiles = 12, .trace_limit = 100}))),
            std::set<std::string>{});
}

// Shows that the check above can fail.
TEST(Trace, TheFormCheckSeesEachFault) {
  const json good = trace_of(synthetic_run({.tiles = 4}));
  const auto with = [&](auto change) {
    json trace = good;
    change(trace["traceEvents"]);
    return faults_of(trace);
  };
  const auto first = [](json& events, const char* phase) -> json& {
    for (json& event : events) {
      if (event["ph"] == phase) return event;
    }
    throw std::out_of_range{phase};
  };
  const auto erase = [](json& events, const char* phase) {
    for (std::size_t i = 0; i < events.size(); ++i) {
      if (events[i]["ph"] == phase) return events.erase(i), void();
    }
  };
  EXPECT_TRUE(with([&](json& e) { first(e, "X")["dur"] = 0; }).contains("span without length"));
  EXPECT_TRUE(with([&](json& e) {
                first(e, "X")["dur"] = 1e6;
              }).contains("overlap or step back in a track"));
  EXPECT_TRUE(with([&](json& e) { first(e, "X")["tid"] = 77; }).contains("track without a name"));
  EXPECT_TRUE(with([&](json& e) { first(e, "s")["id"] = 1e6; }).contains("flow without a pair"));
  EXPECT_TRUE(
      with([&](json& e) { first(e, "f")["ts"] = 1e8; }).contains("flow end outside every span"));
  EXPECT_TRUE(with([&](json& e) { erase(e, "f"); }).contains("flow without a pair"));
  EXPECT_TRUE(with([&](json& e) { first(e, "C")["ts"] = 1e8; }).contains("counter steps back"));
  EXPECT_TRUE(with([&](json& e) { first(e, "C")["ph"] = "B"; }).contains("unknown phase B"));
}

TEST(Trace, EveryRecordIsOneSpanWithItsCycles) {
  const RunResult run = synthetic_run({.tiles = 12});
  std::map<std::uint32_t, json> spans;
  const json trace = trace_of(run);
  for (const json& event : trace["traceEvents"]) {
    if (event["ph"] != "X" || !event.contains("args")) continue;
    EXPECT_TRUE(spans.emplace(event["args"]["instruction"], event).second);
  }
  ASSERT_EQ(spans.size(), run.cores[0].records.size());
  for (const auto& record : run.cores[0].records) {
    const json& args = spans.at(record.instruction)["args"];
    EXPECT_EQ(args["issue"], record.issue.value());
    EXPECT_EQ(args["start"], record.start.value());
    EXPECT_EQ(args["end"], record.end.value());
    EXPECT_EQ(spans.at(record.instruction)["ts"].get<std::uint64_t>() +
                  spans.at(record.instruction)["dur"].get<std::uint64_t>(),
              record.end.value() + 1);
  }
}

TEST(Trace, NamesAProcessPerCoreAndATrackPerPipe) {
  const json trace = trace_of(synthetic_run({.tiles = 4, .cores = 2}));
  std::set<std::string> processes, tracks;
  for (const json& event : trace["traceEvents"]) {
    if (event["ph"] != "M" || !event["args"].contains("name")) continue;
    (event["name"] == "process_name" ? processes : tracks).insert(event["args"]["name"]);
  }
  EXPECT_EQ(processes, (std::set<std::string>{"aic0 (AIC)", "aic1 (AIC)"}));
  for (const char* pipe : {"S", "M", "MTE1", "MTE2", "FIX"}) {
    EXPECT_TRUE(tracks.contains(pipe)) << pipe;
    EXPECT_TRUE(tracks.contains(std::string{pipe} + " state")) << pipe;
  }
}

TEST(Trace, SaysWhereItWasCut) {
  const json whole = trace_of(synthetic_run({.tiles = 12}));
  EXPECT_EQ(whole["otherData"]["extent"], "complete");
  const RunResult run = synthetic_run({.tiles = 12, .trace_limit = 100});
  const json cut = trace_of(run);
  const std::string extent = cut["otherData"]["extent"];
  EXPECT_EQ(extent.find("cut: the first 100 of " + std::to_string(run.cores[0].instructions)), 0u)
      << extent;
  EXPECT_EQ(cut["traceEvents"].back()["name"], "trace " + extent);
}

TEST(Trace, EscapesTheUsersText) {
  RunResult run = synthetic_run({.tiles = 1});
  run.workload = "a\"b\\c\n\xff";
  EXPECT_EQ(trace_of(run)["otherData"]["workload"], "a\"b\\c\n\xef\xbf\xbd");
}

}  // namespace
}  // namespace vitruvian::tb
