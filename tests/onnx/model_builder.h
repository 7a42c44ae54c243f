// SPDX-License-Identifier: Apache-2.0
//
// Small models made on the spot: a graph of named values and operators, as bytes.
#pragma once

#include <onnx/onnx_pb.h>

#include <cstdint>
#include <string>
#include <vector>

namespace vitruvian::tests {

class ModelBuilder {
 public:
  ModelBuilder() {
    model.set_ir_version(7);
    model.add_opset_import()->set_version(13);
    graph().set_name("test");
  }

  onnx::GraphProto& graph() { return *model.mutable_graph(); }

  ModelBuilder& input(const std::string& name, const std::vector<std::int64_t>& dims,
                      int type = onnx::TensorProto::FLOAT) {
    return value(*graph().add_input(), name, dims, type);
  }
  ModelBuilder& output(const std::string& name, const std::vector<std::int64_t>& dims,
                       int type = onnx::TensorProto::FLOAT) {
    return value(*graph().add_output(), name, dims, type);
  }
  onnx::NodeProto& node(const std::string& op, const std::vector<std::string>& inputs,
                        const std::string& output) {
    onnx::NodeProto& n = *graph().add_node();
    n.set_op_type(op);
    for (const std::string& i : inputs) n.add_input(i);
    n.add_output(output);
    return n;
  }
  ModelBuilder& constant(const std::string& name, const std::vector<std::int64_t>& dims,
                         float value) {
    onnx::TensorProto& t = *graph().add_initializer();
    t.set_name(name);
    t.set_data_type(onnx::TensorProto::FLOAT);
    std::int64_t count = 1;
    for (const std::int64_t d : dims) {
      t.add_dims(d);
      count *= d;
    }
    for (std::int64_t i = 0; i < count; ++i) t.add_float_data(value);
    return *this;
  }

  std::string bytes() const { return model.SerializeAsString(); }

  onnx::ModelProto model;

 private:
  ModelBuilder& value(onnx::ValueInfoProto& v, const std::string& name,
                      const std::vector<std::int64_t>& dims, int type) {
    v.set_name(name);
    auto& tensor = *v.mutable_type()->mutable_tensor_type();
    tensor.set_elem_type(type);
    tensor.mutable_shape();
    for (const std::int64_t d : dims) tensor.mutable_shape()->add_dim()->set_dim_value(d);
    return *this;
  }
};

}  // namespace vitruvian::tests
