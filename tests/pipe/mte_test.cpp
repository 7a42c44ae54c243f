// SPDX-License-Identifier: Apache-2.0
//
// Every load and copy against a reference that says, element by element, where it comes from.
#include <gtest/gtest.h>

#include <map>

#include "models/arch/number.h"
#include "models/pipe/load3d.h"
#include "models/pipe/mte1.h"
#include "models/pipe/mte2.h"
#include "models/pipe/mte3.h"
#include "models/program/program.h"
#include "tests/program/random_instruction.h"

namespace vitruvian::models {
namespace {

constexpr tb::Seed seed{0x317e};

void fill(std::span<std::uint8_t> bytes, tb::RandomStream& random) {
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random.draw());
}

// A core whose every byte is random.
struct Machine {
  explicit Machine(std::string_view stream, const ChipConfig& config = tests::small_chip())
      : chip{config}, gm{chip.gm.size}, state{chip, gm}, random{seed.stream(stream)} {
    refill();
  }
  void refill() {
    fill(gm.at(GmAddress{0}, chip.gm.size), random);
    for (Buffer* b : {&state.l1, &state.l0a, &state.l0b, &state.bt}) fill(b->bytes(), random);
  }
  std::span<const std::uint8_t> gm_bytes() { return gm.at(GmAddress{0}, chip.gm.size); }

