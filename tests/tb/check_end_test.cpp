// SPDX-License-Identifier: Apache-2.0
//
// Programs that do not come to their end, and bytes nothing wrote (docs/check.md).
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/tb/check_programs.h"

namespace vitruvian::tests {
namespace {

TEST(CheckDeadlock, TheChainIsSpelledOut) {
  const auto found = looked_over(
      "wait_flag from=M to=MTE1 id=0\nset_flag from=MTE1 to=M id=1\n"
      "wait_flag from=MTE1 to=M id=1\nset_flag from=M to=MTE1 id=0\n");
  ASSERT_TRUE(found.deadlock);
  EXPECT_NE(found.deadlock->find("M: instruction 2 (wait_flag from=MTE1 to=M id=1) waits for event "
                                 "(MTE1, M, 1), which instruction 1 would raise; it stands in that "
                                 "queue"),
            std::string::npos)
      << *found.deadlock;
  EXPECT_NE(found.deadlock->find("chain: M waits for MTE1, MTE1 waits for M"), std::string::npos)
      << *found.deadlock;
}

TEST(CheckDeadlock, UnitFlagsThatNobodyRaisesOrClears) {
  const auto raises = looked_over(handed("check", "toggle", "check"));
  ASSERT_TRUE(raises.deadlock);
  EXPECT_NE(raises.deadlock->find("unit flags of L0C bytes 0x0 to 0x3ff to be raised by an mmad"),
            std::string::npos)
      << *raises.deadlock;
  const auto clears = looked_over(handed("toggle", "check", "check"));
  ASSERT_TRUE(clears.deadlock);
  EXPECT_NE(clears.deadlock->find("to be cleared by a fixpipe"), std::string::npos)
      << *clears.deadlock;
}

// 33 waits before the set fill the queue of 32, so S never gets to it.
TEST(CheckDeadlock, AFullQueueHoldsDispatch) {
  const auto program = [](int loads) {
    std::string text = "wait_flag from=MTE2 to=MTE1 id=0\n";
    for (int i = 0; i < loads; ++i) text += load_a;
    return text + std::string{copy_in} + "set_flag from=MTE2 to=MTE1 id=0\n";
  };
  EXPECT_FALSE(looked_over(program(31)).deadlock);
  const auto found = looked_over(program(32));
  ASSERT_TRUE(found.deadlock);
  EXPECT_NE(found.deadlock->find("a place in the queue of MTE1"), std::string::npos)
      << *found.deadlock;
  EXPECT_NE(found.deadlock->find("chain: S waits for MTE1, MTE1 waits for S"), std::string::npos);
}

// ---------------------------------------------------------------- uninitialised bytes

std::string first_uninitialised(std::string_view text) {
  const tb::OrderFindings found = looked_over(text);
  return found.uninitialised->kept.empty() ? "" : found.uninitialised->kept.front().text;
}

TEST(CheckUninit, GmIsDefinedInsideInputsAndWhereTheProgramWrote) {
  constexpr std::string_view input = ".tensor a 0x0 f16 16x16 in\n";
  EXPECT_EQ(first_uninitialised(joined({input, copy_in})), "");
  EXPECT_EQ(first_uninitialised(joined({input, "copy_gm_l1 dst=0 src=0x100 block_length=16\n"})),
            "instruction 0 (copy_gm_l1 dst=0x0 src=0x100 block_length=16) reads GM bytes 0x200 to "
            "0x2ff, which nothing wrote");
  EXPECT_EQ(first_uninitialised(joined(
                {input, copy_in, flag("MTE2", "MTE3"), copy_out, flag("MTE3", "MTE2"), copy_back})),
            "");
  EXPECT_NE(first_uninitialised(".tensor c 0x0 f16 16x16 out\nload_scalar src=0x0\n"), "");
}

TEST(CheckUninit, AnOperandOfTheCubeMustBeWhereItIsRead) {
  const auto program = [](int rows, int k) {
    return fmt::format(
        "fill_l0 to=L0B dst=0 block_length=4\n"
        "copy_gm_l1_nd2nz dst=0 src=0 n_value=10 d_value=20 src_d_value=20 dst_c0_stride=16 "
        "dtype=f16\n"
        "set_flag from=MTE2 to=MTE1 id=0\nwait_flag from=MTE2 to=MTE1 id=0\n"
        "load2d to=L0A dst=0 src=0 repeat=2 dtype=f16\n"
        "set_flag from=MTE1 to=M id=0\nwait_flag from=MTE1 to=M id=0\n"
        "mmad c=0 a=0 b=0 m={} n=16 k={} dtype=f16 init=zero\n",
        rows, k);
  };
  const std::string input = ".tensor a 0x0 f16 10x20 in\n";
  EXPECT_EQ(first_uninitialised(input + program(10, 20)), "");
  EXPECT_EQ(first_uninitialised(input + program(10, 32)), "");  // the copy fills up with zeros
  const std::string text = first_uninitialised(input + program(11, 20));
  EXPECT_NE(text.find("reads L0A bytes 0x140 to 0x347 (40 of them), which nothing wrote; "
                      "instruction 4 (load2d"),
            std::string::npos)
      << text;
}

TEST(CheckUninit, EveryBufferIsLookedAt) {
  EXPECT_NE(first_uninitialised(multiply).find("L0A"), std::string::npos);
  EXPECT_NE(first_uninitialised(store).find("L0C"), std::string::npos);
  EXPECT_NE(first_uninitialised(copy_out).find("L1"), std::string::npos);
  constexpr std::string_view full =
      "fill_l0 to=L0A dst=0 block_length=1\nfill_l0 to=L0B dst=0 block_length=1\n"
      "pipe_barrier on=ALL\n";
  EXPECT_EQ(first_uninitialised(joined({full, multiply})), "");
  EXPECT_NE(
      first_uninitialised(joined({full, "mmad c=0 a=0 b=0 m=16 n=16 k=16 dtype=f16 init=bias\n"}))
          .find("BT bytes 0x0 to 0x3f"),
      std::string::npos);
  EXPECT_NE(first_uninitialised(joined({full, "mmad c=0 a=0 b=0 m=16 n=16 k=16 dtype=f16\n"}))
                .find("L0C bytes 0x0 to 0x3ff"),
            std::string::npos);
  EXPECT_NE(first_uninitialised(
                joined({full, multiply, "pipe_barrier on=ALL\n",
                        "fixpipe dst=0x2000 src=0 m=16 n=16 src_stride=16 dst_stride=16 acc=f32 "
                        "quant=VQF322B8 nz2nd=1\n"}))
                .find("FB"),
            std::string::npos);
}

TEST(CheckUninit, PaddingOfLoad3dIsDefined) {
  const auto text = [](int pad) {
    return fmt::format(
        "fill_l1 dst=0 block_length=4\nset_flag from=MTE2 to=MTE1 id=0\n"
        "wait_flag from=MTE2 to=MTE1 id=0\nfill_l0 to=L0B dst=0 block_length=1\n"
        "load3d to=L0A dst=0 src=0 l1_h=2 l1_w=2 channel_size=16 m_extension=16 k_extension=16 "
        "pad_left={0} pad_right={0} pad_top={0} pad_bottom={0} pad_value=0xffff dtype=f16\n"
        "set_flag from=MTE1 to=M id=0\nwait_flag from=MTE1 to=M id=0\n"
        "mmad c=0 a=0 b=0 m=16 n=16 k=16 dtype=f16 init=zero\n",
        pad);
  };
  EXPECT_EQ(first_uninitialised(text(1)), "");
  EXPECT_EQ(first_uninitialised(text(0)), "");  // rows beyond the map are padding too
}

}  // namespace
}  // namespace vitruvian::tests
