// SPDX-License-Identifier: Apache-2.0
//
// Every load of MTE1 but load3d, against a reference that says, element by element, where it comes
// from.
#include "models/pipe/mte1.h"

#include <gtest/gtest.h>

#include "models/arch/number.h"
#include "tests/pipe/mover_machine.h"

namespace vitruvian::models {
namespace {

using tests::copy_of;
using tests::expect_written;
using tests::Image;

constexpr tb::Seed seed{0x317e};

struct Machine : tests::MoverMachine {
  explicit Machine(std::string_view stream, const ChipConfig& config = tests::small_chip())
      : MoverMachine{seed.stream(stream), config} {}
};

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
  const std::vector<std::uint8_t> before = copy_of(m.bytes(i.to));
  load2d(i, m.state);
  expect_written(before, m.bytes(i.to), expected(i, m.state.l1.bytes()));
}

TEST(Load2d, MovesAndTurnsRandomFractals) {
  Machine m{"load2d"};
  for (int n = 0; n < 500 && !HasFatalFailure(); ++n) {
    const auto i = tests::draw<Load2d>(m);
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
// from one of its fractals to the next. Of two s4 in a byte the even column is the low one.
std::uint64_t place(DataType type, int r, int c, std::uint64_t second) {
  switch (element_bits(type)) {
    case 4:
    case 8:
      return (r / 16) * second + (r % 16) * 32 +
             c * element_bits(type) / 8;  // rows 0-15, 16-31 ...
    case 16:
      return r * 32 + c * 2;
    default:
      return (c / 8) * second + r * 32 + (c % 8) * 4;  // columns 0-7, columns 8-15
  }
}

Image expected(const Load2dTranspose& i, std::span<const std::uint8_t> l1) {
  const int bits = element_bits(i.dtype), side = bits == 4 ? 64 : bits == 8 ? 32 : 16;
  const auto block = static_cast<std::uint64_t>(side * side * bits / 8);
  const std::uint64_t gap = std::uint64_t{512} * (i.dst_frac_gap + 1);
  Image image;
  for (int n = 0; n < i.repeat; ++n) {
    const std::uint64_t from = i.src.value() + block * n * i.src_stride;
    const std::uint64_t to = i.dst.value() + std::uint64_t{512} * n * (i.dst_gap + 1);
    for (int r = 0; r < side; ++r) {
      for (int c = 0; c < side; ++c) {
        const std::uint64_t src = from + place(i.dtype, r, c, 512);
        const std::uint64_t dst = to + place(i.dtype, c, r, gap);
        if (bits == 4) {
          const int nibble = l1[src] >> (c % 2 * 4) & 0xf;
          image[dst] = static_cast<std::uint8_t>(r % 2 == 0 ? nibble : image[dst] | nibble << 4);
        }
        for (std::uint64_t b = 0; b < static_cast<std::uint64_t>(bits / 8); ++b) {
          image[dst + b] = l1[src + b];
        }
      }
    }
  }
  return image;
}

TEST(Load2dTranspose, TurnsRandomBlocksOfEveryType) {
  Machine m{"load2d_transpose"};
  for (int n = 0; n < 500 && !HasFatalFailure(); ++n) {
    const auto i = tests::draw<Load2dTranspose>(m);
    SCOPED_TRACE(fmt::format("seed {} case {}", seed.text(), n));
    const std::vector<std::uint8_t> before = copy_of(m.bytes(i.to));
    load2d_transpose(i, m.state);
    expect_written(before, m.bytes(i.to), expected(i, m.state.l1.bytes()));
  }
}

TEST(Load2dTranspose, TurnedTwiceIsAsItWasInEveryType) {
  Machine m{"load2d_transpose twice"};
  for (const DataType type :
       {DataType::f16, DataType::bf16, DataType::f32, DataType::s8, DataType::s4}) {
    const int bits = element_bits(type);
    const auto gap = static_cast<std::uint16_t>(bits == 4 ? 3 : bits == 16 ? 0 : 1);
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

// ---------------------------------------------------------------- fills
TEST(FillL0, LeavesTheWordInEveryBlockAndNothingBetweenThem) {
  Machine m{"fill_l0"};
  for (int n = 0; n < 200 && !HasFatalFailure(); ++n) {
    const auto i = tests::draw<FillL0>(m);
    SCOPED_TRACE(fmt::format("seed {} case {}", seed.text(), n));
    const std::vector<std::uint8_t> before = copy_of(m.bytes(i.to));
    fill_l0(i, m.state);
    const std::uint64_t size = std::uint64_t{512} * i.block_length;
    expect_written(
        before, m.bytes(i.to),
        tests::pieces(i.dst.value(), i.repeat, size, size + std::uint64_t{512} * i.dst_gap,
                      [&](std::uint64_t, std::uint64_t b) {
                        return static_cast<std::uint8_t>(i.value >> (b % 4 * 8));
                      }));
  }
}

}  // namespace
}  // namespace vitruvian::models
