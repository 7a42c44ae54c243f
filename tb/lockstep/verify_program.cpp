// SPDX-License-Identifier: Apache-2.0
#include "tb/lockstep/verify_program.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "systemc/pipe/cube.h"
#include "tb/lockstep/cube_bench.h"
#include "tb/lockstep/cube_lockstep.h"
#include "tb/pipe/cube_rtl.h"

namespace vitruvian::tb {
namespace {

// The numbers of a row, by name: one list for summing, writing and reading.
struct Column {
  const char* name;
  std::uint64_t VerifyRow::* value;
};
constexpr Column columns[] = {
    {"programs", &VerifyRow::programs},
    {"mmads", &VerifyRow::mmads},
    {"beats", &VerifyRow::beats},
    {"flags", &VerifyRow::flags},
    {"reads", &VerifyRow::reads},
    {"cycles", &VerifyRow::cycles},
    {"stalled_by_unit_flag", &VerifyRow::stalled_by_unit_flag},
    {"stalled_by_bank", &VerifyRow::stalled_by_bank},
    {"value_mismatches", &VerifyRow::value_mismatches},
    {"cycle_mismatches", &VerifyRow::cycle_mismatches},
    {"failures", &VerifyRow::failures},
};

}  // namespace

VerifyRow& VerifyRow::operator+=(const VerifyRow& other) {
  for (const Column& column : columns) this->*column.value += other.*column.value;
  return *this;
}

ProgramOutcome verify_program(Seed seed, const CubeProfile& profile, const ChipConfig& chip,
                              models::Numerics numerics,
                              const std::shared_ptr<const CubeLibrary>& library) {
  const CubeProgram program = random_cube_program(seed, profile, chip);
  const auto rtl = [&](const systemc::CubeContext& context) { return std::make_unique<CubeRtl>(context, library); };
  LockstepLog log;
  ProgramOutcome outcome;
  std::string stopped;
  try {
    const BenchResult bench = run_on_bench(program, chip, numerics, lockstep_factory(rtl, systemc::make_cube, {}, log));
    outcome.row.cycles = bench.core.cycles.value();
    outcome.row.stalled_by_unit_flag = bench.core.mmads_stalled_by_unit_flag;
    outcome.row.stalled_by_bank = bench.core.mmads_stalled_by_bank;
    stopped = bench.memory_report;
  } catch (const std::exception& error) {
    stopped = fmt::format("stopped: {}\n", error.what());
  }
  outcome.row.profile = profile.name;
  outcome.row.programs = 1;
  outcome.row.mmads = log.instructions;
  outcome.row.beats = log.beats;
  outcome.row.flags = log.flags;
  outcome.row.reads = log.reads;
  outcome.row.value_mismatches = log.value_mismatches;
  outcome.row.cycle_mismatches = log.cycle_mismatches;
  outcome.report = log.result().first_mismatch + stopped;
  outcome.row.failures = !outcome.report.empty();
  if (!outcome.report.empty()) outcome.report += fmt::format("numbers: {}\n", program.numbers);
  return outcome;
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
