// SPDX-License-Identifier: Apache-2.0
#include "tb/run/workload_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <set>
#include <vector>

#include "models/arch/error.h"
#include "models/arch/suggest.h"

namespace vitruvian::tb {
namespace {

struct TypeName {
  std::string_view name;
  DataType dtype;
  models::Hf32 hf32 = models::Hf32::off;
};
constexpr TypeName operand_types[] = {{"fp16", DataType::f16},
                                      {"bf16", DataType::bf16},
                                      {"fp32", DataType::f32},
                                      {"hf32", DataType::f32, models::Hf32::nearest_even},
                                      {"int8", DataType::s8},
                                      {"int4", DataType::s4}};
constexpr TypeName float_outputs[] = {
    {"fp32", DataType::f32}, {"fp16", DataType::f16}, {"bf16", DataType::bf16}};
constexpr TypeName integer_outputs[] = {
    {"int32", DataType::s32}, {"fp16", DataType::f16}, {"int8", DataType::s8}};

// What the keys leave open until all are read.
struct Parsed {
  MatmulText text;
  std::string out;
  bool has_scale = false;
};

[[noreturn]] void refuse(std::string_view key, std::string_view value, const std::string& why) {
  throw InputError{fmt::format("matmul: {}={}: {}", key, value, why)};
}

std::uint64_t whole(std::string_view key, std::string_view value, std::uint64_t most) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  const bool read = !value.empty() && end == value.data() + value.size();
  if (!read || error != std::errc{} || number == 0 || number > most) {
    refuse(key, value, fmt::format("must be a whole number from 1 to {}", most));
  }
  return number;
}

bool yes_or_no(std::string_view key, std::string_view value) {
  for (const std::string_view yes : {"1", "true", "yes", "on"}) {
    if (value == yes) return true;
  }
  for (const std::string_view no : {"0", "false", "no", "off"}) {
    if (value == no) return false;
  }
  refuse(key, value, "must be 0 or 1");
}

const TypeName& type_in(std::string_view key, std::string_view value,
                        std::span<const TypeName> known, std::string_view of = "") {
  std::vector<std::string_view> names;
  for (const TypeName& t : known) {
    if (t.name == value) return t;
    names.push_back(t.name);
  }
  refuse(key, value,
         fmt::format("not one of {}{}{}", fmt::join(names, ", "), of, did_you_mean(value, names)));
}

// 128x256x64, joined by x or by the multiplication sign.
models::TileShape tile(std::string_view key, std::string_view value) {
  std::string plain{value};
  constexpr std::string_view sign = "\u00d7";
  for (auto at = plain.find(sign); at != std::string::npos; at = plain.find(sign)) {
    plain.replace(at, sign.size(), "x");
  }
  std::vector<std::uint64_t> sides;
  std::string_view rest = plain;
  while (true) {
    const auto x = rest.find('x');
    sides.push_back(whole(key, rest.substr(0, x), longest_side));
    if (x == std::string_view::npos) break;
    rest.remove_prefix(x + 1);
  }
  if (sides.size() != 3) {
    refuse(key, value, "must be three sizes, rows x columns x depth, as 128x256x64");
  }
  return {sides[0], sides[1], sides[2]};
}

// What fixpipe keeps of a scale: sign, 8 exponent and 10 fraction bits.
float scale(std::string_view key, std::string_view value) {
  float number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc{} || end != value.data() + value.size() || !std::isnormal(number) ||
      number < 0) {
    refuse(key, value, "must be a positive number");
  }
  const auto bits = std::bit_cast<std::uint32_t>(number);
  if (bits & 0x1fff) {
    const auto kept = std::bit_cast<float>(bits & ~0x1fffu);
    refuse(key, value,
           fmt::format("fixpipe keeps 10 fraction bits of a scale; the next below is {}", kept));
  }
  return number;
}

