// SPDX-License-Identifier: Apache-2.0
#include "tests/pipe/cube_oracle.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <optional>
#include <vector>

#include "tests/arch/exact.h"

namespace vitruvian::tests {
namespace {

std::uint32_t to_bits(double special_or_zero) {
  if (std::isnan(special_or_zero)) return 0x7fc00000;
  return std::bit_cast<std::uint32_t>(static_cast<float>(special_or_zero));
}

bool special(DataType type, std::uint32_t bits) { return !std::isfinite(value_of(type, bits)); }

// Adding up only what is special: the host's NaN and infinity rules are IEEE's and so are ours.
std::optional<std::uint32_t> special_sum(DataType type, std::span<const std::uint32_t> a,
                                         std::span<const std::uint32_t> b) {
  double sum = 0;
  bool any = false;
  for (std::size_t k = 0; k < a.size(); ++k) {
    if (!special(type, a[k]) && !special(type, b[k])) continue;
    sum += value_of(type, a[k]) * value_of(type, b[k]);
    any = true;
  }
  return any ? std::optional{to_bits(sum)} : std::nullopt;
}

std::uint32_t without_minus_zero(std::uint32_t bits) { return bits == 0x80000000 ? 0 : bits; }

// The sum of `terms`, each cut 24 places below 2^top, rounded to fp32.
std::uint32_t cut_sum(std::span<const Exact> terms, int top) {
  Exact sum = 0;
  for (const Exact& term : terms) sum += truncated(term, top - 24);
  return without_minus_zero(nearest(DataType::f32, sum));
}

std::uint32_t tree_sum(std::span<const std::uint32_t> values) {
  if (values.size() == 1) return values[0];
  const std::size_t half = values.size() / 2;
  return exact_add(tree_sum(values.first(half)), tree_sum(values.subspan(half)));
}

std::uint32_t integer_dot(DataType type, std::span<const std::uint32_t> a,
                          std::span<const std::uint32_t> b, std::uint32_t acc) {
  Exact sum = static_cast<std::int32_t>(acc);
  for (std::size_t k = 0; k < a.size(); ++k) {
    sum += Exact{value_of(type, a[k])} * Exact{value_of(type, b[k])};
  }
  const Exact highest = 0x7fffffff, lowest = -highest - 1;
  return static_cast<std::uint32_t>(static_cast<std::int32_t>(std::clamp(sum, lowest, highest)));
}

}  // namespace

std::uint32_t exact_add(std::uint32_t x, std::uint32_t y) {
  if (special(DataType::f32, x) || special(DataType::f32, y)) {
    return to_bits(value_of(DataType::f32, x) + value_of(DataType::f32, y));
  }
  const Exact sum = exact(DataType::f32, x) + exact(DataType::f32, y);
  return without_minus_zero(nearest(DataType::f32, sum));
}

std::uint32_t exact_dot(models::Numerics numerics, DataType type, std::span<const std::uint32_t> a,
                        std::span<const std::uint32_t> b, std::uint32_t acc) {
  if (type == DataType::s8 || type == DataType::s4) return integer_dot(type, a, b, acc);
  if (const auto tile = special_sum(type, a, b)) return exact_add(acc, *tile);

  std::vector<Exact> products;
  std::vector<std::uint32_t> rounded;
  std::optional<int> top;
  for (std::size_t k = 0; k < a.size(); ++k) {
    const Exact x = exact(type, a[k]), y = exact(type, b[k]);
    products.push_back(product(x, y));
    rounded.push_back(nearest(DataType::f32, products.back()));
    if (x == 0 || y == 0) continue;
    top = std::max(top.value_or(-1000), exponent_of(x) + exponent_of(y));
  }
  if (numerics == models::Numerics::tree) return exact_add(acc, tree_sum(rounded));
  if (numerics == models::Numerics::dot24) {
    return exact_add(acc, top ? cut_sum(products, *top) : 0);
  }
  if (special(DataType::f32, acc)) return to_bits(value_of(DataType::f32, acc));
  const Exact c = exact(DataType::f32, acc);
  if (c != 0) top = std::max(top.value_or(-1000), exponent_of(c));
  products.push_back(c);
  return top ? cut_sum(products, *top) : 0;
}

}  // namespace vitruvian::tests
