// SPDX-License-Identifier: Apache-2.0
//
// What `vitruvian validate` prints.
#pragma once

#include <string>
#include <vector>

#include "tb/validate/suites.h"

namespace vitruvian::tb {

std::string validation_csv(const std::vector<SuiteOutcome>& suites);
std::string validation_text(const std::vector<SuiteOutcome>& suites);
// docs/validation.md
std::string validation_page(const std::vector<SuiteOutcome>& suites);

}  // namespace vitruvian::tb
