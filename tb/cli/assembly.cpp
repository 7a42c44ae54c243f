// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include "models/program/assembler.h"
#include "models/program/binary.h"
#include "models/program/file.h"
#include "tb/cli/commands.h"

namespace vitruvian::tb {
namespace {

struct Typed {
  std::string file, out, chip = "ascend910b1";
};

std::shared_ptr<Typed> add_options(CLI::App& app, const char* file, const char* out) {
  auto typed = std::make_shared<Typed>();
  app.add_option("FILE", typed->file, file)->required();
  app.add_option("--out", typed->out, out);
  app.add_option("--chip", typed->chip, "Chip whose limits hold")->capture_default_str();
  return typed;
}

}  // namespace

Action make_asm(CLI::App& app) {
  auto typed = add_options(app, "Assembly text (.vasm)", "Binary file (default: FILE with .vbin)");
  app.footer("docs/assembly.md describes the text and the binary form, docs/isa.md the instructions.");
  return [typed] {
    const models::AssemblyFile file = models::read_program(typed->file, load_chip(typed->chip));
    const std::filesystem::path out = typed->out.empty()
        ? std::filesystem::path{typed->file}.replace_extension(".vbin") : std::filesystem::path{typed->out};
    models::write_binary(out, file);
    fmt::print("{}: {} instructions\n", out.string(), file.program.instructions.size());
    return exit_right;
  };
}

Action make_disasm(CLI::App& app) {
  auto typed = add_options(app, "Binary program (.vbin)", "Text file (default: standard output)");
  return [typed] {
    const std::string text = models::disassemble(models::read_program(typed->file, load_chip(typed->chip)));
    if (typed->out.empty()) {
      fmt::print("{}", text);
    } else {
      models::write_file(typed->out, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
    }
    return exit_right;
  };
}

}  // namespace vitruvian::tb
