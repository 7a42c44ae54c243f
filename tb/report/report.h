// SPDX-License-Identifier: Apache-2.0
//
// The folder a run leaves: result.json, trace.json, report.html.
#pragma once

#include <filesystem>

#include "tb/report/result.h"

namespace vitruvian::tb {

// result.json alone (docs/result.md). Errors as write_files() in output_files.h.
void write_result(const RunResult& result, const std::filesystem::path& folder);

// All three files, all or none. Errors as write_files(). Call prepare_folder() before a long run.
void write_report(const RunResult& result, const std::filesystem::path& folder);

}  // namespace vitruvian::tb
