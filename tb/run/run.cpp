// SPDX-License-Identifier: Apache-2.0
#include "tb/run/run.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstring>

#include "models/core/core.h"
#include "models/program/footprint.h"
#include "systemc/chip/simulation.h"
#include "systemc/pipe/errors.h"
#include "tb/check/check.h"
#include "tb/common/progress.h"
#include "tb/lockstep/core_lockstep.h"
#include "tb/lockstep/pipe_lockstep.h"
#include "tb/run/rtl_core.h"
#include "tb/run/rtl_cube.h"
#include "tb/run/rtl_movers.h"

namespace vitruvian::tb {
namespace {

// Above this many multiply-adds the values are not computed a second time unless asked for.
constexpr std::uint64_t automatic_limit = std::uint64_t{1} << 32;

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) { return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec); };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

std::uint64_t peak_rss() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

class Stopwatch {
 public:
  HostResult read(Cycles simulated) const {
    HostResult host;
    host.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
    host.cpu_s = cpu_seconds() - cpu_;
    host.simulated_cycles_per_s = host.cpu_s > 0 ? static_cast<double>(simulated.value()) / host.cpu_s : 0;
    host.peak_rss_bytes = peak_rss();
    return host;
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  double cpu_ = cpu_seconds();
};

// What the program's mmads compute, whole tiles.
std::uint64_t padded_macs(const models::Program& program, const CubeConfig& cube) {
  const models::CubeShape shape{static_cast<int>(cube.m), static_cast<int>(cube.k),
                                static_cast<int>(cube.n)};
  std::uint64_t total = 0;
  for (const models::Instruction& instruction : program.instructions) {
    const auto* mmad = std::get_if<models::Mmad>(&instruction);
    if (mmad == nullptr) continue;
    const std::uint64_t tiles = ceil_div(mmad->m, cube.m) * ceil_div(mmad->n, cube.n);
    const auto depth = static_cast<std::uint64_t>(models::tile_depth(mmad->dtype, shape));
    total += tiles * cube.m * cube.n * round_up(mmad->k, depth);
  }
  return total;
}

// Of the type of the program's first mmad; 0 if it has none.
double peak_of(const models::Program& program, const CubeConfig& cube) {
  for (const models::Instruction& instruction : program.instructions) {
    const auto* mmad = std::get_if<models::Mmad>(&instruction);
    if (mmad == nullptr) continue;
    return peak_macs_per_cycle(cube, mmad->dtype, mmad->hf32 != models::Hf32::off);
  }
  return 0;
}

// GM from the first to the last byte of the workload's tensors.
std::span<const std::uint8_t> gm_image(const Workload& workload, const models::Memory& gm) {
  std::uint64_t first = ~std::uint64_t{0}, last = 0;
  for (const auto* tensors : {&workload.inputs, &workload.outputs}) {
    for (const models::Tensor& tensor : *tensors) {
      first = std::min(first, tensor.address.value());
      last = std::max(last, tensor.address.value() + tensor.size().value());
    }
  }
  if (first >= last) return {};
  return gm.at(GmAddress{first}, Bytes{last - first});
}

bool equal(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size()) == 0);
}

// Is everything the run left what the same program leaves in order, without time?
bool same_as_model(const Workload& workload, const RunOptions& options, const models::Memory& gm,
                   const models::CoreState& left) {
  models::Memory model_gm{options.chip.gm.size};
  if (workload.fill) workload.fill(model_gm);
  models::CoreState model{options.chip, model_gm};
  models::run(workload.program, model, options.chip, options.numerics);
  bool same = equal(gm_image(workload, gm), gm_image(workload, model_gm));
  for (const auto buffer : {&models::CoreState::l1, &models::CoreState::l0a, &models::CoreState::l0b,
                            &models::CoreState::l0c, &models::CoreState::bt, &models::CoreState::fb}) {
    same = same && equal((left.*buffer).bytes(), (model.*buffer).bytes());
  }
  return same;
}

