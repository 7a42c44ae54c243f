// SPDX-License-Identifier: Apache-2.0
#include "tests/pipe/cube_cases.h"

#include <algorithm>
#include <bit>

namespace vitruvian::tests {

std::string case_name(OperandType type, models::Numerics numerics) {
  constexpr const char* types[] = {"f16", "bf16", "f32", "s8", "s32", "s4"};
  constexpr const char* shortened[] = {"", "_to_even", "_to_zero"};
  return std::string{types[static_cast<int>(type.type)]} +
         shortened[static_cast<int>(type.hf32)] + "_" +
         std::string{models::numerics_names[static_cast<std::size_t>(numerics)]};
}

// A random sign, the exponent field and the fraction, both cut to their widths.
std::uint32_t OperandSource::pack(DataType type, std::uint32_t exponent_field,
                                  std::uint32_t fraction) {
  const FloatFormat format = float_format(type);
  const std::uint32_t one = 1u << format.fraction_bits;
  return (below(2) != 0 ? format.sign_bit() : 0u) |
         (exponent_field % (1u << format.exponent_bits)) * one | (fraction & (one - 1));
}

// A normal number with an exponent from `lowest` to `highest`, as far as the type has them.
std::uint32_t OperandSource::between(DataType type, int lowest, int highest,
                                     std::uint32_t fraction) {
  const FloatFormat format = float_format(type);
  const int e = lowest + static_cast<int>(below(static_cast<std::uint32_t>(highest - lowest + 1)));
  const int normal = std::clamp(e, format.min_exponent(), format.max_exponent());
  return pack(type, static_cast<std::uint32_t>(normal + format.bias()), fraction);
}

std::uint32_t OperandSource::draw(DataType type, Operands kind) {
  const auto bits = static_cast<std::uint32_t>(engine_());
  if (type == DataType::s4) {
    constexpr std::uint32_t edges[] = {8, 7, 15, 1, 0};
    return kind == Operands::boundary ? edges[below(5)] : bits & 0xf;
  }
  if (type == DataType::s8) {
    constexpr std::uint32_t edges[] = {0x80, 0x7f, 0xff, 0x01, 0x00};
    return kind == Operands::boundary ? edges[below(5)] : bits & 0xff;
  }
  if (type == DataType::s32) {
    constexpr std::uint32_t edges[] = {0x80000000, 0x7fffffff, 0xffffffff, 0, 1};
    if (kind == Operands::boundary) return edges[below(5)] + below(64) - 32;
    return kind == Operands::any ? bits : bits & 0xffffu;
  }
  const FloatFormat format = float_format(type);
  const auto bias = static_cast<std::uint32_t>(format.bias());
  const auto top = 2 * bias;  // largest finite exponent field
  switch (kind) {
    case Operands::any:
      return bits & (format.sign_bit() | (format.sign_bit() - 1));
    case Operands::normal: {
      const auto x = static_cast<float>(std::normal_distribution<double>{}(engine_));
      return narrow(type, std::bit_cast<std::uint32_t>(x));
    }
    case Operands::close:
      return pack(type, bias + below(3), bits);
    case Operands::wide:
      return pack(type, below(top + 1), bits);
    case Operands::subnormal:
      return pack(type, below(4) == 0 ? bias : 0, below(2) != 0 ? bits : below(4));
    case Operands::sparse:
      return below(4) != 0 ? pack(type, 0, 0) : pack(type, bias - 3 + below(7), bits);
    case Operands::boundary: {
      const std::uint32_t fields[] = {0, 1, 2, bias - 1, bias, bias + 1, top - 1, top};
      const std::uint32_t fractions[] = {0, 1, ~0u, ~1u, bits};
      return pack(type, fields[below(8)], fractions[below(5)]);
    }
    case Operands::cancelling:
      return pack(type, bias + below(2), below(2) != 0 ? 0u : 1u);
    case Operands::low:
      return below(2) != 0 ? 0 : between(type, -50, -21, bits);
    case Operands::lower:
      return below(2) != 0 ? 0 : between(type, -56, -30, bits);
    case Operands::lowest:
      return below(2) != 0 ? 0 : between(type, -75, -40, bits);
    case Operands::high:
      return below(2) != 0 ? 0 : between(type, 50, 75, bits);
    case Operands::spread:
      return below(4) != 0 ? 0 : between(type, -36, 36, bits);
    case Operands::largest:
      return pack(type, bias, ~0u) & ~format.sign_bit();
    case Operands::special:
      if (below(16) == 0) return pack(type, top + 1, below(2));
      return pack(type, bias - 2 + below(5), bits);
  }
  return 0;
}

std::uint32_t OperandSource::draw_accumulator(DataType type, Operands kind) {
  return draw(is_floating(type) ? DataType::f32 : DataType::s32, kind);
}

std::vector<std::uint32_t> OperandSource::draw(DataType type, Operands kind, std::size_t count) {
  std::vector<std::uint32_t> result(count);
  std::generate(result.begin(), result.end(), [&] { return draw(type, kind); });
  return result;
}

std::vector<std::uint32_t> OperandSource::draw(OperandType type, Operands kind, std::size_t count) {
  std::vector<std::uint32_t> result = draw(type.type, kind, count);
  if (type.hf32 == models::Hf32::off) return result;
  constexpr std::uint32_t lows[] = {0x800, 0x800, 0x7ff, 0x801};
  for (std::uint32_t& bits : result) {
    if (bits != 0 && below(2) != 0) bits = (bits & ~0xfffu) | lows[below(4)];
  }
  return result;
}

}  // namespace vitruvian::tests
