// SPDX-License-Identifier: Apache-2.0
#include "tb/run/workload_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>

#include "models/arch/bound.h"
#include "models/ops/gemm.h"
#include "tb/common/random.h"
#include "tb/run/workload_text.h"

namespace vitruvian::tb {
namespace {

constexpr std::uint64_t most_macs_in_full = std::uint64_t{1} << 30;
constexpr std::uint64_t sample_side = 64, sample_elements = 4096;
constexpr std::size_t most_sampled_products = 8;
constexpr double hopeless = 1e30;  // error / bound where no distance tells

models::MatrixView matrix(const models::Memory& gm, GmAddress at, DataType dtype, bool turned,
                          std::uint64_t rows, std::uint64_t columns) {
  const std::uint8_t* data = gm.at(at, Bytes{bytes_of(dtype, rows * columns)}).data();
  return turned ? models::transposed(models::row_major(data, dtype, columns, rows))
                : models::row_major(data, dtype, rows, columns);
}

models::GemmInputs inputs_of(const models::GemmProblem& p, const models::GemmTensors& t,
                             const models::Memory& gm) {
  models::GemmInputs in{matrix(gm, t.a, p.dtype, p.trans_a, p.m, p.k),
                        matrix(gm, t.b, p.dtype, p.trans_b, p.k, p.n),
                        {},
                        p.relu,
                        p.hf32 != models::Hf32::off};
  if (p.bias) in.c = matrix(gm, t.bias, p.accumulator(), false, 1, p.n);
  return in;
}

class Judge {
 public:
  Judge(const ChipConfig& chip, models::Numerics numerics, const models::Memory& gm)
      : shape_{static_cast<int>(chip.cube.m), static_cast<int>(chip.cube.k),
               static_cast<int>(chip.cube.n)},
        numerics_{numerics},
        gm_{gm} {}

  void check(const GemmJob& job, std::size_t product, const std::vector<std::uint64_t>& rows,
             const std::vector<std::uint64_t>& columns) {
    const models::GemmProblem& p = job.problem;
    const models::GemmTensors& t = job.batch[product];
    const OutputRule rule{p.dtype, p.out, p.scale};
    const models::GemmValues values = models::gemm(inputs_of(p, t, gm_), rows, columns);
    const models::MatrixView results = matrix(gm_, t.c, p.out, false, p.m, p.n);
    for (std::size_t i = 0; i < values.value.size(); ++i) {
      const std::uint64_t row = rows[i / columns.size()], column = columns[i % columns.size()];
      const double got = results.at(row, column), want = as_output(rule, values.value[i]);
      const double bound = error_bound({.numerics = numerics_,
                                        .type = p.dtype,
                                        .hf32 = p.hf32 != models::Hf32::off,
                                        .output = p.out,
                                        .k = static_cast<std::int64_t>(p.k),
                                        .depth = models::tile_depth(p.dtype, shape_),
                                        .magnitude = values.magnitude[i],
                                        .has_start = p.bias,
                                        .result = want});
      take(over_bound(rule, got, want, bound, values.magnitude[i]), got, want, bound,
           [&] { return fmt::format("{}[{}] row {} column {}", job.name, product, row, column); });
    }
    elements_ += values.value.size();
  }

  Judgement judgement(bool sampled) && {
    judgement_.reference = sampled ? fmt::format("sampled ({} elements)", elements_) : "full";
    return std::move(judgement_);
  }

 private:
  template <class Where>
  void take(double ratio, double got, double want, double bound, const Where& where) {
    const double error = std::abs(got - want);
    if (std::isfinite(error)) judgement_.max_abs_error = std::max(judgement_.max_abs_error, error);
    if (ratio <= judgement_.error_over_bound) return;
    judgement_.error_over_bound = ratio;
    judgement_.worst =
        fmt::format("{}: {}, the definition gives {}, bound {:.3g}", where(), got, want, bound);
  }

