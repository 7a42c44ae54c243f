// SPDX-License-Identifier: Apache-2.0
//
// Lockstep of the whole core notices: faults in what stands between the units (the units' own are in tests/pipe), each in a copy of rtl/
// with an 8x8x8 cube. Built without assertions, which would see some of them first.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tb/core/core_library.h"
#include "tb/lockstep/verify.h"
#include "tests/pipe/faulty_rtl.h"

namespace vitruvian::tb {
namespace {

struct CoreFault {
  tests::RtlFault fault;
  const char* profile;
  bool values;       // seen in bytes too
  const char* word;  // in the report
};

constexpr CoreFault faults[] = {
    {{"set_raises_before_works_end", "core/vit_pipe.sv", "assign raise_o  = set_valid && !distance[CountW-1];", "assign raise_o  = set_valid;"},
     "flags", false, "set_flag"},
    {{"queue_is_one_deeper", "core/vit_pipe.sv", "assign full_o = entries >= cfg_depth_i;", "assign full_o = entries > cfg_depth_i;"},
     "tiny", false, "issue in cycle"},
    {{"start_is_not_busy", "core/vit_pipe.sv", "if (unit_busy_i || starts || (is_work && !unit_held_i))", "if (unit_busy_i || (is_work && !unit_held_i))"},
     "flags", false, "busy in SystemC"},
    {{"fix_clears_one_granule", "buffer/vit_unit_flags.sv", "up_q <= (up_q & ~at_fix(fix_clear_i ? fix_mask_i : 2'b0, fix_addr_i)) |",
      "up_q <= (up_q & ~at_fix(fix_clear_i ? fix_mask_i & 2'b01 : 2'b0, fix_addr_i)) |"},
     "products", false, "FIX"},
    {{"fix_is_too_patient", "buffer/vit_l0c_arbiter.sv", "assign first     = refused_q == cfg_patience_i;",
      "assign first     = refused_q == cfg_patience_i + 13'd1;"},
     "products", false, "RTL"},
    {{"port_forgets_fractions", "memory/vit_gm_read_port.sv", "(on_time && !in_first_i ? left_q : 12'sd0)", "12'sd0"}, "large", false, "MTE2 reads GM"},
    {{"l1_writes_whole_rows", "buffer/vit_l1.sv", "if (be != '1) for (b = 0; b < 32; b++) if (!be[b]) merged", "if (be == '0) for (b = 0; b < 32; b++) if (!be[b]) merged"},
     "large", true, "in SystemC"},
    {{"scalar_is_one_short", "core/vit_dispatch.sv", "if (is_scalar) left_q <= cost - 16'd1;", "if (is_scalar) left_q <= cost - 16'd2;"},
     "flags", false, "scalar"},
};

void PrintTo(const CoreFault& fault, std::ostream* out) { *out << fault.fault.name; }

class CoreFaults : public testing::TestWithParam<CoreFault> {};

TEST_P(CoreFaults, AreSeen) {
  const CoreFault& fault = GetParam();
  const tests::FaultyRtl rtl{fault.fault};
  VerifyOptions options;
  options.block = "core";
  options.chip = load_chip("ascend910b1");
  options.chip.cube.m = options.chip.cube.k = options.chip.cube.n = 8;
  options.profile = fault.profile;
  options.seeds = 6;
  options.first_seed = Seed{0xfa17};
  options.library = build_core(options.chip, options.numerics, "fast", rtl.folder());
  const VerifyResult result = verify(options);
  ASSERT_FALSE(result.passed());
  const VerifyRow total = result.total();
  std::string reports;
  for (const VerifyFailure& failure : result.failures) reports += failure.report;
  fmt::print("{}: {} programs of {}; {}\n", fault.fault.name, result.failed, total.programs, result.failures.front().report);
  EXPECT_NE(reports.find(fault.word), std::string::npos);
  if (fault.values) EXPECT_GT(total.value_mismatches, 0u);
  else EXPECT_GT(total.cycle_mismatches, 0u);
}

INSTANTIATE_TEST_SUITE_P(Core, CoreFaults, testing::ValuesIn(faults), [](const auto& info) { return std::string{info.param.fault.name}; });

}  // namespace
}  // namespace vitruvian::tb
