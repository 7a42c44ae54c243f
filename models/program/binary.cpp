// SPDX-License-Identifier: Apache-2.0
#include "models/program/binary.h"

#include <fmt/format.h>

#include <algorithm>

#include "models/arch/error.h"
#include "models/program/encoding.h"
#include "models/program/file.h"
#include "models/program/parse.h"

namespace vitruvian::models {
namespace {

constexpr std::size_t word_bytes = instruction_word_bits / 8;

// magic 8, version 4, word bits 4, instructions 8, bytes of `.tensor` text 8
constexpr std::size_t header_bytes = 32;

void put(std::vector<std::uint8_t>& bytes, std::uint64_t value, int count) {
  for (int i = 0; i < count; ++i) bytes.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

std::uint64_t take(std::span<const std::uint8_t> bytes, std::size_t at, int count) {
  std::uint64_t value = 0;
  for (int i = 0; i < count; ++i) value |= std::uint64_t{bytes[at + i]} << (8 * i);
  return value;
}

struct Header {
  std::uint64_t instructions;
  std::uint64_t text_bytes;
};

Header read_header(std::span<const std::uint8_t> bytes) {
  if (!is_binary(bytes)) throw InputError{"is not a binary program: the magic is missing"};
  if (bytes.size() < header_bytes) {
    throw InputError{
        fmt::format("is cut short: {} of {} header bytes", bytes.size(), header_bytes)};
  }
  const std::uint64_t version = take(bytes, 8, 4), bits = take(bytes, 12, 4);
  if (version != binary_version) {
    throw InputError{
        fmt::format("has version {}; this program reads version {}", version, binary_version)};
  }
  if (bits != instruction_word_bits) {
    throw InputError{fmt::format("has instructions of {} bits; this program reads {}", bits,
                                 instruction_word_bits)};
  }
  const Header header{take(bytes, 16, 8), take(bytes, 24, 8)};
  const std::uint64_t left = bytes.size() - header_bytes;
  if (header.instructions > left / word_bytes ||
      header.text_bytes != left - header.instructions * word_bytes) {
    throw InputError{
        fmt::format("has {} bytes behind its header, which announces {} instructions of {} B "
                    "and {} B of text",
                    left, header.instructions, word_bytes, header.text_bytes)};
  }
  return header;
}

Instruction read_instruction(std::span<const std::uint8_t> bytes, const ChipConfig& chip) {
  InstructionWord word{};
  for (std::size_t i = 0; i < word.size(); ++i) word[i] = take(bytes, i * 8, 8);
  const Instruction instruction = decode(word);
  check_instruction(instruction, chip);
  return instruction;
}

void read_instructions(std::span<const std::uint8_t> bytes, Program& program,
                       const ChipConfig& chip) {
  for (std::size_t at = 0; at < bytes.size(); at += word_bytes) {
    try {
      program.instructions.push_back(read_instruction(bytes.subspan(at, word_bytes), chip));
    } catch (const InputError& error) {
      throw InputError{fmt::format("instruction {}: {}", at / word_bytes, error.what())};
    }
  }
}

std::vector<TensorDirective> read_tensors(std::string_view text, const std::string& file_name,
                                          const ChipConfig& chip) {
  AssemblyFile file = parse_assembly(text, file_name, chip);
  if (!file.program.instructions.empty()) throw InputError{"has an instruction in its text part"};
  return std::move(file.tensors);
}

std::span<const std::uint8_t> bytes_of(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace

bool is_binary(std::span<const std::uint8_t> bytes) {
  return bytes.size() >= binary_magic.size() &&
         std::ranges::equal(bytes.first(binary_magic.size()), binary_magic, {}, {},
                            [](char c) { return static_cast<std::uint8_t>(c); });
}

std::vector<std::uint8_t> to_binary(const AssemblyFile& file) {
  const std::string text = disassemble(AssemblyFile{{}, file.tensors});
  std::vector<std::uint8_t> bytes{binary_magic.begin(), binary_magic.end()};
  put(bytes, binary_version, 4);
  put(bytes, instruction_word_bits, 4);
  put(bytes, file.program.instructions.size(), 8);
  put(bytes, text.size(), 8);
  for (const Instruction& instruction : file.program.instructions) {
    for (const std::uint64_t part : encode(instruction)) put(bytes, part, 8);
  }
  bytes.insert(bytes.end(), text.begin(), text.end());
  return bytes;
}

AssemblyFile from_binary(std::span<const std::uint8_t> bytes, const std::string& file_name,
                         const ChipConfig& chip) {
  try {
    const Header header = read_header(bytes);
    const auto words = bytes.subspan(header_bytes, header.instructions * word_bytes);
    const auto text = bytes.subspan(header_bytes + words.size());
    AssemblyFile file;
    file.program.name = std::filesystem::path{file_name}.stem().string();
    read_instructions(words, file.program, chip);
    file.tensors =
        read_tensors({reinterpret_cast<const char*>(text.data()), text.size()}, "text part", chip);
    return file;
  } catch (const InputError& error) {
    throw InputError{fmt::format("{}: {}", file_name, error.what())};
  }
}

void write_binary(const std::filesystem::path& path, const AssemblyFile& file) {
  write_file(path, to_binary(file));
}

AssemblyFile read_program(const std::filesystem::path& path, const ChipConfig& chip) {
  const std::string text = read_file(path);
  return is_binary(bytes_of(text)) ? from_binary(bytes_of(text), path.string(), chip)
                                   : parse_assembly(text, path.string(), chip);
}

}  // namespace vitruvian::models
