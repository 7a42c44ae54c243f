// SPDX-License-Identifier: Apache-2.0
#include "models/program/binary.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "models/arch/error.h"
#include "models/program/file.h"
#include "tests/program/random_instruction.h"

namespace vitruvian::models {
namespace {

namespace fs = std::filesystem;
constexpr tb::Seed seed{0xb17};
constexpr std::size_t header_bytes = 32, word_bytes = instruction_word_bits / 8;

// A folder of this test's own, gone at its end.
class Binary : public testing::Test {
 protected:
  Binary() : folder_{fs::temp_directory_path() / fmt::format("vitruvian_binary_{}", getpid())} {
    fs::create_directories(folder_);
  }
  ~Binary() override { fs::remove_all(folder_); }

  fs::path folder_;
  ChipConfig chip_ = tests::small_chip();
};

AssemblyFile example(const ChipConfig& chip) {
  return parse_assembly(
      ".tensor a 0x0 f16 16x16 in iota\n.tensor c 0x400 f32 16x16 out\nscalar cost=3\n"
      "mmad c=0 a=0 b=0 m=1 n=2 k=3 dtype=f16\n",
      "example.vasm", chip);
}

std::string refusal(std::span<const std::uint8_t> bytes, const ChipConfig& chip) {
  try {
    from_binary(bytes, "p.vbin", chip);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

TEST_F(Binary, EveryInstructionAndTensorComesBack) {
  tb::RandomStream random = seed.stream("binary");
  AssemblyFile file = example(chip_);
  for (int row = 0; row < tests::instruction_rows; ++row) {
    for (int i = 0; i < 100; ++i) {
      file.program.instructions.push_back(tests::legal_instruction(row, chip_, random));
    }
  }
  const fs::path path = folder_ / "all.vbin";
  write_binary(path, file);
  const AssemblyFile back = read_program(path, chip_);
  EXPECT_EQ(back.program.name, "all");
  EXPECT_EQ(back.program.instructions, file.program.instructions) << "seed " << seed.text();
  EXPECT_EQ(disassemble(back), disassemble(file));
}

TEST_F(Binary, HeaderAndWordsStandWhereThePageSays) {
  const AssemblyFile file = example(chip_);
  const std::vector<std::uint8_t> bytes = to_binary(file);
  const std::string text = ".tensor a 0x0 f16 16x16 in iota\n.tensor c 0x400 f32 16x16 out\n";
  ASSERT_EQ(bytes.size(), header_bytes + 2 * word_bytes + text.size());
  const std::vector<std::uint8_t> head{0x89, 'V', 'I', 'T', 'P', 'R', 'G', '\n', 1, 0, 0, 0,
                                       0x40, 1,   0,   0,   2,   0,   0,   0,    0, 0, 0, 0};
  EXPECT_TRUE(std::equal(head.begin(), head.end(), bytes.begin()));
  EXPECT_EQ(bytes[24], text.size());
  EXPECT_EQ(bytes[header_bytes], 1);                // opcode of scalar
  EXPECT_EQ(bytes[header_bytes + 1], 3);            // its cost
  EXPECT_EQ(bytes[header_bytes + word_bytes], 16);  // opcode of mmad
  EXPECT_EQ(std::string(bytes.end() - static_cast<std::ptrdiff_t>(text.size()), bytes.end()), text);
}

TEST_F(Binary, EveryTruncationIsRefused) {
  const std::vector<std::uint8_t> bytes = to_binary(example(chip_));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_NE(refusal(std::span{bytes}.first(size), chip_), "") << size << " bytes";
  }
  EXPECT_EQ(refusal(std::span{bytes}.first(7), chip_),
            "p.vbin: is not a binary program: the magic is missing");
  EXPECT_EQ(refusal(std::span{bytes}.first(31), chip_),
            "p.vbin: is cut short: 31 of 32 header bytes");
  EXPECT_EQ(refusal(std::span{bytes}.first(40), chip_),
            "p.vbin: has 8 bytes behind its header, which announces 2 instructions of 40 B and 62 "
            "B of text");
}

TEST_F(Binary, SurplusBytesOtherVersionsAndWidthsAreRefused) {
  const std::vector<std::uint8_t> good = to_binary(example(chip_));
  std::vector<std::uint8_t> bytes = good;
  bytes.push_back(0);
  EXPECT_NE(refusal(bytes, chip_), "");
  bytes = good;
  bytes[8] = 2;
  EXPECT_EQ(refusal(bytes, chip_), "p.vbin: has version 2; this program reads version 1");
  bytes = good;
  bytes[12] = 0;
  EXPECT_EQ(refusal(bytes, chip_), "p.vbin: has instructions of 256 bits; this program reads 320");
}

TEST_F(Binary, ACountThatWouldWrapIsRefused) {
  std::vector<std::uint8_t> bytes = to_binary(example(chip_));
  for (int i = 16; i < 32; ++i) bytes[i] = 0xff;
  EXPECT_NE(refusal(bytes, chip_).find("announces 18446744073709551615 instructions"),
            std::string::npos);
}

TEST_F(Binary, ACountWhoseBytesWrapToNothingIsRefused) {
  std::vector<std::uint8_t> bytes = to_binary(AssemblyFile{});
  ASSERT_EQ(bytes.size(), header_bytes);
  bytes[23] = 0x20;  // 2^61 instructions of 40 B are 0 modulo 2^64
  EXPECT_NE(refusal(bytes, chip_).find("announces 2305843009213693952 instructions"),
            std::string::npos);
}

TEST_F(Binary, IllegalInstructionsAreNamedByNumber) {
  std::vector<std::uint8_t> bytes = to_binary(example(chip_));
  bytes[header_bytes + word_bytes] = 77;
  EXPECT_EQ(refusal(bytes, chip_), "p.vbin: instruction 1: unknown opcode 77");
  bytes = to_binary(example(chip_));
  bytes[header_bytes + 1] = 0;
  EXPECT_EQ(refusal(bytes, chip_),
            "p.vbin: instruction 0: scalar: cost = 0 is outside 1..65535 cycles");
}

TEST_F(Binary, TheTextPartHoldsOnlyTensors) {
  AssemblyFile file = example(chip_);
  std::vector<std::uint8_t> bytes = to_binary(file);
  const std::string extra = "scalar cost=1\n";
  bytes.insert(bytes.end(), extra.begin(), extra.end());
  bytes[24] = static_cast<std::uint8_t>(bytes[24] + extra.size());
  EXPECT_EQ(refusal(bytes, chip_), "p.vbin: has an instruction in its text part");
}

TEST_F(Binary, TextAndBinaryAreToldApart) {
  std::ofstream{folder_ / "t"} << "scalar cost=3\n";
  EXPECT_EQ(read_program(folder_ / "t", chip_).program.instructions,
            std::vector<Instruction>{Scalar{.cost = 3}});
}

TEST_F(Binary, AFailedWriteNamesTheFileAndLeavesWhatWasThere) {
  const fs::path path = folder_ / "kept" / "p.vbin";
  try {
    write_binary(path, example(chip_));
    FAIL() << "written into a folder that does not exist";
  } catch (const InputError& error) {
    EXPECT_EQ(std::string{error.what()},
              path.string() + ": cannot be written: No such file or directory");
  }
  fs::create_directories(path / "below");  // a folder stands in the file's place
  EXPECT_THROW(write_binary(path, example(chip_)), InputError);
  EXPECT_TRUE(fs::is_directory(path));
  EXPECT_EQ(std::distance(fs::directory_iterator{path.parent_path()}, {}), 1)
      << "a temporary file is left";
}

TEST_F(Binary, AFullDiskIsAnInputError) {
  ASSERT_TRUE(fs::exists("/dev/full"));
  fs::create_symlink("/dev/full", folder_ / fmt::format("p.{}.tmp", getpid()));
  EXPECT_THROW(write_file(folder_ / "p", std::vector<std::uint8_t>(4)), InputError);
  EXPECT_FALSE(fs::exists(folder_ / "p"));
}

TEST_F(Binary, UnreadableFilesAreNamed) {
  EXPECT_THROW(read_program(folder_ / "absent", chip_), InputError);
  EXPECT_THROW(read_program(folder_, chip_), InputError);
}

}  // namespace
}  // namespace vitruvian::models
