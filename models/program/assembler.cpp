// SPDX-License-Identifier: Apache-2.0
#include "models/program/assembler.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <vector>

#include "models/arch/error.h"
#include "models/arch/suggest.h"
#include "models/program/parse.h"

namespace vitruvian::models {
namespace {

// The suggestion's work grows with the word, so only its beginning is looked at.
std::string nearest(std::string_view given, const std::vector<std::string_view>& known) {
  constexpr std::size_t longest_name = 40;
  return did_you_mean(given.substr(0, longest_name), known);
}

template <class Rows>
std::vector<std::string_view> names_of(const Rows& rows) {
  std::vector<std::string_view> names;
  for (const auto& row : rows) names.push_back(row.name);
  return names;
}

const InstructionInfo& find_instruction(std::string_view name) {
  const auto* row = std::ranges::find(instruction_table, name, &InstructionInfo::name);
  if (row == std::end(instruction_table)) {
    throw InputError{fmt::format("unknown instruction {}{}", quoted(name),
                                 nearest(name, names_of(instruction_table)))};
  }
  return *row;
}

std::size_t find_field(const InstructionInfo& row, std::string_view name) {
  const auto field = std::ranges::find(row.fields, name, &FieldInfo::name);
  if (field == row.fields.end()) {
    throw InputError{fmt::format("{}: no field {}{}", row.name, quoted(name),
                                 nearest(name, names_of(row.fields)))};
  }
  return static_cast<std::size_t>(field - row.fields.begin());
}

std::uint64_t parse_enum(const InstructionInfo& row, const FieldInfo& field,
                         std::string_view text) {
  const auto value = std::ranges::find(field.values, text, &EnumValue::name);
  if (value != field.values.end()) return value->value;
  std::string names;
  for (const EnumValue& v : field.values)
    names += fmt::format("{}{}", names.empty() ? "" : ", ", v.name);
  throw InputError{fmt::format("{}: {} = {} is not one of {}{}", row.name, field.name, quoted(text),
                               names, nearest(text, names_of(field.values)))};
}

std::uint64_t parse_value(const InstructionInfo& row, const FieldInfo& field,
                          std::string_view text) {
  if (field.kind == FieldKind::enumeration) return parse_enum(row, field, text);
  const auto value = parse_number(text);
  if (!value) {
    throw InputError{fmt::format("{}: {} = {} is not a number (decimal, or hex as 0x...)", row.name,
                                 field.name, quoted(text))};
  }
  if (*value > field.max) {  // here, because the C++ member may be too narrow for it
    throw InputError{fmt::format("{}: {} = {} is outside {}..{}{}{}", row.name, field.name, *value,
                                 field.min, field.max, field.unit.empty() ? "" : " ", field.unit)};
  }
  return *value;
}

Instruction parse_instruction(const std::vector<std::string_view>& words) {
  const InstructionInfo& row = find_instruction(words[0]);
  Instruction instruction = row.make();
  std::uint64_t given = 0;  // bit i: field i
  for (std::size_t w = 1; w < words.size(); ++w) {
    const std::size_t equals = words[w].find('=');
    if (equals == std::string_view::npos) {
      throw InputError{fmt::format("{}: {} is not field=value", row.name, quoted(words[w]))};
    }
    const std::size_t i = find_field(row, words[w].substr(0, equals));
    if ((given >> i) & 1)
      throw InputError{fmt::format("{}: {} is given twice", row.name, row.fields[i].name)};
    given |= std::uint64_t{1} << i;
    row.fields[i].set(instruction, parse_value(row, row.fields[i], words[w].substr(equals + 1)));
  }
  for (std::size_t i = 0; i < row.fields.size(); ++i) {
    if (row.fields[i].required && !((given >> i) & 1)) {
      throw InputError{fmt::format("{}: {} is missing", row.name, row.fields[i].name)};
    }
  }
  return instruction;
}

void parse_line(std::string_view line, AssemblyFile& file, const ChipConfig& chip) {
  std::vector<std::string_view> words = words_of(line.substr(0, line.find('#')));
  if (words.empty()) return;
  if (words[0] == ".tensor") {
    words.erase(words.begin());
    file.tensors.push_back(parse_tensor(words));
    return;
  }
  if (words[0].starts_with('.')) {
    throw InputError{
        fmt::format("unknown directive {}{}", quoted(words[0]), nearest(words[0], {".tensor"}))};
  }
  const Instruction instruction = parse_instruction(words);
  check_instruction(instruction, chip);
  file.program.instructions.push_back(instruction);
}

std::string value_text(const FieldInfo& field, std::uint64_t value) {
  if (field.kind == FieldKind::enumeration) {
    const std::string_view name = enum_name(field.values, static_cast<std::uint8_t>(value));
    return name.empty() ? fmt::format("{}", value) : std::string{name};
  }
  const bool hex = field.kind == FieldKind::address || value > 0xffff;
  return hex ? fmt::format("{:#x}", value) : fmt::format("{}", value);
}

}  // namespace

AssemblyFile parse_assembly(std::string_view text, const std::string& file_name,
                            const ChipConfig& chip) {
  AssemblyFile file;
  file.program.name = std::filesystem::path{file_name}.stem().string();
  std::size_t number = 1;
  try {
    for (std::size_t at = 0; at < text.size(); ++number) {
      const std::size_t end = std::min(text.find('\n', at), text.size());
      parse_line(text.substr(at, end - at), file, chip);
      at = end + 1;
    }
  } catch (const InputError& error) {
    throw InputError{fmt::format("{}:{}: {}", file_name, number, error.what())};
  }
  try {
    check_tensors(file.tensors, chip);
  } catch (const InputError& error) {
    throw InputError{fmt::format("{}: {}", file_name, error.what())};
  }
  return file;
}

std::string disassemble(const Instruction& instruction) {
  const InstructionInfo& row = info(instruction);
  std::string line{row.name};
  for (const FieldInfo& field : row.fields) {
    const std::uint64_t value = field.get(instruction);
    if (!field.required && value == field.default_value) continue;
    line += fmt::format(" {}={}", field.name, value_text(field, value));
  }
  return line;
}

std::string disassemble(const AssemblyFile& file) {
  std::string text;
  for (const TensorDirective& directive : file.tensors) text += to_text(directive) + '\n';
  for (const Instruction& instruction : file.program.instructions)
    text += disassemble(instruction) + '\n';
  return text;
}

}  // namespace vitruvian::models
