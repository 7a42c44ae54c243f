// SPDX-License-Identifier: Apache-2.0
//
// Simulation speed of the whole Verilated core while it multiplies matrices: host cycles per second of CPU time, with
// its GM and everything the bench keeps of a run. `--benchmark_filter=fast` picks.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <memory>

#include "models/kernels/gemm.h"
#include "tb/core/core_rtl.h"
#include "tb/random/numbers.h"

namespace vitruvian::tb {
namespace {

constexpr std::uint64_t side = 1024, depth = 512, tensor = 16 << 20;

struct Kind {
  const char* name;
  DataType type, out;
};
constexpr Kind kinds[] = {{"fp16", DataType::f16, DataType::f32}, {"bf16", DataType::bf16, DataType::f32},
                          {"fp32", DataType::f32, DataType::f32}, {"s8", DataType::s8, DataType::s32}};

// A product of matrices on one core; it begins again when it has ended.
class Bench {
 public:
  Bench(const Kind& kind, const std::string& variant)
      : chip_{load_chip("ascend910b1")}, gm_{chip_.gm.size}, state_{chip_, gm_}, unloaded_{chip_.gm} {
    options_.library = std::make_shared<const CoreLibrary>(build_core(chip_, models::Numerics::dot24, variant));
    options_.trace_limit = 0;
    const models::GemmProblem problem{.m = side, .n = side, .k = depth, .dtype = kind.type, .out = kind.out};
    models::ProgramBuilder builder{"matmul", chip_};
    const models::GemmTensors tensors{GmAddress{0}, GmAddress{tensor}, GmAddress{2 * tensor}, GmAddress{}};
    models::add_gemm(builder, problem, models::choose_gemm_tiles(problem, chip_), {&tensors, 1}, chip_);
    program_ = builder.take();
    fill_numbers(gm_.at(GmAddress{0}, Bytes{2 * tensor}), Seed{1}.stream("operands"), Mix::normal, kind.type);
    begin();
  }

  // One cycle; false where the program begins again.
  bool cycle() {
    if (core_->step()) return true;
    begin();
    return false;
  }

 private:
  void begin() {
    core_.reset();
    memory_ = std::make_unique<AnsweredGm>(unloaded_);
    core_ = std::make_unique<CoreRtl>(chip_, program_, state_, *memory_, options_);
  }

  const ChipConfig chip_;
  models::Memory gm_;
  models::CoreState state_;
  systemc::UnloadedGm unloaded_;
  models::Program program_;
  CoreRtlOptions options_;
  std::unique_ptr<AnsweredGm> memory_;
  std::unique_ptr<CoreRtl> core_;
};

void run_core(benchmark::State& state, const Kind& kind, const std::string& variant) {
  Bench bench{kind, variant};
  for (auto _ : state) benchmark::DoNotOptimize(bench.cycle());
  state.counters["cycles/s"] = benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}

}  // namespace
}  // namespace vitruvian::tb

int main(int argc, char** argv) {
  using namespace vitruvian::tb;
  for (const char* variant : {"fast", "check"}) {
    for (const Kind& kind : kinds) {
      benchmark::RegisterBenchmark(fmt::format("core/{}/{}", variant, kind.name).c_str(), run_core, kind, variant);
    }
  }
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