struct Key {
  std::string_view name;
  void (*set)(Parsed&, std::string_view key, std::string_view value);
};
constexpr Key keys[] = {
    {"M", [](Parsed& p, auto k, auto v) { p.text.problem.m = whole(k, v, longest_side); }},
    {"N", [](Parsed& p, auto k, auto v) { p.text.problem.n = whole(k, v, longest_side); }},
    {"K", [](Parsed& p, auto k, auto v) { p.text.problem.k = whole(k, v, longest_side); }},
    {"dtype",
     [](Parsed& p, auto k, auto v) {
       const TypeName& type = type_in(k, v, operand_types);
       p.text.problem.dtype = type.dtype;
       p.text.problem.hf32 = type.hf32;
     }},
    {"out", [](Parsed& p, auto, auto v) { p.out = v; }},
    {"bias", [](Parsed& p, auto k, auto v) { p.text.problem.bias = yes_or_no(k, v); }},
    {"relu", [](Parsed& p, auto k, auto v) { p.text.problem.relu = yes_or_no(k, v); }},
    {"transA", [](Parsed& p, auto k, auto v) { p.text.problem.trans_a = yes_or_no(k, v); }},
    {"transB", [](Parsed& p, auto k, auto v) { p.text.problem.trans_b = yes_or_no(k, v); }},
    {"l1", [](Parsed& p, auto k, auto v) { p.text.tiles.l1 = tile(k, v); }},
    {"l0", [](Parsed& p, auto k, auto v) { p.text.tiles.l0 = tile(k, v); }},
    {"scale",
     [](Parsed& p, auto k, auto v) {
       p.text.problem.scale = scale(k, v);
       p.has_scale = true;
     }},
};

void set_key(Parsed& parsed, std::string_view assignment, std::set<std::string>& seen) {
  const auto equals = assignment.find('=');
  const std::string_view name = assignment.substr(0, equals);
  const std::string_view value =
      equals == std::string_view::npos ? "" : assignment.substr(equals + 1);
  std::vector<std::string_view> names;
  for (const Key& key : keys) {
    names.push_back(key.name);
    if (key.name != name) continue;
    if (!seen.insert(std::string{name}).second) {
      throw InputError{fmt::format("matmul: {} is given twice", name)};
    }
    if (equals == std::string_view::npos) {
      throw InputError{fmt::format("matmul: {} has no value: write {}=...", name, name)};
    }
    return key.set(parsed, name, value);
  }
  throw InputError{fmt::format("matmul: '{}' is not one of {}{}", name, fmt::join(names, ", "),
                               did_you_mean(name, names))};
}

// A power of two that brings sums of full-range products to about a quarter of the int8 range, so
// that results differ and few saturate: a product's deviation is 74 * 74, of int4 4.6 * 4.6.
float usual_scale(DataType dtype, std::uint64_t k) {
  const double product = dtype == DataType::s8 ? 74 * 74 : 4.6 * 4.6;
  return static_cast<float>(
      std::exp2(-std::round(std::log2(std::sqrt(static_cast<double>(k)) * product / 32))));
}

void complete(Parsed& parsed) {
  models::GemmProblem& p = parsed.text.problem;
  const bool integer = !is_floating(p.dtype);
  if (parsed.out.empty()) {
    p.out = p.accumulator();
  } else if (integer) {
    p.out = type_in("out", parsed.out, integer_outputs,
                    fmt::format(" (with dtype={})", user_name(p.dtype)))
                .dtype;
  } else {
    p.out = type_in("out", parsed.out, float_outputs).dtype;
  }
  const bool scaled = integer && p.out != DataType::s32;
  if (parsed.has_scale && !scaled) {
    throw InputError{
        "matmul: scale goes with dtype=int8 or dtype=int4 and out=fp16 or out=int8 only"};
  }
  if (scaled && !parsed.has_scale) p.scale = usual_scale(p.dtype, p.k);
}

}  // namespace

std::string_view user_name(DataType dtype, models::Hf32 hf32) {
  constexpr std::string_view names[] = {"fp16", "bf16", "fp32", "int8", "int32", "int4"};
  return hf32 != models::Hf32::off ? "hf32" : names[static_cast<int>(dtype)];
}

MatmulText parse_matmul(std::string_view text) {
  Parsed parsed;
  std::set<std::string> seen;
  while (true) {
    const auto comma = text.find(',');
    set_key(parsed, text.substr(0, comma), seen);
    if (comma == std::string_view::npos) break;
    text.remove_prefix(comma + 1);
  }
  for (const char* side : {"M", "N", "K"}) {
    if (!seen.contains(side)) {
      throw InputError{
          fmt::format("matmul: {} is missing: matmul:M=...,N=...,K=...,dtype=fp16", side)};
    }
  }
  complete(parsed);
  return parsed.text;
}

}  // namespace vitruvian::tb
