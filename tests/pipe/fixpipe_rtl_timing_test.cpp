// SPDX-License-Identifier: Apache-2.0
//
// The closed forms of docs/timing.md for FIX, one fact a test, on the Verilated block. Each cycle is also held
// against the bench's idea of the contract, so nothing is early or late in between.
#include <gtest/gtest.h>

#include <functional>
#include <stdexcept>

#include "tb/pipe/block_build.h"
#include "tests/pipe/fixpipe_rtl_bench.h"

namespace vitruvian::tests {
namespace {

using models::CopyL1Fb;
using models::Fixpipe;
using models::FixpipeL1;
using models::Instruction;
using models::UnitFlag;

constexpr std::uint64_t latency = 24, setup = 86, fb_tail = 15, lane = 6, fractal = 9;

const tb::MoverLibrary& library() {
  static const tb::MoverLibrary loaded{tb::build_block({"fixpipe", {}, "check", {}})};
  return loaded;
}

// m x 16 words to L1, or to GM.
FixpipeL1 to_l1(std::uint16_t m) { return {.dst = L1Address{0}, .m = m, .n = 16, .src_stride = 512, .dst_stride = 4096, .acc = DataType::f32}; }
Fixpipe to_gm(std::uint16_t m) { return {.dst = GmAddress{0}, .m = m, .n = 16, .src_stride = 512, .dst_stride = 4096, .acc = DataType::f32}; }
CopyL1Fb copy(std::uint16_t length) { return {.dst = FbAddress{0}, .src = L1Address{1 << 16}, .length = length}; }

using Answer = std::function<FixpipeAnswers(std::uint64_t now)>;
FixpipeAnswers always(std::uint64_t) { return {}; }

struct Fix {
  FixpipeMemories memories{std::vector<std::uint8_t>(128 << 10), std::vector<std::uint8_t>(512 << 10), std::vector<std::uint8_t>(7 << 10),
                           std::vector<std::uint8_t>(1 << 20)};
  FixpipeRtlBench bench{library(), {}, memories};

