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
            "set_flag: from = V is not a pipe of a cube core: S, M, MTE1, MTE2, FIX");
  EXPECT_EQ(broken(set, [](auto& i) { i.to = Pipe::ALL; }),
            "set_flag: to = ALL is not a pipe of a cube core: S, M, MTE1, MTE2, FIX");
  EXPECT_EQ(broken(wait, [](auto& i) { i.to = Pipe::MTE3; }),
            "wait_flag: to = MTE3 is not a pipe of a cube core: S, M, MTE1, MTE2, FIX");
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
            "pipe_barrier: on = S is not one of M, MTE1, MTE2, FIX, ALL");
  EXPECT_EQ(broken(all, [](auto& i) { i.on = Pipe::V; }),
            "pipe_barrier: on = V is not one of M, MTE1, MTE2, FIX, ALL");
}

TEST(Program, S32IsNoOperand) {
  EXPECT_EQ(broken(mmad(), [](auto& i) { i.dtype = DataType::s32; }),
            "mmad: dtype = s32 is not one of f16, bf16, f32, s8");
  EXPECT_EQ(broken(load2d(), [](auto& i) { i.dtype = DataType::s32; }),
            "load2d: dtype = s32 is not one of f16, bf16, f32, s8");
  EXPECT_EQ(broken(load2d_transpose(), [](auto& i) { i.dtype = DataType::s32; }),
            "load2d_transpose: dtype = s32 is not one of f16, bf16, f32, s8");
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
            "fixpipe: quant = REQ8 does not take acc = f32; none, F322F16, F322BF16 do");
  Fixpipe s32 = nz();
  s32.acc = DataType::s32;
  EXPECT_EQ(broken(s32, [](auto& i) { i.quant = Quant::F322F16; }),
            "fixpipe: quant = F322F16 does not take acc = s32; none, DEQF16, REQ8 do");
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
