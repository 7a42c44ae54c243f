// SPDX-License-Identifier: Apache-2.0
#include "tb/validate/report.h"

#include <fmt/format.h>

#include <cmath>
#include <iterator>

namespace vitruvian::tb {
namespace {

template <class... Args>
void put(std::string& out, fmt::format_string<Args...> format, Args&&... args) {
  fmt::format_to(std::back_inserter(out), format, std::forward<Args>(args)...);
}

std::string limit(double percent) { return std::isinf(percent) ? "none" : fmt::format("{:g} %", percent); }

// "key = value (from .. to), ..."
std::string fitted_of(const Suite& suite) {
  std::string text;
  for (const Fitted& f : suite.fitted) {
    put(text, "{}{} = {} (of {} .. {})", text.empty() ? "" : ", ", f.key, value_of(f.key), f.from, f.to);
  }
  return text.empty() ? "none" : text;
}

std::string others_of(const Suite& suite) {
  std::string text;
  for (const std::string_view key : suite.keys) put(text, "{}{} = {}", text.empty() ? "" : ", ", key, value_of(key));
  return text;
}

std::string errors_text(const Errors& errors) { return fmt::format("mean {:.2f} %, worst {:.2f} %", errors.mean, errors.worst); }

// The lines about a suite: what its rows say together, the limits, the parameters.
std::vector<std::string> summary(const SuiteOutcome& s) {
  std::vector<std::string> lines;
  if (s.errors.rows > 0) lines.push_back(fmt::format("{} scored rows: {}", s.errors.rows, errors_text(s.errors)));
  if (s.errors.rows == 0) lines.push_back("no row is scored");
  if (s.suite == nullptr) return lines;
  if (s.errors.rows > 0) {
    lines.push_back(fmt::format("limits: mean {}, worst {}: {}", limit(s.suite->mean_limit), limit(s.suite->worst_limit),
                                s.holds() ? "kept" : "BROKEN"));
  }
  if (!s.suite->note.empty()) lines.push_back(fmt::format("note: {}", s.suite->note));
  lines.push_back("fitted: " + fitted_of(*s.suite));
  lines.push_back("also at work: " + others_of(*s.suite));
  if (s.left_out) lines.push_back("leave one out: " + errors_text(*s.left_out));
  return lines;
}

}  // namespace

std::string validation_csv(const std::vector<SuiteOutcome>& suites) {
  std::string out = "suite,row,chip,clock_mhz,scored,source,unit,measured,modelled,error_percent\n";
  for (const SuiteOutcome& suite : suites) {
    for (const Outcome& o : suite.rows) {
      put(out, "{},{},{},{:g},{},{},{},{:.10g},{:.4f},{:.2f}\n", o.row.suite, o.row.row, o.row.chip, o.row.clock_mhz,
          o.row.scored ? "yes" : "no", o.row.source, o.row.unit, o.row.measured, o.modelled, o.error_percent());
    }
  }
  return out;
}

std::string validation_text(const std::vector<SuiteOutcome>& suites) {
  std::string out;
  for (const SuiteOutcome& suite : suites) {
    std::size_t width = 34;
    for (const Outcome& o : suite.rows) width = std::max(width, o.row.row.size() + 1);
    put(out, "\n{}\n  {:<{}}{:<13}{:>12}{:>12}{:>10}  {}\n", suite.name, "row", width, "chip", "measured", "modelled", "error", "unit");
    for (const Outcome& o : suite.rows) {
      put(out, "  {:<{}}{:<13}{:>12.2f}{:>12.2f}{:>9.2f}%  {}{}\n", o.row.row, width, o.row.chip, o.row.measured,
          o.modelled, o.error_percent(), o.row.unit, o.row.scored ? "" : " (shown only)");
    }
    for (const std::string& line : summary(suite)) put(out, "  {}\n", line);
  }
  return out;
}

std::string validation_page(const std::vector<SuiteOutcome>& suites) {
  std::string out =
      "# Validation\n\n"
      "What the timed model says of rows measured on silicon. Written by `vitruvian validate --markdown`; a test holds it fresh. The rules are in [timing.md](timing.md), the rows with their sources in `models/silicon`. "
      "Rows that are not scored are shown: their shape is not published, or more than one core decides them. Leave one out: the fitted parameters of the suite are fitted again without a row, by trying their values, and predict it.\n";
  for (const SuiteOutcome& suite : suites) {
    put(out, "\n## {}\n\n", suite.suite != nullptr ? suite.suite->title : suite.name);
    for (const std::string& line : summary(suite)) put(out, "* {}\n", line);
    put(out, "\n| row | chip | MHz | unit | measured | modelled | error | scored |\n|---|---|---|---|---|---|---|---|\n");
    for (const Outcome& o : suite.rows) {
      put(out, "| {} | {} | {:g} | {} | {:.10g} | {:.2f} | {:+.2f} % | {} |\n", o.row.row, o.row.chip, o.row.clock_mhz, o.row.unit,
          o.row.measured, o.modelled, o.error_percent(), o.row.scored ? "yes" : "no");
    }
  }
  return out;
}

}  // namespace vitruvian::tb
