// SPDX-License-Identifier: Apache-2.0
#include "tb/lockstep/verify.h"

#include <fmt/format.h>

#include "models/arch/error.h"
#include "tb/cli/commands.h"
#include "tb/cli/values.h"
#include "tb/common/progress.h"

namespace vitruvian::tb {
namespace {

struct Typed {
  std::string block = "cube", chip = "ascend910b1", numerics = "dot24", profile, seed, first_seed = "1", out, variant = "check";
  std::vector<std::string> set;
  std::uint64_t seeds = 10;
  unsigned jobs = 1;
};

constexpr const char* help_footer = R"(Programs are legal and free of races; each runs with the Verilated block and its SystemC twin in lockstep. cube: every write into L0C (cycle,
address, bytes), every start and end, every unit flag, and memory with the untimed model. core: every instruction's three cycles, every pipe's
state, every beat on every port, on a memory that answers as it likes. A failure prints the line that repeats it.
Examples
  vitruvian verify --block cube --seeds 100 --jobs 2
  vitruvian verify --block core --profile mixed --seeds 50
  vitruvian verify --profile unit_flags --seed 0x1f --numerics tree)";

// The options that choose the chip, to be repeated on the line that reproduces a failure.
std::string chip_options(const Typed& typed) {
  std::string text = fmt::format("--chip {}", typed.chip);
  for (const std::string& assignment : typed.set) text += fmt::format(" --set {}", assignment);
  if (typed.numerics != "dot24") text += fmt::format(" --numerics {}", typed.numerics);
  return text;
}

int run_verify(const Typed& typed) {
  VerifyOptions options;
  options.block = typed.block;
  options.chip = chip_of(typed.chip, typed.set);
  options.numerics = numerics_of(typed.numerics);
  options.profile = typed.profile;
  options.seeds = typed.seeds;
  options.first_seed = Seed{number_in(typed.first_seed, "--first-seed")};
  if (!typed.seed.empty()) options.seed = Seed{number_in(typed.seed, "--seed")};
  options.jobs = typed.jobs;
  options.variant = typed.variant;
  options.out = typed.out;
  options.chip_options = chip_options(typed);
  Progress progress{"programs"};
  options.progress = [&](std::uint64_t done, std::uint64_t total) { progress.show(done, total); };
  const VerifyResult result = verify(options);
  progress.clear();
  fmt::print("{}", verify_text(result));
  return result.passed() ? exit_right : exit_no;
}

}  // namespace

Action make_verify(CLI::App& app) {
  auto typed = std::make_shared<Typed>();
  app.add_option("--block", typed->block, fmt::format("Block to verify: {}", fmt::join(verifiable_blocks(), ", ")))->capture_default_str();
  app.add_option("--seeds", typed->seeds, "Programs of each profile")->capture_default_str()->check(CLI::Range(1u, 100'000'000u));
  app.add_option("--seed", typed->seed, "Just the program of this seed (0x...)");
  app.add_option("--first-seed", typed->first_seed, "Seed the others are derived from")->capture_default_str();
  app.add_option("--profile", typed->profile, "Kind of program (default: all, one after the other)");
  app.add_option("--chip", typed->chip, "Chip name or chip file")->capture_default_str();
  app.add_option("--set", typed->set, "Change a chip parameter: key=value")->allow_extra_args(false);
  app.add_option("--numerics", typed->numerics, "dot24, fused24 or tree")->capture_default_str();
  app.add_option("--variant", typed->variant, "Build of the RTL: fast, check (assertions) or trace")->capture_default_str();
  app.add_option("--jobs", typed->jobs, "Processes")->capture_default_str()->check(CLI::Range(1u, 1024u));
  app.add_option("--out", typed->out, "Folder for verify.json and failing programs");
  app.footer(help_footer);
  return [typed] { return run_verify(*typed); };
}

}  // namespace vitruvian::tb
