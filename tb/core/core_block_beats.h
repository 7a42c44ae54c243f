// SPDX-License-Identifier: Apache-2.0
//
// What moves on the ports of the buffers inside the Verilated vit_aic, and the buffers themselves: its public nets.
// Part of core_block_shim.cpp.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "Vvit_aic.h"
#include "Vvit_aic___024root.h"
#include "tb/core/core_block.h"

constexpr int log2_of(int x) { return x <= 1 ? 0 : 1 + log2_of((x + 1) / 2); }  // rounded up

// Ports and nets are CData to VlWide by width; all of them are little-endian bytes.
template <class Net>
const std::uint8_t* bytes_of(const Net& net) {
  return reinterpret_cast<const std::uint8_t*>(&net);
}
// Up to 57 bits of one.
template <class Net>
std::uint64_t bits_of(const Net& net, unsigned lsb, unsigned width) {
  std::uint64_t word = 0;
  const std::size_t first = lsb / 8;
  std::memcpy(&word, bytes_of(net) + first, std::min(sizeof word, sizeof net - first));
  return word >> lsb % 8 & ((std::uint64_t{1} << width) - 1);
}

// The rows of one beat, until they are told.
class BeatRows {
 public:
  BeatRows(VitCoreBeat beat, void* context) : beat_{beat}, context_{context} {}
  void add(std::uint64_t address, std::uint32_t size, const std::uint8_t* bytes = nullptr) {
    rows_[count_++] = {address, size, bytes};
  }
  // Those of `size` bytes of which an enable each says whether it is written.
  void add_enabled(std::uint64_t address, const std::uint8_t* bytes, std::uint64_t enables, std::uint32_t grain) {
    while (enables != 0) {
      const auto first = static_cast<unsigned>(__builtin_ctzll(enables));
      const auto run = static_cast<unsigned>(__builtin_ctzll(~(enables >> first)));
      add(address + std::uint64_t{first} * grain, run * grain, bytes + first * grain);
      enables &= ~(((std::uint64_t{1} << run) - 1) << first);
    }
  }
  void tell(int port) {
    if (count_ != 0) beat_(context_, port, rows_, count_);
    count_ = 0;
  }

 private:
  VitCoreBeat beat_;
  void* context_;
  VitCoreRow rows_[9 * 16 > VIT_CORE_ROWS ? 9 * 16 : VIT_CORE_ROWS];  // MTE2: nine rows, each in pieces
  int count_ = 0;
};

#define NET(name) root.vit_aic__DOT__##name

// Rows of 32 B with byte enables, each at an address of its own.
template <class Address, class Enables, class Data>
void add_rows(BeatRows& rows, std::uint32_t valid, const Address& address, unsigned bits, const Enables& enables, const Data& data) {
  for (unsigned w = 0; valid >> w != 0; ++w) {
    if (valid >> w & 1) rows.add_enabled(bits_of(address, w * bits, bits) * 32, bytes_of(data) + w * 32, bits_of(enables, w * 32, 32), 1);
  }
}

inline void report_l1(const Vvit_aic___024root& root, BeatRows& rows) {
  constexpr unsigned bits = log2_of(VIT_L1_BYTES / 32);
  for (unsigned r = 0; NET(mte1_l1_ren) >> r != 0; ++r) {
    if (NET(mte1_l1_ren) >> r & 1) rows.add(bits_of(NET(mte1_l1_raddr), r * bits, bits) * 32, 32);
  }
  rows.tell(VIT_L1_READ_MTE1);
  if (NET(mte3_l1_ren)) rows.add(std::uint64_t{NET(mte3_l1_raddr)} * 32, VIT_W_RATE);
  rows.tell(VIT_L1_READ_MTE3);
  if (NET(fix_l1_ren)) rows.add(std::uint64_t{NET(fix_l1_raddr)} * 32, 32);
  rows.tell(VIT_L1_READ_FIX);
  add_rows(rows, NET(fix_l1_we), NET(fix_l1_waddr), bits, NET(fix_l1_wbe), NET(fix_l1_wdata));
  rows.tell(VIT_L1_WRITE_FIX);
}

inline void report_mte2(const Vvit_aic___024root& root, BeatRows& rows) {
  constexpr int largest = std::max(VIT_L1_BYTES, std::max(VIT_L0A_BYTES, VIT_L0B_BYTES));
  constexpr int ports[] = {VIT_L1_WRITE_MTE2, VIT_L0A_WRITE_MTE2, VIT_L0B_WRITE_MTE2};
  if (NET(mte2_we) == 0) return;
  add_rows(rows, NET(mte2_we), NET(mte2_waddr), log2_of(largest / 32), NET(mte2_wbe), NET(mte2_wdata));
  rows.tell(ports[NET(mte2_space)]);
}

