// SPDX-License-Identifier: Apache-2.0
//
// The RTL MTE1 against models/pipe (bytes) and docs/timing.md (cycles), through its C interface. Every cycle of
// every program is checked on both sides: nothing early, nothing late, no row read or written beside its place.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>

#include "models/core/core.h"
#include "tb/pipe/block_build.h"
#include "tests/pipe/faulty_rtl.h"
#include "tests/pipe/mte1_rtl_bench.h"
#include "tests/pipe/mte1_rtl_program.h"

namespace vitruvian::tests {
namespace {

using models::CopyL1Bt;
using models::FillL0;
using models::Instruction;
using models::L0Buffer;
using models::Load2d;
using models::Load2dTranspose;
using models::Load3d;
using tb::RandomStream;
using tb::Seed;

// As every chip has it; and small, no power of two, the rates the other way round, BT with more places than L0.
struct Shape {
  std::uint64_t l1, l0a, l0b, bt, l0a_rate, l0b_rate;
};
constexpr Shape standard{512 << 10, 64 << 10, 64 << 10, 1 << 10, 256, 128}, odd{24 << 10, 5 << 10, 12 << 10, 10 << 10, 128, 256};

const tb::MoverLibrary& library(const Shape& shape, const std::filesystem::path& rtl = {}) {
  static std::map<std::string, tb::MoverLibrary> loaded;
  const std::string name = fmt::format("{} {} {} {} {} {} {}", shape.l1, shape.l0a, shape.l0b, shape.bt, shape.l0a_rate, shape.l0b_rate, rtl.string());
  if (const auto found = loaded.find(name); found != loaded.end()) return found->second;
  const tb::BlockBuild build{"mte1",
                             {{"L1_BYTES", shape.l1}, {"L0A_BYTES", shape.l0a}, {"L0B_BYTES", shape.l0b}, {"BT_BYTES", shape.bt},
                              {"L0A_RATE", shape.l0a_rate}, {"L0B_RATE", shape.l0b_rate}},
                             rtl.empty() ? "check" : "fast", rtl};
  return loaded.try_emplace(name, tb::build_block(build)).first->second;
}

ChipConfig chip_of(const Shape& shape) {
  ChipConfig chip = load_chip("ascend910b1");
  chip.l1 = Bytes{shape.l1}, chip.l0a = Bytes{shape.l0a}, chip.l0b = Bytes{shape.l0b}, chip.bt = Bytes{shape.bt};
  return chip;
}

Mte1Settings draw_settings(RandomStream& stream) {
  constexpr std::uint64_t setups[] = {1, 2, 3, 40}, tails[] = {0, 1, 5}, latencies[] = {34, 35, 36, 128};
  Mte1Settings settings{stream.pick(setups), stream.pick(tails), stream.pick(latencies)};
  if (stream.chance(1, 2)) settings.latency = 34 + stream.below(95);
  if (stream.chance(1, 20)) settings.setup = 4096;
  return settings;
}

// A bench with random memories, the golden model beside it.
struct Bench {
  Bench(const Shape& shape, const Mte1Settings& settings, RandomStream contents, const std::filesystem::path& rtl = {})
      : chip{chip_of(shape)}, gm{chip.gm.size}, golden{chip, gm}, rtl{library(shape, rtl), settings, chip, golden} {
    for (models::Buffer* buffer : {&golden.l1, &golden.l0a, &golden.l0b, &golden.bt}) {
      std::ranges::generate(buffer->bytes(), [&] { return static_cast<std::uint8_t>(contents.draw()); });
    }
    for (const auto& [space, buffer] : buffers()) std::ranges::copy(buffer->bytes(), this->rtl.image(space).begin());
  }
  std::vector<std::pair<int, models::Buffer*>> buffers() { return {{VIT_L0A, &golden.l0a}, {VIT_L0B, &golden.l0b}, {VIT_BT, &golden.bt}}; }
  std::string first_difference() {
    for (const auto& [space, buffer] : buffers()) {
      const auto& seen = rtl.image(space);
      const auto at = std::ranges::mismatch(seen, buffer->bytes()).in1 - seen.begin();
      if (at != static_cast<std::ptrdiff_t>(seen.size())) return fmt::format("space {} byte {:#x}: RTL {:#x}, model {:#x}", space, at, seen[at], buffer->bytes()[at]);
    }
    return {};
  }
  void run(const Instruction& instruction) {
    models::check_instruction(instruction, chip);
    while (!rtl.cycle(&instruction)) {
    }
  }
  void drain() {
    for (int i = 0; i < 3 || !rtl.idle(); ++i) rtl.cycle(nullptr);
  }

  ChipConfig chip;
  models::Memory gm;
  models::CoreState golden;
  Mte1RtlBench rtl;
};

struct Outcome {
  std::string difference;
  Mte1Coverage coverage;
};

// `count` random instructions, back to back or with gaps.
Outcome run(const Shape& shape, Seed seed, int count, std::uint64_t most, const std::filesystem::path& rtl = {}) {
  RandomStream stream = seed.stream("program"), settings = seed.stream("settings");
  Bench bench{shape, draw_settings(settings), seed.stream("contents"), rtl};
  const bool gaps = settings.chance(1, 3);
  for (int i = 0; i < count; ++i) {
    for (auto gap = gaps ? stream.below(40) : 0; gap > 0; --gap) bench.rtl.cycle(nullptr);
    bench.run(draw_mte1(stream, bench.chip, most));
  }
  bench.drain();
  return {bench.first_difference(), bench.rtl.coverage()};
}

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
  Shape shape;
  int programs, instructions;
  std::uint64_t most;  // fractals
};
constexpr Case cases[] = {
    {"small", standard, 100, 120, 4}, {"middle", standard, 30, 80, 24}, {"huge", standard, 6, 12, 255}, {"odd", odd, 70, 100, 8},
};

class Mte1Rtl : public testing::TestWithParam<Case> {};

TEST_P(Mte1Rtl, MovesWhatTheModelMovesInTheCyclesOfTheRules) {
  const Case& test = GetParam();
  Mte1Coverage sum;
  for (int program = 1; program <= test.programs; ++program) {
    const Seed seed = Seed{0x37e1}.child(program);
    SCOPED_TRACE("seed " + seed.text());
    Outcome outcome;
    ASSERT_NO_THROW(outcome = run(test.shape, seed, test.instructions, test.most));
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

}  // namespace
}  // namespace vitruvian::tests
