// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include "models/arch/chip_config.h"
#include "tb/cli/commands.h"

namespace vitruvian::tb {
namespace {

int list_chips() {
  for (const std::string& name : known_chips()) {
    fmt::print("{:<14}{}\n", name, load_chip(name).description);
  }
  return exit_right;
}

int show_chip(const std::string& name) {
  const ChipConfig chip = load_chip(name);
  fmt::print("{}: {}\n\n{:<22}{:>14}  {:<15}{}\n", chip.name, chip.description, "key", "value", "unit", "meaning");
  for (const ChipKey& key : chip_keys()) {
    fmt::print("{:<22}{:>14}  {:<15}{} ({}..{})\n", key.key, key.get(chip), key.unit, key.doc, key.min, key.max);
  }
  return exit_right;
}

}  // namespace

Action make_chips(CLI::App& app) {
  auto name = std::make_shared<std::string>();
  app.add_option("NAME", *name, "A chip's name, or a chip file (.toml); without it, the list");
  app.footer("Any key printed here can be given to `vitruvian run --set key=value` or written in a chip file.");
  return [name] { return name->empty() ? list_chips() : show_chip(*name); };
}

}  // namespace vitruvian::tb
