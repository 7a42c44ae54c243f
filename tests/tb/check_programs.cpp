// SPDX-License-Identifier: Apache-2.0
#include "tests/tb/check_programs.h"

#include <gtest/gtest.h>

namespace vitruvian::tests {

const ChipConfig& check_chip() {
  static const ChipConfig chip = load_chip("ascend910b1");
  return chip;
}

models::AssemblyFile assembled(std::string_view text) {
  return models::parse_assembly(text, "text", check_chip());
}

tb::OrderFindings looked_over(const models::AssemblyFile& file) {
  tb::OrderCheck what{.races = true, .uninitialised = true};
  for (const models::TensorDirective& t : file.tensors) {
    if (t.input) what.initial.push_back(t.tensor);
  }
  return tb::check_order(file.program, check_chip(), what);
}

tb::OrderFindings looked_over(std::string_view text) { return looked_over(assembled(text)); }

std::uint64_t races_in(std::string_view text) {
  const tb::OrderFindings found = looked_over(text);
  EXPECT_FALSE(found.deadlock) << *found.deadlock;
  return found.races->count;
}

std::string first_race(std::string_view text) {
  const tb::OrderFindings found = looked_over(text);
  return found.races->kept.empty() ? "" : found.races->kept.front().text;
}

}  // namespace vitruvian::tests
