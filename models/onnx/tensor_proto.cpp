// SPDX-License-Identifier: Apache-2.0
#include "models/onnx/tensor_proto.h"

#include <fmt/format.h>
#include <google/protobuf/stubs/logging.h>
#include <onnx/onnx_pb.h>

#include <algorithm>
#include <bit>
#include <cctype>
#include <cstring>

#include "models/arch/error.h"

namespace vitruvian::models {
namespace {

using onnx::TensorProto;

constexpr std::uint64_t most_elements = std::uint64_t{1} << 34;

struct TypeRow {
  int onnx;
  DataType ours;
};
constexpr TypeRow types[] = {{TensorProto::FLOAT, DataType::f32},
                             {TensorProto::FLOAT16, DataType::f16},
                             {TensorProto::BFLOAT16, DataType::bf16},
                             {TensorProto::INT8, DataType::s8},
                             {TensorProto::INT32, DataType::s32}};

TensorType type_of(const TensorProto& tensor, const std::string& where) {
  const auto dtype = dtype_from_onnx(tensor.data_type());
  if (!dtype) {
    throw InputError{fmt::format("{}: element type {} is not one of {}", where,
                                 onnx_type_name(tensor.data_type()), onnx_types_read)};
  }
  TensorType type{*dtype, {}};
  std::uint64_t count = 1;
  for (const std::int64_t d : tensor.dims()) {
    if (d < 0) throw InputError{fmt::format("{}: dimension {} is negative", where, d)};
    type.dims.push_back(static_cast<std::uint64_t>(d));
    if (d != 0 && count > most_elements / static_cast<std::uint64_t>(d)) {
      throw InputError{fmt::format("{}: more than {} elements", where, most_elements)};
    }
    count *= static_cast<std::uint64_t>(d);
  }
  return type;
}

void require_count(std::uint64_t have, std::uint64_t want, std::string_view unit,
                   const std::string& where) {
  if (have == want) return;
  throw InputError{fmt::format("{}: holds {} {}, its dimensions say {}", where, have, unit, want)};
}

// float_data keeps fp32; int32_data keeps all the others, 16-bit floats as their bits. Counts come
// first: dimensions are only a claim, memory is taken for what is there.
std::vector<std::uint8_t> from_fields(const TensorProto& tensor, const TensorType& type,
                                      const std::string& where) {
  const bool f32 = type.dtype == DataType::f32;
  const int count = f32 ? tensor.float_data_size() : tensor.int32_data_size();
  require_count(static_cast<std::uint64_t>(count), type.elements(), "numbers", where);
  std::vector<std::uint8_t> bytes(type.bytes());
  const auto size = static_cast<std::size_t>(element_size(type.dtype));
  for (int i = 0; i < count; ++i) {
    const std::uint32_t bits = f32 ? std::bit_cast<std::uint32_t>(tensor.float_data(i))
                                   : static_cast<std::uint32_t>(tensor.int32_data(i));
    std::memcpy(&bytes[static_cast<std::size_t>(i) * size], &bits, size);
  }
  return bytes;
}

// Messages go into our errors, not to the terminal.
void be_quiet() {
  static const bool once = (google::protobuf::SetLogHandler(nullptr), true);
  static_cast<void>(once);
}

}  // namespace

std::optional<DataType> dtype_from_onnx(int onnx_type) {
  const auto* row = std::ranges::find(types, onnx_type, &TypeRow::onnx);
  return row == std::end(types) ? std::nullopt : std::optional{row->ours};
}

std::string onnx_type_name(int onnx_type) {
  if (!TensorProto::DataType_IsValid(onnx_type)) return fmt::format("type {}", onnx_type);
  std::string name = TensorProto::DataType_Name(static_cast<TensorProto::DataType>(onnx_type));
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
  return name;
}

TensorValue tensor_value(const TensorProto& tensor, const std::string& where) {
  if (tensor.data_location() == TensorProto::EXTERNAL || tensor.external_data_size() > 0) {
    throw InputError{
        fmt::format("{}: its data are in another file (external data), which is not read; "
                    "save the model with its data inside",
                    where)};
  }
  if (tensor.has_segment()) {
    throw InputError{fmt::format("{}: a segment of a tensor is not read", where)};
  }
  TensorValue value{tensor.name(), type_of(tensor, where), {}};
  if (tensor.has_raw_data()) {
    require_count(tensor.raw_data().size(), value.type.bytes(), "B", where);
    value.bytes.assign(tensor.raw_data().begin(), tensor.raw_data().end());
  } else {
    value.bytes = from_fields(tensor, value.type, where);
  }
  return value;
}

TensorValue parse_tensor_proto(std::string_view bytes, const std::string& where) {
  be_quiet();
  TensorProto tensor;
  if (bytes.size() > INT32_MAX ||
      !tensor.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    throw InputError{fmt::format("{}: not a serialised ONNX TensorProto, or cut off", where)};
  }
  return tensor_value(tensor, where);
}

std::string serialise_tensor_proto(const TensorValue& value) {
  TensorProto tensor;
  tensor.set_name(value.name);
  tensor.set_data_type(std::ranges::find(types, value.type.dtype, &TypeRow::ours)->onnx);
  for (const std::uint64_t d : value.type.dims) tensor.add_dims(static_cast<std::int64_t>(d));
  tensor.set_raw_data(value.bytes.data(), value.bytes.size());
  return tensor.SerializeAsString();
}

}  // namespace vitruvian::models
