// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "models/arch/error.h"
#include "tb/cli/commands.h"
#include "tb/run/run.h"
#include "tb/validate/rows.h"

namespace vitruvian::tb {
namespace {

struct Outcome {
  SiliconRow row;
  double modelled = 0;
  double error_percent() const { return 100.0 * (modelled - row.measured) / row.measured; }
};

// Which keys of the chip file a suite depends on: printed beside its errors.
struct SuiteKeys {
  std::string_view suite;
  std::vector<std::string_view> keys;
};

const std::vector<SuiteKeys>& suite_keys() {
  static const std::vector<SuiteKeys> table = {
      {"mmad", {"cube.decode", "cube.depth", "cube.turnaround"}},
      {"local_copies", {"mte1.setup", "mte1.load_tail", "mte1.latency", "mte1.l0a_rate", "mte1.l0b_rate", "mte1.bt_rate"}},
      {"l0c_gm", {"fix.setup", "fix.rate", "gm.write_rate"}},
      {"gm_l1", {"mte2.request", "gm.read_latency", "gm.read_rate"}},
  };
  return table;
}

// Runs the row's program on its chip, at the row's clock, in its unit.
Outcome model(const SiliconRow& row) {
  ChipConfig chip = load_chip(row.chip);
  chip.clock_khz = static_cast<std::uint64_t>(std::llround(row.clock_mhz * 1000));
  const RowProgram work = program_of(row, chip);
  const Cycles total = cycles_of(work.program, chip);
  const double each = static_cast<double>(total.value()) / static_cast<double>(work.repeats);
  if (row.unit == "cycles") return {row, each};
  if (work.bytes == 0) throw InputError{fmt::format("row '{}': moves no bytes, so its unit must be cycles", row.row)};
  const double seconds = each / (row.clock_mhz * 1e6);
  return {row, static_cast<double>(work.bytes) / seconds / (1 << 30)};
}

void print_csv(const std::vector<Outcome>& outcomes) {
  fmt::print("suite,row,chip,clock_mhz,scored,source,unit,measured,modelled,error_percent\n");
  for (const Outcome& o : outcomes) {
    fmt::print("{},{},{},{:g},{},{},{},{:g},{:.4f},{:.2f}\n", o.row.suite, o.row.row, o.row.chip, o.row.clock_mhz,
               o.row.scored ? "yes" : "no", o.row.source, o.row.unit, o.row.measured, o.modelled, o.error_percent());
  }
}

void print_parameters(const std::string& suite) {
  for (const SuiteKeys& entry : suite_keys()) {
    if (entry.suite != suite) continue;
    const ChipConfig chip = load_chip("ascend910b1");
    std::string text;
    for (const ChipKey& key : chip_keys()) {
      if (std::ranges::find(entry.keys, key.key) != entry.keys.end()) {
        text += fmt::format("{}{} = {}", text.empty() ? "" : ", ", key.key, key.get(chip));
      }
    }
    fmt::print("  parameters: {}\n", text);
  }
}

void print_suite(const std::string& suite, const std::vector<const Outcome*>& outcomes) {
  fmt::print("\n{}\n  {:<34}{:<13}{:>10}{:>11}{:>10}  {}\n", suite, "row", "chip", "measured", "modelled", "error", "unit");
  double sum = 0, worst = 0;
  int scored = 0;
  for (const Outcome* o : outcomes) {
    fmt::print("  {:<34}{:<13}{:>10.2f}{:>11.2f}{:>9.2f}%  {}{}\n", o->row.row, o->row.chip, o->row.measured,
               o->modelled, o->error_percent(), o->row.unit, o->row.scored ? "" : " (shown only)");
    if (!o->row.scored) continue;
    ++scored;
    sum += std::abs(o->error_percent());
    worst = std::max(worst, std::abs(o->error_percent()));
  }
  if (scored > 0) fmt::print("  {} scored rows: mean error {:.2f} %, worst {:.2f} %\n", scored, sum / scored, worst);
  print_parameters(suite);
}

int validate(bool csv, const std::string& file) {
  const auto rows = file.empty() ? all_rows() : read_rows(file);
  std::vector<Outcome> outcomes;
  for (const SiliconRow& row : rows) outcomes.push_back(model(row));
  if (csv) {
    print_csv(outcomes);
    return exit_right;
  }
  std::map<std::string, std::vector<const Outcome*>> suites;
  for (const Outcome& o : outcomes) suites[o.row.suite].push_back(&o);
  for (const auto& [suite, members] : suites) print_suite(suite, members);
  return exit_right;
}

}  // namespace

Action make_validate(CLI::App& app) {
  auto csv = std::make_shared<bool>(false);
  auto file = std::make_shared<std::string>();
  app.add_flag("--csv", *csv, "Print suite,row,chip,clock_mhz,scored,source,unit,measured,modelled,error_percent");
  app.add_option("--rows", *file, "Rows of your own: a CSV file with the first eight of these columns");
  app.footer("Each row runs a program through the timed model. docs/timing.md says which rule each suite shows.");
  return [csv, file] { return validate(*csv, *file); };
}

}  // namespace vitruvian::tb
