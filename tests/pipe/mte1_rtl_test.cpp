// SPDX-License-Identifier: Apache-2.0
//
// The RTL MTE1 against models/pipe (bytes) and docs/timing.md (cycles), through its C interface. Every cycle of
// every program is checked on both sides: nothing early, nothing late, no row read or written beside its place.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <ostream>
#include <stdexcept>
#include <string>

#include "tests/pipe/faulty_rtl.h"
#include "tests/pipe/mte1_rtl_run.h"

namespace vitruvian::tests {
namespace {

using models::CopyL1Bt;
using models::FillL0;
using models::Instruction;
using models::L0Buffer;
using models::Load2d;
using models::Load2dTranspose;
using models::Load3d;
using tb::Seed;

template <class Counts>
void add(Counts& sum, const Counts& more) {
  std::ranges::transform(sum, more, sum.begin(), std::plus{});
}
void add(Mte1Coverage& sum, const Mte1Coverage& more) {
  sum.starts += more.starts, sum.beats += more.beats, sum.padded_rows += more.padded_rows, sum.beyond_rows += more.beyond_rows;
  sum.wrapped_beats += more.wrapped_beats, sum.back_to_back += more.back_to_back;
  sum.most_in_flight = std::max(sum.most_in_flight, more.most_in_flight);
  add(sum.kinds, more.kinds), add(sum.turned_types, more.turned_types), add(sum.turned_maps, more.turned_maps);
}

struct Case {
  const char* name;
  Mte1Shape shape;
  int programs, instructions;
  std::uint64_t most;  // fractals
};
void PrintTo(const Case& test, std::ostream* out) { *out << test.name; }
constexpr Case cases[] = {
    {"small", mte1_standard, 100, 120, 4}, {"middle", mte1_standard, 30, 80, 24}, {"huge", mte1_standard, 6, 12, 255}, {"odd", mte1_odd, 70, 100, 8},
};

class Mte1Rtl : public testing::TestWithParam<Case> {};

TEST_P(Mte1Rtl, MovesWhatTheModelMovesInTheCyclesOfTheRules) {
  const Case& test = GetParam();
  Mte1Coverage sum;
  for (int program = 1; program <= test.programs; ++program) {
    const Seed seed = Seed{0x37e1}.child(program);
    SCOPED_TRACE("seed " + seed.text());
    Mte1Outcome outcome;
    ASSERT_NO_THROW(outcome = run_mte1(test.shape, seed, test.instructions, test.most));
    ASSERT_EQ(outcome.difference, "");
    add(sum, outcome.coverage);
  }
  fmt::print("{} instructions, {} beats; {} rows padded, {} windows beyond M, {} narrow outputs, in flight {}\n", sum.starts, sum.beats, sum.padded_rows,
             sum.beyond_rows, sum.wrapped_beats, sum.most_in_flight);
  for (const std::uint64_t count : {sum.padded_rows, sum.beyond_rows, sum.wrapped_beats, sum.back_to_back}) EXPECT_GT(count, 0u);
  if (test.instructions < 50) return;
  EXPECT_TRUE(std::ranges::all_of(sum.kinds, [](auto count) { return count > 0; }));
  EXPECT_TRUE(std::ranges::all_of(sum.turned_maps, [](auto count) { return count > 0; }));
  for (const DataType type : {DataType::f16, DataType::bf16, DataType::f32, DataType::s8, DataType::s4}) {
    EXPECT_GT(sum.turned_types[static_cast<int>(type)], 0u) << static_cast<int>(type);
  }
  EXPECT_GT(sum.most_in_flight, 8u);
}

INSTANTIATE_TEST_SUITE_P(Shapes, Mte1Rtl, testing::ValuesIn(cases), [](const auto& info) { return std::string{info.param.name}; });

constexpr Case long_cases[] = {{"small", mte1_standard, 1000, 120, 4}, {"odd", mte1_odd, 500, 100, 10}, {"largest", mte1_largest, 30, 40, 40}};
INSTANTIATE_TEST_SUITE_P(Nightly, Mte1Rtl, testing::ValuesIn(long_cases), [](const auto& info) { return std::string{info.param.name}; });

// ---- The ends of load3d's fields, more than a random map reaches.
Load3d map_of(std::uint16_t height, std::uint16_t width) {
  Load3d load;
  load.dtype = DataType::f16;
  load.l1_h = height, load.l1_w = width, load.channel_size = 16;
  load.m_extension = 2048, load.k_extension = 16;
  load.pad_value = 0x1234'5678;
  return load;
}

std::vector<Load3d> extreme_maps() {
  std::vector<Load3d> all;
  const auto add = [&](Load3d load, auto change) {
    change(load);
    all.push_back(load);
  };
  add(map_of(16384, 1), [](Load3d& i) { i.m_start = 16384 - 1024; });                    // one pixel a row, half beyond the end
  add(map_of(16384, 1), [](Load3d& i) { i.m_start = 65520, i.stride_h = 63; });          // all beyond, rows far below the map
  add(map_of(1, 16384), [](Load3d& i) { i.stride_w = 63, i.pad_left = i.pad_right = 255; });
  add(map_of(1, 16384), [](Load3d& i) { i.pad_left = i.pad_right = i.pad_top = i.pad_bottom = 255, i.m_start = 65504; });
  add(map_of(1, 16384), [](Load3d& i) { i.filter_w = 65, i.dilation_w = 255, i.m_extension = 64, i.k_extension = 16 * 32, i.k_start = 16 * 33; });
  add(map_of(16384, 1), [](Load3d& i) { i.filter_h = 511, i.dilation_h = 32, i.m_extension = 64, i.k_extension = 16 * 31, i.k_start = 16 * 480; });
  add(map_of(1, 1), [](Load3d& i) { i.channel_size = 65520, i.k_start = 65520 - 128 * 16, i.k_extension = 128 * 16, i.m_extension = 16; });
  add(map_of(1, 1), [](Load3d& i) { i.filter_h = i.filter_w = 511, i.pad_left = i.pad_right = i.pad_top = i.pad_bottom = 255, i.m_extension = 16, i.k_extension = 16 * 128, i.k_start = 16 * 3960; });
  add(map_of(128, 128), [](Load3d& i) { i.src = L1Address{0}, i.stride_h = 63, i.stride_w = 62, i.to = L0Buffer::L0B; });
  return all;
}

TEST(Mte1Rtl, Load3dReachesTheLimitsOfItsFields) {
  for (const std::uint64_t latency : {34u, 128u}) {
    Mte1Run run{mte1_standard, {1, 0, latency}, Seed{0x3d}.stream("contents")};
    ASSERT_NO_THROW(for (const Load3d& load : extreme_maps()) run.start(load));
    ASSERT_NO_THROW(run.drain());
    EXPECT_EQ(run.first_difference(), "");
  }
}

// ---- The closed forms of the bench, held to numbers.
Load2d fractals(L0Buffer to, std::uint8_t count) {
  Load2d load;
  load.to = to, load.repeat = count, load.dtype = DataType::f16;
  return load;
}

std::uint64_t end_of(const std::vector<Instruction>& program) {
  Mte1Run run{mte1_standard, {}, Seed{1}.stream("contents")};
  for (const Instruction& instruction : program) run.start(instruction);
  run.drain();
  return run.bench.last_end();
}
// Cycles from the start of the first to that of the second.
std::uint64_t distance_of(const Instruction& first, const Instruction& second) { return end_of({first, second}) - end_of({second}); }

TEST(Mte1RtlTiming, OneFractalToL0aEndsAfterTheLatencyAndTwoBeats) { EXPECT_EQ(end_of({fractals(L0Buffer::L0A, 1)}), 36u + 2 - 1); }
TEST(Mte1RtlTiming, OneFractalToL0bEndsAfterTheLatencyAndFourBeats) { EXPECT_EQ(end_of({fractals(L0Buffer::L0B, 1)}), 36u + 4 - 1); }
TEST(Mte1RtlTiming, AUnitOfBiasEndsAfterTheLatencyAndTwoBeats) { EXPECT_EQ(end_of({CopyL1Bt{.length = 1}}), 36u + 2 - 1); }
TEST(Mte1RtlTiming, StartsStandAsFarApartAsWasMeasured) {  // max(4, 2n + 1), 4n + 1, max(3, bytes / 32)
  const Instruction next = fractals(L0Buffer::L0A, 1);
  EXPECT_EQ(distance_of(fractals(L0Buffer::L0A, 1), next), 4u);
  EXPECT_EQ(distance_of(fractals(L0Buffer::L0A, 2), next), 5u);
  EXPECT_EQ(distance_of(fractals(L0Buffer::L0A, 8), next), 17u);
  EXPECT_EQ(distance_of(fractals(L0Buffer::L0B, 1), next), 5u);
  EXPECT_EQ(distance_of(fractals(L0Buffer::L0B, 8), next), 33u);
  EXPECT_EQ(distance_of(CopyL1Bt{.length = 1}, next), 3u);
  EXPECT_EQ(distance_of(CopyL1Bt{.length = 2}, next), 4u);
}
TEST(Mte1RtlTiming, ABlockAMapAndAFillTakeWhatTheirFractalsTake) {
  const Instruction next = fractals(L0Buffer::L0A, 1);
  EXPECT_EQ(distance_of(Load2dTranspose{.to = L0Buffer::L0B, .repeat = 1, .dtype = DataType::s4}, next), 17u);
  EXPECT_EQ(distance_of(map_of(128, 128), next), 2u * 128 + 1);
  EXPECT_EQ(distance_of(FillL0{.to = L0Buffer::L0B, .repeat = 2, .block_length = 3, .dst_gap = 1}, next), 4u * 6 + 1);
}

std::string failure_of(auto&& action) {
  try {
    action();
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "nothing was reported";
}

TEST(Mte1RtlAssertion, ReportsAnInstructionThatChangesBeforeItIsTaken) {
  Mte1Run run{mte1_standard, {}, Seed{1}.stream("contents")};
  run.start(fractals(L0Buffer::L0A, 1));
  const Instruction one = fractals(L0Buffer::L0A, 2), other = fractals(L0Buffer::L0A, 3);
  const std::string text = failure_of([&] {
    run.bench.cycle(&one);
    for (int i = 0; i < 3; ++i) run.bench.cycle(&other);
  });
  EXPECT_NE(text.find("InstructionHeldUntilTaken_A"), std::string::npos) << text;
}

TEST(Mte1RtlAssertion, ReportsALatencyThatIsTooShort) {
  Mte1Run run{mte1_standard, {3, 1, 33}, Seed{1}.stream("contents")};
  const std::string text = failure_of([&] {
    run.start(fractals(L0Buffer::L0A, 1));
    run.drain();
  });
  EXPECT_NE(text.find("LatencyIsInRange_A"), std::string::npos) << text;
}

// ---- A wrong block is seen: in bytes, or in cycles.
constexpr RtlFault faults[] = {
    {"a_cycle_late", "pipe/vit_mte1_queue.sv", "localparam int EarlyLead = 33;", "localparam int EarlyLead = 32;"},
    {"pixels_wrap_late", "pipe/vit_load3d_pkg.sv", "along >= 17'(width)", "along > 17'(width)"},
    {"quadrants_swapped", "pipe/vit_mte1_buffer.sv", "{1'b0, group[0], group[1], 3'b0}", "{1'b0, group[1], group[0], 3'b0}"},
};
constexpr RtlFault more_faults[] = {
    {"bias_has_a_tail", "pipe/vit_mte1_issue.sv", "(space_q == 2'd2 ? W'(0) : W'(cfg_load_tail_i))", "W'(cfg_load_tail_i)"},
    {"beats_of_the_other_buffer", "pipe/vit_mte1_issue.sv", "space_q == 2'd0 ? L0aLog : space_q == 2'd1 ? L0bLog", "space_q == 2'd0 ? L0aLog : space_q == 2'd1 ? L0aLog"},
    {"rows_beyond_m_read", "pipe/vit_load3d.sv", "ho < 17'(height) && ", ""},
    {"padding_read", "pipe/vit_mte1_read.sv", "map_i ? rows_i & inside_i : rows_i", "rows_i"},
    {"padding_of_another_type", "pipe/vit_mte1_walk.sv", "dtype == S8 ? {4{value[7:0]}} : ", ""},
    {"channel_block_stays", "pipe/vit_load3d.sv", "if (kh_wraps) plane_q <= plane_q + map_q;", ""},
    {"k_does_not_go_back", "pipe/vit_load3d.sv", "kw_q       <= first_kw_q;", "kw_q       <= 9'd0;"},
    {"first_tap_undilated", "pipe/vit_load3d_setup.sv", "18'(kw_9) * 18'(dilation_w_9)", "18'(kw_9)"},
    {"quotient_off_at_equal", "common/vit_divide.sv", "remainder >= {1'b0, divisor}", "remainder > {1'b0, divisor}"},
    {"columns_of_fractals_mixed", "pipe/vit_mte1_walk.sv", "m_inside ? FW'(outer) : FW'(1)", "m_inside ? FW'(inner) : FW'(1)"},
    {"upper_half_lost", "pipe/vit_mte1_buffer.sv", "four_rows && turn != 3'd0 && place[0]", "1'b0"},
    {"nibbles_swapped", "pipe/vit_transpose.sv", "32'hf) << (4*k)", "32'hf) << (4*(k^1))"},
    {"block_step_of_a_fractal", "pipe/vit_mte1_walk.sv", "block_dtype == S4 ? 2 :", "block_dtype == S4 ? 1 :"},
};

class Mte1RtlChecker : public testing::TestWithParam<RtlFault> {};

TEST_P(Mte1RtlChecker, SeesAFault) {
  const FaultyRtl rtl{GetParam()};
  std::string seen;
  for (int program = 1; program < 20 && seen.empty(); ++program) {
    seen = failure_of([&] {
      const Mte1Outcome outcome = run_mte1(mte1_standard, Seed{0xbad}.child(program), 60, 8, rtl.folder());
      if (!outcome.difference.empty()) throw std::runtime_error{outcome.difference};
    });
    if (seen == "nothing was reported") seen.clear();
  }
  fmt::print("{}\n", seen);
  EXPECT_NE(seen, "");
}

INSTANTIATE_TEST_SUITE_P(Faults, Mte1RtlChecker, testing::ValuesIn(faults), [](const auto& info) { return std::string{info.param.name}; });
INSTANTIATE_TEST_SUITE_P(Nightly, Mte1RtlChecker, testing::ValuesIn(more_faults), [](const auto& info) { return std::string{info.param.name}; });

}  // namespace
}  // namespace vitruvian::tests
