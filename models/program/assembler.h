// SPDX-License-Identifier: Apache-2.0
//
// The text form of a program: docs/assembly.md. One instruction a line, `name field=value ...`, and
// `.tensor` lines that make the file a complete workload.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "models/arch/chip_config.h"
#include "models/program/program.h"
#include "models/program/tensor_directive.h"

namespace vitruvian::models {

struct AssemblyFile {
  Program program;
  std::vector<TensorDirective> tensors;
};

// Reads a text and checks every instruction and tensor for `chip`. `file_name` is for messages and,
// without folder and extension, the program's name. Throws InputError: "file:line: instruction:
// message".
AssemblyFile parse_assembly(std::string_view text, const std::string& file_name,
                            const ChipConfig& chip);

// One line, without its end: every required field, and those that differ from their default.
std::string disassemble(const Instruction& instruction);

// The whole file; parse_assembly() gives back the same instructions and tensors.
std::string disassemble(const AssemblyFile& file);

}  // namespace vitruvian::models
