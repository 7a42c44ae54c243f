// SPDX-License-Identifier: Apache-2.0
#include "models/program/encoding.h"

#include <fmt/format.h>

#include <algorithm>

#include "models/arch/error.h"

namespace vitruvian::models {
namespace {

constexpr int opcode_bits = 8;

void put(InstructionWord& word, int lsb, int bits, std::uint64_t value) {
  for (int i = 0; i < bits; ++i) {
    word[(lsb + i) / 64] |= ((value >> i) & 1) << ((lsb + i) % 64);
  }
}

std::uint64_t take(const InstructionWord& word, int lsb, int bits) {
  std::uint64_t value = 0;
  for (int i = 0; i < bits; ++i) {
    value |= ((word[(lsb + i) / 64] >> ((lsb + i) % 64)) & 1) << i;
  }
  return value;
}

std::string listed(std::span<const EnumValue> values) {
  std::string names;
  for (const EnumValue& v : values) names += fmt::format("{}{}", names.empty() ? "" : ", ", v.name);
  return names;
}

}  // namespace

InstructionWord encode(const Instruction& instruction) {
  const InstructionInfo& row = info(instruction);
  InstructionWord word{};
  put(word, 0, opcode_bits, row.opcode);
  for (const FieldInfo& field : row.fields)
    put(word, field.lsb, field.bits, field.get(instruction));
  return word;
}

Instruction decode(const InstructionWord& word) {
  const auto opcode = take(word, 0, opcode_bits);
  const auto* row = std::ranges::find(instruction_table, opcode, &InstructionInfo::opcode);
  if (row == std::end(instruction_table)) {
    throw InputError{fmt::format("unknown opcode {}", opcode)};
  }
  Instruction instruction = row->make();
  for (const FieldInfo& field : row->fields) {
    field.set(instruction, take(word, field.lsb, field.bits));
  }
  if (encode(instruction) != word) {
    throw InputError{fmt::format("{}: bits outside every field are set", row->name)};
  }
  return instruction;
}

Pipe pipe_of(const Instruction& instruction) {
  const InstructionInfo& row = info(instruction);
  if (row.pipe_field < 0) return row.pipe;
  return static_cast<Pipe>(row.fields[row.pipe_field].get(instruction));
}

void check_fields(const Instruction& instruction) {
  const InstructionInfo& row = info(instruction);
  for (const FieldInfo& field : row.fields) {
    const std::uint64_t value = field.get(instruction);
    if (field.kind == FieldKind::enumeration) {
      if (enum_name(field.values, static_cast<std::uint8_t>(value)).empty()) {
        throw InputError{fmt::format("{}: {} = {} is not one of {}", row.name, field.name, value,
                                     listed(field.values))};
      }
      continue;
    }
    if (value < field.min || value > field.max) {
      throw InputError{fmt::format("{}: {} = {} is outside {}..{}{}{}", row.name, field.name, value,
                                   field.min, field.max, field.unit.empty() ? "" : " ",
                                   field.unit)};
    }
    if (value % field.align != 0) {
      throw InputError{fmt::format("{}: {} = {:#x} is not a multiple of {} B", row.name, field.name,
                                   value, field.align)};
    }
  }
}

}  // namespace vitruvian::models
