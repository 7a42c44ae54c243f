// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include "models/arch/chip_config.h"
#include "tb/cli/commands.h"

namespace vitruvian::tb {
namespace {

std::string option_names(const CLI::App& app) {
  std::string words;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) words += "--" + name + " ";
  }
  return words;
}

// The script is written from the program's own declarations, so it cannot lag behind them.
std::string bash_script(const CLI::App& program) {
  std::string names, cases;
  for (const CLI::App* sub : program.get_subcommands({})) {
    names += sub->get_name() + " ";
    cases += fmt::format("    {}) words=\"{}\" ;;\n", sub->get_name(), option_names(*sub));
  }
  std::string chips, keys;
  for (const std::string& chip : known_chips()) chips += chip + " ";
  for (const ChipKey& key : chip_keys()) keys += fmt::format("{}= ", key.key);
  return fmt::format(R"(# bash completion for vitruvian: source <(vitruvian completion)
_vitruvian() {{
  local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}} words=
  case $before in
    --chip|chips) COMPREPLY=($(compgen -W "{}" -- "$word")); return ;;
    --set) compopt -o nospace; COMPREPLY=($(compgen -W "{}" -- "$word")); return ;;
    --rtl) COMPREPLY=($(compgen -W "core cube mte1 mte2 mte3 fix" -- "$word")); return ;;
    --numerics) COMPREPLY=($(compgen -W "dot24 fused24 tree" -- "$word")); return ;;
  esac
  case ${{COMP_WORDS[1]}} in
{}  esac
  if [ "$COMP_CWORD" = 1 ]; then words="{}"; fi
  COMPREPLY=($(compgen -W "$words" -- "$word") $(compgen -f -- "$word"))
  return 0
}}
complete -F _vitruvian vitruvian
)",
                     chips, keys, cases, names);
}

}  // namespace

Action make_completion(CLI::App& app) {
  app.footer("Use it with: source <(vitruvian completion)");
  return [&app] {
    fmt::print("{}", bash_script(*app.get_parent()));
    return exit_right;
  };
}

}  // namespace vitruvian::tb
