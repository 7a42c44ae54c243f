// SPDX-License-Identifier: Apache-2.0
//
// What the instruction table says of a field and of an instruction, as data. Encoder, assembler,
// disassembler and limit checks are loops over these rows.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace vitruvian::models {

enum class Pipe : std::uint8_t;

struct EnumValue {
  std::string_view name;
  std::uint8_t value;
};

// The name of `value`, or "" if the table has none.
constexpr std::string_view enum_name(std::span<const EnumValue> values, std::uint8_t value) {
  for (const EnumValue& row : values) {
    if (row.value == value) return row.name;
  }
  return "";
}

enum class FieldKind : std::uint8_t { address, enumeration, number };

template <class Instruction>
struct BasicFieldInfo {
  std::string_view name;
  FieldKind kind;
  int bits;  // width in the encoded word
  int lsb;   // its lowest bit there
  std::uint64_t min, max, align;
  bool required;
  std::uint64_t default_value;
  std::string_view unit;
  std::string_view space;  // addresses: the memory
  std::span<const EnumValue> values;
  std::uint64_t (*get)(const Instruction&);
  void (*set)(Instruction&, std::uint64_t);
};

template <class Instruction>
struct BasicInstructionInfo {
  std::string_view name;
  std::uint8_t opcode;
  Pipe pipe;             // its queue, unless
  int pipe_field;        // >= 0: the field that names it
  unsigned generations;  // bit g: it exists on Generation g
  std::string_view response;
  std::string_view summary;
  std::span<const BasicFieldInfo<Instruction>> fields;
  Instruction (*make)();  // one with every field at its default
};

}  // namespace vitruvian::models
