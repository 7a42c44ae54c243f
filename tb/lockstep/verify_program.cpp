// SPDX-License-Identifier: Apache-2.0
#include "tb/lockstep/verify_program.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "systemc/pipe/cube.h"
#include "tb/core/core_library.h"
#include "tb/lockstep/core_lockstep.h"
#include "tb/lockstep/cube_bench.h"
#include "tb/lockstep/cube_lockstep.h"
#include "tb/pipe/cube_rtl.h"
#include "tb/random/core_program.h"
#include "tb/random/cube_profile.h"
#include "tb/random/cube_program.h"
#include "tb/random/random_gm.h"

namespace vitruvian::tb {
namespace {

// The numbers of a row, by name: one list for summing, writing and reading.
struct Column {
  const char* name;
  std::uint64_t VerifyRow::* value;
};
constexpr Column columns[] = {
    {"programs", &VerifyRow::programs},
    {"instructions", &VerifyRow::instructions},
    {"beats", &VerifyRow::beats},
    {"bytes", &VerifyRow::bytes},
    {"cycles", &VerifyRow::cycles},
    {"stalled_by_unit_flag", &VerifyRow::stalled_by_unit_flag},
    {"stalled_by_bank", &VerifyRow::stalled_by_bank},
    {"value_mismatches", &VerifyRow::value_mismatches},
    {"cycle_mismatches", &VerifyRow::cycle_mismatches},
    {"failures", &VerifyRow::failures},
};

template <class Profiles>
std::vector<std::string_view> names_of(const Profiles& profiles) {
  std::vector<std::string_view> names;
  for (const auto& profile : profiles) names.push_back(profile.name);
  return names;
}

void take_core(VerifyRow& row, const systemc::CoreResult& core) {
  row.cycles = core.cycles.value();
  row.stalled_by_unit_flag = core.mmads_stalled_by_unit_flag;
  row.stalled_by_bank = core.mmads_stalled_by_bank;
}

// The Verilated cube among SystemC pipes, mmad by mmad.
class CubeRunner final : public ProgramRunner {
 public:
  explicit CubeRunner(const VerifyOptions& options)
      : options_{options}, library_{std::make_shared<const CubeLibrary>(
            options.library.empty() ? build_cube({options.chip.cube, options.numerics, options.variant, {}}) : options.library)} {
    check_fits(*library_, options.chip, options.numerics);
  }

  ProgramOutcome run(std::string_view profile, Seed seed) const override {
    const CubeProgram program = random_cube_program(seed, cube_profile(profile), options_.chip);
    const auto rtl = [&](const systemc::CubeContext& context) { return std::make_unique<CubeRtl>(context, library_); };
    LockstepLog log;
    ProgramOutcome outcome;
    std::string stopped;
    try {
      const BenchResult bench = run_on_bench(program, options_.chip, options_.numerics, lockstep_factory(rtl, systemc::make_cube, {}, log));
      take_core(outcome.row, bench.core);
      stopped = bench.memory_report;
    } catch (const std::exception& error) {
      stopped = fmt::format("stopped: {}\n", error.what());
    }
    outcome.row.instructions = log.instructions;
    outcome.row.beats = log.beats;
    outcome.row.value_mismatches = log.value_mismatches;
    outcome.row.cycle_mismatches = log.cycle_mismatches;
    outcome.report = log.result().first_mismatch + stopped;
    if (!outcome.report.empty()) outcome.report += fmt::format("numbers: {}\n", program.numbers);
    return outcome;
  }

  models::Program program(std::string_view profile, Seed seed) const override {
    return random_cube_program(seed, cube_profile(profile), options_.chip).program;
  }

 private:
  const VerifyOptions& options_;
  std::shared_ptr<const CubeLibrary> library_;
};

// The whole Verilated core, on a memory that answers as it likes.
class CoreRunner final : public ProgramRunner {
 public:
  explicit CoreRunner(const VerifyOptions& options)
      : options_{options}, library_{std::make_shared<const CoreLibrary>(
            options.library.empty() ? build_core(options.chip, options.numerics, options.variant) : options.library)} {
    check_fits(*library_, options.chip, options.numerics);
  }

  ProgramOutcome run(std::string_view profile, Seed seed) const override {
    const ChipConfig& chip = options_.chip;
    models::Memory gm{chip.gm.size}, twin_gm{chip.gm.size};
    models::CoreState state{chip, gm}, twin{chip, twin_gm};
    fill_core(seed, state);
    fill_core(seed, twin);
    CoreRtlOptions rtl;
    rtl.library = library_;
    rtl.numerics = options_.numerics;
    ProgramOutcome outcome;
    try {
      const CoreLockstepRun run = run_core_lockstep(chip, program(profile, seed), state, twin_gm, Bytes{random_gm_bytes}, RandomGm{seed}, rtl);
      take_core(outcome.row, run.result);
      outcome.row.instructions = run.comparison.instructions;
      outcome.row.beats = run.comparison.beats;
      outcome.row.bytes = run.comparison.bytes;
      outcome.row.value_mismatches = run.comparison.value_mismatches;
      outcome.row.cycle_mismatches = run.comparison.cycle_mismatches;
      if (!run.comparison.clean()) outcome.report = run.comparison.first + "\n";
    } catch (const std::exception& error) {
      outcome.report = fmt::format("stopped: {}\n", error.what());
    }
    return outcome;
  }

  models::Program program(std::string_view profile, Seed seed) const override {
    return random_core_program(core_profile(profile), seed, options_.chip);
  }

 private:
  const VerifyOptions& options_;
  std::shared_ptr<const CoreLibrary> library_;
};

template <class Runner>
std::unique_ptr<ProgramRunner> load(const VerifyOptions& options) {
  return std::make_unique<Runner>(options);
}

const VerifiableBlock blocks[] = {
    {"cube", [] { return names_of(cube_profiles()); }, load<CubeRunner>},
    {"core", [] { return names_of(core_profiles()); }, load<CoreRunner>},
};

}  // namespace

std::span<const VerifiableBlock> verifiable() { return blocks; }

VerifyRow& VerifyRow::operator+=(const VerifyRow& other) {
  for (const Column& column : columns) this->*column.value += other.*column.value;
  return *this;
}

std::string to_line(const ProgramOutcome& outcome) {
  nlohmann::json json{{"profile", outcome.row.profile}, {"report", outcome.report}};
  for (const Column& column : columns) json[column.name] = outcome.row.*column.value;
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

ProgramOutcome from_line(const std::string& line) {
  const auto json = nlohmann::json::parse(line);
  ProgramOutcome outcome;
  outcome.row.profile = json.at("profile");
  outcome.report = json.at("report");
  for (const Column& column : columns) outcome.row.*column.value = json.at(column.name);
  return outcome;
}

}  // namespace vitruvian::tb
