// SPDX-License-Identifier: Apache-2.0
//
// The RTL cube against docs/numerics.md (models::dot) and docs/pipe/cube.md (closed forms), through its
// C interface. Every cycle of every case is checked on both sides: nothing early, nothing late.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <stdexcept>
#include <string>

#include "tb/random/numbers.h"
#include "tests/pipe/cube_rtl_bench.h"

namespace vitruvian::tests {
namespace {

using models::Init;
using models::Mmad;
using models::Numerics;
using models::Order;
using models::UnitFlag;
using tb::Mix;
using tb::RandomStream;
using tb::Seed;

struct Block {
  std::uint32_t m, k, n;
  Numerics numerics;
};

const tb::CubeLibrary& library(const Block& block, const char* variant = "check") {
  static std::map<std::string, tb::CubeLibrary> loaded;
  tb::CubeBuild build;
  build.cube.m = block.m, build.cube.k = block.k, build.cube.n = block.n;
  build.numerics = block.numerics;
  build.variant = variant;
  const std::string name = fmt::format("{} {} {} {} {}", block.m, block.k, block.n, static_cast<int>(block.numerics), variant);
  return loaded.try_emplace(name, tb::build_cube(build)).first->second;
}

constexpr std::uint32_t zone = 16 << 10;  // of L0C, for one mmad
constexpr std::uint32_t zones = 8;

CubeMemories draw_memories(RandomStream stream, DataType type) {
  const auto mix = [&] { return static_cast<Mix>(stream.below(tb::mix_count)); };
  CubeMemories memories{std::vector<std::uint8_t>(1 << 14), std::vector<std::uint8_t>(1 << 14),
                        std::vector<std::uint8_t>(zone * zones), std::vector<std::uint8_t>(1 << 10)};
  const DataType sum = is_floating(type) ? DataType::f32 : DataType::s32;
  tb::fill_numbers(memories.l0a, RandomStream{stream.draw()}, mix(), type);
  tb::fill_numbers(memories.l0b, RandomStream{stream.draw()}, mix(), type);
  tb::fill_numbers(memories.l0c, RandomStream{stream.draw()}, mix(), sum);
  tb::fill_numbers(memories.bt, RandomStream{stream.draw()}, mix(), sum);
  return memories;
}

Mmad draw_mmad(RandomStream& stream, DataType type, std::uint32_t number) {
  const auto size = [&](std::int64_t most) {
    const auto x = stream.between(1, stream.chance(1, 2) ? 17 : most);
    return static_cast<std::uint16_t>(stream.chance(1, 4) ? (x + 15) / 16 * 16 : x);
  };
  Mmad mmad;
  mmad.dtype = type;
  mmad.m = stream.chance(1, 6) ? 1 : size(64);
  mmad.n = size(64);
  mmad.k = static_cast<std::uint16_t>(stream.between(1, stream.chance(1, 2) ? 20 : 1024 / element_bits(type)));
  if (stream.chance(1, 20)) (stream.chance(1, 2) ? mmad.m : stream.chance(1, 2) ? mmad.n : mmad.k) = 0;
  mmad.a = L0aAddress{stream.below(8) * 512};
  mmad.b = L0bAddress{stream.below(8) * 512};
  mmad.c = L0cAddress{number % zones * zone};
  mmad.bias = BtAddress{stream.below(4) * 64};
  mmad.init = static_cast<Init>(stream.below(3));
  constexpr UnitFlag unit_flags[] = {UnitFlag::off, UnitFlag::check, UnitFlag::toggle};
  mmad.unit_flag = stream.pick(unit_flags);
  mmad.order = static_cast<Order>(stream.below(2));
  mmad.no_gemv = stream.chance(1, 3);
  if (type != DataType::f32) return mmad;
  mmad.hf32 = static_cast<models::Hf32>(stream.below(3));
  mmad.k_align = stream.chance(1, 3);
  return mmad;
}

struct Refusals {
  std::uint64_t flags, grants;  // percent of the cycles
};

// `count` random mmads of a type, back to back or with gaps; returns L0C of the block and of the definition.
struct Outcome {
  CubeMemories rtl, definition;
  std::uint64_t frozen;
};
Outcome run(const tb::CubeLibrary& built, Seed seed, DataType type, std::uint32_t count, Refusals refusals) {
  RandomStream stream = seed.stream("program");
  CubeMemories rtl = draw_memories(seed.stream("contents"), type), definition = rtl;
  const auto numerics = static_cast<Numerics>(built.parameters().numerics);
  CubeRtlBench bench{built, rtl};
  const auto cycle = [&](const Mmad* mmad) {
    return bench.cycle(mmad, !stream.chance(refusals.flags, 100), !stream.chance(refusals.grants, 100));
  };
  for (std::uint32_t i = 0; i < count; ++i) {
    // an mmad may not touch what one still at work touches
    while (i >= zones - 2 && i % (zones / 2) == 0 && !bench.idle()) cycle(nullptr);
    for (auto gap = stream.chance(1, 2) ? 0 : stream.below(30); gap > 0; --gap) cycle(nullptr);
    const Mmad mmad = draw_mmad(stream, type, i);
    while (!cycle(&mmad)) {
    }
    execute(mmad, numerics, built.parameters(), definition);
  }
  for (int i = 0; i < 30 || !bench.idle(); ++i) cycle(nullptr);
  return {std::move(rtl), std::move(definition), bench.frozen_cycles()};
}

std::string first_difference(const Outcome& outcome) {
  for (std::size_t at = 0; at < outcome.rtl.l0c.size(); at += 4) {
    std::uint32_t x, y;
    std::memcpy(&x, &outcome.rtl.l0c[at], 4);
    std::memcpy(&y, &outcome.definition.l0c[at], 4);
    if (x != y) return fmt::format("L0C byte {}: RTL {:08x}, definition {:08x}", at, x, y);
  }
  return {};
}

struct Case {
  Block block;
  DataType type;
  int programs;
};

class CubeRtl : public testing::TestWithParam<Case> {};

TEST_P(CubeRtl, EqualsTheDefinitionBitForBitAndThePlanCycleForCycle) {
  const Case& test = GetParam();
  std::uint64_t frozen = 0;
  for (int program = 0; program < test.programs; ++program) {
    const Seed seed = Seed{0xc0be}.child(program + 1);
    SCOPED_TRACE("seed " + seed.text());
    const Refusals refusals{program % 2 ? 20u : 0u, program % 2 ? 30u : 0u};
    Outcome outcome;
    ASSERT_NO_THROW(outcome = run(library(test.block), seed, test.type, 12, refusals));
    ASSERT_EQ(first_difference(outcome), "");
    frozen += outcome.frozen;
  }
  EXPECT_GT(frozen, 0u) << "nothing was ever refused";
}

std::vector<Case> cases() {
  std::vector<Case> all;
  for (const DataType type : {DataType::f16, DataType::bf16, DataType::f32, DataType::s8, DataType::s4}) {
    for (const Numerics numerics : {Numerics::dot24, Numerics::fused24, Numerics::tree}) {
      all.push_back({{8, 8, 8, numerics}, type, 16});
      all.push_back({{16, 16, 16, numerics}, type, numerics == Numerics::dot24 ? 30 : 10});
    }
    all.push_back({{32, 16, 16, Numerics::dot24}, type, 10});
  }
  return all;
}

std::string case_name(const testing::TestParamInfo<Case>& info) {
  constexpr const char* types[] = {"f16", "bf16", "f32", "s8", "s32", "s4"};
  const Block& block = info.param.block;
  return fmt::format("{}x{}x{}_{}_{}", block.m, block.k, block.n,
                     models::numerics_names[static_cast<int>(block.numerics)],
                     types[static_cast<int>(info.param.type)]);
}
INSTANTIATE_TEST_SUITE_P(Shapes, CubeRtl, testing::ValuesIn(cases()), case_name);

// A wrong block is seen: in values, or in cycles. One fault a class, in a copy of rtl/.
struct Fault {
  const char* name;
  const char* file;
  const char* find;
  const char* replace;
  DataType type = DataType::f16;  // that meets it
};
constexpr Fault faults[] = {
    {"rounding", "common/vit_fp_pkg.sv", "raised[7] & (", "raised[7] | ("},
    {"accumulate", "pipe/vit_cube_acc.sv", "meta[30] ? x - y : x + y", "x + y"},
    {"special", "pipe/vit_cube_special.sv", "met[n] == Negative ? ", "met[n] == Invalid ? "},
    {"address", "pipe/vit_cube_seq.sv", "AW'({row[3:0], k_byte[4:0]})", "AW'(k_byte[4:0])"},
    {"mask", "pipe/vit_cube_seq.sv", "column + 16'(c) < 16'(n_q)", "column + 16'(c) <= 16'(n_q)"},
    {"early", "pipe/vit_cube_seq.sv", "slot_q >= mt_q", "slot_q + 12'd1 >= mt_q"},
    {"tie", "pipe/vit_cube_operand.sv", "hf32 == vit_pkg::HF32_NEAREST_EVEN", "1'b1", DataType::f32},
    {"nibble", "pipe/vit_cube_dot.sv", "{{28{a[3]}}, a[3:0]}", "{28'b0, a[3:0]}", DataType::s4},
    {"pitch", "pipe/vit_cube_seq.sv", "k_align_q ? ceil_shift(k_q, 3'd4) << 1 : ", "", DataType::f32},
    {"gemv", "pipe/vit_cube_seq.sv", " && !no_gemv_q", ""},
    {"flag", "pipe/vit_cube_seq.sv", "unit_flag_q == vit_pkg::UNITFLAG_TOGGLE", "1'b1"},
};

// rtl/ with the fault in it; its own directory, removed at the end.
class FaultyRtl {
 public:
  explicit FaultyRtl(const Fault& fault)
      : folder_{std::filesystem::temp_directory_path() / fmt::format("vit_fault_{}_{}", fault.name, ::getpid())} {
    std::filesystem::copy(VITRUVIAN_SOURCE_DIR "/rtl", folder_, std::filesystem::copy_options::recursive);
    std::ifstream in{folder_ / fault.file};
    std::string text{std::istreambuf_iterator<char>{in}, {}};
    const std::size_t at = text.find(fault.find);
    if (at == std::string::npos) throw std::runtime_error{fmt::format("{}: no '{}'", fault.file, fault.find)};
    text.replace(at, std::strlen(fault.find), fault.replace);
    std::ofstream{folder_ / fault.file} << text;
  }
  ~FaultyRtl() { std::filesystem::remove_all(folder_); }
  FaultyRtl(const FaultyRtl&) = delete;
  FaultyRtl& operator=(const FaultyRtl&) = delete;
  const std::filesystem::path& folder() const { return folder_; }

