// SPDX-License-Identifier: Apache-2.0
//
// img2col against a straightforward one: the feature map is taken apart into elements, the matrix
// is put together element by element, and laid out as docs/isa.md says an operand lies.
#include "models/pipe/load3d.h"

#include <gtest/gtest.h>

#include "models/arch/number.h"
#include "tests/pipe/mover_machine.h"

namespace vitruvian::models {
namespace {

using tests::copy_of;

constexpr tb::Seed seed{0x13d};

struct Machine : tests::MoverMachine {
  explicit Machine(std::string_view stream, const ChipConfig& config = tests::small_chip())
      : MoverMachine{seed.stream(stream), config} {}
};

// Element `index` of a packed array of `bits`-bit elements, low ones first.
std::uint32_t element(std::span<const std::uint8_t> bytes, std::uint64_t index, int bits) {
  std::uint32_t value = 0;
  for (std::uint64_t b = 0; b < static_cast<std::uint64_t>(bits); ++b) {
    const std::uint64_t at = index * static_cast<std::uint64_t>(bits) + b;
    value |= static_cast<std::uint32_t>(bytes[at / 8] >> (at % 8) & 1) << b;
  }
  return value;
}

void set_element(std::vector<std::uint8_t>& bytes, std::uint64_t index, int bits,
                 std::uint32_t value) {
  for (std::uint64_t b = 0; b < static_cast<std::uint64_t>(bits); ++b) {
    const std::uint64_t at = index * static_cast<std::uint64_t>(bits) + b;
    bytes[at / 8] = static_cast<std::uint8_t>((bytes[at / 8] & ~(1 << (at % 8))) |
                                              ((value >> b & 1) << (at % 8)));
  }
}

// A feature map as numbers: channel, row, column; `pad` outside.
struct Map {
  int channels, height, width;
  std::vector<std::uint32_t> numbers;
  std::uint32_t pad;
  std::uint32_t at(int c, int h, int w) const {
    if (h < 0 || w < 0 || h >= height || w >= width) return pad;
    return numbers[static_cast<std::size_t>((c * height + h) * width + w)];
  }
};

Map map_of(const Load3d& i, std::span<const std::uint8_t> l1) {
  const int bits = element_bits(i.dtype), c0 = 256 / bits;
  Map map{i.channel_size, i.l1_h, i.l1_w, {}, i.pad_value};
  if (bits < 32) map.pad &= (1u << bits) - 1;
  for (int c = 0; c < map.channels; ++c) {
    for (int h = 0; h < map.height; ++h) {
      for (int w = 0; w < map.width; ++w) {  // NC1HWC0
        const int place = ((c / c0 * map.height + h) * map.width + w) * c0 + c % c0;
        map.numbers.push_back(
            element(l1.subspan(i.src.value()), static_cast<std::uint64_t>(place), bits));
      }
    }
  }
  return map;
}

// Where the filter stands in one direction: as often as it fits, from the start of the padding.
std::vector<int> positions(int before, int size, int after, int filter, int dilation, int stride) {
  std::vector<int> starts;
  for (int at = -before; at + dilation * (filter - 1) < size + after; at += stride) {
    starts.push_back(at);
  }
  return starts;
}

// Rows of X: for each position of the filter the numbers it meets, C0 channels at a time.
std::vector<std::vector<std::uint32_t>> matrix_of(const Load3d& i, const Map& map) {
  const int c0 = 256 / element_bits(i.dtype);
  std::vector<std::vector<std::uint32_t>> rows;
  for (const int top :
       positions(i.pad_top, i.l1_h, i.pad_bottom, i.filter_h, i.dilation_h, i.stride_h)) {
    for (const int left :
         positions(i.pad_left, i.l1_w, i.pad_right, i.filter_w, i.dilation_w, i.stride_w)) {
      auto& row = rows.emplace_back();
      for (int c = 0; c < map.channels; c += c0) {
        for (int kh = 0; kh < i.filter_h; ++kh) {
          for (int kw = 0; kw < i.filter_w; ++kw) {
            for (int inside = 0; inside < c0; ++inside) {
              row.push_back(map.at(c + inside, top + kh * i.dilation_h, left + kw * i.dilation_w));
            }
          }
        }
      }
    }
  }
  return rows;
}

// Element (row, column) of an operand of `across` fractals a row, each 16 rows of C0.
std::uint64_t zz(std::uint64_t row, std::uint64_t column, std::uint64_t across, std::uint64_t c0) {
  return ((row / 16 * across + column / c0) * 16 + row % 16) * c0 + column % c0;
}

// Element (k, n) of B: fractals (k1, n1), each 16 n of C0 k.
std::uint64_t zn(std::uint64_t k, std::uint64_t n, std::uint64_t across, std::uint64_t c0) {
  return ((k / c0 * across + n / 16) * 16 + n % 16) * c0 + k % c0;
}

// The destination buffer afterwards.
std::vector<std::uint8_t> expected(const Load3d& i, std::span<const std::uint8_t> l1,
                                   std::vector<std::uint8_t> l0) {
  const int bits = element_bits(i.dtype);
  const auto c0 = static_cast<std::uint64_t>(256 / bits);
  const Map map = map_of(i, l1);
  const auto rows = matrix_of(i, map);
  for (std::uint64_t m = 0; m < i.m_extension; ++m) {
    for (std::uint64_t k = 0; k < i.k_extension; ++k) {
      const std::uint64_t row = i.m_start + m;
      const std::uint32_t value = row < rows.size() ? rows[row][i.k_start + k] : map.pad;
      std::uint64_t at = zz(m, k, i.k_extension / c0, c0);
      if (i.to == L0Buffer::L0B) at = zn(k, m, i.m_extension / 16u, c0);
      if (i.transpose) at = zz(k, m, i.m_extension / 16u, c0);
      const auto first = i.dst.value() * 8 / static_cast<std::uint64_t>(bits);
      set_element(l0, first + at, bits, value);
    }
  }
  return l0;
}

void check(const Load3d& i, Machine& m) {
  const auto right = expected(i, m.bytes(Space::L1), copy_of(m.bytes(i.to)));
  load3d(i, m.state);
  const std::span<const std::uint8_t> left = m.bytes(i.to);
  for (std::size_t at = 0; at < right.size(); ++at) ASSERT_EQ(left[at], right[at]) << "byte " << at;
}

TEST(Load3d, GathersRandomWindowsOfEveryType) {
  Machine m{"random"};
  for (int n = 0; n < 600 && !HasFatalFailure(); ++n) {
    const auto i = tests::draw<Load3d>(m);
    SCOPED_TRACE(fmt::format("seed {} case {}", seed.text(), n));
    check(i, m);
  }
}

// A 5x6 map under a 3x3 filter of stride 2, dilation 2 and uneven padding, in every direction.
Load3d uneven(DataType type) {
  return {.src = L1Address{96},
          .l1_h = 5,
          .l1_w = 6,
          .channel_size = static_cast<std::uint16_t>(2 * elements_per_block(type)),
          .m_extension = 16,
          .k_extension = static_cast<std::uint16_t>(6 * elements_per_block(type)),
          .stride_w = 2,
          .filter_w = 3,
          .filter_h = 3,
          .dilation_h = 2,
          .pad_left = 2,
          .pad_right = 1,
          .pad_top = 1,
          .pad_bottom = 3,
          .pad_value = 0xdeadbe5a,
          .dtype = type};
}

TEST(Load3d, GoesToL0aL0bAndTurnedOverInEveryType) {
  Machine m{"uneven"};
  for (const DataType type :
       {DataType::f16, DataType::bf16, DataType::f32, DataType::s8, DataType::s4}) {
    for (const L0Buffer to : {L0Buffer::L0A, L0Buffer::L0B}) {
      for (const bool turned : {false, true}) {
        if (turned && (element_bits(type) != 16 || to == L0Buffer::L0B)) continue;
        for (const std::uint16_t m_start : {0, 16, 32}) {  // 25 rows: whole, across the end, beyond
          Load3d i = uneven(type);
          i.to = to, i.transpose = turned, i.m_start = m_start;
          i.k_start = static_cast<std::uint16_t>(7 * elements_per_block(type));
          SCOPED_TRACE(fmt::format("{} {} turned {} m {}", name(type), name(to), turned, m_start));
          check(i, m);
        }
      }
    }
  }
}

TEST(Load3d, OneByOneFiltersCopyTheMapAsItStands) {
  Machine m{"one by one"};
  load3d(Load3d{.l1_h = 4, .l1_w = 8, .channel_size = 16, .m_extension = 32, .k_extension = 16},
         m.state);
  EXPECT_EQ(copy_of(m.state.l0a.at(0, 1024)), copy_of(m.state.l1.at(0, 1024)));
}

TEST(Load3d, AMapOfPaddingAloneIsThePadValueOnly) {
  Machine m{"padding"};
  // The one pixel is met by the middle of the filter; the corners meet padding.
  const Load3d i{.to = L0Buffer::L0B,
                 .l1_h = 1,
                 .l1_w = 1,
                 .channel_size = 64,
                 .m_extension = 16,
                 .k_extension = 64,
                 .filter_w = 511,
                 .filter_h = 511,
                 .pad_left = 255,
                 .pad_right = 255,
                 .pad_top = 255,
                 .pad_bottom = 255,
                 .pad_value = 0xfffffff7,
                 .dtype = DataType::s4};
  load3d(i, m.state);
  for (const std::uint8_t byte : m.state.l0b.at(0, 512)) ASSERT_EQ(byte, 0x77);
}

TEST(Load3d, PaddingIsTheLowBitsOfPadValueRepeated) {
  Load3d i{.pad_value = 0x89abcdef};
  for (const auto& [type, word] : {std::pair{DataType::s4, 0xffffffffu},
                                   {DataType::s8, 0xefefefefu},
                                   {DataType::f16, 0xcdefcdefu},
                                   {DataType::bf16, 0xcdefcdefu},
                                   {DataType::f32, 0x89abcdefu}}) {
    i.dtype = type;
    EXPECT_EQ(load3d_padding(i), word) << name(type);
  }
}

}  // namespace
}  // namespace vitruvian::models