void check_values(const Workload& workload, const RunOptions& options, const models::Memory& gm,
                  const models::CoreState& left, RunResult& result) {
  CheckResult& check = result.check;
  if (options.check == CheckLevel::full || result.macs_padded <= automatic_limit) {
    check.bit_exact = same_as_model(workload, options, gm, left);
  }
  if (workload.judge) {
    const Judgement judgement = workload.judge(gm);
    check.max_abs_error = judgement.max_abs_error;
    check.error_over_bound = judgement.error_over_bound;
    check.ops_reference = judgement.reference;
    check.expected_output = judgement.expected_output;
  }
}

OrderFindings check_order_of(const Workload& workload, const RunOptions& options) {
  Progress progress{"instructions checked"};
  return check_order(workload.program, options.chip,
                     {.races = options.check_races,
                      .uninitialised = options.check_uninitialised,
                      .initial = workload.initial,
                      .progress = [&](std::uint64_t done, std::uint64_t total) { progress.show(done, total); }});
}

// What a result says of the run before anything has run.
RunResult heading(const Workload& workload, const RunOptions& options) {
  RunResult result;
  result.workload = workload.name;
  result.dtype = workload.dtype;
  result.numerics = options.timing_only ? "none" : std::string{models::numerics_names[static_cast<int>(options.numerics)]};
  result.version = VITRUVIAN_VERSION;
  result.chip = options.chip;
  result.seed = options.seed;
  result.macs = workload.macs;
  result.macs_padded = padded_macs(workload.program, options.chip.cube);
  result.program = workload.program;
  return result;
}

// What every way of running leaves, once result.cores is there.
void finish(const Workload& workload, const RunOptions& options, const models::Memory& gm, const models::CoreState& left,
            RunResult& result) {
  result.cycles = result.cores.front().cycles;
  const double peak = peak_of(workload.program, options.chip.cube);
  if (peak > 0 && result.cycles > Cycles{0}) {
    result.utilisation = static_cast<double>(result.macs) / (static_cast<double>(result.cycles.value()) * peak);
  }
  if (options.waves) result.waves = "waves.fst";
  if (!options.timing_only) check_values(workload, options, gm, left, result);
}

// Where the bytes of GM the program can touch end.
Bytes end_of_gm(const models::Program& program) {
  std::uint64_t end = 0;
  for (const models::Instruction& instruction : program.instructions) {
    for (const models::Extent& e : models::footprint(instruction)) {
      if (e.space == Space::GM) end = std::max(end, e.end());
    }
  }
  return Bytes{end};
}

// The Verilated core with its SystemC twin beside it.
void simulate_core_lockstep(const Workload& workload, const RunOptions& options, const RtlCore& rtl, RunResult& result) {
  models::Memory gm{options.chip.gm.size}, twin_gm{options.chip.gm.size};
  if (workload.fill) workload.fill(gm), workload.fill(twin_gm);
  models::CoreState state{options.chip, gm};
  const systemc::UnloadedGm answers{options.chip.gm};
  Progress progress{"instructions"};
  const CoreLockstepRun run = run_core_lockstep(
      options.chip, workload.program, state, twin_gm, end_of_gm(workload.program), answers,
      {.library = rtl.library, .numerics = options.numerics, .trace_limit = options.trace_limit, .observer = nullptr, .waves = rtl.waves,
       .progress = [&](std::uint64_t done, std::uint64_t total) { progress.show(done, total); }});
  progress.clear();
  result.rtl.lockstep = {.instructions = run.comparison.instructions, .value_mismatches = run.comparison.value_mismatches,
                         .cycle_mismatches = run.comparison.cycle_mismatches, .first_mismatch = run.comparison.first};
  result.cores.push_back(run.result);
  finish(workload, options, gm, state, result);
}

// What RTL pipes of a core are to differ in: they from those of a SystemC core beside them, the cube from its twin too.
LockstepResult sum_of(const CoreComparison& pipes, const std::shared_ptr<LockstepLog>& cube) {
  LockstepResult sum = cube ? cube->result() : LockstepResult{};
  sum.instructions = pipes.instructions;
  sum.value_mismatches += pipes.value_mismatches;
  sum.cycle_mismatches += pipes.cycle_mismatches;
  if (!pipes.first.empty()) sum.first_mismatch = pipes.first;
  return sum;
}

