// SPDX-License-Identifier: Apache-2.0
#include "tb/random/core_instruction.h"

#include <algorithm>

#include "models/arch/error.h"
#include "models/program/fixpipe_view.h"
#include "models/program/footprint.h"
#include "models/program/img2col.h"
#include "models/program/program.h"
#include "tb/random/instruction_shape.h"

namespace vitruvian::tb {
namespace {

using namespace models;

constexpr int attempts = 400, attempts_a_size = 20;

// The memory an address field is in.
Space space_of(const FieldInfo& field, const Instruction& i) {
  for (int s = 0; s < space_count; ++s) {
    if (field.space == space_names[s]) return static_cast<Space>(s);
  }
  ensure(field.space == "L0", "an address in an unknown space");
  for (const FieldInfo& to : info(i).fields) {
    if (to.name == "to") return to.get(i) == 0 ? Space::L0A : Space::L0B;
  }
  throw InternalError{"an L0 address without a buffer"};
}

// What the address must be a multiple of, beyond what the table says of the field.
std::uint64_t alignment(const FieldInfo& field, const Instruction& i) {
  std::uint64_t align = field.align;
  if (const auto* copy = std::get_if<CopyGmL1Nd2nz>(&i); copy && field.name == "src") {
    align = static_cast<std::uint64_t>(element_size(copy->dtype));
  }
  if (const auto* fix = std::get_if<Fixpipe>(&i); fix && field.name == "dst") {
    align = fix->nz2nd ? output_size(fix->quant) : 32;
  }
  return align;
}

// Bytes from an operand's address to its end, by memory; the instruction's addresses are zero.
std::array<std::uint64_t, space_count> spans(const Instruction& i) {
  std::array<std::uint64_t, space_count> ends{};
  for (const Extent& extent : footprint(i)) {
    std::uint64_t& end = ends[static_cast<std::size_t>(extent.space)];
    end = std::max(end, extent.end());
  }
  if (const auto* load = std::get_if<Load3d>(&i)) {  // the whole map must be there
    ends[static_cast<std::size_t>(Space::L1)] = Img2col{*load}.map_bytes();
  }
  return ends;
}

// Gives every operand an address inside its range: the first, the last or any; one in L0C that of
// the block, if there is one. False if an operand does not fit.
bool place(Instruction& i, const Ranges& ranges, RandomStream& random, const OutputBlock* block) {
  const auto span = spans(i);
  for (const FieldInfo& field : info(i).fields) {
    if (field.kind != FieldKind::address) continue;
    const Space space = space_of(field, i);
    if (space == Space::L0C && block != nullptr) {
      field.set(i, block->start.value());
      continue;
    }
    const Range range = ranges[space];
    const std::uint64_t align = alignment(field, i), first = round_up(range.start, align);
    const std::uint64_t end = range.start + range.size,
                        size = span[static_cast<std::size_t>(space)];
    if (first > end || end - first < std::max<std::uint64_t>(size, 1)) {
      if (size == 0) continue;  // not touched: address zero will do
      return false;
    }
    const std::uint64_t last = (end - first - std::max<std::uint64_t>(size, 1)) / align;
    const std::uint64_t at = random.chance(1, 8)   ? 0
                             : random.chance(1, 8) ? last
                                                   : random.below(last + 1);
    field.set(i, first + at * align);
  }
  return true;
}

bool is_legal(const Instruction& i, const ChipConfig& chip) {
  try {
    check_instruction(i, chip);
    return true;
  } catch (const InputError&) {
    return false;
  }
}

// Draws shapes, smaller and smaller, until one fits and keeps the rules.
template <class I, class Shape>
I fitting(RandomStream& random, const ChipConfig& chip, const Ranges& ranges,
          const OutputBlock* block, Shape shape_it) {
  for (int attempt = 0; attempt < attempts; ++attempt) {
    I shaped;
    Sizes sizes{random, attempt / attempts_a_size};
    shape_it(shaped, sizes);
    Instruction i = shaped;
    if (place(i, ranges, random, block) && is_legal(i, chip)) return std::get<I>(i);
  }
  throw InternalError{fmt::format("no {} fits the ranges", info(Instruction{I{}}).name)};
}

}  // namespace

Ranges whole(const ChipConfig& chip) {
  Ranges ranges;
  for (int s = 0; s < space_count; ++s) {
    ranges.of[s] = {0, chip.size_of(static_cast<Space>(s)).value()};
  }
  return ranges;
}

Instruction draw(int row, RandomStream& random, const ChipConfig& chip, const Ranges& ranges,
                 const std::function<void(Instruction&)>& pin) {
  const auto of_kind = [&](const auto& kind) -> Instruction {
    using I = std::decay_t<decltype(kind)>;
    return fitting<I>(random, chip, ranges, nullptr, [&](I& i, Sizes& sizes) {
      shape(i, chip, sizes);
      if (!pin) return;
      Instruction pinned = i;
      pin(pinned);
      i = std::get<I>(pinned);
    });
  };
  return std::visit(of_kind, instruction_table[row].make());
}

Mmad draw_mmad(RandomStream& random, const ChipConfig& chip, const Ranges& ranges,
               const OutputBlock& block) {
  return fitting<Mmad>(random, chip, ranges, &block, [&](Mmad& i, Sizes& sizes) {
    do {
      shape(i, chip, sizes);
    } while ((element_bits(i.dtype) <= 8) != (block.acc == DataType::s32));
    i.m = block.m, i.n = block.n;
    i.k = std::max<std::uint16_t>(i.k, 1);
  });
}

Fixpipe draw_fixpipe(RandomStream& random, const ChipConfig& chip, const Ranges& ranges,
                     const OutputBlock& block) {
  return fitting<Fixpipe>(random, chip, ranges, &block,
                          [&](Fixpipe& i, Sizes& sizes) { shape_of_block(i, sizes, block); });
}

FixpipeL1 draw_fixpipe_l1(RandomStream& random, const ChipConfig& chip, const Ranges& ranges,
                          const OutputBlock& block) {
  return fitting<FixpipeL1>(random, chip, ranges, &block,
                            [&](FixpipeL1& i, Sizes& sizes) { shape_of_block(i, sizes, block); });
}

}  // namespace vitruvian::tb