  // Starts it as soon as it may; returns that cycle.
  std::uint64_t start(const Instruction& instruction, const Answer& answer = always) {
    while (!bench.cycle(&instruction, answer(bench.now()))) {
    }
    return bench.now() - 1;
  }
  // The end of the last instruction.
  std::uint64_t drain(const Answer& answer = always) {
    while (!bench.idle()) bench.cycle(nullptr, answer(bench.now()));
    return bench.last_end();
  }
};

std::uint64_t duration(const Instruction& instruction, const Answer& answer = always) {
  Fix fix;
  const std::uint64_t start = fix.start(instruction, answer);
  return fix.drain(answer) - start;
}

std::uint64_t distance(const Instruction& first, const Instruction& second) {
  Fix fix;
  const std::uint64_t start = fix.start(first);
  return fix.start(second) - start;
}

TEST(FixpipeRtlTiming, AFixpipeToL1EndsWithItsLastOutputCycle) {
  for (const std::uint16_t fractals : {1, 2, 5, 30}) {
    EXPECT_EQ(duration(to_l1(16 * fractals)), latency + fractal * fractals - 1 + lane);
  }
}

TEST(FixpipeRtlTiming, AFractalCostsItsNineCyclesHoweverLittleOfItIsWanted) {
  EXPECT_EQ(duration(to_l1(1)), duration(to_l1(16)));
  EXPECT_EQ(duration(to_l1(17)), duration(to_l1(32)));
}

TEST(FixpipeRtlTiming, AFixpipeToGmEndsWithTheAcknowledgementOfItsLastFractal) {
  EXPECT_EQ(duration(to_gm(48)), latency + 3 * fractal - 1 + lane + 60);
}

TEST(FixpipeRtlTiming, ACopyWritesItsLastRowLatencyAndBeatsAfterItsStart) {
  EXPECT_EQ(duration(copy(1)), latency + 2 - 1);
  EXPECT_EQ(duration(copy(112)), latency + 224 - 1);
}

TEST(FixpipeRtlTiming, TheNextStartsAfterSetupOrTheBeats) {
  EXPECT_EQ(distance(to_gm(16), to_gm(16)), setup);
  EXPECT_EQ(distance(to_gm(9 * 16), to_l1(16)), setup);       // 81 beats
  EXPECT_EQ(distance(to_gm(10 * 16), to_l1(16)), 10 * fractal);
  EXPECT_EQ(distance(copy(1), to_gm(16)), 2 + fb_tail);
  EXPECT_EQ(distance(copy(100), copy(1)), 200 + fb_tail);
}

TEST(FixpipeRtlTiming, EachCycleOfARefusedReadMovesTheEndByOne) {
  const auto refused = [](std::uint64_t from, std::uint64_t cycles) {
    return [=](std::uint64_t now) { return FixpipeAnswers{.grant = now < from || now >= from + cycles}; };
  };
  const std::uint64_t free = duration(to_l1(48));
  EXPECT_EQ(duration(to_l1(48), refused(latency, 1)), free + 1);
  EXPECT_EQ(duration(to_l1(48), refused(latency, 7)), free + 7);
  EXPECT_EQ(duration(to_l1(48), refused(latency + 2 * fractal, 5)), free + 5);
  EXPECT_EQ(duration(to_l1(48), refused(latency + 1, fractal - 1)), free);  // no fractal at hand
}

TEST(FixpipeRtlTiming, EachCycleOfABeatNotTakenMovesAllByOne) {
  const auto busy = [](std::uint64_t from, std::uint64_t cycles) {
    return [=](std::uint64_t now) { return FixpipeAnswers{.gm_ready = now < from || now >= from + cycles}; };
  };
  const std::uint64_t first_beat = latency + 1 + lane, free = duration(to_gm(48));
  EXPECT_EQ(duration(to_gm(48), busy(first_beat, 1)), free + 1);
  EXPECT_EQ(duration(to_gm(48), busy(first_beat + 3, 11)), free + 11);
  EXPECT_EQ(duration(to_gm(48), busy(0, first_beat)), free);  // nothing offered
}

TEST(FixpipeRtlTiming, TheNextStartWaitsAsLongAsAReadIsHeld) {
  Fix fix;
  const std::uint64_t start = fix.start(to_gm(16));
  const std::uint64_t next = fix.start(to_gm(16), [](std::uint64_t now) { return FixpipeAnswers{.grant = now > latency + 9}; });
  EXPECT_EQ(next - start, setup + 10);
}

// Else an mmad that waits for the first of the two could never raise the flags the second waits for.
TEST(FixpipeRtlTiming, WhatHasBeenReadLeavesWhileTheNextFixpipeWaitsForItsUnitFlags) {
  Fix fix;
  Fixpipe waits = to_gm(16);
  waits.unit_flag = UnitFlag::toggle;
  const std::uint64_t start = fix.start(to_gm(10 * 16));  // 90 cycles: the next read is due 9 after its last
  fix.start(waits);
  const std::uint64_t end = start + latency + 10 * fractal - 1 + lane + 60;
  while (fix.bench.now() <= end) fix.bench.cycle(nullptr, {.flags_up = false});
  EXPECT_EQ(fix.bench.last_end(), end);
  EXPECT_FALSE(fix.bench.idle());
  const std::uint64_t raised = fix.bench.now();
  EXPECT_EQ(fix.drain(), raised + fractal - 1 + lane + 60);
}

TEST(FixpipeRtlTiming, EndsComeInOrderOneACycle) {
  Fix fix;
  const auto slow = [](std::uint64_t) { return FixpipeAnswers{.gm_latency = 1000}; };
  const std::uint64_t start = fix.start(to_gm(16), slow);
  for (int i = 0; i < 5; ++i) fix.start(copy(1), slow);
  EXPECT_EQ(fix.drain(slow), start + latency + fractal - 1 + lane + 1000 + 5);
}

TEST(FixpipeRtlTiming, AtMostSixteenInstructionsAreInFlight) {
  Fix fix;
  const auto slow = [](std::uint64_t) { return FixpipeAnswers{.gm_latency = 5000}; };
  const std::uint64_t start = fix.start(to_gm(16), slow);
  for (int i = 0; i < 15; ++i) fix.start(copy(1), slow);
  EXPECT_EQ(fix.start(copy(1), slow), start + latency + fractal - 1 + lane + 5000 + 1);
}

TEST(FixpipeRtlAssertion, ReportsAnInstructionThatChangesBeforeItIsTaken) {
  Fix fix;
  fix.start(to_gm(16));
  const Instruction first = to_gm(32), second = to_gm(48);
  try {
    fix.bench.cycle(&first, {});
    for (int i = 0; i < 3; ++i) fix.bench.cycle(&second, {});
    FAIL() << "nothing was reported";
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string{error.what()}.find("InstructionHeldUntilTaken_A"), std::string::npos) << error.what();
  }
}

TEST(FixpipeRtlBlock, TellsWhatItWasBuiltFor) {
  const VitMoverParameters& p = library().parameters();
  EXPECT_STREQ(p.block, "fixpipe");
  EXPECT_EQ(p.l1_bytes, 512 << 10);
  EXPECT_EQ(p.l0c_bytes, 128 << 10);
  EXPECT_EQ(p.fb_bytes, 7 << 10);
  EXPECT_EQ(p.gm_rate, 128);
  EXPECT_EQ(p.asserts, 1);
}

}  // namespace
}  // namespace vitruvian::tests
