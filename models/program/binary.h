// SPDX-License-Identifier: Apache-2.0
//
// The binary form of a program file: docs/assembly.md. All numbers are little-endian.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "models/program/assembler.h"

namespace vitruvian::models {

inline constexpr std::string_view binary_magic = "\x89VITPRG\n";  // a text-mode copy breaks it
inline constexpr std::uint32_t binary_version = 1;

std::vector<std::uint8_t> to_binary(const AssemblyFile& file);

// Reads the bytes and checks every instruction and tensor for `chip`. `file_name` is for messages
// and, without folder and extension, the program's name. Throws InputError for a wrong magic,
// another version or word width, missing or surplus bytes, and whatever an instruction breaks.
AssemblyFile from_binary(std::span<const std::uint8_t> bytes, const std::string& file_name,
                         const ChipConfig& chip);

// Do these bytes say they are a binary program?
bool is_binary(std::span<const std::uint8_t> bytes);

// Writes the binary form, all or nothing. Throws InputError naming the file and the cause.
void write_binary(const std::filesystem::path& path, const AssemblyFile& file);

// Reads either form, telling them apart by the magic.
AssemblyFile read_program(const std::filesystem::path& path, const ChipConfig& chip);

}  // namespace vitruvian::models