 private:
  std::filesystem::path folder_;
};

class CubeRtlChecker : public testing::TestWithParam<Fault> {};

TEST_P(CubeRtlChecker, SeesAFault) {
  const FaultyRtl rtl{GetParam()};
  tb::CubeBuild build;
  build.cube.m = build.cube.k = build.cube.n = 8;
  build.rtl = rtl.folder();
  const tb::CubeLibrary faulty{tb::build_cube(build)};
  std::string seen;
  for (int program = 1; program < 20 && seen.empty(); ++program) {
    try {
      seen = first_difference(run(faulty, Seed{0xbad}.child(program), GetParam().type, 12, {10, 10}));
    } catch (const std::runtime_error& difference) {
      seen = difference.what();
    }
  }
  EXPECT_NE(seen, "");
}

INSTANTIATE_TEST_SUITE_P(Faults, CubeRtlChecker, testing::ValuesIn(faults),
                         [](const auto& info) { return std::string{info.param.name}; });

constexpr Block standard{16, 16, 16, Numerics::dot24};

// Cycles from the start of one mmad to its end, with the refusals given per cycle.
template <class Answer>
std::uint64_t duration(const Mmad& mmad, Answer refused) {
  CubeMemories memories = draw_memories(Seed{7}.stream("contents"), mmad.dtype);
  CubeRtlBench bench{library(standard), memories};
  bench.cycle(&mmad, true, true);
  while (!bench.idle()) {
    const bool no = refused(bench.now());
    bench.cycle(nullptr, !no, !no);
  }
  return bench.last_end();
}

Mmad square(std::uint16_t size, DataType type = DataType::f16) {
  Mmad mmad;
  mmad.m = mmad.n = mmad.k = size;
  mmad.dtype = type;
  mmad.init = Init::zero;
  return mmad;
}

TEST(CubeRtlTiming, OneTileEnds23CyclesAfterItsStart) {
  EXPECT_EQ(duration(square(16), [](std::uint64_t) { return false; }), 1u + 2 + 20);
}

TEST(CubeRtlTiming, AnFp32TileIsTwoHalvesDeepAndTwoSlotsLong) {  // k = 16: two steps, the first D long
  EXPECT_EQ(duration(square(16, DataType::f32), [](std::uint64_t) { return false; }), 1u + 10 + 2 + 20);
}

TEST(CubeRtlTiming, AnHf32TileIsAsDeepAndOneSlotLong) {  // two tiles side by side in the last step
  Mmad mmad = square(16, DataType::f32);
  mmad.n = 32;
  const auto free = [](std::uint64_t) { return false; };
  EXPECT_EQ(duration(mmad, free), 1u + 10 + 4 + 20);
  mmad.hf32 = models::Hf32::nearest_even;
  EXPECT_EQ(duration(mmad, free), 1u + 10 + 2 + 20);
}

TEST(CubeRtlTiming, AnS4TileIsFourTimesAsDeepAsAnFp16Tile) {
  const auto free = [](std::uint64_t) { return false; };
  EXPECT_EQ(duration(square(64, DataType::s4), free), 1u + 16 + 20);
  EXPECT_EQ(duration(square(65, DataType::s4), free), 1u + 25 + 25 + 20);
}

TEST(CubeRtlTiming, EachRefusedCycleMovesTheEndByOne) {
  Mmad mmad = square(32);
  mmad.init = Init::accumulate;
  const std::uint64_t free = duration(mmad, [](std::uint64_t) { return false; });
  EXPECT_EQ(free, 1u + 10 + 4 + 20);
  EXPECT_EQ(duration(mmad, [](std::uint64_t now) { return now == 3; }), free + 1);
  EXPECT_EQ(duration(mmad, [](std::uint64_t now) { return now >= 3 && now < 8; }), free + 5);
}

TEST(CubeRtlTiming, ARefusalWithNoTileAtHandCostsNothing) {
  Mmad mmad = square(32);
  mmad.init = Init::accumulate;
  const auto free = duration(mmad, [](std::uint64_t) { return false; });
  EXPECT_EQ(duration(mmad, [](std::uint64_t now) { return now >= 6 && now < 12; }), free);  // between the steps
}

TEST(CubeRtlTiming, AnEmptyMmadTakesOneCycle) {
  CubeMemories memories = draw_memories(Seed{7}.stream("contents"), DataType::f16);
  CubeRtlBench bench{library(standard), memories};
  const Mmad empty = square(0), full = square(16);
  EXPECT_TRUE(bench.cycle(&empty, true, true));
  EXPECT_TRUE(bench.cycle(&full, true, true));
  EXPECT_FALSE(bench.cycle(&full, true, true));
}

TEST(CubeRtlAssertion, ReportsAnInstructionThatChangesBeforeItIsTaken) {
  CubeMemories memories = draw_memories(Seed{7}.stream("contents"), DataType::f16);
  CubeRtlBench bench{library(standard), memories};
  const Mmad first = square(64), second = square(16), third = square(32);
  bench.cycle(&first, true, true);
  bench.cycle(&second, true, true);
  try {
    for (int i = 0; i < 3; ++i) bench.cycle(&third, true, true);
    FAIL() << "nothing was reported";
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string{error.what()}.find("InstructionHeldUntilTaken_A"), std::string::npos) << error.what();
  }
}

TEST(CubeRtlBlock, TellsWhatItWasBuiltFor) {
  const VitCubeParameters& p = library({8, 8, 8, Numerics::tree}).parameters();
  EXPECT_EQ(p.m, 8);
  EXPECT_EQ(p.k, 8);
  EXPECT_EQ(p.n, 8);
  EXPECT_EQ(p.numerics, 2);
  EXPECT_EQ(p.revisit, 10);
  EXPECT_EQ(p.asserts, 1);
  EXPECT_EQ(p.traced, 0);
}

}  // namespace
}  // namespace vitruvian::tests
