// SPDX-License-Identifier: Apache-2.0
//
// A program: a stream of resolved instructions for one core, checked as it is built.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/arch/chip_config.h"
#include "models/program/instruction.h"

namespace vitruvian::models {

// Bytes of GM a program starts with, or leaves for the user to read.
struct Tensor {
  std::string name;
  GmAddress address;
  DataType dtype = DataType::f32;
  std::vector<std::uint64_t> dims;  // row-major
  Bytes size() const;
};

struct Program {
  std::string name;
  std::vector<Instruction> instructions;
};

// Builds a program and throws InputError, naming instruction number, field, value and limit, as
// soon as an instruction breaks a limit of the table, of its own rules (docs/isa.md,
// docs/assembly.md) or of the chip's buffers.
class ProgramBuilder {
 public:
  ProgramBuilder(std::string name, const ChipConfig& chip);

  // Usage: builder.add(Mmad{.c = ..., .a = ..., .b = ..., .m = 16, ...});
  ProgramBuilder& add(const Instruction& instruction);

  Program take() { return std::move(program_); }
  std::size_t size() const { return program_.instructions.size(); }

 private:
  const ChipConfig& chip_;
  Program program_;
};

// Every check ProgramBuilder makes, on one instruction.
void check_instruction(const Instruction& instruction, const ChipConfig& chip);

}  // namespace vitruvian::models
