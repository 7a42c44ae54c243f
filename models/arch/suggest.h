// SPDX-License-Identifier: Apache-2.0
//
// "did you mean" for misspelt names.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace vitruvian {

// " (did you mean 'x'?)" for the nearest of `known` by edit distance, or "" if none is near.
std::string did_you_mean(std::string_view given, const std::vector<std::string_view>& known);

}  // namespace vitruvian
