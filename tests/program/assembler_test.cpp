// SPDX-License-Identifier: Apache-2.0
#include "models/program/assembler.h"

#include <gtest/gtest.h>

#include "models/arch/error.h"
#include "tests/program/random_instruction.h"

namespace vitruvian::models {
namespace {

constexpr tb::Seed seed{0xa55e};
const ChipConfig chip;

Instruction only(std::string_view text) {
  const AssemblyFile file = parse_assembly(text, "one.vasm", chip);
  EXPECT_EQ(file.program.instructions.size(), 1u);
  return file.program.instructions.at(0);
}

std::string message(std::string_view text) {
  try {
    parse_assembly(text, "dir/bad.vasm", chip);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

TEST(Assembler, ReadsFieldsInAnyOrderDecimalHexAndNames) {
  const Mmad expected{.c = L0cAddress{1024},
                      .a = L0aAddress{512},
                      .b = L0bAddress{0},
                      .m = 32,
                      .n = 16,
                      .k = 48,
                      .dtype = DataType::bf16,
                      .init = Init::zero};
  EXPECT_EQ(
      only("mmad k=48 dtype=bf16 b=0 init=zero\tm=0x20 n=16 a=0X200 c=0x400  # a comment\r\n"),
      Instruction{expected});
}

TEST(Assembler, FieldsLeftOutTakeTheirDefault) {
  const Load2d expected{.to = L0Buffer::L0B, .repeat = 3, .src_stride = 1, .dtype = DataType::s8};
  EXPECT_EQ(only("load2d to=L0B dst=0 src=0 repeat=3 dtype=s8"), Instruction{expected});
}

TEST(Assembler, CommentsAndEmptyLinesAreNothing) {
  const AssemblyFile file =
      parse_assembly("# head\n\n   \n\tscalar cost=1\n#scalar cost=2", "x/name.vasm", chip);
  EXPECT_EQ(file.program.instructions, std::vector<Instruction>{Scalar{.cost = 1}});
  EXPECT_EQ(file.program.name, "name");
}

TEST(Assembler, PrintsRequiredFieldsAndThoseThatDiffer) {
  EXPECT_EQ(disassemble(Instruction{
                Load2d{.to = L0Buffer::L0A, .dst = L0Address{1024}, .repeat = 3, .dst_gap = 2}}),
            "load2d to=L0A dst=0x400 src=0x0 repeat=3 dst_gap=2 dtype=f16");
  EXPECT_EQ(disassemble(Instruction{PipeBarrier{.on = Pipe::ALL}}), "pipe_barrier on=ALL");
}

TEST(Assembler, ReadsBackWhatItPrints) {
  tb::RandomStream random = seed.stream("text");
  const ChipConfig small = tests::small_chip();
  for (int row = 0; row < tests::instruction_rows; ++row) {
    AssemblyFile file;
    for (int i = 0; i < 500; ++i) {
      file.program.instructions.push_back(tests::legal_instruction(row, small, random));
    }
    const AssemblyFile back = parse_assembly(disassemble(file), "back.vasm", small);
    ASSERT_EQ(back.program.instructions, file.program.instructions)
        << instruction_table[row].name << ", seed " << seed.text();
  }
}

TEST(Assembler, NamesFileLineAndInstruction) {
  EXPECT_EQ(message("scalar cost=1\n\nscalar cost=0\n"),
            "dir/bad.vasm:3: scalar: cost = 0 is outside 1..65535 cycles");
}

TEST(Assembler, SuggestsTheNearestName) {
  EXPECT_EQ(message("mmda m=1"),
            "dir/bad.vasm:1: unknown instruction 'mmda' (did you mean 'mmad'?)");
  EXPECT_EQ(message("scalar cots=1"),
            "dir/bad.vasm:1: scalar: no field 'cots' (did you mean 'cost'?)");
  EXPECT_EQ(
      message("pipe_barrier on=MTE4"),
      "dir/bad.vasm:1: pipe_barrier: on = 'MTE4' is not one of S, M, V, MTE1, MTE2, MTE3, FIX, ALL "
      "(did you mean 'MTE1'?)");
  EXPECT_EQ(message(".tenser a 0 f16 1 in"),
            "dir/bad.vasm:1: unknown directive '.tenser' (did you mean '.tensor'?)");
}

TEST(Assembler, RefusesWhatItCannotRead) {
  EXPECT_EQ(message("scalar"), "dir/bad.vasm:1: scalar: cost is missing");
  EXPECT_EQ(message("scalar cost"), "dir/bad.vasm:1: scalar: 'cost' is not field=value");
  EXPECT_EQ(message("scalar cost=1 cost=1"), "dir/bad.vasm:1: scalar: cost is given twice");
  for (const char* bad : {"", "-1", "1.5", "0x", "1e3", "0b1", "12g", "99999999999999999999"}) {
    EXPECT_EQ(
        message(fmt::format("scalar cost={}", bad)),
        fmt::format(
            "dir/bad.vasm:1: scalar: cost = '{}' is not a number (decimal, or hex as 0x...)", bad));
  }
}

TEST(Assembler, AValueTooWideForItsMemberIsNotCutShort) {
  EXPECT_EQ(message("scalar cost=65537"),
            "dir/bad.vasm:1: scalar: cost = 65537 is outside 1..65535 cycles");
  EXPECT_EQ(message("load2d to=L0A dst=0 src=0 repeat=257 dtype=f16"),
            "dir/bad.vasm:1: load2d: repeat = 257 is outside 1..255 fractals");
}

TEST(Assembler, LongAndUnprintableWordsAreShownShort) {
  EXPECT_EQ(message("scalar cost=" + std::string(100, '7') + "\x01"),
            "dir/bad.vasm:1: scalar: cost = '" + std::string(40, '7') +
                "...' is not a number (decimal, or hex as 0x...)");
  EXPECT_EQ(message("a\x01\xff"),
            "dir/bad.vasm:1: unknown instruction 'a?"
            "?'");
}

}  // namespace
}  // namespace vitruvian::models
