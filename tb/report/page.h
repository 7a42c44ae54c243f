// SPDX-License-Identifier: Apache-2.0
//
// The page of report.html, put together from assets/ and a packaged chart library by
// scripts/embed_report.py when the program is built.
#pragma once

#include <string_view>

namespace vitruvian::tb {

extern const std::string_view page_before_data;
extern const std::string_view page_after_data;

}  // namespace vitruvian::tb