  ChipConfig chip;
  Memory gm;
  CoreState state;
  tb::RandomStream random;
};

// Destination byte -> what it must hold. Everything else must stay.
using Image = std::map<std::uint64_t, std::uint8_t>;

void expect_written(const std::vector<std::uint8_t>& before, std::span<const std::uint8_t> after,
                    const Image& image) {
  ASSERT_FALSE(image.empty());
  ASSERT_LT(image.rbegin()->first, before.size());
  for (std::uint64_t at = 0; at < before.size(); ++at) {
    const auto found = image.find(at);
    const std::uint8_t expected = found == image.end() ? before[at] : found->second;
    ASSERT_EQ(after[at], expected)
        << "byte " << at << (found == image.end() ? ", not to be written" : "");
  }
}

std::vector<std::uint8_t> copy_of(std::span<const std::uint8_t> bytes) {
  return {bytes.begin(), bytes.end()};
}

Buffer& l0(L0Buffer to, CoreState& state) { return to == L0Buffer::L0A ? state.l0a : state.l0b; }

// ---------------------------------------------------------------- load2d
Image expected(const Load2d& i, std::span<const std::uint8_t> l1) {
  Image image;
  for (int f = 0; f < i.repeat; ++f) {
    const std::uint64_t from = i.src.value() + std::uint64_t{512} * f * i.src_stride;
    const std::uint64_t to = i.dst.value() + std::uint64_t{512} * f * (i.dst_gap + 1);
    for (int byte = 0; byte < 512; ++byte) {
      const int r = byte / 32, c = byte % 32 / 2, half = byte % 2;
      image[to + (i.transpose ? c * 32 + r * 2 + half : byte)] = l1[from + byte];
    }
  }
  return image;
}

void check(const Load2d& i, Machine& m) {
  const std::vector<std::uint8_t> before = copy_of(l0(i.to, m.state).bytes());
  load2d(i, m.state);
  expect_written(before, l0(i.to, m.state).bytes(), expected(i, m.state.l1.bytes()));
}

TEST(Load2d, MovesAndTurnsRandomFractals) {
  Machine m{"load2d"};
  const auto row = static_cast<int>(Instruction{Load2d{}}.index());
  for (int n = 0; n < 500 && !HasFatalFailure(); ++n) {
    const auto i = std::get<Load2d>(tests::legal_instruction(row, m.chip, m.random));
    SCOPED_TRACE(fmt::format("seed {} case {}", seed.text(), n));
    check(i, m);
  }
}

TEST(Load2d, Moves255FractalsOneAfterTheOther) {
  ChipConfig wide;
  wide.l0b = Bytes{256 << 10};
  wide.gm.size = Bytes{4096};
  Machine m{"load2d 255", wide};
  for (const int stride : {0, 1, 2}) {
    check(Load2d{.to = L0Buffer::L0B,
                 .dst = L0Address{512},
                 .src = L1Address{96},
                 .repeat = 255,
                 .src_stride = static_cast<std::uint16_t>(stride),
                 .dtype = DataType::f16},
          m);
  }
}

TEST(Load2d, TurnedTwiceIsAsItWas) {
  Machine m{"load2d twice"};
  const Load2d turn{.to = L0Buffer::L0A, .repeat = 4, .transpose = 1, .dtype = DataType::bf16};
  const std::vector<std::uint8_t> original = copy_of(m.state.l1.at(0, 2048));
  load2d(turn, m.state);
  std::ranges::copy(m.state.l0a.at(0, 2048), m.state.l1.bytes().begin());
  EXPECT_NE(copy_of(m.state.l1.at(0, 2048)), original);
  load2d(turn, m.state);
  EXPECT_EQ(copy_of(m.state.l0a.at(0, 2048)), original);
}

// ---------------------------------------------------------------- load2d_transpose
// Where element (r, c) of a block stands, in bytes from the start of its first fractal; `second` is
// where its second fractal begins.
std::uint64_t place(DataType type, int r, int c, std::uint64_t second) {
  switch (element_size(type)) {
    case 1:
      return (r / 16) * second + (r % 16) * 32 + c;  // 32x32: rows 0-15, rows 16-31
    case 2:
      return r * 32 + c * 2;  // 16x16
    default:
      return (c / 8) * second + r * 32 + (c % 8) * 4;  // 16x16: columns 0-7, columns 8-15
  }
}

Image expected(const Load2dTranspose& i, std::span<const std::uint8_t> l1) {
  const int size = element_size(i.dtype), side = size == 1 ? 32 : 16;
  const std::uint64_t block = size == 2 ? 512 : 1024;
  Image image;
  for (int n = 0; n < i.repeat; ++n) {
    const std::uint64_t from = i.src.value() + block * n * i.src_stride;
    const std::uint64_t to = i.dst.value() + std::uint64_t{512} * n * (i.dst_gap + 1);
    for (int r = 0; r < side; ++r) {
      for (int c = 0; c < side; ++c) {
        for (int byte = 0; byte < size; ++byte) {
          image[to + place(i.dtype, c, r, 512 * (i.dst_frac_gap + 1)) + byte] =
              l1[from + place(i.dtype, r, c, 512) + byte];
        }
      }
    }
  }
  return image;
}

TEST(Load2dTranspose, TurnsRandomBlocksOfEveryType) {
  Machine m{"load2d_transpose"};
  const auto row = static_cast<int>(Instruction{Load2dTranspose{}}.index());
  for (int n = 0; n < 500 && !HasFatalFailure(); ++n) {
    const auto i = std::get<Load2dTranspose>(tests::legal_instruction(row, m.chip, m.random));
    SCOPED_TRACE(fmt::format("seed {} case {}", seed.text(), n));
    const std::vector<std::uint8_t> before = copy_of(l0(i.to, m.state).bytes());
    load2d_transpose(i, m.state);
    expect_written(before, l0(i.to, m.state).bytes(), expected(i, m.state.l1.bytes()));
  }
}

TEST(Load2dTranspose, TurnedTwiceIsAsItWasInEveryType) {
  Machine m{"load2d_transpose twice"};
  for (const DataType type : {DataType::f16, DataType::bf16, DataType::f32, DataType::s8}) {
    const auto gap = static_cast<std::uint16_t>(element_size(type) == 2 ? 0 : 1);
    const Load2dTranspose turn{.to = L0Buffer::L0B, .repeat = 2, .dst_gap = gap, .dtype = type};
    const std::uint64_t bytes = 2 * 512 * (1 + gap);
    const std::vector<std::uint8_t> original = copy_of(m.state.l1.at(0, bytes));
    load2d_transpose(turn, m.state);
    std::ranges::copy(m.state.l0b.at(0, bytes), m.state.l1.bytes().begin());
    EXPECT_NE(copy_of(m.state.l1.at(0, bytes)), original);
    load2d_transpose(turn, m.state);
    EXPECT_EQ(copy_of(m.state.l0b.at(0, bytes)), original) << name(type);
  }
}

TEST(Load2dTranspose, SixteenBitBlocksAreWhatLoad2dTurns) {
  Machine m{"two ways"};
  load2d(Load2d{.to = L0Buffer::L0A,
                .repeat = 5,
                .src_stride = 2,
                .transpose = 1,
                .dtype = DataType::f16},
         m.state);
  load2d_transpose(
      Load2dTranspose{.to = L0Buffer::L0B, .repeat = 5, .src_stride = 2, .dtype = DataType::f16},
      m.state);
  EXPECT_EQ(copy_of(m.state.l0a.at(0, 2560)), copy_of(m.state.l0b.at(0, 2560)));
}

// ---------------------------------------------------------------- copies
TEST(CopyL1Bt, MovesUnitsOf64Bytes) {
  Machine m{"copy_l1_bt"};
  for (const std::uint16_t length : {1, 2, 16}) {
    m.refill();
    const CopyL1Bt i{
        .dst = BtAddress{length == 16 ? 0u : 128u}, .src = L1Address{4064}, .length = length};
    const std::vector<std::uint8_t> before = copy_of(m.state.bt.bytes());
    copy_l1_bt(i, m.state);
    Image image;
    for (std::uint64_t b = 0; b < length * 64u; ++b)
      image[i.dst.value() + b] = m.state.l1.bytes()[4064 + b];
    expect_written(before, m.state.bt.bytes(), image);
  }
}

TEST(CopyGmL1, MovesRandomBlocksAndGaps) {
  Machine m{"copy_gm_l1"};
  const auto row = static_cast<int>(Instruction{CopyGmL1{}}.index());
  for (int n = 0; n < 200 && !HasFatalFailure(); ++n) {
    const auto i = std::get<CopyGmL1>(tests::legal_instruction(row, m.chip, m.random));
    SCOPED_TRACE(fmt::format("seed {} case {}", seed.text(), n));
    const std::vector<std::uint8_t> before = copy_of(m.state.l1.bytes());
    copy_gm_l1(i, m.state);
    Image image;
    for (std::uint64_t b = 0; b < i.block_count; ++b) {
      for (std::uint64_t unit = 0; unit < i.block_length; ++unit) {
        for (std::uint64_t byte = 0; byte < 32; ++byte) {
          const std::uint64_t src = (b * (i.block_length + i.src_gap) + unit) * 32 + byte;
          const std::uint64_t dst = (b * (i.block_length + i.dst_gap) + unit) * 32 + byte;
          image[i.dst.value() + dst] = m.gm_bytes()[i.src.value() + src];
        }
      }
    }
    expect_written(before, m.state.l1.bytes(), image);
  }
}

// Element (r, d) of matrix i as docs/isa.md places it; whatever of a last column no element fills
// is zero.
Image expected(const CopyGmL1Nd2nz& i, std::span<const std::uint8_t> gm) {
  const std::uint64_t size = static_cast<std::uint64_t>(element_size(i.dtype)), c0 = 32 / size;
  Image image;
  for (std::uint64_t n = 0; n < i.nd_num; ++n) {
    for (std::uint64_t r = 0; r < i.n_value; ++r) {
      for (std::uint64_t d = 0; d < (i.d_value + c0 - 1) / c0 * c0; ++d) {
        const std::uint64_t dst = i.dst.value() + n * i.dst_nd_stride * size +
                                  ((d / c0) * i.dst_c0_stride + r * i.dst_n_stride) * 32 +
                                  d % c0 * size;
        const std::uint64_t src =
            i.src.value() + (n * i.src_nd_stride + r * i.src_d_value + d) * size;
        for (std::uint64_t byte = 0; byte < size; ++byte) {
          image[dst + byte] = d < i.d_value ? gm[src + byte] : 0;
        }
      }
    }
  }
  return image;
}

void check(const CopyGmL1Nd2nz& i, Machine& m) {
  const std::vector<std::uint8_t> before = copy_of(m.state.l1.bytes());
  copy_gm_l1_nd2nz(i, m.state);
  expect_written(before, m.state.l1.bytes(), expected(i, m.gm_bytes()));
}

TEST(Nd2nz, PlacesRandomMatricesAndFillsTheLastColumn) {
  Machine m{"nd2nz"};
  const auto row = static_cast<int>(Instruction{CopyGmL1Nd2nz{}}.index());
  for (int n = 0; n < 500 && !HasFatalFailure(); ++n) {
    const auto i = std::get<CopyGmL1Nd2nz>(tests::legal_instruction(row, m.chip, m.random));
    if (i.nd_num == 0) continue;
    SCOPED_TRACE(fmt::format("seed {} case {}", seed.text(), n));
    check(i, m);
  }
}

TEST(Nd2nz, RaggedEndsOfEveryType) {
  Machine m{"nd2nz ragged"};
  for (const DataType type :
       {DataType::f16, DataType::bf16, DataType::f32, DataType::s8, DataType::s32}) {
    const int c0 = elements_per_block(type);
    for (const int d : {1, c0 - 1, c0, c0 + 1, 2 * c0, 3 * c0 - 1}) {
      for (const int rows : {1, 15, 16, 17}) {
        m.refill();
        SCOPED_TRACE(fmt::format("{} d {} rows {}", name(type), d, rows));
        check(CopyGmL1Nd2nz{.dst = L1Address{64},
                            .src = GmAddress{static_cast<std::uint64_t>(element_size(type))},
                            .n_value = static_cast<std::uint16_t>(rows),
                            .d_value = static_cast<std::uint16_t>(d),
                            .src_d_value = static_cast<std::uint16_t>(d + 3),
                            .dst_c0_stride = 32,
                            .dtype = type},
              m);
      }
    }
  }
}

TEST(Nd2nz, SourceRowsMayOverlap) {
  Machine m{"nd2nz overlap"};
  check(
      CopyGmL1Nd2nz{
          .n_value = 8, .d_value = 20, .src_d_value = 1, .dst_c0_stride = 8, .dtype = DataType::s8},
      m);
}

TEST(Nd2nz, NoMatrixIsNoOperation) {
  Machine m{"nd2nz none"};
  const std::vector<std::uint8_t> before = copy_of(m.state.l1.bytes());
  copy_gm_l1_nd2nz(CopyGmL1Nd2nz{.nd_num = 0,
                                 .n_value = 16,
                                 .d_value = 16,
                                 .src_nd_stride = 4096,
                                 .src_d_value = 16,
                                 .dst_c0_stride = 16,
                                 .dst_nd_stride = 4096},
                   m.state);
  EXPECT_EQ(copy_of(m.state.l1.bytes()), before);
}

}  // namespace
}  // namespace vitruvian::models
