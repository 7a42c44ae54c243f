// SPDX-License-Identifier: Apache-2.0
#include "models/program/program.h"

#include <gtest/gtest.h>

#include "models/arch/error.h"
#include "tests/program/random_instruction.h"

namespace vitruvian::models {
namespace {

// Legal instructions to break one field of.
Mmad mmad() { return {.m = 16, .n = 16, .k = 16}; }
Load2d load2d() { return {.repeat = 1}; }
Load2dTranspose load2d_transpose() { return {.repeat = 1}; }
CopyGmL1Nd2nz nd2nz() {
  return {.n_value = 16, .d_value = 16, .src_d_value = 16, .dst_c0_stride = 16};
}
Fixpipe nz() {
  return {.m = 16, .n = 32, .src_stride = 16, .dst_stride = 32, .acc = DataType::f32};
}
FixpipeL1 nz_l1() {
  return {.m = 16, .n = 32, .src_stride = 16, .dst_stride = 32, .acc = DataType::f32};
}
// 8x8 pixels of 16 channels under a 3x3 filter that keeps the size.
Load3d load3d() {
  return {.l1_h = 8,
          .l1_w = 8,
          .channel_size = 16,
          .m_extension = 16,
          .k_extension = 144,
          .filter_w = 3,
          .filter_h = 3,
          .pad_left = 1,
          .pad_right = 1,
          .pad_top = 1,
          .pad_bottom = 1};
}
Fixpipe nd() {
  Fixpipe i = nz();
  i.nz2nd = 1;
  return i;
}

std::string message(const Instruction& instruction, const ChipConfig& chip = {}) {
  try {
    check_instruction(instruction, chip);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

template <class I, class Change>
std::string broken(I instruction, Change change, const ChipConfig& chip = {}) {
  EXPECT_EQ(message(instruction, chip), "") << "the legal one";
  change(instruction);
  return message(instruction, chip);
}

TEST(Program, LimitsOfTheTableAreEnforced) {
  EXPECT_EQ(broken(mmad(), [](auto& i) { i.m = 5000; }), "mmad: m = 5000 is outside 0..4095 rows");
  EXPECT_EQ(broken(load2d(), [](auto& i) { i.repeat = 0; }),
            "load2d: repeat = 0 is outside 1..255 fractals");
  EXPECT_EQ(broken(mmad(), [](auto& i) { i.c = L0cAddress{512}; }),
            "mmad: c = 0x200 is not a multiple of 1024 B");
  EXPECT_EQ(broken(mmad(), [](auto& i) { i.unit_flag = UnitFlag{1}; }),
            "mmad: unit_flag = 1 is not one of off, check, toggle");
}

TEST(Program, EveryLimitIsTightOnBothSides) {
  for (const InstructionInfo& row : instruction_table) {
    for (const FieldInfo& field : row.fields) {
      if (field.kind == FieldKind::enumeration) continue;
      // What check_fields() says of this field alone; other fields and rules may object first or
      // last.
      const auto objects = [&](std::uint64_t value) {
        Instruction instruction = row.make();
        for (const FieldInfo& other : row.fields) {
          other.set(instruction, std::max(other.min, other.default_value));
        }
        field.set(instruction, value);
        if (field.get(instruction) != value) return true;  // the C++ member cannot even hold it
        return message(instruction).find(fmt::format("{} = {} is outside", field.name, value)) !=
               std::string::npos;
      };
      const std::uint64_t max = field.max / field.align * field.align;
      EXPECT_FALSE(objects(field.min)) << row.name << "." << field.name;
      EXPECT_FALSE(objects(max)) << row.name << "." << field.name;
      EXPECT_TRUE(objects(field.max + 1)) << row.name << "." << field.name;
      if (field.min > 0) {
        EXPECT_TRUE(objects(field.min - 1)) << row.name << "." << field.name;
      }
    }
  }
}

TEST(Program, FlagsJoinTwoPipesOfACubeCore) {
  const SetFlag set{.from = Pipe::MTE1, .to = Pipe::M, .id = 7};
  const WaitFlag wait{.from = Pipe::MTE1, .to = Pipe::M, .id = 7};
  EXPECT_EQ(broken(set, [](auto& i) { i.from = Pipe::V; }),
            "set_flag: from = V is not a pipe of a cube core: S, M, MTE1, MTE2, MTE3, FIX");
  EXPECT_EQ(broken(set, [](auto& i) { i.to = Pipe::ALL; }),
            "set_flag: to = ALL is not a pipe of a cube core: S, M, MTE1, MTE2, MTE3, FIX");
  EXPECT_EQ(broken(wait, [](auto& i) { i.to = Pipe::V; }),
            "wait_flag: to = V is not a pipe of a cube core: S, M, MTE1, MTE2, MTE3, FIX");
  EXPECT_EQ(broken(wait, [](auto& i) { i.to = Pipe::MTE1; }),
            "wait_flag: from and to are both MTE1; a queue orders itself");
}

TEST(Program, EventNumbersEndWhereTheChipSays) {
  ChipConfig chip;
  chip.event_ids = 4;
  const SetFlag set{.from = Pipe::MTE1, .to = Pipe::M, .id = 3};
  EXPECT_EQ(broken(
                set, [](auto& i) { i.id = 4; }, chip),
            "set_flag: id = 4 is outside 0..3 of this chip");
}

TEST(Program, BarriersAreOnAQueueOrAll) {
  const PipeBarrier all{.on = Pipe::ALL};
  EXPECT_EQ(broken(all, [](auto& i) { i.on = Pipe::S; }),
            "pipe_barrier: on = S is not one of M, MTE1, MTE2, MTE3, FIX, ALL");
  EXPECT_EQ(broken(all, [](auto& i) { i.on = Pipe::V; }),
            "pipe_barrier: on = V is not one of M, MTE1, MTE2, MTE3, FIX, ALL");
}

TEST(Program, S32IsNoOperand) {
  EXPECT_EQ(broken(mmad(), [](auto& i) { i.dtype = DataType::s32; }),
            "mmad: dtype = s32 is not one of f16, bf16, f32, s8, s4");
  EXPECT_EQ(broken(load2d(), [](auto& i) { i.dtype = DataType::s32; }),
            "load2d: dtype = s32 is not one of f16, bf16, f32, s8, s4");
  EXPECT_EQ(broken(load2d_transpose(), [](auto& i) { i.dtype = DataType::s32; }),
            "load2d_transpose: dtype = s32 is not one of f16, bf16, f32, s8, s4");
}

TEST(Program, Hf32AndKAlignAreOfFp32) {
  Mmad f32 = mmad();
  f32.dtype = DataType::f32, f32.hf32 = Hf32::nearest_even;
  EXPECT_EQ(broken(f32, [](auto& i) { i.dtype = DataType::f16; }),
            "mmad: hf32 = nearest_even needs dtype f32, not f16");
  f32.hf32 = Hf32::off, f32.k_align = 1;
  EXPECT_EQ(broken(f32, [](auto& i) { i.dtype = DataType::s8; }),
            "mmad: k_align = 1 needs dtype f32, not s8");
}

TEST(Program, NothingButMmadAndLoadsTakesS4) {
  EXPECT_EQ(broken(nd2nz(), [](auto& i) { i.dtype = DataType::s4; }),
            "copy_gm_l1_nd2nz: dtype = s4: copy its bytes as s8");
  EXPECT_EQ(broken(nz(), [](auto& i) { i.acc = DataType::s4; }),
            "fixpipe: acc = s4 is not one of f32, s32");
  Load2d fractals = load2d();
  fractals.dtype = DataType::s4;
  EXPECT_EQ(message(fractals), "");
  EXPECT_EQ(broken(fractals, [](auto& i) { i.transpose = 1; }),
            "load2d: transpose = 1 needs dtype f16 or bf16, not s4; see load2d_transpose");
}

TEST(Program, Load3dCutsItsWindowAtFractals) {
  EXPECT_EQ(broken(load3d(), [](auto& i) { i.dtype = DataType::s32; }),
            "load3d: dtype = s32 is not one of f16, bf16, f32, s8, s4");
  EXPECT_EQ(broken(load3d(), [](auto& i) { i.m_start = 8; }),
            "load3d: m_start = 8 is not a multiple of 16 rows");
  EXPECT_EQ(broken(load3d(), [](auto& i) { i.m_extension = 17; }),
            "load3d: m_extension = 17 is not a multiple of 16 rows");
  EXPECT_EQ(broken(load3d(), [](auto& i) { i.k_start = 8; }),
            "load3d: k_start = 8 is not a multiple of 16 elements (C0)");
  EXPECT_EQ(broken(load3d(), [](auto& i) { i.dtype = DataType::s8; }),
            "load3d: channel_size = 16 is not a multiple of 32 elements (C0)");
  EXPECT_EQ(broken(load3d(), [](auto& i) { i.k_extension = 136; }),
            "load3d: k_extension = 136 is not a multiple of 16 elements (C0)");
  EXPECT_EQ(broken(load3d(), [](auto& i) { i.m_extension = 0; }),
            "load3d: m_extension = 0 is outside 1..65535 rows");
}

TEST(Program, Load3dStaysInsideItsMatrixAndItsMapInsideL1) {
  EXPECT_EQ(
      broken(load3d(), [](auto& i) { i.k_start = 16; }),
      "load3d: k_start + k_extension = 160 is beyond K = channel_size * filter_h * filter_w = "
      "144");
  Load3d below = load3d();
  below.m_start = 65520 / 16 * 16;  // rows beyond M are padding
  EXPECT_EQ(message(below), "");
  Load3d big = load3d();
  big.l1_h = 128, big.l1_w = 128;
  EXPECT_EQ(
      broken(big, [](auto& i) { i.src = L1Address{32}; }),
      "load3d: the feature map of 524288 B from src = 0x20 on ends at 524320, L1 has 524288 B");
  EXPECT_EQ(
      broken(big, [](auto& i) { i.channel_size = 32; }),
      "load3d: the feature map of 1048576 B from src = 0x0 on ends at 1048576, L1 has 524288 B");
}

TEST(Program, Load3dNeedsRoomForItsFilter) {
  Load3d tight = load3d();
  tight.dilation_h = 4, tight.dilation_w = 4;
  tight.l1_h = 7, tight.l1_w = 7;  // 9 with padding, as the filter
  EXPECT_EQ(broken(tight, [](auto& i) { i.l1_h = 6; }),
            "load3d: filter_h = 3 with dilation_h = 4 is 9 rows high, the padded map 8");
  EXPECT_EQ(broken(tight, [](auto& i) { i.pad_right = 0; }),
            "load3d: filter_w = 3 with dilation_w = 4 is 9 columns wide, the padded map 8");
}

TEST(Program, Load3dTurnsOnly16BitTypesIntoL0a) {
  Load3d turned = load3d();
  turned.transpose = 1;
  EXPECT_EQ(broken(turned, [](auto& i) { i.to = L0Buffer::L0B; }),
            "load3d: transpose = 1 needs to = L0A and dtype f16 or bf16, not L0B and f16");
  EXPECT_EQ(broken(turned, [](auto& i) { i.dtype = DataType::f32; }),
            "load3d: transpose = 1 needs to = L0A and dtype f16 or bf16, not L0A and f32");
}

TEST(Program, Load2dTurnsOnly16BitTypes) {
  Load2d turned = load2d();
  turned.transpose = 1;
  EXPECT_EQ(broken(turned, [](auto& i) { i.dtype = DataType::s8; }),
            "load2d: transpose = 1 needs dtype f16 or bf16, not s8; see load2d_transpose");
}

TEST(Program, Nd2nzStridesFallOnElementsAndBlocks) {
  EXPECT_EQ(broken(nd2nz(), [](auto& i) { i.src = GmAddress{3}; }),
            "copy_gm_l1_nd2nz: src = 0x3 is not a multiple of the 2 B of f16");
  CopyGmL1Nd2nz two = nd2nz();
  two.nd_num = 2;
  two.dst_nd_stride = 256;
  EXPECT_EQ(broken(two, [](auto& i) { i.dst_nd_stride = 264; }),
            "copy_gm_l1_nd2nz: dst_nd_stride = 264 elements of f16 is not a multiple of 32 B");
}

TEST(Program, FixpipeConvertsWhatStandsInL0c) {
  EXPECT_EQ(broken(nz(), [](auto& i) { i.acc = DataType::f16; }),
            "fixpipe: acc = f16 is not one of f32, s32");
  EXPECT_EQ(broken(nz(), [](auto& i) { i.quant = Quant::REQ8; }),
            "fixpipe: quant = REQ8 does not take acc = f32; none, F322F16, F322BF16, QF322B8, "
            "VQF322B8 do");
  Fixpipe s32 = nz();
  s32.acc = DataType::s32;
  EXPECT_EQ(broken(s32, [](auto& i) { i.quant = Quant::F322F16; }),
            "fixpipe: quant = F322F16 does not take acc = s32; none, DEQF16, VDEQF16, REQ8, "
            "VREQ8 do");
}

TEST(Program, FixpipeShapesAndAddressesAreChecked) {
  EXPECT_EQ(broken(nz(), [](auto& i) { i.n = 24; }),
            "fixpipe: n = 24 is not a multiple of 16 columns, as NZ output needs");
  EXPECT_EQ(broken(nz(), [](auto& i) { i.dst = GmAddress{16}; }),
            "fixpipe: dst = 0x10 is not a multiple of 32 B, as NZ output needs");
  EXPECT_EQ(broken(nz(), [](auto& i) { i.nd_num = 2; }), "fixpipe: nd_num = 2 needs nz2nd = 1");
  EXPECT_EQ(broken(nz(), [](auto& i) { i.src_stride = 24; }),
            "fixpipe: src_stride = 24 is not a multiple of 16 rows");
  EXPECT_EQ(broken(nd(), [](auto& i) { i.m = 8193; }),
            "fixpipe: m = 8193 is outside 1..8192 rows with nz2nd = 1");
  EXPECT_EQ(broken(nd(), [](auto& i) { i.dst = GmAddress{2}; }),
            "fixpipe: dst = 0x2 is not a multiple of the 4 B of an output element");
  Fixpipe flagged = nz();
  flagged.unit_flag = UnitFlag::toggle;
  EXPECT_EQ(broken(flagged, [](auto& i) { i.src = L0cAddress{64}; }),
            "fixpipe: src = 0x40 is not a multiple of 1024 B, as unit_flag = toggle needs");
}

TEST(Program, FixpipeToL1HasTheRulesOfNz) {
  EXPECT_EQ(broken(nz_l1(), [](auto& i) { i.n = 24; }),
            "fixpipe_l1: n = 24 is not a multiple of 16 columns, as NZ output needs");
  EXPECT_EQ(broken(nz_l1(), [](auto& i) { i.quant = Quant::VREQ8; }),
            "fixpipe_l1: quant = VREQ8 does not take acc = f32; none, F322F16, F322BF16, QF322B8, "
            "VQF322B8 do");
  EXPECT_EQ(broken(nz_l1(), [](auto& i) { i.src_stride = 8; }),
            "fixpipe_l1: src_stride = 8 is not a multiple of 16 rows");
  FixpipeL1 flagged = nz_l1();
  flagged.unit_flag = UnitFlag::check;
  EXPECT_EQ(broken(flagged, [](auto& i) { i.src = L0cAddress{512}; }),
            "fixpipe_l1: src = 0x200 is not a multiple of 1024 B, as unit_flag = check needs");
}

TEST(Program, SplitIsOfFp32InColumnsOfEight) {
  Fixpipe split = nz();
  split.split = 1, split.n = 24;
  EXPECT_EQ(broken(split, [](auto& i) { i.n = 28; }),
            "fixpipe: n = 28 is not a multiple of 8 columns, as split = 1 needs");
  EXPECT_EQ(broken(split, [](auto& i) { i.quant = Quant::F322F16; }),
            "fixpipe: split = 1 needs quant = none and acc = f32, not F322F16 and f32");
  EXPECT_EQ(broken(split, [](auto& i) { i.acc = DataType::s32; }),
            "fixpipe: split = 1 needs quant = none and acc = f32, not none and s32");
  EXPECT_EQ(broken(split, [](auto& i) { i.nz2nd = 1; }),
            "fixpipe: split = 1 needs nz2nd = 0: it makes columns of 8");
  FixpipeL1 l1 = nz_l1();
  l1.split = 1, l1.n = 8;
  EXPECT_EQ(broken(l1, [](auto& i) { i.quant = Quant::QF322B8; }),
            "fixpipe_l1: split = 1 needs quant = none and acc = f32, not QF322B8 and f32");
}

TEST(Program, ScaleWordsOfEveryColumnLieInFb) {
  Fixpipe wide = nd();
  wide.quant = Quant::VQF322B8, wide.n = 800, wide.dst_stride = 800;
  wide.fb = FbAddress{768};
  EXPECT_EQ(broken(wide, [](auto& i) { i.fb = FbAddress{832}; }),
            "fixpipe: fb at 0x340: 6400 B from 0x340 on ends at 7232, FB has 7168 B");
  wide.quant = Quant::QF322B8;  // has one of its own
  wide.fb = FbAddress{7104};
  EXPECT_EQ(message(wide), "");
}

TEST(Program, OperandsEndInsideTheirMemories) {
  Load2d load = load2d();
  load.repeat = 128;
  EXPECT_EQ(broken(load, [](auto& i) { i.dst = L0Address{512}; }),
            "load2d: dst at 0x200: 65536 B from 0x200 on ends at 66048, L0A has 65536 B");
  EXPECT_EQ(
      broken(load, [](auto& i) { i.src_stride = 9; }),
      "load2d: src at 0x0: 128 blocks of 512 B, 4608 B apart, from 0x0 on end at 585728, L1 has "
      "524288 B");
  Mmad biased = mmad();
  biased.init = Init::bias;
  biased.bias = BtAddress{960};
  EXPECT_EQ(broken(biased, [](auto& i) { i.n = 17; }),
            "mmad: bias at 0x3c0: 68 B from 0x3c0 on ends at 1028, BT has 1024 B");
  ChipConfig chip;
  chip.gm.size = Bytes{1 << 20};
  EXPECT_EQ(
      broken(
          nd(), [](auto& i) { i.dst_stride = 17477; }, chip),
      "fixpipe: dst at 0x0: 16 blocks of 128 B, 69908 B apart, from 0x0 on end at 1048748, GM has "
      "1048576 B");
}

TEST(Program, NewOperandsEndInsideTheirMemories) {
  ChipConfig chip;
  chip.gm.size = Bytes{1 << 20};
  const auto too_far = [&](auto legal, auto change, std::string_view text) {
    EXPECT_EQ(broken(legal, change, chip), text);
  };
  too_far(
      LoadScalar{.src = GmAddress{(1 << 20) - 8}}, [](auto& i) { i.src = GmAddress{1 << 20}; },
      "load_scalar: src at 0x100000: 8 B from 0x100000 on ends at 1048584, GM has 1048576 B");
  too_far(
      FillL0{.repeat = 2, .block_length = 64}, [](auto& i) { i.dst_gap = 1; },
      "fill_l0: dst at 0x0: 2 blocks of 32768 B, 33280 B apart, from 0x0 on end at 66048, L0A "
      "has 65536 B");
  too_far(
      FillL1{.block_length = 16384}, [](auto& i) { i.dst = L1Address{32}; },
      "fill_l1: dst at 0x20: 524288 B from 0x20 on ends at 524320, L1 has 524288 B");
  too_far(
      Load2dGm{.to = L0Buffer::L0B, .repeat = 128}, [](auto& i) { i.repeat = 129; },
      "load2d_gm: dst at 0x0: 66048 B from 0x0 on ends at 66048, L0B has 65536 B");
  too_far(
      CopyL1Gm{.dst = GmAddress{(1 << 20) - 64}, .block_length = 2},
      [](auto& i) { i.block_length = 3; },
      "copy_l1_gm: dst at 0xfffc0: 96 B from 0xfffc0 on ends at 1048608, GM has 1048576 B");
  too_far(
      CopyL1Fb{.length = 112}, [](auto& i) { i.dst = FbAddress{64}; },
      "copy_l1_fb: dst at 0x40: 7168 B from 0x40 on ends at 7232, FB has 7168 B");
  too_far(
      nz_l1(), [](auto& i) { i.dst = L1Address{(512 << 10) - 1024}; },
      "fixpipe_l1: dst at 0x7fc00: 2048 B from 0x7fc00 on ends at 525312, L1 has 524288 B");
  Load3d all = load3d();
  all.m_extension = 64;
  all.dst = L0Address{(64 << 10) - 4 * 9 * 512};
  too_far(
      all, [](auto& i) { i.m_extension = 80; },
      "load3d: dst at 0xb800: 23040 B from 0xb800 on ends at 70144, L0A has 65536 B");
}

TEST(Program, TheLastByteOfAMemoryCanBeUsedAndNoMore) {
  ChipConfig chip;
  chip.gm.size = Bytes{1 << 20};
  CopyGmL1Nd2nz last = nd2nz();
  last.dtype = DataType::s8, last.n_value = 1;
  last.src = GmAddress{(1 << 20) - 16};
  EXPECT_EQ(
      broken(
          last, [](auto& i) { i.d_value = 17; }, chip),
      "copy_gm_l1_nd2nz: src at 0xffff0: 17 B from 0xffff0 on ends at 1048577, GM has 1048576 B");
}

TEST(Program, NothingIsWrittenTwice) {
  const std::string twice = ": its strides and gaps write a byte of the destination twice";
  Load2dTranspose pairs = load2d_transpose();
  pairs.dtype = DataType::s8;
  pairs.repeat = 2;
  pairs.dst_gap = 1;
  EXPECT_EQ(broken(pairs, [](auto& i) { i.dst_gap = 0; }), "load2d_transpose" + twice);
  CopyGmL1Nd2nz narrow = nd2nz();
  narrow.d_value = 32, narrow.src_d_value = 32;
  EXPECT_EQ(broken(narrow, [](auto& i) { i.dst_c0_stride = 15; }), "copy_gm_l1_nd2nz" + twice);
  EXPECT_EQ(broken(nz(), [](auto& i) { i.dst_stride = 31; }), "fixpipe" + twice);
  EXPECT_EQ(broken(nd(), [](auto& i) { i.dst_stride = 31; }), "fixpipe" + twice);
  EXPECT_EQ(broken(nz_l1(), [](auto& i) { i.dst_stride = 31; }), "fixpipe_l1" + twice);
  Fixpipe split = nz();
  split.split = 1, split.n = 16;
  split.dst_stride = 16;
  EXPECT_EQ(broken(split, [](auto& i) { i.dst_stride = 15; }), "fixpipe" + twice);
  Load2dTranspose four = load2d_transpose();
  four.dtype = DataType::s4, four.repeat = 2, four.dst_gap = 3;
  EXPECT_EQ(broken(four, [](auto& i) { i.dst_gap = 2; }), "load2d_transpose" + twice);
  Fixpipe two = nd();
  two.nd_num = 2;
  two.dst_nd_stride = 32;  // side by side
  two.dst_stride = 64;
  EXPECT_EQ(broken(two, [](auto& i) { i.dst_nd_stride = 33; }), "fixpipe" + twice);
  EXPECT_EQ(broken(two, [](auto& i) { i.dst_nd_stride = 31; }), "fixpipe" + twice);
}

TEST(Program, AnOlderGenerationLacksTheCubePath) {
  ChipConfig chip;
  chip.name = "old";
  chip.generation = Generation::V100;
  EXPECT_EQ(message(mmad(), chip), "mmad: the generation of old does not have this instruction");
  EXPECT_EQ(message(Scalar{.cost = 1}, chip), "");
}

TEST(Program, BuilderNamesProgramAndInstruction) {
  const ChipConfig chip;
  ProgramBuilder builder{"gemm", chip};
  builder.add(Scalar{.cost = 1});
  try {
    builder.add(load2d()).add(Scalar{.cost = 0});
    FAIL() << "accepted";
  } catch (const InputError& error) {
    EXPECT_STREQ(error.what(), "gemm: instruction 2: scalar: cost = 0 is outside 1..65535 cycles");
  }
  EXPECT_EQ(builder.size(), 2u);
}

}  // namespace
}  // namespace vitruvian::models
