// SPDX-License-Identifier: Apache-2.0
//
// The RTL MTE3 against models/pipe (bytes) and docs/timing.md (cycles), through its C interface. Every cycle of
// every program is checked on both sides, with GM refusing beats at random.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <stdexcept>
#include <string>

#include "models/core/core.h"
#include "tb/pipe/block_build.h"
#include "tests/pipe/faulty_rtl.h"
#include "tests/pipe/mte3_rtl_bench.h"

namespace vitruvian::tests {
namespace {

using models::CopyL1Gm;
using models::Instruction;
using tb::RandomStream;
using tb::Seed;
using u64 = std::uint64_t;

struct Shape {
  u64 l1, rate;
};
constexpr Shape standard{512 << 10, 128};

const tb::MoverLibrary& library(const Shape& shape, const std::filesystem::path& rtl = {}) {
  static std::map<std::string, tb::MoverLibrary> loaded;
  const std::string key = fmt::format("{} {} {}", shape.l1, shape.rate, rtl.string());
  const auto there = loaded.find(key);
  if (there != loaded.end()) return there->second;
  const tb::BlockBuild build{"mte3", {{"L1_BYTES", shape.l1}, {"W_RATE", shape.rate}}, rtl.empty() ? "check" : "fast", rtl};
  return loaded.try_emplace(key, tb::build_block(build)).first->second;
}

u64 pick_between(RandomStream& stream, std::initializer_list<u64> often, std::int64_t least, std::int64_t most) {
  return stream.chance(1, 2) ? static_cast<u64>(stream.between(least, most)) : *(often.begin() + stream.below(often.size()));
}

Mte3Settings draw_settings(RandomStream& stream) {
  return {.setup = pick_between(stream, {1, 2, 20}, 1, 60), .latency = pick_between(stream, {3, 4, 5, 8}, 3, 90), .in_flight = pick_between(stream, {1, 2, 32}, 1, 8)};
}

RandomGm draw_gm(RandomStream& stream) {
  RandomGm gm;
  gm.key = stream.draw();
  gm.waits = pick_between(stream, {0, 30}, 0, 100);
  gm.most_wait = stream.chance(1, 2) ? 2 : 12;
  gm.least_latency = pick_between(stream, {1, 60}, 1, 100);
  gm.most_latency = gm.least_latency + (stream.chance(1, 2) ? 0 : stream.below(stream.chance(1, 2) ? 5 : 200));
  return gm;
}

u64 size_up_to(RandomStream& stream, u64 most) {
  switch (stream.below(5)) {
    case 0: return 1;
    case 1: return stream.between(1, static_cast<std::int64_t>(most));
    default: return stream.between(1, static_cast<std::int64_t>(std::min<u64>(most, 12)));
  }
}
u64 gap_up_to(RandomStream& stream, u64 most) {
  switch (stream.below(3)) {
    case 0: return 0;
    case 1: return stream.below(most + 1);
    default: return stream.below(std::min<u64>(most, 6) + 1);
  }
}

CopyL1Gm draw_copy(RandomStream& stream, const ChipConfig& chip, u64 most_rows) {
  constexpr u64 row = 32, most_gap = 65535;
  const u64 room = chip.l1.value() / row, length = size_up_to(stream, std::min(most_rows, room));
  const u64 count = size_up_to(stream, std::clamp<u64>(most_rows / length, 1, 4095));
  const u64 src_gap = gap_up_to(stream, count == 1 ? most_gap : std::min(most_gap, (room - count * length) / (count - 1)));
  const u64 dst_gap = gap_up_to(stream, most_gap);
  const u64 src_span = length + (count - 1) * (length + (count == 1 ? 0 : src_gap)), dst_span = length + (count - 1) * (length + dst_gap);
  const u64 slack = room - src_span, gm_rows = chip.gm.size.value() / row;
  CopyL1Gm copy;
  copy.block_count = static_cast<std::uint16_t>(count);
  copy.block_length = static_cast<std::uint16_t>(length);
  copy.src_gap = static_cast<std::uint16_t>(src_gap);
  copy.dst_gap = static_cast<std::uint16_t>(dst_gap);
  copy.src = L1Address{(stream.chance(1, 4) ? slack : stream.below(slack + 1)) * row};
  copy.dst = GmAddress{stream.below(gm_rows - dst_span + 1) * row};
  return copy;
}

struct Outcome {
  std::string difference;
  Mte3Coverage coverage;
};

// What the block wrote, in its order, leaves the memory the model leaves.
std::string first_difference(const Mte3RtlBench& bench, const std::vector<Instruction>& program, const ChipConfig& chip, const std::vector<std::uint8_t>& l1) {
  models::Memory seen{chip.gm.size}, expected{chip.gm.size};
  models::CoreState golden{chip, expected};
  std::ranges::copy(l1, golden.l1.bytes().begin());
  for (const Instruction& instruction : program) models::execute(instruction, golden, chip, models::Numerics::dot24);
  for (const auto& write : bench.writes()) std::ranges::copy(write.bytes, seen.at(GmAddress{write.address}, Bytes{write.bytes.size()}).begin());
  u64 bytes = 0, moved = 0;
  for (const auto& write : bench.writes()) bytes += write.bytes.size();
  for (const Instruction& instruction : program) {
    const auto& copy = std::get<CopyL1Gm>(instruction);
    const u64 size = copy.block_length * u64{32};
    for (u64 b = 0; b < copy.block_count; ++b, moved += size) {
      const GmAddress at{copy.dst.value() + b * (size + copy.dst_gap * u64{32})};
      if (!std::ranges::equal(seen.at(at, Bytes{size}), expected.at(at, Bytes{size}))) return fmt::format("GM differs from {:#x} on", at.value());
    }
  }
  return bytes == moved ? "" : fmt::format("{} bytes written, {} expected", bytes, moved);
}

Outcome run(const Shape& shape, Seed seed, int count, u64 most_bytes, const std::filesystem::path& rtl = {}) {
  RandomStream stream = seed.stream("program"), settings = seed.stream("settings");
  ChipConfig chip = load_chip("ascend910b1");
  chip.l1 = Bytes{shape.l1};
  std::vector<std::uint8_t> l1(shape.l1);
  std::ranges::generate(l1, [&] { return static_cast<std::uint8_t>(settings.draw()); });
  Mte3RtlBench bench{library(shape, rtl), draw_settings(settings), draw_gm(settings), l1};
  std::vector<Instruction> program;
  const bool gaps = settings.chance(1, 2);
  for (int i = 0; i < count; ++i) {
    program.emplace_back(draw_copy(stream, chip, most_bytes / 32));
    models::check_instruction(program.back(), chip);
    for (auto gap = gaps ? stream.below(40) : 0; gap > 0; --gap) bench.cycle(nullptr);
    while (!bench.cycle(&program.back())) {
    }
  }
  for (int i = 0; i < 10 || !bench.idle(); ++i) bench.cycle(nullptr);
  return {first_difference(bench, program, chip, l1), bench.coverage()};
}

struct Case {
  const char* name;
  Shape shape;
  int programs, instructions;
  u64 most_bytes;
};
constexpr Case cases[] = {
    {"tiny", standard, 80, 100, 1024}, {"middle", standard, 30, 80, 16 << 10}, {"huge", standard, 4, 5, 512 << 10},
    {"rate64", {24 << 10, 64}, 20, 60, 4 << 10}, {"rate256", {512 << 10, 256}, 20, 60, 8 << 10},
};

class Mte3Rtl : public testing::TestWithParam<Case> {};

TEST_P(Mte3Rtl, WritesWhatTheModelWritesInTheCyclesOfTheRules) {
  const Case& test = GetParam();
  Mte3Coverage sum;
  for (int program = 1; program <= test.programs; ++program) {
    const Seed seed = Seed{0x37e3}.child(program);
    SCOPED_TRACE("seed " + seed.text());
    Outcome outcome;
    ASSERT_NO_THROW(outcome = run(test.shape, seed, test.instructions, test.most_bytes));
    ASSERT_EQ(outcome.difference, "");
    const Mte3Coverage& more = outcome.coverage;
    sum.starts += more.starts, sum.beats += more.beats, sum.part_beats += more.part_beats, sum.frozen += more.frozen, sum.held += more.held;
    sum.most_in_flight = std::max(sum.most_in_flight, more.most_in_flight);
    sum.most_sending = std::max(sum.most_sending, more.most_sending);
  }
  fmt::print("{} instructions, {} beats, {} of them parts; frozen {}, held {}, in flight {}, sending {}\n", sum.starts, sum.beats, sum.part_beats,
             sum.frozen, sum.held, sum.most_in_flight, sum.most_sending);
  if (test.programs < 10) return;  // too few to meet everything
  for (const u64 count : {sum.part_beats, sum.frozen, sum.held}) EXPECT_GT(count, 0u);
  EXPECT_GT(sum.most_in_flight, 1u);
}

INSTANTIATE_TEST_SUITE_P(Shapes, Mte3Rtl, testing::ValuesIn(cases), [](const auto& info) { return std::string{info.param.name}; });

// ---- The closed forms of the bench, held to numbers.
u64 end_of(const std::vector<Instruction>& program, const Mte3Settings& settings = {}, const RandomGm& gm = {.least_latency = 60, .most_latency = 60}) {
  Mte3RtlBench bench{library(standard), settings, gm, std::vector<std::uint8_t>(standard.l1)};
  for (const Instruction& instruction : program) {
    while (!bench.cycle(&instruction)) {
    }
  }
  while (!bench.idle()) bench.cycle(nullptr);
  return bench.last_end();
}

CopyL1Gm copy_of(std::uint16_t rows, u64 dst = 0) { return {.dst = GmAddress{dst}, .block_length = rows}; }

TEST(Mte3RtlTiming, ABeatIsOfferedAfterTheLatencyAndEndsWithItsAcknowledgement) { EXPECT_EQ(end_of({copy_of(4)}), 8u + 60); }
TEST(Mte3RtlTiming, AStraddlingPieceIsTwoBeats) { EXPECT_EQ(end_of({copy_of(4, 32)}), 8u + 1 + 60); }
TEST(Mte3RtlTiming, TheLeastLatencyIsThree) { EXPECT_EQ(end_of({copy_of(4)}, {.latency = 3}), 3u + 60); }
TEST(Mte3RtlTiming, TheLargestLatencyIs4096) { EXPECT_EQ(end_of({copy_of(4), copy_of(8)}, {.latency = 4096}), 20u + 4096 + 1 + 60); }
TEST(Mte3RtlTiming, TheNextStartsAfterTheSetupOrTheBeats) {
  EXPECT_EQ(end_of({copy_of(4), copy_of(4)}), 20u + 8 + 60);
  EXPECT_EQ(end_of({copy_of(4 * 30), copy_of(4)}), 30u + 8 + 60);
}
TEST(Mte3RtlTiming, EachRefusedCycleMovesTheEndByOne) {  // every beat waits a cycle
  EXPECT_EQ(end_of({copy_of(4 * 10)}, {}, {.waits = 100, .most_wait = 1, .least_latency = 60, .most_latency = 60}), 8u + 20 - 1 + 60);
}
TEST(Mte3RtlTiming, OneInFlightIsOneAfterTheOther) { EXPECT_EQ(end_of({copy_of(4), copy_of(4)}, {.in_flight = 1}), (8u + 60) + 1 + 8 + 60); }

TEST(Mte3Rtl, ReachesTheEndOfA48BitMemory) {
  constexpr u64 top = u64{1} << 48;
  const std::vector<Instruction> program = {
      CopyL1Gm{.dst = GmAddress{top - 4095ull * 32 - 4094ull * 65535 * 32}, .block_count = 4095, .block_length = 1, .dst_gap = 65535},
      CopyL1Gm{.dst = GmAddress{top - 16384 * 32}, .block_length = 16384}};
  EXPECT_NO_THROW(end_of(program, {.setup = 1}));
}

TEST(Mte3RtlAssertion, ReportsACopyThatLeavesL1) {
  Mte3RtlBench bench{library(standard), {}, {}, std::vector<std::uint8_t>(standard.l1)};
  CopyL1Gm copy{.src = L1Address{standard.l1 - 64}, .block_count = 2, .block_length = 1, .src_gap = 0};
  Instruction instruction = copy;
  EXPECT_TRUE(bench.cycle(&instruction));
  copy.src_gap = 1;
  instruction = copy;
  try {
    for (int i = 0; i < 30; ++i) bench.cycle(&instruction);
    FAIL() << "nothing was reported";
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string{error.what()}.find("CopyStaysInside_A"), std::string::npos) << error.what();
  }
}

TEST(Mte3RtlAssertion, ReportsAnInstructionThatChangesBeforeItIsTaken) {
  Mte3RtlBench bench{library(standard), {}, {}, std::vector<std::uint8_t>(standard.l1)};
  const Instruction first = copy_of(1), second = copy_of(2), third = copy_of(3);
  bench.cycle(&first);
  bench.cycle(&second);
  try {
    for (int i = 0; i < 3; ++i) bench.cycle(&third);
    FAIL() << "nothing was reported";
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string{error.what()}.find("InstructionHeldUntilTaken_A"), std::string::npos) << error.what();
  }
}

