// SPDX-License-Identifier: Apache-2.0
#include "models/program/encoding.h"

#include <gtest/gtest.h>

#include "models/arch/error.h"
#include "tests/program/random_instruction.h"

namespace vitruvian::models {
namespace {

constexpr tb::Seed seed{0x5eed};

std::string message(const InstructionWord& word) {
  try {
    decode(word);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

// Bit `bit` of a word, by its own arithmetic.
bool bit_of(const InstructionWord& word, int bit) { return (word[bit / 64] >> (bit % 64)) & 1; }

TEST(Encoding, EveryInstructionSurvivesItsBinaryForm) {
  tb::RandomStream random = seed.stream("encoding");
  for (int row = 0; row < tests::instruction_rows; ++row) {
    for (int i = 0; i < 2000; ++i) {
      const Instruction instruction = tests::any_fields(row, random);
      ASSERT_EQ(decode(encode(instruction)), instruction)
          << instruction_table[row].name << ", seed " << seed.text();
    }
  }
}

TEST(Encoding, AFieldStandsInItsOwnBitsAndNowhereElse) {
  for (const InstructionInfo& row : instruction_table) {
    Instruction zero = row.make();
    for (const FieldInfo& field : row.fields) field.set(zero, 0);
    for (const FieldInfo& field : row.fields) {
      Instruction one = zero;
      const std::uint64_t value = field.max;
      field.set(one, value);
      const InstructionWord word = encode(one);
      for (int bit = 0; bit < instruction_word_bits; ++bit) {
        const bool in_field = bit >= field.lsb && bit < field.lsb + field.bits;
        const bool expected =
            bit < 8 ? (row.opcode >> bit) & 1 : in_field && ((value >> (bit - field.lsb)) & 1);
        ASSERT_EQ(bit_of(word, bit), expected) << row.name << "." << field.name << " bit " << bit;
      }
    }
  }
}

TEST(Encoding, AnUnknownOpcodeIsRefused) {
  EXPECT_EQ(message(InstructionWord{}), "unknown opcode 0");
  EXPECT_EQ(message(InstructionWord{255}), "unknown opcode 255");
}

TEST(Encoding, BitsOutsideEveryFieldAreRefused) {
  InstructionWord word = encode(Scalar{.cost = 1});
  word[4] |= std::uint64_t{1} << 63;
  EXPECT_EQ(message(word), "scalar: bits outside every field are set");
}

TEST(Encoding, QueuesAreThoseOfTheTable) {
  EXPECT_EQ(pipe_of(Mmad{}), Pipe::M);
  EXPECT_EQ(pipe_of(CopyGmL1{}), Pipe::MTE2);
  EXPECT_EQ(pipe_of(Fixpipe{}), Pipe::FIX);
  EXPECT_EQ(pipe_of(CopyL1Fb{}), Pipe::FIX);
  EXPECT_EQ(pipe_of(CopyL1Gm{}), Pipe::MTE3);
  EXPECT_EQ(pipe_of(LoadScalar{}), Pipe::S);
  EXPECT_EQ(pipe_of(SetFlag{.from = Pipe::MTE1, .to = Pipe::M, .id = 0}), Pipe::MTE1);
  EXPECT_EQ(pipe_of(WaitFlag{.from = Pipe::MTE1, .to = Pipe::M, .id = 0}), Pipe::M);
  EXPECT_EQ(pipe_of(PipeBarrier{.on = Pipe::FIX}), Pipe::FIX);
}

}  // namespace
}  // namespace vitruvian::models