// A core with movers in RTL, and a SystemC core beside it.
void simulate_pipe_lockstep(const Workload& workload, const RunOptions& options, const RtlCube& cube,
                            systemc::SimulationOptions how, RunResult& result) {
  models::Memory gm{options.chip.gm.size}, twin_gm{options.chip.gm.size};
  if (workload.fill) workload.fill(gm), workload.fill(twin_gm);
  Progress progress{"instructions"};
  how.progress = [&](std::uint64_t done, std::uint64_t total) { progress.show(done, total); };
  PipeLockstep pair{options.chip, workload.program, gm, twin_gm, std::move(how)};
  result.cores.push_back(pair.run(end_of_gm(workload.program)));
  progress.clear();
  result.rtl.lockstep = sum_of(pair.comparison(), cube.log);
  finish(workload, options, gm, pair.state(), result);
}

// In the order the user finds them in the help.
std::vector<std::string> names_of_blocks(const RunOptions& options) {
  constexpr std::pair<models::Pipe, const char*> movers[] = {
      {models::Pipe::MTE1, "mte1"}, {models::Pipe::MTE2, "mte2"}, {models::Pipe::MTE3, "mte3"}, {models::Pipe::FIX, "fix"}};
  std::vector<std::string> names;
  if (options.rtl_core) names.push_back("core");
  if (options.rtl_cube) names.push_back("cube");
  for (const auto& [pipe, name] : movers) {
    if (std::ranges::find(options.rtl_movers, pipe) != options.rtl_movers.end()) names.push_back(name);
  }
  return names;
}

// Runs it, unless it is known to stop on the way.
void simulate(const Workload& workload, const RunOptions& options, RunResult& result) {
  RtlCube rtl;
  systemc::CoreMaker core;
  result.rtl.blocks = names_of_blocks(options);
  if (!options.rtl_movers.empty()) result.rtl.variant = "fast";
  if (options.rtl_cube) {
    rtl = make_rtl_cube(options);
    result.rtl.variant = rtl.variant;
  }
  if (options.rtl_core) {
    const RtlCore block = make_rtl_core(options);
    result.rtl.variant = block.variant;
    if (options.lockstep) return simulate_core_lockstep(workload, options, block, result);
    core = core_rtl_maker(block.library, block.waves);
  }
  systemc::SimulationOptions how{.numerics = options.numerics, .values = !options.timing_only, .trace_limit = options.trace_limit,
                                 .cube = rtl.factory, .core = core, .progress = {}, .movers = make_rtl_movers(options)};
  if (options.lockstep && !options.rtl_movers.empty()) return simulate_pipe_lockstep(workload, options, rtl, std::move(how), result);
  models::Memory gm{options.chip.gm.size};
  if (workload.fill && !options.timing_only) workload.fill(gm);
  Progress progress{"instructions"};
  how.progress = [&](std::uint64_t done, std::uint64_t total) { progress.show(done, total); };
  systemc::Simulation simulation{options.chip, workload.program, gm, std::move(how)};
  result.cores.push_back(simulation.run());
  progress.clear();
  if (rtl.log) result.rtl.lockstep = rtl.log->result();
  finish(workload, options, gm, simulation.state(), result);
}

}  // namespace

RunResult run(const Workload& workload, const RunOptions& options) {
  const Stopwatch stopwatch;
  RunResult result = heading(workload, options);
  const bool order = options.check_races || options.check_uninitialised;
  if (order) result.check.order = check_order_of(workload, options);
  if (!result.check.order.deadlock) {
    try {
      simulate(workload, options, result);
    } catch (const systemc::ProgramFault& fault) {
      if (!order) throw;
      result.check.fault = fault.what();
    }
  }
  result.host = stopwatch.read(result.cycles);
  return result;
}

Cycles cycles_of(const models::Program& program, const ChipConfig& chip) {
  models::Memory gm{chip.gm.size};
  return systemc::Simulation{chip, program, gm, {.values = false, .trace_limit = 0, .cube = {}, .core = {}, .progress = {}}}.run().cycles;
}

}  // namespace vitruvian::tb
