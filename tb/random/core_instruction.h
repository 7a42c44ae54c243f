// SPDX-License-Identifier: Apache-2.0
//
// One random instruction of a cube core at a time: legal for a chip, every byte it touches inside
// given ranges of the memories. Shapes stand at their boundaries as often as between them (1, one
// fractal more or less, the last byte of a range), strides and gaps too. Where the ranges are
// narrow, instructions get smaller.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <variant>

#include "models/arch/chip_config.h"
#include "models/program/instruction.h"
#include "tb/common/random.h"

namespace vitruvian::tb {

struct Range {
  std::uint64_t start = 0;
  std::uint64_t size = 0;
};

// Where an instruction may read and write. No instruction reads one memory and writes the same one,
// but an mmad, which adds to the very words it leaves: so a range serves either use.
struct Ranges {
  std::array<Range, space_count> of;
  Range& operator[](Space space) { return of[static_cast<std::size_t>(space)]; }
  const Range& operator[](Space space) const { return of[static_cast<std::size_t>(space)]; }
};

// Every memory of the chip from end to end.
Ranges whole(const ChipConfig& chip);

// An instruction of a row of the table; `pin` may set fields of the shape drawn, before operands
// get their places. Throws InternalError if the ranges hold no instruction so pinned, however
// small: 1 KiB of L0C, L0A and L0B, 64 B of BT, 128 B of FB and 4 KiB of L1 and GM always do for
// one that is not pinned.
models::Instruction draw(int row, RandomStream& random, const ChipConfig& chip,
                         const Ranges& ranges,
                         const std::function<void(models::Instruction&)>& pin = {});

// The same by type: draw<Load3d>(...).
template <class I, class Pin>
I draw(RandomStream& random, const ChipConfig& chip, const Ranges& ranges, Pin pin) {
  const auto row = static_cast<int>(models::Instruction{I{}}.index());
  return std::get<I>(
      draw(row, random, chip, ranges, [&](models::Instruction& i) { pin(std::get<I>(i)); }));
}
template <class I>
I draw(RandomStream& random, const ChipConfig& chip, const Ranges& ranges) {
  return draw<I>(random, chip, ranges, [](I&) {});
}

// A block of L0C as an mmad leaves it: NZ, columns of ceil(m / 16) fractals.
struct OutputBlock {
  L0cAddress start = L0cAddress{0};
  std::uint16_t m = 16, n = 16;
  DataType acc = DataType::f32;  // or s32
};

// An mmad that leaves exactly this block. Its unit flag is off.
models::Mmad draw_mmad(RandomStream& random, const ChipConfig& chip, const Ranges& ranges,
                       const OutputBlock& block);

// A fixpipe that reads exactly this block, as NZ with the columns beyond n that fill up a column of
// the output. Its unit flag is off.
models::Fixpipe draw_fixpipe(RandomStream& random, const ChipConfig& chip, const Ranges& ranges,
                             const OutputBlock& block);
models::FixpipeL1 draw_fixpipe_l1(RandomStream& random, const ChipConfig& chip,
                                  const Ranges& ranges, const OutputBlock& block);

}  // namespace vitruvian::tb
