// SPDX-License-Identifier: Apache-2.0
//
// The memories in RTL against arrays of bytes: every port, all in the same cycle. A read is answered in the next
// cycle and does not see a write of its own.
#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <random>
#include <vector>

#include "tb/common/pins.h"
#include "tb/pipe/block_build.h"

namespace vitruvian::tests {
namespace {

using u64 = std::uint64_t;
using Parameters = std::vector<std::pair<std::string, u64>>;
using Bytes = std::vector<std::uint8_t>;

// A memory and what it should hold.
class Memory {
 public:
  Memory(const char* block, const Parameters& parameters, u64 size, u64 address_bits)
      : pins{tb::build_block({.block = block, .parameters = parameters, .variant = "check", .rtl = {}})}, golden(size),
        address_bits_{address_bits} {}

  u64 pick(u64 n) { return random() % n; }
  // Random bytes stand at a port; here they are.
  Bytes draw(const char* port) {
    const auto bytes = pins.bytes(port);
    for (auto& b : bytes) b = static_cast<std::uint8_t>(random());
    return {bytes.begin(), bytes.end()};
  }
  // Random rows of 32 B, of which a user writes those enabled: different ones, and in them no byte another user
  // has `taken` in this cycle (row -> bytes).
  void write_rows(const std::string& user, unsigned ports, std::map<u64, u64>& taken) {
    const Bytes data = draw((user + "_wdata_i").c_str());
    std::map<u64, u64> own;
    u64 enables = 0;
    for (unsigned p = 0; p < ports; ++p) {
      const u64 row = taken.empty() || pick(2) ? pick(golden.size() / 32) : taken.begin()->first;
      const u64 be = (pick(2) ? 0xffffffff : pick(u64{1} << 32)) & ~taken[row];
      pins.set(user + "_waddr_i", row, p * address_bits_, address_bits_);
      pins.set(user + "_wbe_i", be, p * 32, 32);
      if (be == 0 || pick(3) == 0 || !own.emplace(row, be).second) continue;
      enables |= u64{1} << p;
      for (u64 b = 0; b < 32; ++b) {
        if (be >> b & 1) write(row * 32 + b, data[p * 32 + b]);
      }
    }
    for (const auto& [row, be] : own) taken[row] |= be;
    pins.set(user + "_we_i", enables);
  }
  void write(u64 at, std::uint8_t byte) { writes_.push_back({at, byte}); }
  // `port` will show these bytes of `from` on, beginning with its byte `at`, in the next cycle.
  void expect(const char* port, u64 at, u64 from, u64 size) {
    expected_.push_back({port, at, Bytes(size)});
    for (u64 b = 0; b < size; ++b) expected_.back().bytes[b] = golden[(from + b) % golden.size()];
  }
  void cycle() {
    pins.clock();
    for (const auto& [at, byte] : writes_) golden[at] = byte;
    writes_.clear();
    for (const Expected& e : expected_) {
      ASSERT_EQ(std::memcmp(&pins.bytes(e.port)[e.at], e.bytes.data(), e.bytes.size()), 0)
          << e.port << ", cycle " << pins.cycle();
    }
    expected_.clear();
  }

  tb::Pins pins;
  Bytes golden;
  std::mt19937_64 random{std::random_device{}()};

