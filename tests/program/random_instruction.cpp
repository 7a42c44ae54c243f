// SPDX-License-Identifier: Apache-2.0
#include "tests/program/random_instruction.h"

#include <limits>

#include "tb/random/core_instruction.h"

namespace vitruvian::tests {
namespace {

using namespace models;
using tb::RandomStream;

std::uint64_t any_value(const FieldInfo& field, RandomStream& random) {
  if (field.kind == FieldKind::enumeration) return random.pick(field.values).value;
  if (random.chance(1, 8)) return field.min;
  if (random.chance(1, 8)) return field.max / field.align * field.align;
  const std::uint64_t span = field.max - field.min;
  const std::uint64_t value =
      field.min +
      (span == std::numeric_limits<std::uint64_t>::max() ? random.draw() : random.below(span + 1));
  return value / field.align * field.align;
}

}  // namespace

ChipConfig small_chip() {
  ChipConfig chip;
  chip.name = "small";
  chip.gm.size = Bytes{256 << 10};
  chip.l1 = Bytes{32 << 10};
  chip.l0a = chip.l0b = Bytes{8 << 10};
  chip.l0c = Bytes{16 << 10};
  return chip;
}

Instruction any_fields(int row, RandomStream& random) {
  Instruction instruction = instruction_table[row].make();
  for (const FieldInfo& field : instruction_table[row].fields) {
    field.set(instruction, any_value(field, random));
  }
  return instruction;
}

Instruction legal_instruction(int row, const ChipConfig& chip, tb::RandomStream& random) {
  return tb::draw(row, random, chip, tb::whole(chip));
}

}  // namespace vitruvian::tests
