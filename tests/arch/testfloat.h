// SPDX-License-Identifier: Apache-2.0
//
// Reads the TestFloat vectors of tests/data/testfloat.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace vitruvian::tests {

// One line: operands, then the result, then the exception flags.
using TestFloatLine = std::vector<std::uint32_t>;

// All lines of `name`.txt.gz. Throws std::runtime_error if the file cannot be read or is empty.
std::vector<TestFloatLine> testfloat(const std::string& name);

}  // namespace vitruvian::tests
