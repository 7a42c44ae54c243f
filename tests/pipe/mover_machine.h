// SPDX-License-Identifier: Apache-2.0
//
// A core full of random bytes, and the check that an instruction wrote what a reference says and
// nothing else.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "models/core/state.h"
#include "models/program/instruction.h"
#include "tests/program/random_instruction.h"

namespace vitruvian::tests {

struct MoverMachine {
  explicit MoverMachine(tb::RandomStream stream, const ChipConfig& config = small_chip());
  void refill();
  std::span<std::uint8_t> bytes(Space space);
  std::span<std::uint8_t> bytes(models::L0Buffer to);

  ChipConfig chip;
  models::Memory gm;
  models::CoreState state;
  tb::RandomStream random;
};

// Destination byte -> what it must hold. Everything else must stay.
using Image = std::map<std::uint64_t, std::uint8_t>;

std::vector<std::uint8_t> copy_of(std::span<const std::uint8_t> bytes);

// Fails unless `after` is `before` with the image on it.
void expect_written(const std::vector<std::uint8_t>& before, std::span<const std::uint8_t> after,
                    const Image& image);

// A random legal instruction of type I.
template <class I>
I draw(MoverMachine& m) {
  const auto row = static_cast<int>(models::Instruction{I{}}.index());
  return std::get<I>(legal_instruction(row, m.chip, m.random));
}

// The bytes `count` pieces of `size` bytes leave: piece i, byte b holds value(i, b).
template <class Value>
Image pieces(std::uint64_t start, std::uint64_t count, std::uint64_t size, std::uint64_t stride,
             Value value) {
  Image image;
  for (std::uint64_t i = 0; i < count; ++i) {
    for (std::uint64_t b = 0; b < size; ++b) image[start + i * stride + b] = value(i, b);
  }
  return image;
}

}  // namespace vitruvian::tests
