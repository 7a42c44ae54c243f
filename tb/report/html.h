// SPDX-License-Identifier: Apache-2.0
//
// report.html: one file that needs nothing else. The page (assets/) is built into the program; this
// puts a run's data into it.
#pragma once

#include <string>
#include <string_view>

#include "tb/report/timeline.h"

namespace vitruvian::tb {

// The page's data as JSON: `result` (result.json's text) and the timeline as arrays of numbers. Its
// form is private to the page: html.cpp writes it, assets/decode.js reads it.
std::string page_data(const RunResult& result, const Timeline& timeline,
                      std::string_view result_json);

std::string report_html(const RunResult& result, const Timeline& timeline,
                        std::string_view result_json);

}  // namespace vitruvian::tb
