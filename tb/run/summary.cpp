// SPDX-License-Identifier: Apache-2.0
#include "tb/run/summary.h"

#include <fmt/format.h>

namespace vitruvian::tb {
namespace {

std::string line(std::string_view what, const std::string& value) {
  return fmt::format("  {:<18}{}\n", what, value);
}

std::string bits_line(const RunResult& result) {
  const bool rtl = !result.rtl.blocks.empty();
  const std::string_view what = rtl ? "RTL = model" : "SystemC = model";
  if (!result.check.bit_exact) return line(what, "not compared (large run; --check bits compares)");
  return line(what, *result.check.bit_exact ? "yes, every byte" : "NO: bytes differ");
}

std::string lockstep_line(const LockstepResult& lockstep) {
  if (lockstep.value_mismatches + lockstep.cycle_mismatches == 0) {
    return line("SystemC = RTL", fmt::format("yes, {} instructions, values and cycles", lockstep.instructions));
  }
  return line("SystemC = RTL", fmt::format("NO: {} value and {} cycle mismatches in {} instructions",
                                           lockstep.value_mismatches, lockstep.cycle_mismatches, lockstep.instructions)) +
         "\n" + lockstep.first_mismatch + "\n";
}

std::string operator_line(const CheckResult& check) {
  if (!check.error_over_bound) return "";
  return line("textbook operator", fmt::format("{}error / bound = {:.3f}, max error {:.3g} ({})",
                                               *check.error_over_bound <= 1 ? "" : "OUT OF BOUND: ",
                                               *check.error_over_bound, check.max_abs_error.value_or(0), check.ops_reference));
}

template <class Finding>
std::string findings_lines(std::string_view what, const std::optional<Findings<Finding>>& findings) {
  if (!findings) return "";
  if (findings->count == 0) return line(what, "none");
  std::string text = line(what, fmt::format("{}:", findings->count));
  for (const Finding& finding : findings->kept) text += fmt::format("    {}\n", finding.text);
  if (findings->count > findings->kept.size()) {
    text += fmt::format("    and {} more\n", findings->count - findings->kept.size());
  }
  return text;
}

std::string order_lines(const CheckResult& check) {
  std::string text = findings_lines("races", check.order.races) +
                     findings_lines("uninitialised", check.order.uninitialised);
  if (check.order.deadlock) text += *check.order.deadlock + "\n";
  if (!check.fault.empty()) text += check.fault + "\n";
  return text;
}

}  // namespace

std::string summary(const RunResult& result, const std::filesystem::path& folder) {
  std::string text = fmt::format("{} on {} ({:g} MHz), {}\n", result.workload, result.chip.name, result.chip.clock_mhz(), result.numerics);
  if (!result.cores.empty()) text += line("cycles", fmt::format("{} ({:.2f} us)", result.cycles.value(), result.chip.microseconds(result.cycles)));
  if (result.macs > 0 && !result.cores.empty()) text += line("cube utilisation", fmt::format("{:.1f} %", 100 * result.utilisation));
  if (result.check.ops_reference != "none") text += operator_line(result.check);
  if (result.check.expected_output) text += line("expected output", *result.check.expected_output ? "agrees" : "DIFFERS");
  if (result.numerics != "none" && !result.cores.empty()) text += bits_line(result);
  if (result.rtl.lockstep) text += lockstep_line(*result.rtl.lockstep);
  text += order_lines(result.check);
  text += line("report", (folder / "report.html").string());
  if (!result.waves.empty()) text += line("waveform", fmt::format("vitruvian waves {}", folder.string()));
  return text;
}

}  // namespace vitruvian::tb