 private:
  struct Expected {
    const char* port;
    u64 at;
    Bytes bytes;
  };
  u64 address_bits_;
  std::vector<std::pair<u64, std::uint8_t>> writes_;
  std::vector<Expected> expected_;
};

TEST(L1Rtl, FourUsersReadAndWriteInTheSameCycle) {
  constexpr u64 size = 6144, rows = size / 32, bits = 8;
  Memory l1{"l1", {{"Bytes", size}}, size, bits};
  // Everything once, so that nothing unknown is left.
  for (u64 row = 0; row < rows; ++row) {
    const Bytes data = l1.draw("fix_wdata_i");
    l1.pins.set("fix_waddr_i", row, 0, bits);
    l1.pins.set("fix_wbe_i", 0xffffffff, 0, 32);
    l1.pins.set("fix_we_i", 1);
    for (u64 b = 0; b < 32; ++b) l1.write(row * 32 + b, data[b]);
    l1.cycle();
  }
  for (int cycle = 0; cycle < 5000 && !testing::Test::HasFatalFailure(); ++cycle) {
    std::map<u64, u64> taken;
    l1.write_rows("mte2", 9, taken);
    l1.write_rows("fix", 4, taken);
    u64 ren = l1.pick(256);
    l1.pins.set("mte1_ren_i", ren);
    for (u64 r = 0; r < 8; ++r) {
      const u64 row = l1.pick(rows);
      l1.pins.set("mte1_raddr_i", row, r * bits, bits);
      if (ren >> r & 1) l1.expect("mte1_rdata_o", r * 32, row * 32, 32);
    }
    const u64 three = l1.pick(rows - 3), one = l1.pick(rows);
    l1.pins.set("mte3_ren_i", 1);
    l1.pins.set("mte3_raddr_i", three);
    l1.expect("mte3_rdata_o", 0, three * 32, 128);
    l1.pins.set("fix_ren_i", 1);
    l1.pins.set("fix_raddr_i", one);
    l1.expect("fix_rdata_o", 0, one * 32, 32);
    l1.cycle();
  }
}

// L0A or L0B of a shape.
struct L0Shape {
  u64 beat, parts, part_rows, row_bytes;
};
class L0Rtl : public testing::TestWithParam<L0Shape> {};

TEST_P(L0Rtl, ATileIsReadWhileBothMoversWrite) {
  const L0Shape shape = GetParam();
  constexpr u64 size = 4096, bits = 7, address = 20;
  Memory l0{"l0", {{"Bytes", size}, {"BeatBytes", shape.beat}, {"Parts", shape.parts}, {"PartRows", shape.part_rows},
                   {"RowBytes", shape.row_bytes}}, size, bits};
  for (u64 cycle = 0; cycle < 3000 && !testing::Test::HasFatalFailure(); ++cycle) {
    const bool fills = cycle < size / shape.beat;  // first everything once, so that nothing unknown is left
    const bool beat = fills || l0.pick(2);
    const u64 at = fills ? cycle : l0.pick(size / shape.beat);
    const Bytes data = l0.draw("mte1_wdata_i");
    std::map<u64, u64> taken;
    l0.pins.set("mte1_we_i", beat);
    l0.pins.set("mte1_waddr_i", at * shape.beat / 32);
    for (u64 b = 0; beat && b < shape.beat; ++b) {
      l0.write(at * shape.beat + b, data[b]);
      taken[(at * shape.beat + b) / 32] = 0xffffffff;
    }
    if (!fills) l0.write_rows("mte2", 9, taken);
    l0.pins.set("ren_i", !fills);
    for (u64 p = 0; !fills && p < shape.parts; ++p) {
      const u64 from = l0.pick(size / shape.row_bytes) * shape.row_bytes;
      l0.pins.set("raddr_i", from, p * address, address);
      for (u64 r = 0; r < shape.part_rows; ++r) {
        l0.expect("rdata_o", (p * shape.part_rows + r) * shape.row_bytes, from + r * 32, shape.row_bytes);
      }
    }
    l0.cycle();
  }
}
INSTANTIATE_TEST_SUITE_P(Shapes, L0Rtl, testing::Values(L0Shape{256, 1, 16, 32}, L0Shape{128, 2, 16, 32}, L0Shape{128, 1, 8, 16}));

class L0cRtl : public testing::TestWithParam<std::pair<u64, u64>> {};

TEST_P(L0cRtl, ATileIsReadAndOneWrittenUnderItsMasksWhileFixReads) {
  const auto [m, n] = GetParam();
  constexpr u64 size = 8192;
  Memory l0c{"l0c", {{"Bytes", size}, {"M0", m}, {"N0", n}}, size, 0};
  for (u64 cycle = 0; cycle < 3000 && !testing::Test::HasFatalFailure(); ++cycle) {
    const bool fills = cycle < 4 * size / (m * n * 4);
    const u64 tiles_a_row = 64 / (n * 4);
    const u64 at = fills ? (cycle / tiles_a_row * m * 64 + cycle % tiles_a_row * n * 4) % size
                         : l0c.pick(size / (m * 64)) * m * 64 + l0c.pick(tiles_a_row) * n * 4;
    const u64 rows = fills || l0c.pick(2) ? ~u64{0} : l0c.random(), columns = fills || l0c.pick(2) ? ~u64{0} : l0c.random();
    const Bytes data = l0c.draw("m_wdata_i");
    l0c.pins.set("m_we_i", 1);
    l0c.pins.set("m_waddr_i", at);
    l0c.pins.set("m_row_mask_i", rows);
    l0c.pins.set("m_column_mask_i", columns);
    for (u64 b = 0; b < m * n * 4; ++b) {
      const u64 row = b / (n * 4), column = b % (n * 4) / 4;
      if (rows >> row & 1 && columns >> column & 1) l0c.write(at + row * 64 + b % (n * 4), data[b]);
    }
    const u64 from = l0c.pick(size / 64) * 64 + l0c.pick(tiles_a_row) * n * 4, fractal = l0c.pick(size / 64) * 64;
    l0c.pins.set("m_ren_i", !fills);
    l0c.pins.set("m_raddr_i", from);
    l0c.pins.set("fix_ren_i", !fills);
    l0c.pins.set("fix_raddr_i", fractal / 64);
    for (u64 r = 0; !fills && r < m; ++r) l0c.expect("m_rdata_o", r * n * 4, from + r * 64, n * 4);
    if (!fills) l0c.expect("fix_rdata_o", 0, fractal, 1024);
    l0c.cycle();
  }
}
INSTANTIATE_TEST_SUITE_P(Shapes, L0cRtl, testing::Values(std::pair<u64, u64>{16, 16}, std::pair<u64, u64>{8, 8}, std::pair<u64, u64>{32, 16}));

TEST(TableRtl, ARowIsWrittenAndContiguousRowsAreRead) {
  Memory table{"table", {{"Bytes", 1024}, {"ReadRows", 4}}, 1024, 0};
  for (u64 cycle = 0; cycle < 2000 && !testing::Test::HasFatalFailure(); ++cycle) {
    const u64 at = cycle < 32 ? cycle : table.pick(32), from = table.pick(32);
    const Bytes data = table.draw("wdata_i");
    table.pins.set("we_i", 1);
    table.pins.set("waddr_i", at);
    for (u64 b = 0; b < 32; ++b) table.write(at * 32 + b, data[b]);
    table.pins.set("ren_i", cycle >= 32);
    table.pins.set("raddr_i", from);
    if (cycle >= 32) table.expect("rdata_o", 0, from * 32, 128);
    table.cycle();
  }
}

}  // namespace
}  // namespace vitruvian::tests
