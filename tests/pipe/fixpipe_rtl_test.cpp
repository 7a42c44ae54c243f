// SPDX-License-Identifier: Apache-2.0
//
// The RTL FIX against docs/timing.md, cycle by cycle, and models/pipe/fixpipe.h, byte by byte, through its C
// interface: random instructions under random refusals, waits and latencies.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tb/pipe/block_build.h"
#include "tests/pipe/faulty_rtl.h"
#include "tests/pipe/fixpipe_rtl_program.h"

namespace vitruvian::tests {
namespace {

using tb::Seed;

const tb::MoverLibrary& library() {
  static const tb::MoverLibrary loaded{tb::build_block({"fixpipe", {}, "check", {}})};
  return loaded;
}

constexpr FixpipeWeather weathers[] = {{0, 0, 0, 60}, {30, 0, 0, 200}, {0, 40, 0, 60}, {0, 0, 40, 60}, 
                                       {15, 20, 20, 400}, {60, 60, 60, 1}, {2, 2, 2, 3000}};

class FixpipeRtl : public testing::TestWithParam<FixpipeWeather> {};

TEST_P(FixpipeRtl, EqualsTheContractCycleForCycleAndTheModelByteForByte) {
  for (std::uint64_t program = 1; program <= 15; ++program) {
    const Seed seed = Seed{0xf1c5}.child(program);
    SCOPED_TRACE("seed " + seed.text());
    std::string difference;
    ASSERT_NO_THROW(difference = run_fixpipe_program(library(), seed, 100, GetParam()));
    ASSERT_EQ(difference, "");
  }
}

INSTANTIATE_TEST_SUITE_P(Weathers, FixpipeRtl, testing::ValuesIn(weathers), [](const auto& info) {
  const FixpipeWeather& w = info.param;
  return fmt::format("gm{}_flags{}_bank{}_latency{}", w.gm_busy, w.flags_down, w.refused, w.longest_latency);
});

TEST(FixpipeRtlRandom, MeetsEveryKindOfWaiting) {
  FixpipeRtlBench::Met met;
  for (std::uint64_t program = 1; program <= 4; ++program) {
    ASSERT_EQ(run_fixpipe_program(library(), Seed{0x3e7}.child(program), 60, {15, 20, 20, 4000}, &met), "");
  }
  EXPECT_GT(met.flags, 100u);
  EXPECT_GT(met.bank, 100u);
  EXPECT_GT(met.memory, 100u);
  EXPECT_GT(met.held, 100u);
  EXPECT_GT(met.both, 10u);  // a beat leaves while a read is held
}

// A wrong block is seen: in values, or in cycles.
constexpr RtlFault faults[] = {
    {"scales", "pipe/vit_fixpipe_rows.sv", "vector ? fb_rdata_i[c*64 +: 47]", "vector ? fb_rdata_i[47:1]"},
    {"late_capture", "pipe/vit_fixpipe_rows.sv", "else answered_q <= read_i;", "else if (go_i) answered_q <= read_i;"},
    {"output_waits_for_a_read", "pipe/vit_fixpipe.sv", ".go_i        (go)", ".go_i        (moves)"},
    {"address", "pipe/vit_fixpipe_walk.sv", "slow_step = stride_bytes << 4;", "slow_step = stride_bytes << 5;"},
    {"merge", "pipe/vit_fixpipe_walk.sv", "alone_o ? 37'd16 : 37'd32", "37'd32"},
    {"mask", "pipe/vit_fixpipe_walk.sv", "last_row ? {1'b0, m_less[3:0]} + 5'd1 : 5'd16", "5'd16"},
    {"early_read", "pipe/vit_fixpipe_walk.sv", "Beats = TW'(9)", "Beats = TW'(8)"},
    {"early_start", "pipe/vit_fixpipe_pace.sv", "beat_q    <= beats_q;", "beat_q    <= beats_q - 4'd1;"},
    {"granules", "pipe/vit_fixpipe_walk.sv", "rows_o > 5'd8", "rows_o > 5'd7"},
    {"split", "pipe/vit_fixpipe_send.sv", "packed_pieces = split ?", "packed_pieces = 1'b0 ?"},
    {"lost_answer", "pipe/vit_fixpipe_copy.sv", "read_q ? l1_rdata_i : kept_q", "l1_rdata_i"},
    {"end", "pipe/vit_fixpipe_ends.sv", "ack_i && acked_q == wanted", "ack_i"},
};

class FixpipeRtlChecker : public testing::TestWithParam<RtlFault> {};

TEST_P(FixpipeRtlChecker, SeesAFault) {
  const FaultyRtl rtl{GetParam()};
  const tb::MoverLibrary faulty{tb::build_block({"fixpipe", {}, "fast", rtl.folder()})};
  std::string seen;
  for (std::uint64_t program = 1; program <= 20 && seen.empty(); ++program) {
    try {
      seen = run_fixpipe_program(faulty, Seed{0xbad}.child(program), 60, {10, 20, 10, 100});
    } catch (const std::runtime_error& difference) {
      seen = difference.what();
    }
  }
  EXPECT_NE(seen, "");
}

INSTANTIATE_TEST_SUITE_P(Faults, FixpipeRtlChecker, testing::ValuesIn(faults), [](const auto& info) { return std::string{info.param.name}; });

}  // namespace
}  // namespace vitruvian::tests