inline void report_mte1(const Vvit_aic___024root& root, BeatRows& rows) {
  if (NET(mte1_l0a_we)) rows.add(std::uint64_t{NET(mte1_l0a_waddr)} * 32, VIT_L0A_RATE, bytes_of(NET(mte1_l0a_wdata)));
  rows.tell(VIT_L0A_WRITE_MTE1);
  if (NET(mte1_l0b_we)) rows.add(std::uint64_t{NET(mte1_l0b_waddr)} * 32, VIT_L0B_RATE, bytes_of(NET(mte1_l0b_wdata)));
  rows.tell(VIT_L0B_WRITE_MTE1);
  if (NET(mte1_bt_we)) rows.add(std::uint64_t{NET(mte1_bt_waddr)} * 32, 32, bytes_of(NET(mte1_bt_wdata)));
  rows.tell(VIT_BT_WRITE);
}

inline void report_m(const Vvit_aic___024root& root, BeatRows& rows) {
  constexpr int parts = VIT_M0 > 16 ? VIT_M0 / 16 : 1, row = 2 * VIT_K0, words = 4 * VIT_N0;
  for (int p = 0; NET(m_l0a_ren) && p < parts; ++p) {
    for (int r = 0; r < VIT_M0 / parts; ++r) rows.add(bits_of(NET(m_l0a_addr), p * 20, 20) + r * 32, row);
  }
  rows.tell(VIT_L0A_READ);
  for (int r = 0; NET(m_l0b_ren) && r < VIT_N0; ++r) rows.add(NET(m_l0b_addr) + r * 32, row);
  rows.tell(VIT_L0B_READ);
  for (int r = 0; NET(m_l0c_ren) && r < VIT_M0; ++r) rows.add(NET(m_l0c_raddr) + r * 64, words);
  rows.tell(VIT_L0C_READ);
  if (NET(m_bt_ren)) rows.add(NET(m_bt_addr), words);
  rows.tell(VIT_BT_READ);
  if (!NET(m_l0c_we)) return;
  for (int r = 0; r < VIT_M0; ++r) {
    if (NET(m_row_mask) >> r & 1) rows.add_enabled(NET(m_l0c_waddr) + r * 64, bytes_of(NET(m_l0c_wdata)) + r * words, NET(m_column_mask), 4);
  }
  rows.tell(VIT_L0C_WRITE);
}

inline void report_fix(const Vvit_aic___024root& root, BeatRows& rows) {
  if (NET(fix_l0c_ren)) rows.add(std::uint64_t{NET(fix_l0c_raddr)} * 64, 1024);
  rows.tell(VIT_L0C_READ_FIX);
  if (NET(fix_fb_we)) rows.add(std::uint64_t{NET(fix_fb_waddr)} * 32, 32, bytes_of(NET(fix_fb_wdata)));
  rows.tell(VIT_FB_WRITE);
  if (NET(fix_fb_ren)) rows.add(std::uint64_t{NET(fix_fb_raddr)} * 32, 128);
  rows.tell(VIT_FB_READ);
}

inline void report_beats(const Vvit_aic___024root& root, BeatRows rows) {
  report_l1(root, rows);
  report_mte1(root, rows);
  report_mte2(root, rows);
  report_m(root, rows);
  report_fix(root, rows);
}

// Rows of a memory stand behind each other.
inline std::uint8_t* buffer_of(Vvit_aic___024root& root, const char* name, std::uint64_t& size) {
  const auto is = [&](const char* other) { return std::strcmp(name, other) == 0; };
  const auto rows = [&](auto& memory) {
    size = sizeof memory;
    return reinterpret_cast<std::uint8_t*>(&memory);
  };
  if (is("L1")) return rows(NET(i_l1__DOT__row_q));
  if (is("L0A")) return rows(NET(i_l0a__DOT__row_q));
  if (is("L0B")) return rows(NET(i_l0b__DOT__row_q));
  if (is("L0C")) return rows(NET(i_l0c__DOT__row_q));
  if (is("BT")) return rows(NET(i_bt__DOT__row_q));
  if (is("FB")) return rows(NET(i_fb__DOT__row_q));
  return nullptr;
}

#undef NET
