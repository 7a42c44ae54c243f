// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include "tb/report/result.h"

namespace vitruvian::tb {

// The short table a run ends with: cycles, utilisation, which views agree, where the files are.
std::string summary(const RunResult& result, const std::filesystem::path& folder);

}  // namespace vitruvian::tb
