// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <algorithm>

#include "tb/cli/commands.h"
#include "tb/validate/report.h"
#include "tb/validate/suites.h"

namespace vitruvian::tb {
namespace {

struct Options {
  bool csv = false, markdown = false;
  std::string file;
};

int run_validation(const Options& options) {
  const auto rows = options.file.empty() ? all_rows() : read_rows(options.file);
  const auto outcomes = validate(rows, !options.csv);
  fmt::print("{}", options.csv        ? validation_csv(outcomes)
                   : options.markdown ? validation_page(outcomes)
                                      : validation_text(outcomes));
  return std::ranges::all_of(outcomes, &SuiteOutcome::holds) ? exit_right : exit_no;
}

}  // namespace

Action make_validate(CLI::App& app) {
  auto options = std::make_shared<Options>();
  auto* csv = app.add_flag("--csv", options->csv, "Print suite,row,chip,clock_mhz,scored,source,unit,measured,modelled,error_percent");
  app.add_flag("--markdown", options->markdown, "Print docs/validation.md")->excludes(csv);
  app.add_option("--rows", options->file, "Rows of your own: a CSV file with the first eight of these columns");
  app.footer("Each row runs a program through the timed model; exit code 1 if a suite is off by more than its limit.\ndocs/timing.md says which rule each suite shows.");
  return [options] { return run_validation(*options); };
}

}  // namespace vitruvian::tb
