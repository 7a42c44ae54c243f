// SPDX-License-Identifier: Apache-2.0
#include "models/program/program.h"

#include <fmt/format.h>

#include "models/arch/error.h"
#include "models/program/encoding.h"
#include "models/program/footprint.h"

namespace vitruvian::models {

Bytes Tensor::size() const {
  std::uint64_t count = 1;
  for (const std::uint64_t d : dims) count *= d;
  return Bytes{bytes_of(dtype, count)};
}

void check_instruction(const Instruction& instruction, const ChipConfig& chip) {
  check_fields(instruction);
  check_rules(instruction, chip);
  check_extents(instruction, chip);
}

ProgramBuilder::ProgramBuilder(std::string name, const ChipConfig& chip) : chip_{chip} {
  program_.name = std::move(name);
}

ProgramBuilder& ProgramBuilder::add(const Instruction& instruction) {
  try {
    check_instruction(instruction, chip_);
  } catch (const InputError& error) {
    throw InputError{fmt::format("{}: instruction {}: {}", program_.name,
                                 program_.instructions.size(), error.what())};
  }
  program_.instructions.push_back(instruction);
  return *this;
}

}  // namespace vitruvian::models
