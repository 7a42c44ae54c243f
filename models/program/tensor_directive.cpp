// SPDX-License-Identifier: Apache-2.0
#include "models/program/tensor_directive.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "models/arch/error.h"
#include "models/arch/number.h"
#include "models/program/parse.h"

namespace vitruvian::models {
namespace {

constexpr std::size_t max_name = 64, max_dims = 8;
constexpr std::uint64_t max_dim = std::uint64_t{1} << 32;

bool is_name(std::string_view text) {
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  const auto inner = [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '.'; };
  return !text.empty() && text.size() <= max_name && letter(text[0]) &&
         std::ranges::all_of(text, inner);
}

std::vector<std::uint64_t> parse_dims(std::string_view text) {
  std::vector<std::uint64_t> dims;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('x', at), text.size());
    const auto dim = parse_decimal(text.substr(at, end - at));
    if (!dim || *dim == 0 || *dim > max_dim || dims.size() == max_dims) {
      throw InputError{fmt::format(".tensor: shape {} is not one to {} sizes of 1..{} joined by x",
                                   quoted(text), max_dims, max_dim)};
    }
    dims.push_back(*dim);
    at = end + 1;
  }
  return dims;
}

DataType parse_dtype(std::string_view text) {
  std::vector<std::string_view> known;
  for (const EnumValue& row : DataType_values) {
    if (element_size(static_cast<DataType>(row.value)) == 0) continue;  // s4: bytes of s8 hold it
    if (row.name == text) return static_cast<DataType>(row.value);
    known.push_back(row.name);
  }
  throw InputError{
      fmt::format(".tensor: type {} is not one of {}", quoted(text), fmt::join(known, ", "))};
}

Fill parse_fill(std::string_view text) {
  const auto* found = std::ranges::find(fill_names, text);
  if (found == std::end(fill_names)) {
    throw InputError{fmt::format(".tensor: fill {} is not one of {}", quoted(text),
                                 fmt::join(fill_names, ", "))};
  }
  return static_cast<Fill>(found - fill_names);
}

// SplitMix64 (Steele, Lea, Flood 2014).
std::uint64_t next_random(std::uint64_t& state) {
  std::uint64_t z = (state += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

// FNV-1a, so that every tensor has numbers of its own.
std::uint64_t hash(std::string_view text) {
  std::uint64_t h = 0xcbf29ce484222325u;
  for (const char c : text) h = (h ^ static_cast<std::uint8_t>(c)) * 0x100000001b3u;
  return h;
}

// The bits of value * 2^exponent.
std::uint32_t number(DataType type, std::int64_t value, int exponent) {
  if (!is_floating(type)) return static_cast<std::uint32_t>(value);
  return round_to(type, value < 0, static_cast<std::uint64_t>(value < 0 ? -value : value),
                  exponent);
}

std::uint32_t element(DataType type, Fill fill, std::uint64_t index, std::uint64_t& random) {
  switch (fill) {
    case Fill::zero:
      return 0;
    case Fill::ones:
      return number(type, 1, 0);
    case Fill::iota:
      return number(type, static_cast<std::int64_t>(index % 128), 0);
    case Fill::random:
      break;
  }
  const auto drawn = static_cast<std::int16_t>(next_random(random) >> 48);
  return number(type, drawn, -15);
}

}  // namespace

TensorDirective parse_tensor(const std::vector<std::string_view>& words) {
  if (words.size() < 5 || words.size() > 6) {
    throw InputError{".tensor: expects NAME ADDRESS DTYPE DIMxDIM in|out [random|zero|iota|ones]"};
  }
  TensorDirective directive;
  if (!is_name(words[0])) {
    throw InputError{
        fmt::format(".tensor: name {} is not a letter or _ followed by letters, digits, _ and .",
                    quoted(words[0]))};
  }
  directive.tensor.name = words[0];
  const auto address = parse_number(words[1]);
  if (!address) {
    throw InputError{fmt::format(".tensor: address {} is not a number (decimal, or hex as 0x...)",
                                 quoted(words[1]))};
  }
  directive.tensor.address = GmAddress{*address};
  directive.tensor.dtype = parse_dtype(words[2]);
  directive.tensor.dims = parse_dims(words[3]);
  if (words[4] != "in" && words[4] != "out") {
    throw InputError{fmt::format(".tensor: {} is not one of in, out", quoted(words[4]))};
  }
  directive.input = words[4] == "in";
  if (words.size() == 6) {
    if (!directive.input) throw InputError{".tensor: an out tensor takes no fill"};
    directive.fill = parse_fill(words[5]);
  }
  return directive;
}

void check_tensors(const std::vector<TensorDirective>& tensors, const ChipConfig& chip) {
  std::vector<const Tensor*> sorted;
  for (const TensorDirective& directive : tensors) {
    const Tensor& t = directive.tensor;
    const std::uint64_t size = static_cast<std::uint64_t>(element_size(t.dtype));
    std::uint64_t room = chip.gm.size.value() / size;  // elements, divided so that nothing wraps
    for (const std::uint64_t dim : t.dims) room /= dim;
    if (room == 0 || t.address.value() > chip.gm.size.value() - t.size().value()) {
      throw InputError{fmt::format(".tensor: {} at {:#x} does not fit into GM, which has {} B",
                                   t.name, t.address.value(), chip.gm.size.value())};
    }
    if (t.address.value() % size != 0) {
      throw InputError{fmt::format(".tensor: {} at {:#x} is not at a multiple of its {} B elements",
                                   t.name, t.address.value(), size)};
    }
    sorted.push_back(&t);
  }
  std::ranges::sort(sorted, {}, [](const Tensor* t) { return t->name; });
  for (std::size_t i = 1; i < sorted.size(); ++i) {
    if (sorted[i - 1]->name == sorted[i]->name) {
      throw InputError{fmt::format(".tensor: {} is declared twice", sorted[i]->name)};
    }
  }
  std::ranges::sort(sorted, {}, [](const Tensor* t) { return t->address; });
  for (std::size_t i = 1; i < sorted.size(); ++i) {
    if (sorted[i - 1]->address + sorted[i - 1]->size() > sorted[i]->address) {
      throw InputError{fmt::format(".tensor: {} and {} share bytes of GM from {:#x} on",
                                   sorted[i - 1]->name, sorted[i]->name,
                                   sorted[i]->address.value())};
    }
  }
}

std::string to_text(const TensorDirective& directive) {
  const Tensor& t = directive.tensor;
  const std::string line =
      fmt::format(".tensor {} {:#x} {} {} {}", t.name, t.address.value(), name(t.dtype),
                  fmt::join(t.dims, "x"), directive.input ? "in" : "out");
  if (!directive.input) return line;
  return fmt::format("{} {}", line, fill_names[static_cast<int>(directive.fill)]);
}

std::vector<std::uint8_t> contents(const TensorDirective& directive, std::uint64_t seed) {
  const DataType type = directive.tensor.dtype;
  const std::uint64_t size = static_cast<std::uint64_t>(element_size(type));
  std::vector<std::uint8_t> bytes(directive.tensor.size().value());
  if (directive.fill == Fill::zero) return bytes;
  std::uint64_t random = seed ^ hash(directive.tensor.name);
  for (std::uint64_t i = 0; i * size < bytes.size(); ++i) {
    const std::uint32_t value = element(type, directive.fill, i, random);
    for (std::uint64_t b = 0; b < size; ++b) {
      bytes[i * size + b] = static_cast<std::uint8_t>(value >> (8 * b));
    }
  }
  return bytes;
}

}  // namespace vitruvian::models
