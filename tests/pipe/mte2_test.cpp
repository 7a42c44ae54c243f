// SPDX-License-Identifier: Apache-2.0
//
// Every copy of MTE2 against a reference that says, byte by byte, where it comes from.
#include "models/pipe/mte2.h"

#include <gtest/gtest.h>

#include "models/arch/number.h"
#include "tests/pipe/mover_machine.h"

namespace vitruvian::models {
namespace {

using tests::copy_of;
using tests::expect_written;
using tests::Image;

constexpr tb::Seed seed{0x317f};

struct Machine : tests::MoverMachine {
  explicit Machine(std::string_view stream, const ChipConfig& config = tests::small_chip())
      : MoverMachine{seed.stream(stream), config} {}
};

TEST(CopyGmL1, MovesRandomBlocksAndGaps) {
  Machine m{"copy_gm_l1"};
  for (int n = 0; n < 200 && !HasFatalFailure(); ++n) {
    const auto i = tests::draw<CopyGmL1>(m);
    SCOPED_TRACE(fmt::format("seed {} case {}", seed.text(), n));
    const std::vector<std::uint8_t> before = copy_of(m.state.l1.bytes());
    copy_gm_l1(i, m.state);
    Image image;
    for (std::uint64_t b = 0; b < i.block_count; ++b) {
      for (std::uint64_t unit = 0; unit < i.block_length; ++unit) {
        for (std::uint64_t byte = 0; byte < 32; ++byte) {
          const std::uint64_t src = (b * (i.block_length + i.src_gap) + unit) * 32 + byte;
          const std::uint64_t dst = (b * (i.block_length + i.dst_gap) + unit) * 32 + byte;
          image[i.dst.value() + dst] = m.bytes(Space::GM)[i.src.value() + src];
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
  expect_written(before, m.state.l1.bytes(), expected(i, m.bytes(Space::GM)));
}

TEST(Nd2nz, PlacesRandomMatricesAndFillsTheLastColumn) {
  Machine m{"nd2nz"};
  for (int n = 0; n < 500 && !HasFatalFailure(); ++n) {
    const auto i = tests::draw<CopyGmL1Nd2nz>(m);
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

TEST(Load2dGm, MovesRandomFractals) {
  Machine m{"load2d_gm"};
  for (int n = 0; n < 200 && !HasFatalFailure(); ++n) {
    const auto i = tests::draw<Load2dGm>(m);
    SCOPED_TRACE(fmt::format("seed {} case {}", seed.text(), n));
    const std::vector<std::uint8_t> before = copy_of(m.bytes(i.to));
    load2d_gm(i, m.state);
    expect_written(
        before, m.bytes(i.to),
        tests::pieces(i.dst.value(), i.repeat, 512, std::uint64_t{512} * (i.dst_gap + 1),
                      [&](std::uint64_t f, std::uint64_t b) {
                        return m.bytes(Space::GM)[i.src.value() + f * i.src_stride * 512 + b];
                      }));
  }
}

TEST(FillL1, LeavesTheWordInEveryBlockAndNothingBetweenThem) {
  Machine m{"fill_l1"};
  for (int n = 0; n < 200 && !HasFatalFailure(); ++n) {
    const auto i = tests::draw<FillL1>(m);
    SCOPED_TRACE(fmt::format("seed {} case {}", seed.text(), n));
    const std::vector<std::uint8_t> before = copy_of(m.bytes(Space::L1));
    fill_l1(i, m.state);
    const std::uint64_t size = std::uint64_t{32} * i.block_length;
    expect_written(
        before, m.bytes(Space::L1),
        tests::pieces(i.dst.value(), i.repeat, size, size + std::uint64_t{32} * i.dst_gap,
                      [&](std::uint64_t, std::uint64_t b) {
                        return static_cast<std::uint8_t>(i.value >> (b % 4 * 8));
                      }));
  }
}

}  // namespace
}  // namespace vitruvian::models
