// SPDX-License-Identifier: Apache-2.0
//
// The `.tensor` lines of an assembly file: what the program finds in GM, and what it leaves there.
// Syntax and meaning: docs/assembly.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "models/arch/chip_config.h"
#include "models/program/program.h"

namespace vitruvian::models {

// What an input holds before the first instruction.
enum class Fill : std::uint8_t { random, zero, iota, ones };
inline constexpr std::string_view fill_names[] = {"random", "zero", "iota", "ones"};

struct TensorDirective {
  Tensor tensor;
  bool input = true;         // else the program leaves it for the user to read
  Fill fill = Fill::random;  // inputs only
};

// Reads the words behind `.tensor`: NAME ADDRESS DTYPE DIMxDIM... in|out [FILL]. Throws InputError.
TensorDirective parse_tensor(const std::vector<std::string_view>& words);

// Throws InputError if a tensor leaves GM, shares a byte or a name with another.
void check_tensors(const std::vector<TensorDirective>& tensors, const ChipConfig& chip);

// The directive as a line of text, without its end.
std::string to_text(const TensorDirective& directive);

// The bytes of an input. Random ones depend on `seed` and the tensor's name only.
std::vector<std::uint8_t> contents(const TensorDirective& directive, std::uint64_t seed);

}  // namespace vitruvian::models
