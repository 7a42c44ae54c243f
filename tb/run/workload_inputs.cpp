// SPDX-License-Identifier: Apache-2.0
#include "tb/run/workload_inputs.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>

#include "models/arch/error.h"
#include "tb/common/random.h"
#include "tb/run/tensor_file.h"
#include "tb/run/workload_text.h"

namespace vitruvian::tb {
namespace {

constexpr int least_exponent = -14;  // of fp16's normal numbers

std::uint32_t random_float(DataType type, std::uint64_t word) {
  const FloatFormat format = float_format(type);
  const int halvings =
      std::min(std::countl_zero(word << 1 | 1), -least_exponent - 1);  // one in two, in four ...
  const auto exponent = static_cast<std::uint32_t>(format.bias() - 1 - halvings);
  const std::uint32_t fraction =
      static_cast<std::uint32_t>(word) & ((1u << format.fraction_bits) - 1);
  return (word >> 63 ? format.sign_bit() : 0) | exponent << format.fraction_bits | fraction;
}

std::uint32_t random_element(DataType type, std::uint64_t word) {
  if (is_floating(type)) return random_float(type, word);
  if (type != DataType::s32) return static_cast<std::uint8_t>(word);  // two s4
  return static_cast<std::uint32_t>(static_cast<std::int32_t>(word) >> 12);
}

std::string text(const TensorType& type) {
  return fmt::format("{} [{}]", user_name(type.dtype), fmt::join(type.dims, ", "));
}

// "input_3.npy" -> 3, for stems that begin with `stem` and end in a number.
std::optional<std::size_t> number_of(const std::filesystem::path& file, std::string_view stem) {
  const std::string name = file.stem().string();
  const auto extension = file.extension();
  if (!name.starts_with(stem) || (extension != ".npy" && extension != ".pb")) return std::nullopt;
  std::size_t number = 0;
  const char* end = name.data() + name.size();
  const auto [stop, error] = std::from_chars(name.data() + stem.size(), end, number);
  return error == std::errc{} && stop == end ? std::optional{number} : std::nullopt;
}

std::map<std::size_t, std::filesystem::path> numbered(const std::filesystem::path& folder,
                                                      std::string_view stem) {
  std::map<std::size_t, std::filesystem::path> found;
  for (const auto& entry : std::filesystem::directory_iterator{folder}) {
    const auto number = number_of(entry.path(), stem);
    if (!number) continue;
    const auto [at, is_new] = found.emplace(*number, entry.path());
    if (!is_new) {
      throw InputError{
          fmt::format("{} and {}: which of the two?", at->second.string(), entry.path().string())};
    }
  }
  return found;
}

void check_type(const TensorValue& value, const NamedType& expected,
                const std::filesystem::path& file, bool widened) {
  const bool f32_instead =
      widened && is_floating(expected.type.dtype) && value.type.dtype == DataType::f32;
  if (value.type.dims == expected.type.dims &&
      (value.type.dtype == expected.type.dtype || f32_instead)) {
    return;
  }
  throw InputError{fmt::format("{}: holds {}, '{}' is {}", file.string(), text(value.type),
                               expected.name, text(expected.type))};
}

// int8 numbers from -8 to 7 as int4, two a byte.
TensorValue packed(TensorValue value, const std::filesystem::path& file) {
  std::vector<std::uint8_t> bytes(bytes_of(DataType::s4, value.bytes.size()));
  for (std::size_t i = 0; i < value.bytes.size(); ++i) {
    const int number = static_cast<std::int8_t>(value.bytes[i]);
    if (number < -8 || number > 7) {
      throw InputError{fmt::format("{}: element {} is {}; an int4 is -8 to 7", file.string(), i, number)};
    }
    bytes[i / 2] |= static_cast<std::uint8_t>((number & 15) << (i % 2 * 4));
  }
  value.type.dtype = DataType::s4;
  value.bytes = std::move(bytes);
  return value;
}

void check_surplus(const std::map<std::size_t, std::filesystem::path>& files, std::size_t count,
                   std::string_view what) {
  if (files.empty() || files.rbegin()->first < count) return;
  throw InputError{fmt::format("{}: there {} only {} {}{}", files.rbegin()->second.string(),
                               count == 1 ? "is" : "are", count, what, count == 1 ? "" : "s")};
}

}  // namespace

void fill_random(std::span<std::uint8_t> bytes, DataType dtype, std::uint64_t seed,
                 const std::string& name) {
  RandomStream random = Seed{seed}.stream("tensor " + name);
  const std::size_t size = dtype == DataType::s4 ? 1 : static_cast<std::size_t>(element_size(dtype));
  for (std::size_t i = 0; i < bytes.size(); i += size) {
    const std::uint32_t bits = random_element(dtype, random.draw());
    std::memcpy(&bytes[i], &bits, size);
  }
}

TensorFiles read_tensor_files(const std::filesystem::path& folder,
                              const std::vector<NamedType>& inputs,
                              const std::vector<NamedType>& outputs) {
  std::error_code ignored;
  if (!std::filesystem::is_directory(folder, ignored)) {
    throw InputError{fmt::format("--inputs {}: not a folder", folder.string())};
  }
  const auto input_files = numbered(folder, "input_"), output_files = numbered(folder, "output_");
  check_surplus(input_files, inputs.size(), "input");
  check_surplus(output_files, outputs.size(), "output");
  TensorFiles files;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const auto file = input_files.find(i);
    if (file == input_files.end()) {
      throw InputError{fmt::format("--inputs {}: input_{}.pb or .npy is missing ('{}', {})",
                                   folder.string(), i, inputs[i].name, text(inputs[i].type))};
    }
    TensorValue value = read_tensor_file(file->second);
    if (inputs[i].type.dtype == DataType::s4 && value.type.dtype == DataType::s8) {
      value = packed(std::move(value), file->second);
    }
    files.inputs.push_back(std::move(value));
    check_type(files.inputs.back(), inputs[i], file->second, false);
  }
  for (const auto& [i, file] : output_files) {
    const TensorValue& value = files.outputs.emplace(i, read_tensor_file(file)).first->second;
    check_type(value, outputs[i], file, true);
  }
  return files;
}

}  // namespace vitruvian::tb
