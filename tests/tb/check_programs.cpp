// SPDX-License-Identifier: Apache-2.0
#include "tests/tb/check_programs.h"

#include <fmt/format.h>
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

std::string flag(std::string_view from, std::string_view to) {
  return fmt::format("set_flag from={0} to={1} id=0\nwait_flag from={0} to={1} id=0\n", from, to);
}
std::string barrier(std::string_view on) { return fmt::format("pipe_barrier on={}\n", on); }
std::string joined(std::initializer_list<std::string_view> parts) {
  std::string all;
  for (const std::string_view part : parts) all += part;
  return all;
}

std::string handed(std::string_view mmad, std::string_view fixpipe, std::string_view again) {
  return fmt::format(
      "mmad c=0 a=0 b=0 m=32 n=16 k=16 dtype=f16 init=zero unit_flag={}\n"
      "fixpipe dst=0x2000 src=0 m=32 n=16 src_stride=32 dst_stride=16 acc=f32 nz2nd=1 "
      "unit_flag={}\n"
      "mmad c=0 a=0 b=0 m=32 n=16 k=16 dtype=f16 init=zero unit_flag={}\n",
      mmad, fixpipe, again);
}

}  // namespace vitruvian::tests
