// SPDX-License-Identifier: Apache-2.0
//
// Operands worth trying on the cube: every class of value, and the neighbourhoods where rounding,
// alignment and cancellation change their minds.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "models/pipe/cube_dot.h"
#include "models/program/instruction.h"

namespace vitruvian::tests {

// A way of drawing operands. `any` draws bit patterns; the others finite numbers but for `special`.
enum class Operands {
  any,         // every bit pattern
  normal,      // a bell curve around zero
  close,       // exponents within three of each other
  wide,        // exponents over the whole range
  subnormal,   // mostly subnormal, some normal
  sparse,      // mostly zeros of both signs
  boundary,    // smallest and largest fractions and exponents
  cancelling,  // few magnitudes, both signs: sums near zero
  low,         // half zeros; exponents -50 to -21: products down to 2^-100
  lower,       // half zeros; exponents -56 to -30: products down to 2^-112
  lowest,      // half zeros; exponents -75 to -40: products below fp32's numbers
  high,        // half zeros; exponents 50 to 75: products beyond fp32's numbers
  spread,      // mostly zeros; exponents -36 to 36
  largest,     // the largest fraction, positive: sums as long as they get
  special,     // some infinities and NaN
};
inline constexpr Operands finite_operands[] = {
    Operands::normal, Operands::close,    Operands::wide,       Operands::subnormal,
    Operands::sparse, Operands::boundary, Operands::cancelling, Operands::low,
    Operands::lower,  Operands::lowest,   Operands::high,       Operands::spread,
    Operands::largest};
inline constexpr Operands all_operands[] = {
    Operands::any,       Operands::normal,  Operands::close,    Operands::wide,
    Operands::subnormal, Operands::sparse,  Operands::boundary, Operands::cancelling,
    Operands::low,       Operands::lower,   Operands::lowest,   Operands::high,
    Operands::spread,    Operands::largest, Operands::special};

// An operand type, fp32 perhaps shortened in front of the cube.
struct OperandType {
  DataType type;
  models::Hf32 hf32 = models::Hf32::off;
};
inline constexpr OperandType all_types[] = {
    {DataType::f16}, {DataType::bf16}, {DataType::f32}, {DataType::f32, models::Hf32::nearest_even},
    {DataType::s8},  {DataType::s4},   {DataType::f32, models::Hf32::nearest_zero}};

// "bf16_tree": the name of a test's case.
std::string case_name(OperandType type, models::Numerics numerics);

// Draws the bits of numbers of one type.
class OperandSource {
 public:
  explicit OperandSource(std::uint64_t seed) : engine_{seed} {}

  std::uint32_t draw(DataType type, Operands kind);
  // An accumulator: fp32 bits, s32 where `type` is an integer.
  std::uint32_t draw_accumulator(DataType type, Operands kind);
  std::vector<std::uint32_t> draw(DataType type, Operands kind, std::size_t count);
  // Numbers that are to become hf32 are often ties, or next to one.
  std::vector<std::uint32_t> draw(OperandType type, Operands kind, std::size_t count);
  std::uint32_t below(std::uint32_t limit) { return static_cast<std::uint32_t>(engine_() % limit); }

 private:
  std::uint32_t pack(DataType type, std::uint32_t exponent_field, std::uint32_t fraction);
  std::uint32_t between(DataType type, int lowest, int highest, std::uint32_t fraction);
  std::mt19937_64 engine_;
};

}  // namespace vitruvian::tests
