// SPDX-License-Identifier: Apache-2.0
//
// trace.json: the run as a Chrome trace, for Perfetto or chrome://tracing. Form: docs/trace.md.
#pragma once

#include <string>

#include "tb/report/timeline.h"

namespace vitruvian::tb {

std::string trace_json(const RunResult& result, const Timeline& timeline);

}  // namespace vitruvian::tb