  models::CubeShape shape_;
  models::Numerics numerics_;
  const models::Memory& gm_;
  Judgement judgement_;
  std::uint64_t elements_ = 0;
};

std::vector<std::uint64_t> all_lines(std::uint64_t count) {
  std::vector<std::uint64_t> lines(count);
  std::iota(lines.begin(), lines.end(), 0);
  return lines;
}

std::vector<std::size_t> some_products(std::size_t count) {
  std::vector<std::size_t> found;
  const std::size_t most = std::min(count, most_sampled_products);
  for (std::size_t i = 0; i < most; ++i) {
    found.push_back(most == 1 ? 0 : i * (count - 1) / (most - 1));
  }
  return found;
}

void sample(Judge& judge, const GemmJob& job) {
  const models::GemmProblem& p = job.problem;
  // A short side is taken whole, and the other makes up for it.
  const std::uint64_t rows = std::max(sample_side, ceil_div(sample_elements, p.n));
  const std::uint64_t columns = std::max(sample_side, ceil_div(sample_elements, p.m));
  for (const std::size_t product : some_products(job.batch.size())) {
    judge.check(job, product,
                sample_lines(p.m, {job.tiles.l1.m, job.tiles.l0.m}, rows,
                             fmt::format("{} rows {}", job.name, product)),
                sample_lines(p.n, {job.tiles.l1.n, job.tiles.l0.n}, columns,
                             fmt::format("{} columns {}", job.name, product)));
  }
}

// What an expected element may differ by.
double tolerance(const ExpectedOutput& e, double y, double largest) {
  if (e.depth == 0 || !is_floating(e.tensor.dtype)) return 0;
  const double sum = 2e-6 * std::sqrt(static_cast<double>(e.depth)) * largest;
  if (e.tensor.dtype == DataType::f32) return 1e-5 * std::abs(y) + sum;
  const FloatFormat f = float_format(e.tensor.dtype);
  return std::ldexp(std::abs(y), -f.fraction_bits) +
         std::ldexp(1.0, f.min_exponent() - f.fraction_bits) + sum;
}

}  // namespace

// What the definition's value becomes when it leaves the core as an integer sum: exact sums
// saturate and are scaled with one rounding. Floating results are compared unrounded.
double as_output(const OutputRule& rule, double value) {
  if (is_floating(rule.dtype)) return value;
  value = std::clamp(value, -2147483648.0, 2147483647.0);
  if (rule.out == DataType::s32) return value;
  const double scaled = value * rule.scale;
  if (rule.out == DataType::s8) return std::clamp(std::nearbyint(scaled), -128.0, 127.0);
  int exponent = 0;
  const double fraction = std::frexp(std::abs(scaled), &exponent);
  const auto magnitude = static_cast<std::uint64_t>(std::ldexp(fraction, 53));
  return to_float(DataType::f16, round_to(DataType::f16, scaled < 0, magnitude, exponent - 53));
}

double over_bound(const OutputRule& rule, double got, double want, double bound, double magnitude) {
  if (std::isinf(bound) && std::isfinite(magnitude)) return 0;  // nothing is promised
  if (got == want || (std::isnan(got) && std::isnan(want))) return 0;
  if (!is_floating(rule.dtype) || !std::isfinite(got) || !std::isfinite(magnitude)) return hopeless;
  return std::min(std::abs(got - want) / bound, hopeless);
}

std::vector<std::uint64_t> sample_lines(std::uint64_t count,
                                        const std::vector<std::uint64_t>& tiles, std::uint64_t most,
                                        const std::string& stream) {
  if (count <= most) return all_lines(count);
  std::set<std::uint64_t> lines{0, count - 1};
  const auto beside = [&](std::uint64_t boundary) {
    for (const std::uint64_t line : {boundary - 1, boundary}) {
      if (line < count && lines.size() < most) lines.insert(line);
    }
  };
  std::vector<std::uint64_t> sizes = tiles;
  sizes.push_back(16);
  for (const std::uint64_t size : sizes) {
    const std::uint64_t last = (count - 1) / size * size;
    for (const std::uint64_t boundary : {last, size, 2 * size, last / size / 2 * size}) {
      if (boundary > 0) beside(boundary);
    }
  }
  RandomStream random = Seed{0}.stream(stream);
  while (lines.size() < most) lines.insert(random.below(count));
  return {lines.begin(), lines.end()};
}

Judgement judge_gemms(const std::vector<GemmJob>& jobs, const ChipConfig& chip,
                      models::Numerics numerics, const models::Memory& gm) {
  double macs = 0;
  for (const GemmJob& job : jobs) {
    const models::GemmProblem& p = job.problem;
    macs += static_cast<double>(p.m) * static_cast<double>(p.n) * static_cast<double>(p.k) *
            static_cast<double>(job.batch.size());
  }
  const bool sampled = macs > static_cast<double>(most_macs_in_full);
  Judge judge{chip, numerics, gm};
  for (const GemmJob& job : jobs) {
    if (sampled) {
      sample(judge, job);
      continue;
    }
    for (std::size_t i = 0; i < job.batch.size(); ++i) {
      judge.check(job, i, all_lines(job.problem.m), all_lines(job.problem.n));
    }
  }
  return std::move(judge).judgement(sampled);
}

bool agree(const std::vector<ExpectedOutput>& expected, const models::Memory& gm,
           std::string& worst) {
  for (const ExpectedOutput& e : expected) {
    const std::uint64_t count = e.value.type.elements();
    const models::MatrixView want =
        models::row_major(e.value.bytes.data(), e.value.type.dtype, 1, count);
    const models::MatrixView got = models::row_major(
        gm.at(e.tensor.address, e.tensor.size()).data(), e.tensor.dtype, 1, count);
    double largest = 0;
    for (std::uint64_t i = 0; i < count; ++i) {
      if (std::isfinite(want.at(0, i))) largest = std::max(largest, std::abs(want.at(0, i)));
    }
    for (std::uint64_t i = 0; i < count; ++i) {
      const double y = want.at(0, i), x = got.at(0, i);
      if (x == y || (std::isnan(x) && std::isnan(y)) || std::abs(x - y) <= tolerance(e, y, largest)) {
        continue;
      }
      worst = fmt::format("{} element {}: {}, expected {}, tolerance {:.3g}", e.name, i, x, y,
                          tolerance(e, y, largest));
      return false;
    }
  }
  return true;
}

}  // namespace vitruvian::tb
