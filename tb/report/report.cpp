// SPDX-License-Identifier: Apache-2.0
#include "tb/report/report.h"

#include <vector>

#include "tb/report/html.h"
#include "tb/report/output_files.h"
#include "tb/report/timeline.h"
#include "tb/report/trace.h"

namespace vitruvian::tb {

void write_result(const RunResult& result, const std::filesystem::path& folder) {
  const std::vector<OutputFile> files{{"result.json", result_json(result)}};
  write_files(folder, files);
}

void write_report(const RunResult& result, const std::filesystem::path& folder) {
  const std::string json = result_json(result);
  const Timeline timeline = make_timeline(result);
  const std::vector<OutputFile> files{{"result.json", json},
                                      {"trace.json", trace_json(result, timeline)},
                                      {"report.html", report_html(result, timeline, json)}};
  write_files(folder, files);
}

}  // namespace vitruvian::tb
