// SPDX-License-Identifier: Apache-2.0
//
// `conv2d:N=..,C=..,H=..,W=..,K=..,R=..,S=..`: tensors X, W, bias and Y.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "models/arch/bound.h"
#include "models/arch/error.h"
#include "models/ops/conv.h"
#include "models/ops/gemm.h"
#include "tb/common/random.h"
#include "tb/run/conv_layout.h"
#include "tb/run/key_text.h"
#include "tb/run/workload_check.h"
#include "tb/run/workload_inputs.h"
#include "tb/run/workload_kinds.h"
#include "tb/run/workload_plan.h"
#include "tb/run/workload_text.h"

namespace vitruvian::tb {
namespace {

using models::ConvProblem;

constexpr std::string_view op = "conv2d";
constexpr std::uint64_t longest = 1u << 20;
constexpr double most_macs_in_full = double(1u << 28);
constexpr std::size_t sample_points = 4096;

constexpr TypeName operand_types[] = {
    {"fp16", DataType::f16}, {"bf16", DataType::bf16}, {"fp32", DataType::f32}, {"int8", DataType::s8}};
constexpr TypeName float_outputs[] = {{"fp32", DataType::f32}, {"fp16", DataType::f16}, {"bf16", DataType::bf16}};
constexpr TypeName int8_outputs[] = {{"int32", DataType::s32}, {"fp16", DataType::f16}, {"int8", DataType::s8}};

struct Side {
  std::string_view key;
  std::uint64_t ConvProblem::* member;
  std::uint64_t least;
  bool required;
};
constexpr Side sides[] = {{"N", &ConvProblem::n, 1, false},      {"C", &ConvProblem::c, 1, true},
                          {"H", &ConvProblem::h, 1, true},       {"W", &ConvProblem::w, 1, true},
                          {"K", &ConvProblem::k, 1, true},       {"R", &ConvProblem::r, 1, true},
                          {"S", &ConvProblem::s, 1, true},       {"stride", &ConvProblem::stride, 1, false},
                          {"pad", &ConvProblem::pad, 0, false},  {"dilation", &ConvProblem::dilation, 1, false}};
constexpr std::string_view known_keys[] = {"N",   "C",        "H",     "W",   "K",    "R",    "S",    "stride",
                                           "pad", "dilation", "dtype", "out", "bias", "relu", "scale"};

// A power of two that brings sums of full-range products to about a quarter of the int8 range.
float usual_scale(const ConvProblem& p) {
  const double depth = static_cast<double>(p.c * p.r * p.s);
  return static_cast<float>(std::exp2(-std::round(std::log2(std::sqrt(depth) * 74 * 74 / 32))));
}

ConvProblem parse(std::string_view text) {
  ConvProblem p;
  const std::vector<KeyValue> pairs = split_keys(op, text, known_keys);
  const auto find = [&](std::string_view key) -> const KeyValue* {
    const auto at = std::ranges::find(pairs, key, &KeyValue::key);
    return at == pairs.end() ? nullptr : &*at;
  };
  for (const Side& side : sides) {
    const KeyValue* given = find(side.key);
    if (given) p.*side.member = given->whole(side.least, longest);
    if (!given && side.required) {
      throw InputError{fmt::format("conv2d: {} is missing: conv2d:N=1,C=...,H=...,W=...,K=...,R=...,S=...", side.key)};
    }
  }
  if (const auto* v = find("dtype")) p.dtype = v->type_in(operand_types);
  const bool s8 = p.dtype == DataType::s8;
  p.out = p.accumulator();
  if (const auto* v = find("out")) p.out = s8 ? v->type_in(int8_outputs, " (with dtype=int8)") : v->type_in(float_outputs);
  if (const auto* v = find("bias")) p.bias = v->yes_or_no();
  if (const auto* v = find("relu")) p.relu = v->yes_or_no();
  const bool scaled = s8 && p.out != DataType::s32;
  if (scaled) p.scale = usual_scale(p);
  if (const auto* v = find("scale")) {
    if (!scaled) v->refuse("goes with dtype=int8 and out=fp16 or out=int8 only");
    p.scale = v->scale();
  }
  models::check_conv(p);
  return p;
}

// The plain tensors, as the user knows them.
std::vector<NamedType> plain_inputs(const ConvProblem& p) {
  std::vector<NamedType> inputs{{"X", {p.dtype, {p.n, p.c, p.h, p.w}}}, {"W", {p.dtype, {p.k, p.c, p.r, p.s}}}};
  if (p.bias) inputs.push_back({"bias", {p.accumulator(), {p.k}}});
  return inputs;
}
NamedType plain_result(const ConvProblem& p) { return {"Y", {p.out, {p.n, p.k, p.out_h(), p.out_w()}}}; }

// The same as they stand in GM.
TensorType packed_map(const ConvProblem& p) { return {p.dtype, {p.n, p.c1(), p.h, p.w, p.c0()}}; }
TensorType packed_weights(const ConvProblem& p) { return {p.dtype, {p.c1() * p.r * p.s, p.padded_k() / 16, 16, p.c0()}}; }
TensorType packed_result(const ConvProblem& p) {
  return {p.out, {p.n, p.padded_k() / p.out_c0(), p.out_h(), p.out_w(), p.out_c0()}};
}

std::vector<double> numbers(std::span<const std::uint8_t> bytes, DataType type, std::uint64_t count) {
  const models::MatrixView view = models::row_major(bytes.data(), type, 1, count);
  std::vector<double> out(count);
  for (std::uint64_t i = 0; i < count; ++i) out[i] = view.at(0, i);
  return out;
}

// What a run is judged by: the plain inputs, kept from before it.
struct Reference {
  ConvProblem problem;
  models::Numerics numerics;
  models::CubeShape shape;
  models::Tensor y;
  models::Tensor4 x, w;
  std::vector<double> bias;
  std::optional<TensorValue> expected;
};

// Every point, or corners and random ones.
std::vector<models::ConvPoint> points_of(const ConvProblem& p) {
  const std::uint64_t all = p.n * p.k * p.out_h() * p.out_w();
  const auto point = [&](std::uint64_t i) {
    const std::uint64_t plane = p.out_h() * p.out_w();
    return models::ConvPoint{i / plane / p.k, i / plane % p.k, i % plane / p.out_w(), i % p.out_w()};
  };
  std::vector<models::ConvPoint> points;
  const double macs = static_cast<double>(all) * static_cast<double>(p.c * p.r * p.s);
  if (macs <= most_macs_in_full || all <= sample_points) {
    for (std::uint64_t i = 0; i < all; ++i) points.push_back(point(i));
    return points;
  }
  for (const std::uint64_t image : {std::uint64_t{0}, p.n - 1}) {
    for (const std::uint64_t channel : {std::uint64_t{0}, p.k - 1}) {
      for (const std::uint64_t row : {std::uint64_t{0}, p.out_h() / 2, p.out_h() - 1}) {
        for (const std::uint64_t column : {std::uint64_t{0}, p.out_w() / 2, p.out_w() - 1}) points.push_back({image, channel, row, column});
      }
    }
  }
  RandomStream random = Seed{0}.stream("conv2d points");
  while (points.size() < sample_points) points.push_back(point(random.below(all)));
  return points;
}

Judgement judge(const Reference& ref, const models::Memory& gm) {
  const ConvProblem& p = ref.problem;
  const std::vector<std::uint8_t> y = unpack_result(p, gm.at(ref.y.address, ref.y.size()));
  const models::MatrixView got = models::row_major(y.data(), p.out, 1, p.n * p.k * p.out_h() * p.out_w());
  const models::ConvInputs inputs{ref.x, ref.w, ref.bias, {p.stride, p.stride}, {p.dilation, p.dilation}, {p.pad, p.pad}, p.relu};
  const OutputRule rule{p.dtype, p.out, p.scale};
  const std::vector<models::ConvPoint> points = points_of(p);
  Judgement judgement;
  for (const models::ConvPoint& at : points) {
    const models::ConvValue value = models::conv(inputs, at);
    const double want = as_output(rule, value.value);
    const double found = got.at(0, ((at.image * p.k + at.channel) * p.out_h() + at.row) * p.out_w() + at.column);
    const std::uint64_t depth = p.c1() * p.c0() * p.r * p.s;
    const double bound = error_bound({.numerics = ref.numerics, .type = p.dtype, .output = p.out,
                                      .k = static_cast<std::int64_t>(depth), .depth = models::tile_depth(p.dtype, ref.shape),
                                      .magnitude = value.magnitude, .has_start = p.bias, .result = want});
    const double ratio = over_bound(rule, found, want, bound, value.magnitude);
    const double error = std::abs(found - want);
    if (std::isfinite(error)) judgement.max_abs_error = std::max(judgement.max_abs_error, error);
    if (ratio <= judgement.error_over_bound) continue;
    judgement.error_over_bound = ratio;
    judgement.worst = fmt::format("Y[{}, {}, {}, {}]: {}, the definition gives {}, bound {:.3g}", at.image, at.channel, at.row,
                                  at.column, found, want, bound);
  }
  const bool full = points.size() == p.n * p.k * p.out_h() * p.out_w();
  judgement.reference = full ? "full" : fmt::format("sampled ({} elements)", points.size());
  if (ref.expected) {
    models::Memory plain{Bytes{std::max<std::uint64_t>(y.size(), 1)}};
    std::ranges::copy(y, plain.at(GmAddress{0}, Bytes{y.size()}).begin());
    const models::Tensor tensor{"Y", GmAddress{0}, p.out, plain_result(p).type.dims};
    std::string worst;
    judgement.expected_output = agree({{"output_0", tensor, *ref.expected, p.c * p.r * p.s}}, plain, worst);
    if (!*judgement.expected_output) judgement.worst = worst;
  }
  return judgement;
}

}  // namespace

Workload conv2d_workload(const std::string& text, const ChipConfig& chip, const WorkloadOptions& options) {
  const auto colon = text.find(':');
  if (colon == std::string::npos) throw InputError{"conv2d: sizes are missing: conv2d:N=1,C=...,H=...,W=...,K=...,R=...,S=..."};
  const ConvProblem p = parse(std::string_view{text}.substr(colon + 1));
  const std::vector<NamedType> inputs = plain_inputs(p);
  TensorFiles files;
  if (options.inputs) files = read_tensor_files(*options.inputs, inputs, {plain_result(p)});
  const auto plain = [&](std::size_t i) {
    if (options.inputs) return files.inputs[i].bytes;
    std::vector<std::uint8_t> bytes(inputs[i].type.bytes());
    fill_random(bytes, inputs[i].type.dtype, options.seed, inputs[i].name);
    return bytes;
  };

  auto ref = std::make_shared<Reference>();
  ref->problem = p;
  ref->numerics = options.numerics;
  ref->shape = {static_cast<int>(chip.cube.m), static_cast<int>(chip.cube.k), static_cast<int>(chip.cube.n)};
  Workload workload;
  workload.name = text;
  workload.dtype = user_name(p.dtype);
  WorkloadPlan plan{chip};
  models::ConvTensors tensors;

  const std::vector<std::uint8_t> x = plain(0), w = plain(1);
  ref->x = {{p.n, p.c, p.h, p.w}, numbers(x, p.dtype, p.n * p.c * p.h * p.w)};
  ref->w = {{p.k, p.c, p.r, p.s}, numbers(w, p.dtype, p.k * p.c * p.r * p.s)};
  workload.inputs.push_back(plan.place("X", packed_map(p)));
  plan.fill_with(workload.inputs.back(), pack_map(p, x));
  tensors.x = workload.inputs.back().address;
  workload.inputs.push_back(plan.place("W", packed_weights(p)));
  plan.fill_with(workload.inputs.back(), pack_weights(p, w));
  tensors.w = workload.inputs.back().address;
  if (p.bias) {
    std::vector<std::uint8_t> bias = plain(2);
    ref->bias = numbers(bias, p.accumulator(), p.k);
    bias.resize(p.padded_k() * 4);
    workload.inputs.push_back(plan.place("bias", {p.accumulator(), {p.padded_k()}}));
    plan.fill_with(workload.inputs.back(), std::move(bias));
    tensors.bias = workload.inputs.back().address;
  }
  workload.outputs.push_back(plan.place("Y", packed_result(p)));
  tensors.y = workload.outputs.back().address;
  ref->y = workload.outputs.back();
  if (const auto output = files.outputs.find(0); output != files.outputs.end()) ref->expected = std::move(output->second);

  plan.finish(workload);
  models::ProgramBuilder builder{workload.name, chip};
  models::add_conv(builder, p, models::choose_conv_tiles(p, chip), tensors, chip);
  workload.program = builder.take();
  workload.macs = p.n * p.k * p.c * p.r * p.s * p.out_h() * p.out_w();
  workload.judge = [ref](const models::Memory& gm) { return judge(*ref, gm); };
  return workload;
}

}  // namespace vitruvian::tb
