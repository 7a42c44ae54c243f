// SPDX-License-Identifier: Apache-2.0
//
// Which orders hold and which do not, one by one (docs/check.md).
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/tb/check_programs.h"

namespace vitruvian::tests {
namespace {

struct Pair {
  std::string_view name, first, second, from, to;
};
constexpr Pair across_pipes[] = {
    {"L1, write and read", copy_in, load_a, "MTE2", "MTE1"},
    {"L1, read and write", load_a, copy_in, "MTE1", "MTE2"},
    {"L1 to GM", copy_in, copy_out, "MTE2", "MTE3"},
    {"L1 by FIX, then MTE1", store_l1, load_a, "FIX", "MTE1"},
    {"L1 by FIX, then MTE3", store_l1, copy_out, "FIX", "MTE3"},
    {"L1 by FIX, then MTE2", store_l1, copy_in, "FIX", "MTE2"},
    {"L0A, write and read", load_a, multiply, "MTE1", "M"},
    {"L0A, read and write", multiply, load_a, "M", "MTE1"},
    {"L0C, write and read", multiply, store, "M", "FIX"},
    {"L0C, read and write", store, multiply, "FIX", "M"},
    {"GM by FIX, then MTE2", store, copy_back, "FIX", "MTE2"},
    {"GM by MTE3, then MTE2", copy_out, copy_back, "MTE3", "MTE2"},
    {"GM by both", copy_out, store, "MTE3", "FIX"},
    {"GM by FIX, then S", store, "load_scalar src=0x2000\n", "FIX", "S"},
};

TEST(CheckRaces, TwoPipesNeedAFlagInTheRightDirectionOrABarrierOfAll) {
  for (const Pair& p : across_pipes) {
    EXPECT_EQ(races_in(joined({p.first, p.second})), 1u) << p.name;
    EXPECT_EQ(races_in(joined({p.first, flag(p.from, p.to), p.second})), 0u) << p.name;
    EXPECT_EQ(races_in(joined({p.first, flag(p.to, p.from), p.second})), 1u) << p.name;
    EXPECT_EQ(races_in(joined({p.first, barrier("ALL"), p.second})), 0u) << p.name;
    EXPECT_EQ(races_in(joined({flag(p.from, p.to), p.first, p.second})), 1u) << p.name;
    EXPECT_EQ(races_in(joined({p.first, p.second, flag(p.from, p.to)})), 1u) << p.name;
  }
}

// The queue's own barrier does not do for two queues.
TEST(CheckRaces, ABarrierOfOnePipeOrdersOnlyThatPipe) {
  EXPECT_EQ(races_in(joined({copy_in, barrier("MTE2"), barrier("MTE1"), load_a})), 1u);
}

struct Own {
  std::string_view name, first, second, pipe;
  std::uint64_t races;
};
constexpr Own within_a_pipe[] = {
    {"MTE2 copies overlap", copy_in, copy_in, "MTE2", 1},
    {"MTE2 fills too", "fill_l1 dst=0 block_length=16\n", copy_in, "MTE2", 1},
    {"MTE1 writes in order", load_a, load_a, "MTE1", 0},
    {"MTE1 fills in order", "fill_l0 to=L0A dst=0 block_length=4\n", load_a, "MTE1", 0},
    {"MTE3 writes of GM overlap", copy_out, copy_out, "MTE3", 1},
    {"FIX writes of GM overlap", store, store, "FIX", 1},
    {"FIX writes L1 in order", store_l1, store_l1, "FIX", 0},
    {"FIX reads L1 before it writes it", table, store_l1, "FIX", 0},
    {"FIX may read L1 before it has written it", store_l1, table, "FIX", 1},
    {"FIX writes FB in order", table, table, "FIX", 0},
    {"FIX finds in FB what it put there", table,
     "fixpipe dst=0x2000 src=0 m=16 n=8 src_stride=16 dst_stride=16 acc=s32 quant=VREQ8 nz2nd=1\n",
     "FIX", 0},
    {"mmads that write the same output", multiply, multiply, "M", 1},
};

TEST(CheckRaces, WithinAPipeTheTableSaysWhoNeedsABarrier) {
  for (const Own& o : within_a_pipe) {
    EXPECT_EQ(races_in(joined({o.first, o.second})), o.races) << o.name;
    EXPECT_EQ(races_in(joined({o.first, barrier(o.pipe), o.second})), 0u) << o.name;
    EXPECT_EQ(races_in(joined({o.first, barrier("ALL"), o.second})), 0u) << o.name;
  }
}

TEST(CheckRaces, ReadsDoNotRace) {
  EXPECT_EQ(races_in(joined({load_a, copy_out})), 0u);
  EXPECT_EQ(races_in(joined({"copy_gm_l1 dst=0 src=0 block_length=16\n",
                             "copy_gm_l1 dst=0x4000 src=0 block_length=16\n"})),
            0u);
}

// n fractals of output, accumulated twice.
std::string chain(int m, int n, std::string_view between = "", std::string_view order = "m_first") {
  return fmt::format(
      "mmad c=0 a=0 b=0 m={0} n={1} k=16 dtype=f16 init=zero\n{2}"
      "mmad c=0 a=0 b=0 m={0} n={1} k=16 dtype=f16 order={3}\n",
      m, n, between, order);
}

TEST(CheckRaces, AnMmadChainNeedsABarrierBelowTenOutputFractals) {
  EXPECT_EQ(races_in(chain(16 * 9, 16)), 2u);  // it reads and writes what is on its way
  EXPECT_EQ(races_in(chain(16 * 10, 16)), 0u);
  EXPECT_EQ(races_in(chain(48, 48)), 2u);
  EXPECT_EQ(races_in(chain(16 * 9 + 1, 16)), 0u);  // a started fractal counts
  EXPECT_EQ(races_in(chain(80, 32)), 0u);
  EXPECT_EQ(races_in(chain(16 * 9, 16, "pipe_barrier on=M\n")), 0u);
}

TEST(CheckRaces, AChainWalksTheSameOutputsTheSameWay) {
  EXPECT_EQ(races_in(chain(80, 32, "", "n_first")), 2u);
  EXPECT_EQ(races_in(chain(160, 16, "", "n_first")), 0u);  // one column: the same way
  EXPECT_GT(races_in("mmad c=0 a=0 b=0 m=160 n=16 k=16 dtype=f16 init=zero\n"
                     "mmad c=0 a=0 b=0 m=176 n=16 k=16 dtype=f16\n"),
            0u);
  EXPECT_GT(races_in("mmad c=0 a=0 b=0 m=160 n=16 k=16 dtype=f16 init=zero\n"
                     "mmad c=1024 a=0 b=0 m=160 n=16 k=16 dtype=f16\n"),
            0u);
}

TEST(CheckRaces, OnACubeOf32RowsTenTilesAreNeeded) {
  ChipConfig chip = check_chip();
  set_chip_key(chip, "cube.m=32");
  const auto races = [&](int m) {
    const auto file = models::parse_assembly(chain(m, 16), "text", chip);
    return tb::check_order(file.program, chip, {}).races->count;
  };
  EXPECT_EQ(races(16 * 10), 2u);
  EXPECT_EQ(races(32 * 9), 2u);
  EXPECT_EQ(races(32 * 9 + 1), 0u);
}

TEST(CheckRaces, UnitFlagsOrderMmadFixpipeAndTheNextMmad) {
  EXPECT_EQ(races_in(handed("toggle", "toggle", "check")), 0u);
  EXPECT_EQ(races_in(handed("off", "off", "off")), 3u);  // and the mmads among themselves
  EXPECT_NE(first_race(handed("toggle", "toggle", "off")), "");
  EXPECT_NE(first_race(handed("toggle", "off", "off")), "");
}

TEST(CheckRaces, AUnitFlagOrdersItsOwnGranuleOnly) {
  // The fixpipe takes rows 0 to 7; the second mmad writes rows 8 to 15 too, which FIX reads
  // without a flag.
  constexpr std::string_view rest =
      "fixpipe dst=0x3000 src=512 m=8 n=16 src_stride=16 dst_stride=16 acc=f32 nz2nd=1\n";
  constexpr std::string_view top =
      "mmad c=0 a=0 b=0 m=8 n=16 k=16 dtype=f16 init=zero unit_flag=toggle\n"
      "fixpipe dst=0x2000 src=0 m=8 n=16 src_stride=16 dst_stride=16 acc=f32 nz2nd=1 "
      "unit_flag=toggle\n";
  EXPECT_EQ(races_in(joined({top, multiply.substr(0, multiply.size() - 1), " unit_flag=check\n"})),
            0u);
  const std::string text = first_race(
      joined({rest, top, multiply.substr(0, multiply.size() - 1), " unit_flag=check\n"}));
  EXPECT_NE(text.find("L0C bytes 0x200 to 0x3ff"), std::string::npos) << text;
}

// A fixpipe without unit flags in front of the one that clears has not been taken by it.
TEST(CheckRaces, AClearedUnitFlagSpeaksForReadersWithUnitFlags) {
  const auto program = [](std::string_view first_reader) {
    return joined({"mmad c=0 a=0 b=0 m=16 n=16 k=16 dtype=f16 init=zero unit_flag=toggle\n",
                   first_reader, store.substr(0, store.size() - 1), " unit_flag=toggle\n",
                   multiply.substr(0, multiply.size() - 1), " unit_flag=check\n"});
  };
  constexpr std::string_view reader =
      "fixpipe dst=0x8000 src=0 m=16 n=16 src_stride=16 dst_stride=16 acc=f32 nz2nd=1";
  EXPECT_EQ(races_in(program(joined({reader, " unit_flag=check\n"}))), 0u);
  EXPECT_GT(races_in(program(joined({flag("M", "FIX"), reader, "\n"}))), 0u);
  EXPECT_EQ(races_in(program(joined({flag("M", "FIX"), reader, "\n", barrier("FIX")}))), 0u);
}

TEST(CheckRaces, AFixpipeMayTakeTheOutputsOfSeveralMmadsWhileMGoesOn) {
  // The second mmad on fractal 0 needs the fixpipe to have cleared it, and stands before the mmad
  // the fixpipe still needs: fractal by fractal this comes to its end.
  EXPECT_EQ(races_in("mmad c=0 a=0 b=0 m=16 n=16 k=16 dtype=f16 init=zero unit_flag=toggle\n"
                     "fixpipe dst=0x2000 src=0 m=32 n=16 src_stride=32 dst_stride=16 acc=f32 "
                     "nz2nd=1 unit_flag=toggle\n"
                     "mmad c=0 a=0 b=0 m=16 n=16 k=16 dtype=f16 init=zero unit_flag=check\n"
                     "mmad c=1024 a=0 b=0 m=16 n=16 k=16 dtype=f16 init=zero unit_flag=toggle\n"),
            0u);
}

TEST(CheckRaces, OrderGoesOnFromPipeToPipe) {
  EXPECT_EQ(races_in(joined({copy_in, flag("MTE2", "M"), flag("M", "MTE1"), load_a})), 0u);
  EXPECT_EQ(races_in(joined({copy_in, flag("MTE2", "S"), load_a})), 0u);  // dispatched behind it
  EXPECT_EQ(races_in(joined({copy_in, "set_flag from=MTE2 to=M id=0\n", flag("M", "MTE1"),
                             "wait_flag from=MTE2 to=M id=0\n", load_a})),
            1u);
  EXPECT_EQ(races_in(joined({"load_scalar src=0x2000\n", store})), 0u);  // S has the value first
}

TEST(CheckRaces, AWaitMayStandBeforeItsSet) {
  EXPECT_EQ(races_in(joined({"wait_flag from=MTE2 to=MTE1 id=0\n", load_a, copy_in,
                             "set_flag from=MTE2 to=MTE1 id=0\n"})),
            0u);
}

TEST(CheckRaces, AReportNamesBothInstructionsTheBytesAndWhatWouldHelp) {
  EXPECT_EQ(first_race(joined({copy_in, load_a})),
            "L1 bytes 0x0 to 0x1ff: instruction 0 (copy_gm_l1 dst=0x0 src=0x0 block_length=16) "
            "writes, instruction 1 (load2d to=L0A dst=0x0 src=0x0 repeat=1 dtype=f16) reads; no "
            "flag, barrier or unit flag orders them (a set_flag from=MTE2 to=MTE1 behind 0 and its "
            "wait_flag before 1 would)");
  const std::string own = first_race(joined({copy_in, copy_in}));
  EXPECT_NE(own.find("(a pipe_barrier on=MTE2 between them would)"), std::string::npos) << own;
  const std::string handed = first_race(joined({multiply, store}));
  EXPECT_NE(handed.find("or unit flags on both"), std::string::npos) << handed;
}

TEST(CheckRaces, AllAreCountedAndTenKept) {
  std::string text;
  for (int i = 0; i < 15; ++i) text += copy_in;
  const tb::OrderFindings found = looked_over(text);
  EXPECT_EQ(found.races->count, 14u);  // each with the one before
  EXPECT_EQ(found.races->kept.size(), 10u);
}

TEST(CheckRaces, AnEventRaisedBeforeItIsTakenDownIsAFinding) {
  constexpr std::string_view set = "set_flag from=MTE2 to=MTE1 id=0\n";
  constexpr std::string_view wait = "wait_flag from=MTE2 to=MTE1 id=0\n";
  EXPECT_EQ(races_in(joined({set, wait, set, wait})), 1u);  // nothing holds the second set back
  EXPECT_EQ(races_in(joined({set, set, wait, wait})), 1u);
  EXPECT_EQ(races_in(joined({set, wait, flag("MTE1", "MTE2"), set, wait})), 0u);
  EXPECT_EQ(races_in(joined({set, wait, barrier("ALL"), set, wait})), 0u);
  const std::string text = first_race(joined({set, wait, set, wait}));
  EXPECT_NE(text.find("nothing orders it behind instruction 1"), std::string::npos) << text;
}

TEST(CheckRaces, AnEventOrAUnitFlagLeftUpIsAFinding) {
  EXPECT_NE(first_race("set_flag from=MTE2 to=MTE1 id=0\n").find("leaves its event up"),
            std::string::npos);
  EXPECT_NE(first_race("mmad c=0 a=0 b=0 m=16 n=16 k=16 dtype=f16 init=zero unit_flag=toggle\n")
                .find("leaves unit flags up"),
            std::string::npos);
}

}  // namespace
}  // namespace vitruvian::tests
