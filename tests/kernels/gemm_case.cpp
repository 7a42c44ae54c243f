// SPDX-License-Identifier: Apache-2.0
#include "tests/kernels/gemm_case.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include <random>

#include "models/arch/bound.h"
#include "models/core/core.h"

namespace vitruvian::tests {

using models::GemmProblem;

namespace {

constexpr std::uint8_t gap_pattern = 0xa5;

std::uint64_t bytes(DataType type, std::uint64_t count) { return bytes_of(type, count); }

void fill(std::span<std::uint8_t> to, DataType type, std::mt19937_64& random) {
  std::uniform_real_distribution<double> draw{-1, 1};
  const std::size_t size = std::max(element_size(type), 1);  // two s4
  for (std::size_t i = 0; i < to.size(); i += size) {
    std::uint32_t bits = static_cast<std::uint32_t>(random());
    if (is_floating(type)) {
      const double x = draw(random);
      bits = round_to(type, x < 0, static_cast<std::uint64_t>(std::ldexp(std::abs(x), 50)), -50);
    } else if (type == DataType::s32) {
      bits = static_cast<std::uint32_t>(static_cast<std::int32_t>(bits) >> 12);
    }
    std::memcpy(&to[i], &bits, size);
  }
}

double bound(const GemmProblem& p, const ChipConfig& chip, double value, double magnitude) {
  const models::CubeShape shape{static_cast<int>(chip.cube.m), static_cast<int>(chip.cube.k),
                                static_cast<int>(chip.cube.n)};
  return error_bound({.type = p.dtype,
                      .hf32 = p.hf32 != models::Hf32::off,
                      .output = p.out,
                      .k = static_cast<std::int64_t>(p.k),
                      .depth = models::tile_depth(p.dtype, shape),
                      .magnitude = magnitude,
                      .has_start = p.bias,
                      .result = value});
}

// What integer sums become: exact, scaled, rounded once.
double quantised(const GemmProblem& p, double sum) {
  const double scaled = sum * p.scale;
  if (p.out == DataType::s32) return sum;
  if (p.out == DataType::s8) return std::clamp(std::nearbyint(scaled), -128.0, 127.0);
  const std::uint32_t f16 = round_to(
      p.out, scaled < 0, static_cast<std::uint64_t>(std::ldexp(std::abs(scaled), 24)), -24);
  return to_float(DataType::f16, f16);
}

}  // namespace

std::string describe(const GemmCase& c) {
  const GemmProblem& p = c.problem;
  std::string text = fmt::format(
      "m={} n={} k={} dtype={} out={} transA={} transB={} bias={} relu={} scale={} batch={} "
      "seed={}",
      p.m, p.n, p.k,
      p.hf32 == models::Hf32::off ? models::name(p.dtype) : "hf32", models::name(p.out), p.trans_a, p.trans_b, p.bias,
      p.relu, p.scale, c.batch, c.seed);
  if (c.request.l0) {
    text += fmt::format(" l0={}x{}x{}", c.request.l0->m, c.request.l0->n, c.request.l0->k);
  }
  if (c.request.l1) {
    text += fmt::format(" l1={}x{}x{}", c.request.l1->m, c.request.l1->n, c.request.l1->k);
  }
  return text;
}

GemmBench::GemmBench(const GemmCase& c, const ChipConfig& chip)
    : case_{c},
      chip_{chip},
      tiles_{models::choose_gemm_tiles(c.problem, chip, c.request)},
      gm_{chip.gm.size} {
  const GemmProblem& p = case_.problem;
  for (std::uint64_t i = 0; i < c.batch; ++i) {
    models::GemmTensors t;
    t.a = GmAddress{place(bytes(p.dtype, p.m * p.k))};
    t.b = GmAddress{place(bytes(p.dtype, p.k * p.n))};
    t.c = GmAddress{place(bytes(p.out, p.m * p.n))};
    outputs_.push_back({t.c.value(), bytes(p.out, p.m * p.n)});
    t.bias = GmAddress{place(p.bias ? bytes(DataType::f32, p.n) : 0)};
    tensors_.push_back(t);
  }
  models::ProgramBuilder builder{"gemm", chip};
  models::add_gemm(builder, p, tiles_, tensors_, chip);
  program_ = builder.take();
}

// Elements are aligned, and nothing else is.
std::uint64_t GemmBench::place(std::uint64_t size) {
  const std::uint64_t start = round_up(end_ + 4, 4);
  end_ = start + size;
  return start;
}

void GemmBench::run() {
  std::mt19937_64 random{case_.seed};
  const std::span<std::uint8_t> all = gm_.at(GmAddress{0}, Bytes{end_ + 64});
  std::ranges::fill(all, gap_pattern);
  const GemmProblem& p = case_.problem;
  for (const models::GemmTensors& t : tensors_) {
    fill(gm_.at(t.a, Bytes{bytes(p.dtype, p.m * p.k)}), p.dtype, random);
    fill(gm_.at(t.b, Bytes{bytes(p.dtype, p.k * p.n)}), p.dtype, random);
    if (p.bias) fill(gm_.at(t.bias, Bytes{bytes(DataType::f32, p.n)}), p.accumulator(), random);
  }
  before_.assign(all.begin(), all.end());
  models::CoreState state{chip_, gm_};
  for (const Space space : {Space::L1, Space::L0A, Space::L0B, Space::L0C, Space::BT, Space::FB}) {
    std::ranges::fill(state.buffer(space).bytes(), std::uint8_t{0xff});  // NaN, if ever read
  }
  models::run(program_, state, chip_, models::Numerics::dot24);
}

std::string GemmBench::damage() const {
  const std::span<const std::uint8_t> after = gm_.at(GmAddress{0}, Bytes{end_ + 64});
  for (std::uint64_t i = 0; i < after.size(); ++i) {
    const auto holds = [&](const Place& o) { return i >= o.start && i < o.start + o.size; };
    if (after[i] != before_[i] && std::ranges::none_of(outputs_, holds)) {
      return fmt::format("byte {:#x} was {:#x} and is {:#x}", i, before_[i], after[i]);
    }
  }
  return "";
}

models::GemmInputs GemmBench::inputs(std::size_t i) const {
  const GemmProblem& p = case_.problem;
  const models::GemmTensors& t = tensors_[i];
  const auto view = [&](GmAddress at, bool turned, std::uint64_t rows, std::uint64_t columns) {
    const std::uint8_t* data = gm_.at(at, Bytes{bytes(p.dtype, rows * columns)}).data();
    return turned ? models::transposed(models::row_major(data, p.dtype, columns, rows))
                  : models::row_major(data, p.dtype, rows, columns);
  };
  models::GemmInputs in{view(t.a, p.trans_a, p.m, p.k),
                        view(t.b, p.trans_b, p.k, p.n),
                        {},
                        p.relu};
  if (p.bias) {
    in.c = models::row_major(gm_.at(t.bias, Bytes{4 * p.n}).data(), p.accumulator(), 1, p.n);
  }
  return in;
}

double GemmBench::result(std::size_t batch, std::uint64_t index) const {
  const DataType out = case_.problem.out;
  const std::uint8_t* at =
      gm_.at(tensors_[batch].c + Bytes{bytes(out, index)}, Bytes{bytes(out, 1)}).data();
  return models::row_major(at, out, 1, 1).at(0, 0);
}

double GemmBench::worst_over_bound(models::Hf32 hf32) const {
  GemmProblem p = case_.problem;
  p.hf32 = hf32;
  std::vector<std::uint64_t> rows(p.m), columns(p.n);
  std::iota(rows.begin(), rows.end(), 0);
  std::iota(columns.begin(), columns.end(), 0);
  double worst = 0;
  for (std::size_t b = 0; b < tensors_.size(); ++b) {
    models::GemmInputs in = inputs(b);
    in.hf32 = hf32 != models::Hf32::off;
    const models::GemmValues want = models::gemm(in, rows, columns);
    for (std::uint64_t i = 0; i < want.value.size(); ++i) {
      const double got = result(b, i);
      double over;
      if (!is_floating(p.dtype)) {
        over = got == quantised(p, want.value[i]) ? 0 : 1e9;
      } else {
        over = std::abs(got - want.value[i]) / bound(p, chip_, want.value[i], want.magnitude[i]);
      }
      if (!(over <= worst)) worst = over;  // NaN counts
    }
  }
  return worst;
}

}  // namespace vitruvian::tests
