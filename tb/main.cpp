// SPDX-License-Identifier: Apache-2.0
//
// The `vitruvian` program: one table of commands, and the one place where an error becomes an exit code.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <map>

#include "models/arch/error.h"
#include "models/arch/suggest.h"
#include "systemc/pipe/errors.h"
#include "tb/cli/commands.h"

namespace vitruvian::tb {

std::string command_line;

namespace {

constexpr Command commands[] = {
    {"run", "Run a workload; leave result.json, trace.json and report.html", make_run},
    {"compare", "Show where two runs differ in cycles and stalls", make_compare},
    {"chips", "List the chips, or every parameter of one", make_chips},
    {"validate", "Compare modelled with measured silicon times", make_validate},
    {"asm", "Assemble text to the binary form", make_asm},
    {"disasm", "Print a binary program as text", make_disasm},
    {"verify", "Run random programs in lockstep with the RTL", make_verify},
    {"waves", "Open a run's waveform in GTKWave", make_waves},
    {"report", "Print a run's summary and where its report is", make_report},
    {"completion", "Print a bash completion script", make_completion},
};

constexpr const char* footer =
    "Exit codes: 0 right; 1 the answer is no (views differ, a check fails); 2 the input is wrong; 3 our fault.\n"
    "`vitruvian COMMAND --help` explains a command. Documentation: docs/README.md.";

std::string joined(int argc, char** argv) {
  std::string text = "vitruvian";
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const bool plain = word.find_first_of(" '\"$\\*?;&|<>()") == std::string::npos && !word.empty();
    text += plain ? " " + word : " '" + word + "'";
  }
  return text;
}

// CLI11 would only say that a command is missing.
void check_command(int argc, char** argv) {
  if (argc < 2 || argv[1][0] == '-') return;
  std::vector<std::string_view> names;
  for (const Command& command : commands) names.push_back(command.name);
  if (std::ranges::find(names, std::string_view{argv[1]}) == names.end()) {
    throw InputError{fmt::format("'{}' is no command{}; there are {}", argv[1], did_you_mean(argv[1], names), fmt::join(names, ", "))};
  }
}

int run_program(int argc, char** argv) {
  CLI::App app{"Vitruvian: an RTL-level performance model and verification harness for Da Vinci-style AI cores."};
  app.set_version_flag("--version", std::string{"vitruvian "} + VITRUVIAN_VERSION);
  app.require_subcommand(1);
  app.footer(footer);
  app.get_formatter()->column_width(34);
  std::map<const CLI::App*, Action> actions;
  for (const Command& command : commands) {
    CLI::App* sub = app.add_subcommand(command.name, command.summary);
    actions[sub] = command.make(*sub);
  }
  check_command(argc, argv);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? exit_right : exit_input;
  }
  return actions.at(app.get_subcommands().front())();
}

}  // namespace
}  // namespace vitruvian::tb

int main(int argc, char** argv) {
  using namespace vitruvian;
  tb::command_line = tb::joined(argc, argv);
  try {
    return tb::run_program(argc, argv);
  } catch (const InputError& error) {
    fmt::print(stderr, "vitruvian: {}\n", error.what());
    return tb::exit_input;
  } catch (const systemc::ProgramFault& fault) {
    fmt::print(stderr, "vitruvian: {}\n", fault.what());
    return tb::exit_no;
  } catch (const std::exception& error) {
    fmt::print(stderr, "vitruvian: internal error: {}\nPlease report it with the command: {}\n",
               error.what(), tb::command_line);
    return tb::exit_internal;
  }
}
