// SPDX-License-Identifier: Apache-2.0
#include "tb/report/html.h"

#include <regex>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tb/report/page.h"
#include "tests/tb/report/synthetic.h"

namespace vitruvian::tb {
namespace {

using nlohmann::json;

std::string page_of(const RunResult& run) {
  return report_html(run, make_timeline(run), result_json(run));
}

json data_of(const std::string& page) {
  const std::size_t from = page_before_data.size();
  return json::parse(page.substr(from, page.size() - from - page_after_data.size()));
}

TEST(ReportHtml, HoldsTheResultAndEverySpan) {
  const RunResult run = synthetic_run({.tiles = 12, .cores = 2});
  const json data = data_of(page_of(run));
  EXPECT_EQ(data["result"], json::parse(result_json(run)));
  std::size_t numbers = 0;
  for (const json& pipe : data["cores"][1]["pipes"]) numbers += pipe["spans"].size();
  EXPECT_EQ(numbers, 10 * run.cores[1].records.size());
}

TEST(ReportHtml, NothingTheUserWroteCanEndTheData) {
  RunResult run = synthetic_run({.tiles = 2});
  run.workload = run.command = run.chip.description = "</script><script>bad()</script><!--";
  const std::string page = page_of(run);
  EXPECT_EQ(page.find("bad()</script"), std::string::npos);
  const std::string inner = page.substr(
      page_before_data.size(), page.size() - page_before_data.size() - page_after_data.size());
  EXPECT_EQ(inner.find('<'), std::string::npos);
  EXPECT_EQ(data_of(page)["result"]["workload"], run.workload);
}

TEST(ReportHtml, FetchesNothing) {
  const std::string page = page_of(synthetic_run({.tiles = 2}));
  EXPECT_NE(page.find("default-src 'none'"), std::string::npos);
  const std::regex fetch{R"((src|href)\s*=\s*["'](?!data:)|@import|url\((?!["']?data:))"};
  const std::string own{page_before_data};
  EXPECT_FALSE(std::regex_search(own, fetch));
}

TEST(ReportHtml, InlinesTheChartLibraryWithItsLicence) {
  const std::string page = page_of(synthetic_run({.tiles = 1}));
  EXPECT_NE(page.find("Chart.js v"), std::string::npos);
  EXPECT_NE(page.find("Released under the MIT License"), std::string::npos);
}

}  // namespace
}  // namespace vitruvian::tb
