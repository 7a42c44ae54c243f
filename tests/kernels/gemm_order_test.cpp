// SPDX-License-Identifier: Apache-2.0
//
// The kernel's programs are free of races, and the check that says so can fail.
#include <gtest/gtest.h>

#include <map>
#include <utility>

#include "tests/kernels/order_check.h"
#include "tests/kernels/random_gemm.h"

namespace vitruvian::tests {
namespace {

using models::Instruction;
using models::Pipe;
using models::Program;

ChipConfig chip() { return load_chip("ascend910b1"); }

std::string first_fault(const Program& program, const ChipConfig& on) {
  const OrderCheck check{program, on};
  return check.faults().empty() ? "" : check.faults().front();
}

TEST(GemmOrder, RandomProgramsHaveNoRace) {
  const ChipConfig on = chip();
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    const GemmCase c = random_gemm(seed, 1 << 20);
    EXPECT_EQ(first_fault(GemmBench{c, on}.program(), on), "") << describe(c);
  }
}

TEST(GemmOrder, NorOnSmallBuffersAndOtherCubes) {
  for (const auto& settings :
       {std::vector{"buffers.l1=65536", "buffers.l0a=8192", "buffers.l0b=8192",
                    "buffers.l0c=16384"},
        std::vector{"cube.m=32"}, std::vector{"core.event_ids=1"}, std::vector{"buffers.bt=128"}}) {
    ChipConfig on = chip();
    for (const char* setting : settings) set_chip_key(on, setting);
    for (std::uint64_t seed = 1001; seed <= 1060; ++seed) {
      GemmCase c = random_gemm(seed, 1 << 19);
      c.request = {};
      EXPECT_EQ(first_fault(GemmBench{c, on}.program(), on), "") << describe(c);
    }
  }
}

// X = A * A, Y = X * A, all 48 x 48: the second reads what the first wrote.
Program two_in_a_row(bool ordered, const ChipConfig& on) {
  models::GemmProblem p{.m = 48, .n = 48, .k = 48, .dtype = DataType::f32};
  const models::GemmTiles tiles = models::choose_gemm_tiles(p, on);
  const models::GemmTensors first[] = {{GmAddress{0}, GmAddress{0}, GmAddress{16384}, {}}};
  const models::GemmTensors second[] = {{GmAddress{16384}, GmAddress{0}, GmAddress{32768}, {}}};
  models::ProgramBuilder builder{"two", on};
  models::add_gemm(builder, p, tiles, first, on);
  if (ordered) models::order_after_writes(builder);
  models::add_gemm(builder, p, tiles, second, on);
  return builder.take();
}

TEST(GemmOrder, JoinedProgramsNeedToWaitForTheResultsTheyRead) {
  const ChipConfig on = chip();
  EXPECT_EQ(first_fault(two_in_a_row(true, on), on), "");
  EXPECT_NE(first_fault(two_in_a_row(false, on), on).find("reads GM"), std::string::npos);
}

// A program of several blocks, panels and steps, with small mmads that need barriers.
GemmCase busy_case() {
  GemmCase c{.problem = {.m = 96, .n = 96, .k = 256, .dtype = DataType::f16}};
  c.problem.bias = true;
  c.request = {models::TileShape{32, 32, 64}, models::TileShape{32, 32, 32}};
  return c;
}

using Pair = std::pair<Pipe, Pipe>;

// Leaves out the `index`-th set_flag of the pair and the wait_flag that takes it.
Program without_event(const Program& program, Pair pair, int index) {
  Program out{program.name, {}};
  int seen = -1, id = -1;
  bool waiting = false;
  for (const Instruction& i : program.instructions) {
    if (const auto* set = std::get_if<models::SetFlag>(&i);
        set && Pair{set->from, set->to} == pair && ++seen == index) {
      id = set->id;
      waiting = true;
      continue;
    }
    if (const auto* wait = std::get_if<models::WaitFlag>(&i);
        wait && waiting && Pair{wait->from, wait->to} == pair && wait->id == id) {
      waiting = false;
      continue;
    }
    out.instructions.push_back(i);
  }
  return out;
}

TEST(GemmOrder, ADroppedEventIsSeen) {
  const ChipConfig on = chip();
  const Program program = GemmBench{busy_case(), on}.program();
  ASSERT_EQ(first_fault(program, on), "");
  constexpr Pair pairs[] = {{Pipe::MTE2, Pipe::MTE1},
                            {Pipe::MTE1, Pipe::MTE2},
                            {Pipe::MTE1, Pipe::M},
                            {Pipe::M, Pipe::MTE1}};
  for (const Pair& pair : pairs) {
    for (int index = 0; index < 6; ++index) {
      EXPECT_NE(first_fault(without_event(program, pair, index), on), "")
          << models::name(pair.first) << " to " << models::name(pair.second) << ", event " << index;
    }
  }
}

TEST(GemmOrder, ADroppedBarrierIsSeen) {
  const ChipConfig on = chip();
  const Program program = GemmBench{busy_case(), on}.program();
  int barriers = 0;
  for (std::size_t i = 0; i < program.instructions.size(); ++i) {
    if (!std::holds_alternative<models::PipeBarrier>(program.instructions[i])) continue;
    if (++barriers > 5) break;
    Program without = program;
    without.instructions.erase(without.instructions.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_NE(first_fault(without, on), "") << "barrier " << i;
  }
  EXPECT_GT(barriers, 5);
}

TEST(GemmOrder, AUnitFlagLeftOutIsSeen) {
  const ChipConfig on = chip();
  const Program program = GemmBench{busy_case(), on}.program();
  const auto last = [&](auto chosen) {
    for (std::size_t i = program.instructions.size(); i-- > 0;) {
      if (chosen(program.instructions[i])) return i;
    }
    return std::size_t{0};
  };
  Program fix = program;
  std::get<models::Fixpipe>(fix.instructions[last([](const Instruction& i) {
    return std::holds_alternative<models::Fixpipe>(i);
  })]).unit_flag = models::UnitFlag::off;
  EXPECT_NE(first_fault(fix, on), "");
  Program mmad = program;
  std::get<models::Mmad>(mmad.instructions[last([](const Instruction& i) {
    return std::holds_alternative<models::Mmad>(i);
  })]).unit_flag = models::UnitFlag::check;
  EXPECT_NE(first_fault(mmad, on), "");
}

}  // namespace
}  // namespace vitruvian::tests
