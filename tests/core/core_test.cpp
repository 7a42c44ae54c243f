// SPDX-License-Identifier: Apache-2.0
#include "models/core/core.h"

#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <iterator>

#include "models/arch/error.h"
#include "models/arch/number.h"
#include "models/program/assembler.h"
#include "tests/program/random_instruction.h"

namespace vitruvian::models {
namespace {

template <class T>
T read(Memory& gm, std::uint64_t at) {
  T value;
  std::memcpy(&value, gm.at(GmAddress{at}, Bytes{sizeof value}).data(), sizeof value);
  return value;
}

// The program of docs/assembly.md.
std::string example_of_the_page() {
  std::ifstream in{VITRUVIAN_SOURCE_DIR "/docs/assembly.md"};
  const std::string page{std::istreambuf_iterator<char>{in}, {}};
  const std::size_t begin = page.find("# C = A * B"), end = page.find("```", begin);
  return page.substr(begin, end - begin);
}

// Loads the inputs, runs, and leaves GM.
void run_file(const AssemblyFile& file, const ChipConfig& chip, Memory& gm) {
  for (const TensorDirective& d : file.tensors) {
    if (!d.input) continue;
    std::ranges::copy(contents(d, 1), gm.at(d.tensor.address, d.tensor.size()).begin());
  }
  CoreState state{chip, gm};
  run(file.program, state, chip, Numerics::dot24);
}

TEST(Core, TheExampleOfTheAssemblyPageMultipliesTwoMatrices) {
  const ChipConfig chip;
  Memory gm{chip.gm.size};
  run_file(parse_assembly(example_of_the_page(), "docs/assembly.md", chip), chip, gm);
  for (std::uint64_t r = 0; r < 16; ++r) {
    for (std::uint64_t c = 0; c < 16; ++c) {
      double sum = 0;
      for (std::uint64_t k = 0; k < 16; ++k) {
        sum += static_cast<double>((r * 16 + k) % 128) *
               to_float(DataType::f16, read<std::uint16_t>(gm, 0x1000 + (k * 16 + c) * 2));
      }
      EXPECT_NEAR(read<float>(gm, 0x2000 + (r * 16 + c) * 4), sum, 1e-3) << r << ',' << c;
    }
  }
}

// s8, whole numbers all the way: A 40x70 by rows, B 70x50 by rows and so through the transposing
// load, bias, REQ8-free s32 output; every path of a matrix multiply but fp.
TEST(Core, RunsARaggedIntegerProgramExactly) {
  constexpr int m = 40, n = 50, k = 70;
  const std::string text =
      ".tensor a 0x0 s8 40x70 in\n.tensor b 0x1000 s8 70x50 in\n.tensor bias 0x2000 s32 64 in\n"
      ".tensor c 0x3000 s32 40x50 out\n"
      "copy_gm_l1_nd2nz dst=0 src=0 n_value=40 d_value=70 src_d_value=70 dst_c0_stride=48 "
      "dtype=s8\n"
      "copy_gm_l1_nd2nz dst=0x4000 src=0x1000 n_value=70 d_value=50 src_d_value=50 "
      "dst_c0_stride=96 dtype=s8\n"
      "copy_gm_l1 dst=0x8000 src=0x2000 block_length=8\n"
      "copy_l1_bt dst=0 src=0x8000 length=4\n"
      // A: k1 = 3 columns of 3 fractals in L1; ZZ wants rows of fractals.
      "load2d to=L0A dst=0x0    src=0x0   repeat=3 src_stride=3 dtype=s8\n"
      "load2d to=L0A dst=0x600  src=0x200 repeat=3 src_stride=3 dtype=s8\n"
      "load2d to=L0A dst=0xc00  src=0x400 repeat=3 src_stride=3 dtype=s8\n"
      // B: blocks of 32 (k) x 32 (n); 3 blocks down, 2 across; ZN wants (k1, n1) with n1 = 4.
      "load2d_transpose to=L0B dst=0x0   src=0x4000 repeat=3 src_stride=1 dst_gap=3 dtype=s8\n"
      "load2d_transpose to=L0B dst=0x400 src=0x4c00 repeat=3 src_stride=1 dst_gap=3 dtype=s8\n"
      "mmad c=0 a=0 b=0 bias=0 m=40 n=50 k=70 dtype=s8 init=bias\n"
      "fixpipe dst=0x3000 src=0 m=40 n=50 src_stride=48 dst_stride=50 acc=s32 nz2nd=1\n";
  const ChipConfig chip;
  Memory gm{chip.gm.size};
  run_file(parse_assembly(text, "integer.vasm", chip), chip, gm);
  for (std::uint64_t r = 0; r < m; ++r) {
    for (std::uint64_t c = 0; c < n; ++c) {
      std::int32_t sum = read<std::int32_t>(gm, 0x2000 + c * 4);
      for (std::uint64_t i = 0; i < k; ++i) {
        sum += read<std::int8_t>(gm, r * k + i) * read<std::int8_t>(gm, 0x1000 + i * n + c);
      }
      ASSERT_EQ(read<std::int32_t>(gm, 0x3000 + (r * n + c) * 4), sum) << r << ',' << c;
    }
  }
}

TEST(Core, RunsInProgramOrder) {
  const ChipConfig chip = tests::small_chip();
  Memory gm{chip.gm.size};
  gm.at(GmAddress{0}, Bytes{1})[0] = 1;
  gm.at(GmAddress{32}, Bytes{1})[0] = 2;
  CoreState state{chip, gm};
  Program program{"order",
                  {CopyGmL1{.src = GmAddress{0}, .block_length = 1},
                   CopyGmL1{.src = GmAddress{32}, .block_length = 1}}};
  run(program, state, chip, Numerics::dot24);
  EXPECT_EQ(state.l1.bytes()[0], 2);
}

TEST(Core, FlagsBarriersAndScalarWorkChangeNothing) {
  const ChipConfig chip = tests::small_chip();
  Memory gm{chip.gm.size};
  CoreState state{chip, gm};
  for (std::uint8_t& byte : state.l1.bytes()) byte = 0x5a;
  for (const Instruction& i : {Instruction{Scalar{.cost = 9}},
                               Instruction{SetFlag{.from = Pipe::M, .to = Pipe::FIX, .id = 0}},
                               Instruction{WaitFlag{.from = Pipe::M, .to = Pipe::FIX, .id = 0}},
                               Instruction{PipeBarrier{.on = Pipe::ALL}}}) {
    execute(i, state, chip, Numerics::dot24);
  }
  for (const std::uint8_t byte : state.l1.bytes()) ASSERT_EQ(byte, 0x5a);
  for (const std::uint8_t byte : state.l0c.bytes()) ASSERT_EQ(byte, 0);
}

TEST(Core, AnUncheckedInstructionThatLeavesAMemoryIsOurFault) {
  const ChipConfig chip = tests::small_chip();
  Memory gm{chip.gm.size};
  CoreState state{chip, gm};
  const auto fails = [&](const Instruction& i) {
    EXPECT_THROW(execute(i, state, chip, Numerics::dot24), InternalError) << disassemble(i);
  };
  fails(Load2d{.dst = L0Address{8192 - 512}, .repeat = 2});
  fails(Load2dTranspose{.src = L1Address{32768 - 512}, .repeat = 1, .dtype = DataType::s8});
  fails(CopyL1Bt{.dst = BtAddress{1024 - 64}, .length = 2});
  fails(CopyGmL1{.src = GmAddress{(256 << 10) - 32}, .block_length = 2});
  fails(CopyGmL1Nd2nz{.dst = L1Address{32768 - 32},
                      .n_value = 2,
                      .d_value = 1,
                      .src_d_value = 1,
                      .dst_c0_stride = 2});
  fails(Mmad{.c = L0cAddress{16384 - 1024}, .m = 17, .n = 1, .k = 1});
  fails(Fixpipe{.dst = GmAddress{(256 << 10) - 32},
                .m = 16,
                .n = 16,
                .src_stride = 16,
                .dst_stride = 16,
                .acc = DataType::f32});
}

}  // namespace
}  // namespace vitruvian::models
