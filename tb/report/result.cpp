// SPDX-License-Identifier: Apache-2.0
#include "tb/report/result.h"

#include <cmath>
#include <map>
#include <numeric>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "models/arch/error.h"

namespace vitruvian::tb {
namespace {

using Json = nlohmann::ordered_json;
using systemc::CoreResult;
using systemc::State;
using systemc::StateCycles;

template <class Value>
Json or_null(const std::optional<Value>& value) {
  return value ? Json(*value) : Json(nullptr);
}

// JSON has no infinity and no NaN. null would read as "not compared", so they are named.
Json number(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  return value;
}

Json number_or_null(const std::optional<double>& value) {
  return value ? number(*value) : Json(nullptr);
}

Json states_json(const StateCycles& cycles) {
  Json stalls = Json::object();
  for (int s = 0; s < systemc::state_count; ++s) {
    if (static_cast<State>(s) != State::busy)
      stalls[std::string{systemc::state_names[s]}] = cycles[s];
  }
  return {{"busy", cycles[static_cast<int>(State::busy)]}, {"stalls", stalls}};
}

using PipeCycles = std::map<models::Pipe, StateCycles>;  // in the order of the instruction table

Json pipes_json(const PipeCycles& pipes) {
  Json json = Json::object();
  for (const auto& [pipe, cycles] : pipes)
    json[std::string{models::name(pipe)}] = states_json(cycles);
  return json;
}

PipeCycles pipes_of(const CoreResult& core) {
  PipeCycles pipes;
  for (const auto& pipe : core.pipes) pipes[pipe.pipe] = pipe.cycles;
  return pipes;
}

PipeCycles summed_pipes(const std::vector<CoreResult>& cores) {
  PipeCycles sum;
  for (const CoreResult& core : cores) {
    for (const auto& pipe : core.pipes) {
      StateCycles& into = sum[pipe.pipe];
      for (int s = 0; s < systemc::state_count; ++s) into[s] += pipe.cycles[s];
    }
  }
  return sum;
}

Json mmads_json(std::uint64_t total, std::uint64_t unit_flag, std::uint64_t bank) {
  return {{"total", total}, {"stalled_by_unit_flag", unit_flag}, {"stalled_by_bank", bank}};
}

Json core_json(const CoreResult& core) {
  return {{"name", core.name},
          {"kind", core.kind},
          {"instructions", core.instructions},
          {"instructions_traced", core.records.size()},
          {"mmads",
           mmads_json(core.mmads, core.mmads_stalled_by_unit_flag, core.mmads_stalled_by_bank)},
          {"pipes", pipes_json(pipes_of(core))}};
}

Json cores_json(const std::vector<CoreResult>& cores) {
  Json json = Json::array();
  for (const CoreResult& core : cores) json.push_back(core_json(core));
  return json;
}

Json all_mmads_json(const std::vector<CoreResult>& cores) {
  std::uint64_t total = 0, unit_flag = 0, bank = 0;
  for (const CoreResult& core : cores) {
    total += core.mmads;
    unit_flag += core.mmads_stalled_by_unit_flag;
    bank += core.mmads_stalled_by_bank;
  }
  return mmads_json(total, unit_flag, bank);
}

Json parameters_json(const ChipConfig& chip) {
  Json json = Json::object();
  for (const ChipKey& key : chip_keys()) json[std::string{key.key}] = key.get(chip);
  return json;
}

Json time_json(const RunResult& result) {
  return {{"cycles", result.chip.microseconds(result.cycles)},
          {"launch", result.chip.microseconds(result.launch_cycles)},
          {"total", result.chip.microseconds(result.cycles + result.launch_cycles)}};
}

// Numbers and text of both kinds of finding.
Json range_json(const ByteRange& bytes) {
  return {{"space", name(bytes.space)},
          {"from", bytes.from},
          {"to", bytes.to},
          {"bytes", bytes.count}};
}

Json finding_json(const Race& race) {
  const bool bytes = race.kind == RaceKind::bytes;
  const auto does = [&](bool writes) -> Json {
    if (!bytes) return nullptr;
    return writes ? "write" : "read";
  };
  return {{"kind", race_kind_names[static_cast<int>(race.kind)]},
          {"first", race.first},
          {"first_does", does(race.first_writes)},
          {"second", race.second},
          {"second_does", does(race.second_writes)},
          {"where", bytes ? range_json(race.bytes) : Json(nullptr)},
          {"text", race.text}};
}

Json finding_json(const Uninitialised& found) {
  return {{"instruction", found.instruction},
          {"where", range_json(found.bytes)},
          {"text", found.text}};
}

template <class Finding>
Json findings_json(const std::optional<Findings<Finding>>& findings) {
  if (!findings) return nullptr;
  Json kept = Json::array();
  for (const Finding& finding : findings->kept) kept.push_back(finding_json(finding));
  return {{"count", findings->count}, {"first", kept}};
}

Json check_json(const CheckResult& check) {
  return {{"bit_exact", or_null(check.bit_exact)},
          {"max_abs_error", number_or_null(check.max_abs_error)},
          {"error_over_bound", number_or_null(check.error_over_bound)},
          {"ops_reference", check.ops_reference},
          {"expected_output", or_null(check.expected_output)},
          {"races", findings_json(check.order.races)},
          {"uninitialised", findings_json(check.order.uninitialised)},
          {"deadlock", or_null(check.order.deadlock)},
          {"fault", check.fault.empty() ? Json(nullptr) : Json(check.fault)}};
}

Json lockstep_json(const std::optional<LockstepResult>& lockstep) {
  if (!lockstep) return nullptr;
  return {{"instructions", lockstep->instructions},
          {"value_mismatches", lockstep->value_mismatches},
          {"cycle_mismatches", lockstep->cycle_mismatches},
          {"first_mismatch", lockstep->first_mismatch}};
}

Json rtl_json(const RtlResult& rtl) {
  return {{"blocks", rtl.blocks},
          {"variant", rtl.blocks.empty() ? Json(nullptr) : Json(rtl.variant)},
          {"lockstep", lockstep_json(rtl.lockstep)}};
}

Json host_json(const HostResult& host) {
  return {{"wall_s", number(host.wall_s)},
          {"cpu_s", number(host.cpu_s)},
          {"simulated_cycles_per_s", number(host.simulated_cycles_per_s)},
          {"peak_rss_bytes", host.peak_rss_bytes}};
}

void check_sums(const RunResult& result) {
  for (const CoreResult& core : result.cores) {
    for (const auto& pipe : core.pipes) {
      const auto sum = std::accumulate(pipe.cycles.begin(), pipe.cycles.end(), std::uint64_t{0});
      ensure(sum == result.cycles.value(),
             fmt::format("{}: the states of pipe {} add up to {} cycles, the run has {}", core.name,
                         models::name(pipe.pipe), sum, result.cycles.value()));
    }
  }
}

}  // namespace

bool all_checks_hold(const RunResult& result) {
  const CheckResult& check = result.check;
  const bool in_bound = !check.error_over_bound || *check.error_over_bound <= 1.0;  // false for NaN
  const auto& lockstep = result.rtl.lockstep;
  return check.bit_exact.value_or(true) && in_bound && check.expected_output.value_or(true) &&
         check.order.clean() && check.fault.empty() &&
         (!lockstep || lockstep->value_mismatches + lockstep->cycle_mismatches == 0);
}

std::string result_json(const RunResult& result) {
  check_sums(result);
  std::uint64_t instructions = 0;
  for (const CoreResult& core : result.cores) instructions += core.instructions;
  const Json json = {{"schema_version", result_schema_version},
                     {"workload", result.workload},
                     {"chip", result.chip.name},
                     {"dtype", result.dtype},
                     {"numerics", result.numerics},
                     {"seed", result.seed},
                     {"passed", all_checks_hold(result)},
                     {"cycles", result.cycles.value()},
                     {"launch_cycles", result.launch_cycles.value()},
                     {"time_us", time_json(result)},
                     {"macs", result.macs},
                     {"macs_padded", result.macs_padded},
                     {"utilisation", number(result.utilisation)},
                     {"instructions", instructions},
                     {"mmads", all_mmads_json(result.cores)},
                     {"pipes", pipes_json(summed_pipes(result.cores))},
                     {"cores", cores_json(result.cores)},
                     {"check", check_json(result.check)},
                     {"rtl", rtl_json(result.rtl)},
                     {"host_ops", result.host_ops},
                     {"host", host_json(result.host)},
                     {"chip_parameters", parameters_json(result.chip)},
                     {"waves", result.waves.empty() ? Json(nullptr) : Json(result.waves)},
                     {"version", result.version},
                     {"command", result.command}};
  // The user's text may hold bytes that are not UTF-8; they become U+FFFD.
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace vitruvian::tb
