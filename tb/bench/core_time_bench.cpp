// SPDX-License-Identifier: Apache-2.0
//
// The SystemC core without values: simulated cycles a second of CPU, on a tuned matrix multiply with
// all its bursts.
#include <benchmark/benchmark.h>

#include "models/kernels/gemm.h"
#include "systemc/chip/simulation.h"

namespace vitruvian {
namespace {

models::Program matmul(const ChipConfig& chip, std::uint64_t size) {
  const models::GemmProblem problem{.m = size, .n = size, .k = size};
  models::ProgramBuilder builder{"matmul", chip};
  const std::uint64_t bytes = size * size * 2;
  const models::GemmTensors tensors{GmAddress{0}, GmAddress{bytes}, GmAddress{2 * bytes}, {}};
  models::add_gemm(builder, problem, models::choose_gemm_tiles(problem, chip), {&tensors, 1}, chip);
  return builder.take();
}

void CoreTimeOnly(benchmark::State& state) {
  const ChipConfig chip = load_chip("ascend910b1");
  const models::Program program = matmul(chip, static_cast<std::uint64_t>(state.range(0)));
  models::Memory gm{chip.gm.size};
  systemc::SimulationOptions options;
  options.values = false;
  std::uint64_t cycles = 0;
  for (auto _ : state) {
    cycles += systemc::Simulation{chip, program, gm, options}.run().cycles.value();
  }
  state.counters["cycles/s"] =
      benchmark::Counter(static_cast<double>(cycles), benchmark::Counter::kIsRate);
  state.counters["instructions/s"] = benchmark::Counter(
      static_cast<double>(program.instructions.size() * state.iterations()), benchmark::Counter::kIsRate);
}
BENCHMARK(CoreTimeOnly)->Arg(1024)->Arg(4096)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace vitruvian

BENCHMARK_MAIN();
