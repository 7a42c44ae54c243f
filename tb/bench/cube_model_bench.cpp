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

// A buffer image of numbers from a bell curve (s8: uniform).
std::vector<std::uint8_t> random_image(DataType type, std::size_t bytes, std::mt19937& random) {
  std::normal_distribution<float> bell;
  std::vector<std::uint8_t> image(bytes);
  const auto step = static_cast<std::size_t>(element_size(type));
  for (std::size_t at = 0; at < bytes; at += step) {
    const std::uint32_t bits = type == DataType::s8
                                   ? static_cast<std::uint32_t>(random())
                                   : narrow(type, std::bit_cast<std::uint32_t>(bell(random)));
    std::memcpy(&image[at], &bits, step);
  }
  return image;
}

// The product as a kernel runs it: k outer, every block of C accumulated in place.
class BlockedProduct {
 public:
  BlockedProduct(Numerics numerics, DataType type)
      : type_{type}, k_{block_k_bytes / element_size(type)}, cube_{numerics, {}} {
    std::mt19937 random{1};
    const auto a_bytes = models::mmad_a_bytes(type, block_m, k_);
    const auto b_bytes = models::mmad_b_bytes(type, block_n, k_);
    for (int i = 0; i < blocks_m * steps(); ++i) a_.push_back(random_image(type, a_bytes, random));
    for (int i = 0; i < blocks_n * steps(); ++i) b_.push_back(random_image(type, b_bytes, random));
    c_.resize(models::mmad_c_bytes(block_m, block_n));
  }

  void run() {
    for (int i = 0; i < blocks_m; ++i) {
      for (int j = 0; j < blocks_n; ++j) {
        for (int l = 0; l < steps(); ++l) {
          const auto init = l == 0 ? models::Init::zero : models::Init::accumulate;
          const auto& a = a_[static_cast<std::size_t>(i * steps() + l)];
          const auto& b = b_[static_cast<std::size_t>(j * steps() + l)];
          cube_.mmad({type_, block_m, block_n, k_, init, a, b, {}}, c_);
        }
        benchmark::DoNotOptimize(c_.data());
      }
    }
  }

 private:
  static constexpr int blocks_m = size / block_m, blocks_n = size / block_n;
  int steps() const { return size / k_; }

  DataType type_;
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

void side_by_side(benchmark::State& state, Numerics numerics, DataType type) {
  BlockedProduct product{numerics, type};
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
  constexpr const char* types[] = {"fp16", "bf16", "fp32", "s8"};
  for (int type = 0; type < 4; ++type) {
    for (const Numerics numerics : {Numerics::dot24, Numerics::fused24, Numerics::tree}) {
      const bool integer = type == static_cast<int>(DataType::s8);
      if (integer && numerics != Numerics::dot24) continue;
      const auto name = integer ? std::string{"s8"}
                                : fmt::format("{} {}", types[type],
                                              models::numerics_names[static_cast<int>(numerics)]);
      benchmark::RegisterBenchmark(name.c_str(), side_by_side, numerics,
                                   static_cast<DataType>(type))
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
