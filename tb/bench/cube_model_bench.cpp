// SPDX-License-Identifier: Apache-2.0
//
// The cube's model against OpenBLAS sgemm as the system selects it, one thread, in one process and
// run. Every iteration times a 1024 x 1024 x 1024 product twice: as mmads of 128 x 256 on buffer
// images, packing included, and as one sgemm. Times are CPU time.
#include <benchmark/benchmark.h>
#include <cblas.h>
#include <fmt/format.h>

#include <bit>
#include <cstring>
#include <ctime>
#include <random>
#include <vector>

#include "models/pipe/cube.h"

namespace vitruvian::tb {
namespace {

using models::Cube;
using models::Numerics;

constexpr int size = 1024;  // M, N and K
constexpr double macs = double{size} * size * size;
constexpr int block_m = 128, block_n = 256;  // of one mmad
constexpr int block_k_bytes = 128;           // its depth: 64 fp16, 32 fp32, 128 s8

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

template <class Work>
double seconds_of(Work work) {
  const double begin = cpu_seconds();
  work();
  return cpu_seconds() - begin;
}

// What is multiplied: an operand type, perhaps shortened in front of the cube.
struct Kind {
  const char* name;
  DataType type;
  models::Hf32 hf32 = models::Hf32::off;
};

// A buffer image of numbers from a bell curve (integers: uniform).
std::vector<std::uint8_t> random_image(DataType type, std::size_t bytes, std::mt19937& random) {
  std::normal_distribution<float> bell;
  std::vector<std::uint8_t> image(bytes);
  const std::size_t step = is_floating(type) ? static_cast<std::size_t>(element_size(type)) : 1;
  for (std::size_t at = 0; at < bytes; at += step) {
    const std::uint32_t bits = !is_floating(type)
                                   ? static_cast<std::uint32_t>(random())
                                   : narrow(type, std::bit_cast<std::uint32_t>(bell(random)));
    std::memcpy(&image[at], &bits, step);
  }
  return image;
}

// The product as a kernel runs it: k outer, every block of C accumulated in place.
class BlockedProduct {
 public:
  BlockedProduct(Numerics numerics, const Kind& kind)
      : k_{block_k_bytes * 8 / element_bits(kind.type)}, cube_{numerics, {}} {
    args_.type = kind.type;
    args_.hf32 = kind.hf32;
    args_.m = block_m;
    args_.n = block_n;
    args_.k = k_;
    std::mt19937 random{1};
    const auto image = [&](std::size_t bytes) { return random_image(kind.type, bytes, random); };
    for (int i = 0; i < blocks_m * steps(); ++i) a_.push_back(image(models::mmad_a_bytes(args_)));
    for (int i = 0; i < blocks_n * steps(); ++i) b_.push_back(image(models::mmad_b_bytes(args_)));
    c_.resize(models::mmad_c_bytes(block_m, block_n));
  }

  void run() {
    for (int i = 0; i < blocks_m; ++i) {
      for (int j = 0; j < blocks_n; ++j) {
        for (int l = 0; l < steps(); ++l) {
          args_.init = l == 0 ? models::Init::zero : models::Init::accumulate;
          args_.a = a_[static_cast<std::size_t>(i * steps() + l)];
          args_.b = b_[static_cast<std::size_t>(j * steps() + l)];
          cube_.mmad(args_, c_);
        }
        benchmark::DoNotOptimize(c_.data());
      }
    }
  }

 private:
  static constexpr int blocks_m = size / block_m, blocks_n = size / block_n;
  int steps() const { return size / k_; }

  models::MmadArgs args_;
  int k_;
  Cube cube_;
  std::vector<std::vector<std::uint8_t>> a_, b_;
  std::vector<std::uint8_t> c_;
};

class Sgemm {
 public:
  Sgemm() : a_(size * size), b_(size * size), c_(size * size) {
    openblas_set_num_threads(1);
    std::mt19937 random{2};
    std::normal_distribution<float> bell;
    for (auto& x : a_) x = bell(random);
    for (auto& x : b_) x = bell(random);
  }
  void run() {
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, size, size, size, 1, a_.data(), size,
                b_.data(), size, 0, c_.data(), size);
    benchmark::DoNotOptimize(c_.data());
  }

 private:
  std::vector<float> a_, b_, c_;
};

void side_by_side(benchmark::State& state, Numerics numerics, const Kind& kind) {
  BlockedProduct product{numerics, kind};
  Sgemm sgemm;
  product.run();
  sgemm.run();
  double ours = 0, theirs = 0;
  for (auto _ : state) {
    const double mine = seconds_of([&] { product.run(); });
    theirs += seconds_of([&] { sgemm.run(); });
    ours += mine;
    state.SetIterationTime(mine);
  }
  const auto count = static_cast<double>(state.iterations());
  state.counters["GMAC/s"] = macs * count / ours * 1e-9;
  state.counters["sgemm"] = macs * count / theirs * 1e-9;
  state.counters["ratio"] = theirs / ours;
}

void register_all() {
  constexpr Kind kinds[] = {{"fp16", DataType::f16},
                            {"bf16", DataType::bf16},
                            {"fp32", DataType::f32},
                            {"hf32", DataType::f32, models::Hf32::nearest_even},
                            {"s8", DataType::s8},
                            {"s4", DataType::s4}};
  for (const Kind& kind : kinds) {
    for (const Numerics numerics : {Numerics::dot24, Numerics::fused24, Numerics::tree}) {
      const bool integer = !is_floating(kind.type);
      if (integer && numerics != Numerics::dot24) continue;
      const auto name = integer ? std::string{kind.name}
                                : fmt::format("{} {}", kind.name,
                                              models::numerics_names[static_cast<int>(numerics)]);
      benchmark::RegisterBenchmark(name.c_str(), side_by_side, numerics, kind)
          ->UseManualTime()
          ->Unit(benchmark::kMillisecond);
    }
  }
}

}  // namespace
}  // namespace vitruvian::tb

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  benchmark::AddCustomContext("cube kernels", vitruvian::models::simd::target_name());
  benchmark::AddCustomContext("sgemm", openblas_get_config());
  vitruvian::tb::register_all();
  benchmark::RunSpecifiedBenchmarks();
}
