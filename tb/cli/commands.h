// SPDX-License-Identifier: Apache-2.0
//
// The commands of the `vitruvian` program. Each adds its own subcommand and, if it is the one the
// user typed, returns an exit code: 0 right, 1 the answer is no, 2 the input is wrong, 3 our fault.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace vitruvian::tb {

enum ExitCode : int { exit_right = 0, exit_no = 1, exit_input = 2, exit_internal = 3 };

// What the user typed, to be repeated in results.
extern std::string command_line;

// A command: declares its options on `app` and returns what runs if it is chosen.
using Action = std::function<int()>;
using MakeCommand = Action (*)(CLI::App& app);

struct Command {
  const char* name;
  const char* summary;
  MakeCommand make;
};

Action make_run(CLI::App& app);
Action make_compare(CLI::App& app);
Action make_chips(CLI::App& app);
Action make_validate(CLI::App& app);
Action make_asm(CLI::App& app);
Action make_disasm(CLI::App& app);
Action make_verify(CLI::App& app);
Action make_waves(CLI::App& app);
Action make_report(CLI::App& app);
Action make_completion(CLI::App& app);

}  // namespace vitruvian::tb
