// SPDX-License-Identifier: Apache-2.0
#include "tb/run/tensor_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "models/arch/count.h"
#include "models/arch/error.h"
#include "models/onnx/tensor_proto.h"
#include "models/program/file.h"

namespace vitruvian::tb {
namespace {

constexpr std::string_view magic = "\x93NUMPY";
constexpr std::uint64_t most_elements = std::uint64_t{1} << 34;

struct TypeRow {
  std::string_view npy;
  DataType ours;
};
constexpr TypeRow types[] = {
    {"<f4", DataType::f32}, {"<f2", DataType::f16}, {"|i1", DataType::s8}, {"<i4", DataType::s32}};
constexpr std::string_view types_read = "<f4, <f2, |i1, <i4";

// The header is the text of a Python dictionary with three known keys: what follows "'key':".
std::string_view value_of(std::string_view header, std::string_view key, const std::string& where) {
  const auto at = header.find(fmt::format("'{}'", key));
  const auto colon = at == std::string_view::npos ? at : header.find(':', at);
  if (colon == std::string_view::npos) {
    throw InputError{fmt::format("{}: its header has no '{}'", where, key)};
  }
  const auto start = header.find_first_not_of(' ', colon + 1);
  return start == std::string_view::npos ? std::string_view{} : header.substr(start);
}

DataType dtype_of(std::string_view header, const std::string& where) {
  std::string_view text = value_of(header, "descr", where);
  if (text.starts_with('\'')) text.remove_prefix(1);
  text = text.substr(0, text.find('\''));
  const auto* row = std::ranges::find(types, text, &TypeRow::npy);
  if (row != std::end(types)) return row->ours;
  throw InputError{
      fmt::format("{}: element type '{}' is not one of {}", where, text.substr(0, 32), types_read)};
}

std::vector<std::uint64_t> dims_of(std::string_view header, const std::string& where) {
  std::string_view text = value_of(header, "shape", where);
  const auto end = text.find(')');
  if (!text.starts_with('(') || end == std::string_view::npos) {
    throw InputError{fmt::format("{}: its header has no shape in brackets", where)};
  }
  text = text.substr(1, end - 1);
  std::vector<std::uint64_t> dims;
  std::uint64_t count = 1;
  while (true) {
    text.remove_prefix(std::min(text.find_first_not_of(", "), text.size()));
    if (text.empty()) return dims;
    std::uint64_t d = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), d);
    if (error != std::errc{} || (d != 0 && count > most_elements / d)) {
      throw InputError{
          fmt::format("{}: its header's shape ({}) is not a list of sizes", where, text)};
    }
    count *= d;
    dims.push_back(d);
    text.remove_prefix(static_cast<std::size_t>(stop - text.data()));
  }
}

// Column-major to row-major: element number i of the result is taken from its place in `from`.
std::vector<std::uint8_t> turned(const TensorType& type, std::string_view from) {
  const auto size = static_cast<std::uint64_t>(element_size(type.dtype));
  std::vector<std::uint8_t> out(type.bytes());
  std::vector<std::uint64_t> index(type.dims.size());
  for (std::uint64_t i = 0; i < type.elements(); ++i) {
    std::uint64_t place = 0, stride = 1;
    for (std::size_t axis = 0; axis < index.size(); ++axis) {
      place += index[axis] * stride;
      stride *= type.dims[axis];
    }
    std::copy_n(from.begin() + static_cast<std::ptrdiff_t>(place * size), size,
                out.begin() + static_cast<std::ptrdiff_t>(i * size));
    for (std::size_t axis = index.size(); axis-- > 0;) {
      if (++index[axis] < type.dims[axis]) break;
      index[axis] = 0;
    }
  }
  return out;
}

enum class Format { npy, pb };

Format format_of(const std::filesystem::path& path) {
  const std::string extension = path.extension().string();
  if (extension == ".npy") return Format::npy;
  if (extension == ".pb") return Format::pb;
  throw InputError{fmt::format("{}: a tensor file ends in .npy or .pb", path.string())};
}

}  // namespace

TensorValue parse_npy(std::string_view bytes, const std::string& where) {
  if (!bytes.starts_with(magic) || bytes.size() < 10) {
    throw InputError{fmt::format("{}: not a .npy file, or cut off", where)};
  }
  const int version = static_cast<std::uint8_t>(bytes[6]);
  const std::size_t width = version == 1 ? 2 : 4;
  if (version < 1 || version > 3) {
    throw InputError{fmt::format("{}: .npy version {} is not 1, 2 or 3", where, version)};
  }
  std::uint64_t length = 0;
  if (bytes.size() < 8 + width) throw InputError{fmt::format("{}: its header is cut off", where)};
  for (std::size_t i = width; i-- > 0;) {
    length = length << 8 | static_cast<std::uint8_t>(bytes[8 + i]);
  }
  if (length > bytes.size() - 8 - width) {
    throw InputError{fmt::format("{}: its header is cut off", where)};
  }
  const std::string_view header = bytes.substr(8 + width, length),
                         data = bytes.substr(8 + width + length);
  TensorValue tensor{"", {dtype_of(header, where), dims_of(header, where)}, {}};
  if (data.size() != tensor.type.bytes()) {
    throw InputError{
        fmt::format("{}: holds {} B, its shape says {}", where, data.size(), tensor.type.bytes())};
  }
  const bool column_major = value_of(header, "fortran_order", where).starts_with("True");
  tensor.bytes = column_major ? turned(tensor.type, data)
                              : std::vector<std::uint8_t>(data.begin(), data.end());
  return tensor;
}

std::string to_npy(const TensorValue& tensor, const std::string& where) {
  const auto* row = std::ranges::find(types, tensor.type.dtype, &TypeRow::ours);
  if (row == std::end(types)) {
    throw InputError{fmt::format("{}: NumPy has no bf16; write a .pb file", where)};
  }
  std::string shape;
  for (const std::uint64_t d : tensor.type.dims) shape += fmt::format("{}, ", d);
  if (tensor.type.dims.size() > 1) shape.resize(shape.size() - 2);
  std::string header =
      fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}), }}", row->npy, shape);
  header.resize(round_up(10 + header.size() + 1, 64) - 11, ' ');
  header += '\n';
  std::string bytes{magic};
  bytes += {1, 0, static_cast<char>(header.size() & 0xff), static_cast<char>(header.size() >> 8)};
  return bytes + header + std::string(tensor.bytes.begin(), tensor.bytes.end());
}

TensorValue read_tensor_file(const std::filesystem::path& path) {
  const Format format = format_of(path);
  const std::string bytes = models::read_file(path);
  TensorValue tensor = format == Format::npy ? parse_npy(bytes, path.string())
                                             : models::parse_tensor_proto(bytes, path.string());
  if (tensor.name.empty()) tensor.name = path.stem().string();
  return tensor;
}

void write_tensor_file(const std::filesystem::path& path, const TensorValue& tensor) {
  const bool npy = format_of(path) == Format::npy;
  const std::string bytes =
      npy ? to_npy(tensor, path.string()) : models::serialise_tensor_proto(tensor);
  models::write_file(path, {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
}

}  // namespace vitruvian::tb
