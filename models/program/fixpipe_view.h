// SPDX-License-Identifier: Apache-2.0
//
// fixpipe and fixpipe_l1 as one: the fields both have, and where the results go.
#pragma once

#include <cstdint>

#include "models/arch/address.h"
#include "models/program/instruction.h"

namespace vitruvian::models {

struct FixpipeView {
  FixpipeView(const Fixpipe& i)  // NOLINT: every fixpipe is one
      : FixpipeView{i, Space::GM} {
    nz2nd = i.nz2nd != 0;
    nd_num = i.nd_num;
    src_nd_stride = i.src_nd_stride;
    dst_nd_stride = i.dst_nd_stride;
  }
  FixpipeView(const FixpipeL1& i) : FixpipeView{i, Space::L1} {}  // NOLINT: the same

  Space to;           // GM or L1
  std::uint64_t dst;  // byte of it
  std::uint32_t src;  // byte of L0C
  std::uint32_t m, n;
  std::uint32_t src_stride;
  std::uint64_t dst_stride;
  DataType acc;
  Quant quant;
  std::uint64_t scale;
  bool relu;
  UnitFlag unit_flag;
  bool split;
  std::uint32_t fb;  // byte of FB
  // L1 takes NZ only.
  bool nz2nd = false;
  std::uint32_t nd_num = 1;
  std::uint64_t src_nd_stride = 0, dst_nd_stride = 0;

 private:
  template <class I>
  FixpipeView(const I& i, Space space)
      : to{space},
        dst{i.dst.value()},
        src{static_cast<std::uint32_t>(i.src.value())},
        m{i.m},
        n{i.n},
        src_stride{i.src_stride},
        dst_stride{i.dst_stride},
        acc{i.acc},
        quant{i.quant},
        scale{i.scale},
        relu{i.relu != 0},
        unit_flag{i.unit_flag},
        split{i.split != 0},
        fb{static_cast<std::uint32_t>(i.fb.value())} {}
};

// Does each column have a scale word of its own in FB?
constexpr bool is_per_column(Quant quant) {
  return quant == Quant::VREQ8 || quant == Quant::VDEQF16 || quant == Quant::VQF322B8;
}

// Bytes of a result.
constexpr std::uint64_t output_size(Quant quant) {
  switch (quant) {
    case Quant::none:
      return 4;
    case Quant::REQ8:
    case Quant::VREQ8:
    case Quant::QF322B8:
    case Quant::VQF322B8:
      return 1;
    default:
      return 2;
  }
}

}  // namespace vitruvian::models