// ---- A wrong block is seen: in bytes, or in cycles.
constexpr RtlFault faults[] = {
    {"cut_by_length_only", "pipe/vit_mte3_walk.sv", "4'(PerBeat) - 4'(at_q[PlaceW-1:0])", "4'(PerBeat)"},
    {"gap_in_l1_left_out", "pipe/vit_mte3_walk.sv", "next_row = block_row_q + row_step_q;", "next_row = block_row_q + LW'(length_q);"},
    {"setup_counts_frozen_cycles", "pipe/vit_mte3.sv", "setup_q != '0 && !freeze", "setup_q != '0"},
    {"answer_lost_in_a_freeze", "pipe/vit_mte3.sv", "kept_q ? kept_data_q : l1_rdata_i", "l1_rdata_i"},
    {"kept_answer_overwritten", "pipe/vit_mte3.sv", "freeze && answer_q && !kept_q", "freeze && answer_q"},
    {"reads_in_a_frozen_cycle", "pipe/vit_mte3.sv", "read_valid && !freeze", "read_valid"},
    {"latency_one_short", "pipe/vit_mte3.sv", "cfg_latency_i - 13'd3", "cfg_latency_i - 13'd4"},
    {"ring_turns_in_a_freeze", "pipe/vit_mte3_delay.sv", "end else if (!freeze_i) begin", "end else begin"},
    {"in_flight_off_by_one", "pipe/vit_mte3.sv", "flying_q >= cfg_in_flight_i", "flying_q > cfg_in_flight_i"},
};

class Mte3RtlChecker : public testing::TestWithParam<RtlFault> {};

TEST_P(Mte3RtlChecker, SeesAFault) {
  const FaultyRtl rtl{GetParam()};
  std::string seen;
  for (int program = 1; program < 20 && seen.empty(); ++program) {
    try {
      seen = run(standard, Seed{0xbad}.child(program), 40, 2048, rtl.folder()).difference;
    } catch (const std::runtime_error& difference) {
      seen = difference.what();
    }
  }
  fmt::print("{}\n", seen);
  EXPECT_NE(seen, "");
}

INSTANTIATE_TEST_SUITE_P(Faults, Mte3RtlChecker, testing::ValuesIn(faults), [](const auto& info) { return std::string{info.param.name}; });

}  // namespace
}  // namespace vitruvian::tests
