// SPDX-License-Identifier: Apache-2.0
#include "models/onnx/graph.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <onnx/onnx_pb.h>

#include <algorithm>
#include <set>

#include "models/arch/error.h"
#include "models/onnx/reader.h"
#include "models/onnx/tensor_proto.h"

namespace vitruvian::models {
namespace {

constexpr std::uint64_t longest_side = 1u << 20;
constexpr std::uint64_t most_products = 1u << 16;
constexpr std::size_t most_dims = 8;

using Dims = std::vector<std::uint64_t>;

std::string text(const Dims& dims) { return fmt::format("[{}]", fmt::join(dims, ", ")); }

// The start of every message about one operator.
std::string where(const std::string& file, const onnx::NodeProto& node) {
  const std::string& name =
      node.name().empty() && node.output_size() > 0 ? node.output(0) : node.name();
  return fmt::format("{}: {} '{}'", file, node.op_type(), name);
}

// ---------------------------------------------------------------- values

TensorType type_of(const onnx::ValueInfoProto& value, const std::string& file) {
  const std::string at = fmt::format("{}: '{}'", file, value.name());
  if (!value.type().has_tensor_type()) throw InputError{fmt::format("{} is not a tensor", at)};
  const auto& proto = value.type().tensor_type();
  const auto dtype = dtype_from_onnx(proto.elem_type());
  if (!dtype || !is_floating(*dtype)) {
    throw InputError{fmt::format("{}: element type {} is not one of float, float16, bfloat16", at,
                                 onnx_type_name(proto.elem_type()))};
  }
  if (!proto.has_shape()) throw InputError{fmt::format("{} has no shape", at)};
  TensorType type{*dtype, {}};
  for (const auto& d : proto.shape().dim()) {
    if (!d.has_dim_value()) {
      throw InputError{
          fmt::format("{}: dimension '{}' has no fixed size; export the model with fixed shapes",
                      at, d.has_dim_param() ? d.dim_param() : "?")};
    }
    if (d.dim_value() < 0) {
      throw InputError{fmt::format("{}: dimension {} is negative", at, d.dim_value())};
    }
    type.dims.push_back(static_cast<std::uint64_t>(d.dim_value()));
  }
  return type;
}

void check_sides(const TensorType& type, const std::string& at) {
  if (type.dims.size() > most_dims) {
    throw InputError{
        fmt::format("{} has {} dimensions, more than {}", at, type.dims.size(), most_dims)};
  }
  for (const std::uint64_t d : type.dims) {
    if (d == 0 || d > longest_side) {
      throw InputError{fmt::format("{}: dimension {} is outside 1..{}", at, d, longest_side)};
    }
  }
}

void add_value(OnnxGraph& graph, const std::string& name, TensorType type,
               const std::string& file) {
  check_sides(type, fmt::format("{}: '{}'", file, name));
  graph.types.insert_or_assign(name, std::move(type));
}

void add_constants_and_inputs(OnnxGraph& graph, const onnx::GraphProto& proto,
                              const std::string& file) {
  std::set<std::string> constant;
  for (const onnx::TensorProto& t : proto.initializer()) {
    TensorValue value = tensor_value(t, fmt::format("{}: initialiser '{}'", file, t.name()));
    if (!constant.insert(t.name()).second) {
      throw InputError{fmt::format("{}: initialiser '{}' stands twice", file, t.name())};
    }
    add_value(graph, t.name(), value.type, file);
    graph.constants.push_back(std::move(value));
  }
  for (const onnx::ValueInfoProto& input : proto.input()) {
    TensorType type = type_of(input, file);
    if (constant.contains(input.name())) {
      if (graph.types.at(input.name()) == type) continue;
      throw InputError{fmt::format(
          "{}: '{}' has one type as an input and another as an initialiser", file, input.name())};
    }
    add_value(graph, input.name(), std::move(type), file);
    graph.inputs.push_back(input.name());
  }
}

const TensorType& type_of(const OnnxGraph& graph, const std::string& value, const std::string& at) {
  const auto found = graph.types.find(value);
  if (found == graph.types.end()) {
    throw InputError{fmt::format("{}: reads '{}', which nothing before it makes", at, value)};
  }
  return found->second;
}

// ---------------------------------------------------------------- MatMul

// Element offset of each matrix of a broadcast stack: `own` are the operand's outer dimensions,
// `all` the result's.
std::vector<std::uint64_t> stack_offsets(const Dims& own, const Dims& all, std::uint64_t matrix) {
  std::vector<std::uint64_t> offsets{0};
  std::uint64_t stride = matrix;
  std::vector<std::uint64_t> strides(all.size());
  for (std::size_t i = 0; i < own.size(); ++i) {
    const std::uint64_t d = own[own.size() - 1 - i];
    strides[all.size() - 1 - i] = d == 1 ? 0 : stride;
    stride *= d;
  }
  for (std::size_t axis = 0; axis < all.size(); ++axis) {
    std::vector<std::uint64_t> next;
    next.reserve(offsets.size() * all[axis]);
    for (const std::uint64_t base : offsets) {
      for (std::uint64_t i = 0; i < all[axis]; ++i) next.push_back(base + i * strides[axis]);
    }
    offsets = std::move(next);
  }
  return offsets;
}

Dims broadcast(const Dims& a, const Dims& b, const std::string& at) {
  Dims all(std::max(a.size(), b.size()));
  std::uint64_t count = 1;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::uint64_t x = i < a.size() ? a[a.size() - 1 - i] : 1,
                        y = i < b.size() ? b[b.size() - 1 - i] : 1;
    if (x != y && x != 1 && y != 1) {
      throw InputError{
          fmt::format("{}: the stacks {} and {} do not broadcast", at, text(a), text(b))};
    }
    all[all.size() - 1 - i] = std::max(x, y);
    count *= std::max(x, y);
    if (count > most_products) {
      throw InputError{fmt::format("{}: more than {} products", at, most_products)};
    }
  }
  return all;
}

void require_depth(std::uint64_t a, std::uint64_t b, const Dims& a_dims, const Dims& b_dims,
                   const std::string& at) {
  if (a != b) {
    throw InputError{fmt::format("{}: {} and {} cannot be multiplied: {} is not {}", at,
                                 text(a_dims), text(b_dims), a, b)};
  }
}

// As numpy.matmul: a vector is a row on the left, a column on the right, and its side is left out.
TensorType add_matmul(GemmNode& out, const TensorType& a, const TensorType& b,
                      const std::string& at) {
  if (a.dims.empty() || b.dims.empty()) {
    throw InputError{fmt::format("{}: a scalar cannot be multiplied", at)};
  }
  Dims ad = a.dims, bd = b.dims;
  const bool row = ad.size() == 1, column = bd.size() == 1;
  if (row) ad.insert(ad.begin(), 1);
  if (column) bd.push_back(1);
  out.m = ad[ad.size() - 2];
  out.k = ad.back();
  out.n = bd.back();
  require_depth(out.k, bd[bd.size() - 2], a.dims, b.dims, at);
  const Dims a_stack(ad.begin(), ad.end() - 2), b_stack(bd.begin(), bd.end() - 2);
  Dims result = broadcast(a_stack, b_stack, at);
  const bool one_b = std::ranges::all_of(b_stack, [](auto d) { return d == 1; });
  const std::uint64_t products = TensorType{a.dtype, result}.elements();
  if (one_b && out.m * products <= longest_side) {
    out.m *= products;  // the rows of all matrices are one tall matrix
    out.batch.push_back({});
  } else {
    const auto as = stack_offsets(a_stack, result, out.m * out.k),
               bs = stack_offsets(b_stack, result, out.k * out.n);
    for (std::uint64_t i = 0; i < products; ++i) {
      out.batch.push_back({as[i], bs[i], i * out.m * out.n});
    }
  }
  if (!row) result.push_back(ad[ad.size() - 2]);
  if (!column) result.push_back(out.n);
  return {a.dtype, result};
}

// ---------------------------------------------------------------- Gemm

// Every attribute is named here, or refused.
void read_attributes(const onnx::NodeProto& node, GemmNode& out, const std::string& at) {
  for (const onnx::AttributeProto& attribute : node.attribute()) {
    const std::string& name = attribute.name();
    if (name == "alpha" || name == "beta") {
      const bool matters = name == "alpha" || !out.c.empty();
      if (matters && attribute.f() != 1.0f) {
        throw InputError{fmt::format("{}: {} = {} is not supported; supported are {}", at, name,
                                     attribute.f(), onnx_operators)};
      }
    } else if (name == "transA") {
      out.trans_a = attribute.i() != 0;
    } else if (name == "transB") {
      out.trans_b = attribute.i() != 0;
    } else if (name != "broadcast") {  // before operator set 7; the shape of C says as much
      throw InputError{fmt::format("{}: attribute '{}' is not supported", at, name)};
    }
  }
}

void check_vector(const Dims& c, std::uint64_t n, const std::string& at) {
  const bool row = c.size() == 1 || (c.size() == 2 && c[0] == 1);
  if (!row || c.back() != n) {
    throw InputError{fmt::format(
        "{}: C of shape {} is not supported, only a vector of N = {} elements", at, text(c), n)};
  }
}

TensorType add_gemm(GemmNode& out, const onnx::NodeProto& node, const TensorType& a,
                    const TensorType& b, const TensorType* c, const std::string& at) {
  read_attributes(node, out, at);
  if (a.dims.size() != 2 || b.dims.size() != 2) {
    throw InputError{
        fmt::format("{}: A {} and B {} must be matrices", at, text(a.dims), text(b.dims))};
  }
  out.m = a.dims[out.trans_a ? 1 : 0];
  out.k = a.dims[out.trans_a ? 0 : 1];
  out.n = b.dims[out.trans_b ? 0 : 1];
  require_depth(out.k, b.dims[out.trans_b ? 1 : 0], a.dims, b.dims, at);
  if (c) check_vector(c->dims, out.n, at);
  out.batch.push_back({});
  return {a.dtype, {out.m, out.n}};
}

// ---------------------------------------------------------------- the graph

void add_node(OnnxGraph& graph, const onnx::NodeProto& node, const std::string& file) {
  const std::string at = where(file, node);
  const int most = node.op_type() == "MatMul" ? 2 : 3;
  if (node.input_size() < 2 || node.input_size() > most || node.output_size() != 1) {
    throw InputError{
        fmt::format("{}: {} inputs and {} outputs", at, node.input_size(), node.output_size())};
  }
  GemmNode out;
  out.name = node.name().empty() ? node.output(0) : node.name();
  out.a = node.input(0);
  out.b = node.input(1);
  if (node.input_size() == 3) out.c = node.input(2);
  out.y = node.output(0);
  const TensorType& a = type_of(graph, out.a, at);
  const TensorType& b = type_of(graph, out.b, at);
  const TensorType* c = out.c.empty() ? nullptr : &type_of(graph, out.c, at);
  if (!is_floating(a.dtype) || a.dtype != b.dtype || (c && c->dtype != a.dtype)) {
    throw InputError{
        fmt::format("{}: its inputs must all be float, all float16 or all bfloat16", at)};
  }
  const bool c_is_computed =
      c && std::ranges::any_of(graph.nodes, [&](const GemmNode& n) { return n.y == out.c; });
  if (c_is_computed && c->dtype != DataType::f32) {
    throw InputError{
        fmt::format("{}: C must be an input or a constant, '{}' is computed", at, out.c)};
  }
  if (graph.types.contains(out.y)) {
    throw InputError{fmt::format("{}: '{}' is made twice", at, out.y)};
  }
  TensorType y =
      node.op_type() == "MatMul" ? add_matmul(out, a, b, at) : add_gemm(out, node, a, b, c, at);
  if (out.m > longest_side) {
    throw InputError{fmt::format("{}: {} rows, more than {}", at, out.m, longest_side)};
  }
  add_value(graph, out.y, std::move(y), file);
  graph.nodes.push_back(std::move(out));
}

// What the file says of an output must be what its operators make.
void check_shape(const onnx::ValueInfoProto& output, const Dims& made, const std::string& file) {
  if (!output.type().has_tensor_type() || !output.type().tensor_type().has_shape()) return;
  const auto& shape = output.type().tensor_type().shape();
  bool same = static_cast<std::size_t>(shape.dim_size()) == made.size();
  for (int i = 0; same && i < shape.dim_size(); ++i) {
    same = !shape.dim(i).has_dim_value() || static_cast<std::uint64_t>(shape.dim(i).dim_value()) ==
                                                made[static_cast<std::size_t>(i)];
  }
  if (same) return;
  throw InputError{
      fmt::format("{}: output '{}' is given another shape than the {} its operator makes", file,
                  output.name(), text(made))};
}

void check_outputs(const OnnxGraph& graph, const onnx::GraphProto& proto, const std::string& file) {
  for (const onnx::ValueInfoProto& output : proto.output()) {
    if (std::ranges::none_of(graph.nodes,
                             [&](const GemmNode& n) { return n.y == output.name(); })) {
      throw InputError{
          fmt::format("{}: output '{}' is not made by an operator", file, output.name())};
    }
    check_shape(output, graph.types.at(output.name()).dims, file);
  }
}

}  // namespace

// Ranks and sides are checked here first, then the library's inference is asked, and must agree.
OnnxGraph read_onnx(std::string_view bytes, const std::string& file) {
  const auto model = read_model(bytes, file);
  OnnxGraph graph;
  graph.name = model->graph().name();
  add_constants_and_inputs(graph, model->graph(), file);
  for (const onnx::NodeProto& node : model->graph().node()) add_node(graph, node, file);
  if (model->graph().output().empty()) {
    throw InputError{fmt::format("{}: the graph has no output", file)};
  }
  check_outputs(graph, model->graph(), file);
  infer_shapes(*model, file);
  check_outputs(graph, model->graph(), file);
  for (const onnx::ValueInfoProto& output : model->graph().output()) {
    graph.outputs.push_back(output.name());
  }
  return graph;
}

}  // namespace vitruvian::models
