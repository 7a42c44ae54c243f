// SPDX-License-Identifier: Apache-2.0
//
// The RTL MTE2 against models/pipe (bytes) and docs/timing.md (cycles), through its C interface. Every cycle of
// every program is checked on both sides: nothing early, nothing late, no byte beside its place.
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
#include "tests/pipe/mte2_rtl_bench.h"
#include "tests/pipe/mte2_rtl_program.h"

namespace vitruvian::tests {
namespace {

using models::CopyGmL1;
using models::CopyGmL1Nd2nz;
using models::FillL1;
using models::Instruction;
using models::Load2dGm;
using tb::RandomStream;
using tb::Seed;

// Shapes: as every chip has it, small ones with either buffer as the largest, one that is no power of two.
struct Shape {
  std::uint64_t l1, l0a, l0b;
};
constexpr Shape standard{512 << 10, 64 << 10, 64 << 10}, narrow{16 << 10, 32 << 10, 4 << 10}, odd{24 << 10, 1 << 10, 12 << 10};

const tb::MoverLibrary& library(const Shape& shape, const std::filesystem::path& rtl = {}) {
  static std::map<std::string, tb::MoverLibrary> loaded;
  const std::string key = fmt::format("{} {} {} {}", shape.l1, shape.l0a, shape.l0b, rtl.string());
  const auto there = loaded.find(key);
  if (there != loaded.end()) return there->second;
  const tb::BlockBuild build{"mte2", {{"L1_BYTES", shape.l1}, {"L0A_BYTES", shape.l0a}, {"L0B_BYTES", shape.l0b}}, rtl.empty() ? "check" : "fast", rtl};
  return loaded.try_emplace(key, tb::build_block(build)).first->second;
}

ChipConfig chip_of(const Shape& shape) {
  ChipConfig chip = load_chip("ascend910b1");
  chip.l1 = Bytes{shape.l1}, chip.l0a = Bytes{shape.l0a}, chip.l0b = Bytes{shape.l0b};
  return chip;
}

std::uint64_t pick_between(RandomStream& stream, std::initializer_list<std::uint64_t> often, std::int64_t least, std::int64_t most) {
  return stream.chance(1, 2) ? stream.between(least, most) : *(often.begin() + stream.below(often.size()));
}

Mte2Settings draw_settings(RandomStream& stream) {
  return {.setup = pick_between(stream, {1, 2, 20}, 1, 60),
          .request = pick_between(stream, {1, 2, 4}, 1, 40),
          .in_flight = pick_between(stream, {1, 2, 32}, 1, 8),
          .outstanding = pick_between(stream, {2, 3, 256}, 2, 24),
          .read_rate = pick_between(stream, {64, 128, 160, 168, 256}, 1, 256),
          .read_grain = std::uint64_t{32} << stream.below(5)};
}

RandomGm draw_gm(RandomStream& stream) {
  RandomGm gm;
  gm.key = stream.draw();
  gm.waits = pick_between(stream, {0, 0, 30}, 0, 100);
  gm.most_wait = stream.chance(1, 2) ? 3 : 30;
  gm.least_latency = pick_between(stream, {2, 178}, 2, 300);
  gm.most_latency = gm.least_latency + (stream.chance(1, 2) ? 0 : stream.below(stream.chance(1, 2) ? 5 : 200));
  return gm;
}

// The bytes of GM a copy reads, put into the golden model's memory.
void provide(const Instruction& instruction, models::Memory& gm) {
  for (const GmPiece& piece : pieces_read(instruction)) {
    const std::uint64_t first = piece.address / 8 * 8, end = (piece.address + piece.size + 7) / 8 * 8;
    std::uint8_t* to = gm.at(GmAddress{first}, Bytes{end - first}).data();
    for (std::uint64_t at = first; at < end; at += 8, to += 8) {
      const std::uint64_t word = gm_word(at);
      std::memcpy(to, &word, 8);
    }
  }
}

std::string first_difference(Mte2RtlBench& bench, models::CoreState& golden) {
  constexpr Space spaces[] = {Space::L1, Space::L0A, Space::L0B};
  for (int i = 0; i < 3; ++i) {
    const auto& seen = bench.image(i);
    const auto expected = golden.buffer(spaces[i]).bytes();
    const auto at = std::ranges::mismatch(seen, expected).in1 - seen.begin();
    if (at != static_cast<std::ptrdiff_t>(seen.size())) return fmt::format("{} byte {:#x}: RTL {:#x}, model {:#x}", name(spaces[i]), at, seen[at], expected[at]);
  }
  return {};
}

struct Outcome {
  std::string difference;
  Mte2Coverage coverage;
};

// `count` random instructions, back to back or with gaps. The golden model takes each as it starts.
Outcome run(const Shape& shape, Seed seed, int count, std::uint64_t most_bytes, const std::filesystem::path& rtl = {}) {
  RandomStream stream = seed.stream("program"), settings = seed.stream("settings");
  const ChipConfig chip = chip_of(shape);
  models::Memory gm{chip.gm.size};
  models::CoreState golden{chip, gm};
  Mte2RtlBench bench{library(shape, rtl), draw_settings(settings), draw_gm(settings)};
  for (int i = 0; i < 3; ++i) {  // what is not written stays
    std::ranges::generate(bench.image(i), [&] { return static_cast<std::uint8_t>(settings.draw()); });
  }
  std::ranges::copy(bench.image(0), golden.l1.bytes().begin());
  std::ranges::copy(bench.image(1), golden.l0a.bytes().begin());
  std::ranges::copy(bench.image(2), golden.l0b.bytes().begin());
  const bool gaps = settings.chance(1, 2);
  for (int i = 0; i < count; ++i) {
    const Instruction instruction = draw_mte2(stream, chip, most_bytes);
    models::check_instruction(instruction, chip);
    provide(instruction, gm);
    for (auto gap = gaps ? stream.below(40) : 0; gap > 0; --gap) bench.cycle(nullptr);
    while (!bench.cycle(&instruction)) {
    }
    models::execute(instruction, golden, chip, models::Numerics::dot24);
  }
  for (int i = 0; i < 10 || !bench.idle(); ++i) bench.cycle(nullptr);
  return {first_difference(bench, golden), bench.coverage()};
}

void add(Mte2Coverage& sum, const Mte2Coverage& more) {
  sum.starts += more.starts, sum.noops += more.noops, sum.fills += more.fills, sum.bursts += more.bursts, sum.beats += more.beats;
  sum.padded += more.padded, sum.nine_rows += more.nine_rows, sum.second_beats += more.second_beats, sum.waiting += more.waiting;
  sum.held += more.held, sum.limited += more.limited, sum.fractions += more.fractions;
  sum.most_in_flight = std::max(sum.most_in_flight, more.most_in_flight);
}

struct Case {
  const char* name;
  Shape shape;
  int programs, instructions;
  std::uint64_t most_bytes;
};
constexpr Case cases[] = {
    {"tiny", standard, 60, 100, 512}, {"middle", standard, 40, 80, 8 << 10}, {"huge", standard, 6, 6, 512 << 10},
    {"narrow", narrow, 20, 60, 4 << 10}, {"odd", odd, 20, 60, 4 << 10},
};

class Mte2Rtl : public testing::TestWithParam<Case> {};

TEST_P(Mte2Rtl, WritesWhatTheModelWritesInTheCyclesOfTheRules) {
  const Case& test = GetParam();
  Mte2Coverage sum;
  for (int program = 1; program <= test.programs; ++program) {
    const Seed seed = Seed{0x37e2}.child(program);
    SCOPED_TRACE("seed " + seed.text());
    Outcome outcome;
    ASSERT_NO_THROW(outcome = run(test.shape, seed, test.instructions, test.most_bytes));
    ASSERT_EQ(outcome.difference, "");
    add(sum, outcome.coverage);
  }
  fmt::print("{} instructions, {} bursts, {} beats; held {}, waiting {}, limited {}, in flight {}\n", sum.starts + sum.noops, sum.bursts, sum.beats,
             sum.held, sum.waiting, sum.limited, sum.most_in_flight);
  if (test.programs < 10) return;  // too few to meet everything
  for (const std::uint64_t count : {sum.fills, sum.padded, sum.nine_rows, sum.second_beats, sum.waiting, sum.held, sum.limited, sum.fractions}) {
    EXPECT_GT(count, 0u);
  }
  EXPECT_GT(sum.most_in_flight, 2u);
  EXPECT_GT(sum.noops, 0u);
}

INSTANTIATE_TEST_SUITE_P(Shapes, Mte2Rtl, testing::ValuesIn(cases), [](const auto& info) { return std::string{info.param.name}; });

// ---- The closed forms of the bench, held to numbers.
std::uint64_t end_of(const std::vector<Instruction>& program, const Mte2Settings& settings = {}, const RandomGm& gm = {.least_latency = 178, .most_latency = 178}) {
  Mte2RtlBench bench{library(standard), settings, gm};
  for (const Instruction& instruction : program) {
    while (!bench.cycle(&instruction)) {
    }
  }
  while (!bench.idle()) bench.cycle(nullptr);
  return bench.last_end();
}

CopyGmL1 copy_of(std::uint16_t rows, std::uint64_t src = 0) { return {.src = GmAddress{src}, .block_length = rows}; }

TEST(Mte2RtlTiming, AGrainAt168BytesACycleEndsAfterRequestOneCycleAndTheLatency) { EXPECT_EQ(end_of({copy_of(1)}), 4u + 1 + 178); }
TEST(Mte2RtlTiming, TwoLinesOf512BytesTakeSixAndAFractionCycles) { EXPECT_EQ(end_of({copy_of(32)}), 4u + 7 + 178); }  // 1024 / 168 = 6.1
TEST(Mte2RtlTiming, ALineThatIsStraddledCostsTheGrainsOfBoth) { EXPECT_EQ(end_of({copy_of(2, 512 - 32)}), 4u + 2 + 178); }  // 256 / 168 = 1.5
TEST(Mte2RtlTiming, TheSecondOfTwoStartsAfterTheSetup) { EXPECT_EQ(end_of({copy_of(1), copy_of(1)}), 20u + 4 + 1 + 178); }
TEST(Mte2RtlTiming, AFillWaitsForTheEndOfACopyAndWrites256BytesACycle) {
  EXPECT_EQ(end_of({copy_of(1), FillL1{.repeat = 2, .block_length = 9}}), (4u + 1 + 178) + 1 + 4 + 4 - 1);
}
TEST(Mte2RtlTiming, ACopyWaitsForTheEndOfAFill) {
  EXPECT_EQ(end_of({FillL1{.repeat = 1, .block_length = 800}, copy_of(1)}), (4u + 100 - 1) + 1 + 4 + 1 + 178);
}
TEST(Mte2RtlTiming, OneInFlightIsOneAfterTheOther) {
  EXPECT_EQ(end_of({copy_of(1), copy_of(1)}, {.in_flight = 1}), (4u + 1 + 178) + 1 + 4 + 1 + 178);
}

// Addresses of 48 bits, the largest strides of every instruction.
TEST(Mte2Rtl, ReachesTheEndOfA48BitMemory) {
  constexpr std::uint64_t top = std::uint64_t{1} << 48;
  const std::vector<Instruction> program = {
      CopyGmL1{.src = GmAddress{top - 4095ull * 32 - 4094ull * 65535 * 32}, .block_count = 4095, .block_length = 1, .src_gap = 65535},
      CopyGmL1Nd2nz{.src = GmAddress{top - 4 * (99ull * 65535 + 65535 + 5)}, .nd_num = 2, .n_value = 100, .d_value = 5, .src_nd_stride = 65535,
                    .src_d_value = 65535, .dst_c0_stride = 100, .dst_nd_stride = 800, .dtype = DataType::f32},
      Load2dGm{.to = models::L0Buffer::L0B, .src = GmAddress{top - 512 - 9ull * 65535 * 512}, .repeat = 10, .src_stride = 65535},
      CopyGmL1{.src = GmAddress{top - 16384 * 32}, .block_length = 16384}};
  EXPECT_NO_THROW(end_of(program, {.setup = 1, .outstanding = 8}));
}

// What the block says of a program that breaks a rule.
std::string reported(const Instruction& instruction) {
  MoverUnderTest mover{library(standard), {{"setup", 1}, {"request", 1}, {"in_flight", 1}, {"outstanding", 2}, {"read_rate", 1}, {"read_grain", 128}}};
  try {
    mover.cycle(&instruction, {}, {});
    mover.cycle(nullptr, {}, {});
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "nothing";
}

TEST(Mte2RtlAssertion, ReportsWhatLeavesAMemoryOrIsNotAligned) {
  constexpr std::uint64_t end = standard.l1 - 64;  // room for two rows
  const auto expect = [](const Instruction& right, const Instruction& wrong, const char* name) {
    EXPECT_EQ(reported(right), "nothing") << name;
    EXPECT_NE(reported(wrong).find(name), std::string::npos) << name << ": " << reported(wrong);
  };
  const auto copy = [](std::uint64_t dst, std::uint16_t length) { return CopyGmL1{.dst = L1Address{dst}, .block_count = 1, .block_length = length, .dst_gap = 9}; };
  expect(copy(end, 2), copy(end, 3), "CopyStaysInside_A");
  expect(copy(end, 2), copy(end + 2, 1), "CopyIsAligned_A");
  const auto fill = [](std::uint64_t dst, std::uint16_t gap) { return FillL1{.dst = L1Address{dst}, .repeat = 2, .block_length = 1, .dst_gap = gap}; };
  expect(fill(end, 0), fill(end, 1), "FillStaysInside_A");
  const auto load = [](std::uint16_t gap) { return Load2dGm{.to = models::L0Buffer::L0B, .dst = L0Address{standard.l0b - 1024}, .repeat = 2, .dst_gap = gap}; };
  expect(load(0), load(1), "LoadStaysInside_A");
  const auto reshape = [](std::uint16_t matrices, std::uint16_t step, DataType type) {
    return CopyGmL1Nd2nz{.dst = L1Address{end}, .nd_num = matrices, .n_value = 1, .d_value = 3, .src_d_value = 3, .dst_c0_stride = 1, .dst_nd_stride = step, .dtype = type};
  };
  expect(reshape(2, 16, DataType::f16), reshape(3, 16, DataType::f16), "ReshapeStaysInside_A");
  expect(reshape(2, 16, DataType::f16), reshape(2, 15, DataType::f16), "ReshapeIsAligned_A");
  expect(reshape(2, 16, DataType::f16), reshape(1, 0, DataType::s4), "ReshapeKnowsTheType_A");
}

TEST(Mte2RtlAssertion, ReportsAnInstructionThatChangesBeforeItIsTaken) {
  Mte2RtlBench bench{library(standard), {}, {}};
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
    {"burst_ignores_the_line", "pipe/vit_mte2_walk.sv", "assign room        = 10'd512 - {1'b0, at_q[8:0]};", "assign room        = 10'd512;"},
    {"phase_lost", "pipe/vit_mte2_walk.sv", "phase_q <= past[4:0];", "phase_q <= '0;"},
    {"padding_left_out", "pipe/vit_mte2_rows.sv", "(ends_i ? {last_slot, 5'b0} + 9'd32 : past)", "past"},
    {"padding_not_zero", "pipe/vit_mte2_rows.sv", "moved[s*256 +: 256] & mask", "moved[s*256 +: 256]"},
    {"second_beat_misplaced", "pipe/vit_mte2_rows.sv", "{4'b0, phase_i} + skip_i;", "{4'b0, phase_i} + (skip_i & 9'h0ff);"},
    {"fraction_dropped", "memory/vit_gm_read_port.sv", "(on_time && !in_first_i ? left_q : 12'sd0)", "12'sd0"},
    {"in_flight_off_by_one", "pipe/vit_mte2.sv", "flying_q >= cfg_in_flight_i", "flying_q > cfg_in_flight_i"},
    {"start_waits_a_cycle", "pipe/vit_mte2.sv", "(sending_q && !sent)", "sending_q"},
    {"fill_does_not_wait", "pipe/vit_mte2.sv", "is_fill && flying_q != '0", "is_fill && sending_q"},
    {"outstanding_off_by_one", "memory/vit_gm_read_port.sv", "9'(in_flight) < cfg_outstanding_i", "9'(in_flight) <= cfg_outstanding_i"},
};

class Mte2RtlChecker : public testing::TestWithParam<RtlFault> {};

TEST_P(Mte2RtlChecker, SeesAFault) {
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

INSTANTIATE_TEST_SUITE_P(Faults, Mte2RtlChecker, testing::ValuesIn(faults), [](const auto& info) { return std::string{info.param.name}; });

}  // namespace
}  // namespace vitruvian::tests
