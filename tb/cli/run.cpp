// SPDX-License-Identifier: Apache-2.0
#include "tb/run/run.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "models/arch/error.h"
#include "models/arch/suggest.h"
#include "tb/cli/commands.h"
#include "tb/cli/values.h"
#include "tb/report/core_signals.h"
#include "tb/report/cube_signals.h"
#include "tb/report/report.h"
#include "tb/run/run_folder.h"
#include "tb/run/summary.h"

namespace vitruvian::tb {
namespace {

// The options as typed; checked one by one into RunOptions.
struct Typed {
  std::string workload, chip = "ascend910b1", rtl, numerics = "dot24", check, waves, out, inputs, seed = "1";
  std::vector<std::string> set;
  bool lockstep = false, timing_only = false;
  std::uint64_t trace_limit = 50'000;
};

constexpr const char* help_footer = R"(WORKLOAD is one of
  matmul:M=256,N=256,K=256,dtype=fp16   fp16 bf16 fp32 int8; also out= bias= relu= transA= transB= l1=MxNxK l0=MxNxK
  model.onnx                            MatMul and Gemm
  program.vasm                          an assembly file (docs/assembly.md)
Examples
  vitruvian run matmul:M=1024,N=1024,K=1024,dtype=fp16 --out out/gemm
  vitruvian run matmul:M=256,N=256,K=256,dtype=int8 --rtl cube --lockstep --waves=0:2000
  vitruvian run matmul:M=128,N=128,K=128,dtype=fp16 --rtl mte2,fix --lockstep
  vitruvian run model.onnx --inputs test_data_set_0 --chip ascend910b3 --set buffers.l0c=262144
The folder holds result.json, trace.json (Perfetto), report.html and, with --waves, waves.fst and waves.gtkw.)";

WaveWindow window_of(const std::string& text) {
  if (text == "all") return {};
  const auto colon = text.find(':');
  if (colon == std::string::npos) {
    throw InputError{fmt::format("--waves={}: expected FROM:TO in cycles", text)};
  }
  const WaveWindow window{Cycle{number_in(text.substr(0, colon), "--waves")},
                          Cycle{number_in(text.substr(colon + 1), "--waves")}};
  if (window.from >= window.to) {
    throw InputError{fmt::format("--waves={}: FROM must be below TO", text)};
  }
  return window;
}

// cube=DIR takes the user's own cube from DIR; returns the blocks without their folders.
std::string take_own_cube(std::string blocks, RunOptions& options) {
  const std::size_t name = ("," + blocks).find(",cube=");
  if (name == std::string::npos) return blocks;
  const std::size_t from = name + std::string_view{"cube="}.size(), end = std::min(blocks.find(',', from), blocks.size());
  if (from == end) throw InputError{fmt::format("--rtl {}: cube= needs the folder of your vit_cube.sv", blocks)};
  options.rtl_cube_own = blocks.substr(from, end - from);
  return blocks.erase(from - 1, end - from + 1);
}

// What --rtl may name. `core` is all of it, so it stands alone.
struct RtlName {
  std::string_view name;
  void (*set)(RunOptions& options);
};
constexpr RtlName rtl_names[] = {
    {"core", [](RunOptions& options) { options.rtl_core = true; }},
    {"cube", [](RunOptions& options) { options.rtl_cube = true; }},
    {"mte1", [](RunOptions& options) { options.rtl_movers.push_back(models::Pipe::MTE1); }},
    {"mte2", [](RunOptions& options) { options.rtl_movers.push_back(models::Pipe::MTE2); }},
    {"mte3", [](RunOptions& options) { options.rtl_movers.push_back(models::Pipe::MTE3); }},
    {"fix", [](RunOptions& options) { options.rtl_movers.push_back(models::Pipe::FIX); }},
};

// cube,mte1,... in any order.
void set_rtl(const std::string& blocks, RunOptions& options) {
  if (blocks.empty()) return;
  for (std::size_t from = 0; from <= blocks.size();) {
    const std::size_t end = std::min(blocks.find(',', from), blocks.size());
    const std::string name = blocks.substr(from, end - from);
    const auto* found = std::ranges::find(rtl_names, name, &RtlName::name);
    if (found == std::end(rtl_names)) {
      std::vector<std::string_view> known;
      for (const RtlName& row : rtl_names) known.push_back(row.name);
      throw InputError{fmt::format("--rtl {}: '{}' is not a block with RTL; there are: {}{}", blocks, name, fmt::join(known, ", "),
                                   did_you_mean(name, known))};
    }
    found->set(options);
    from = end + 1;
  }
  if (options.rtl_core && (options.rtl_cube || !options.rtl_movers.empty())) {
    throw InputError{fmt::format("--rtl {}: core is the whole core, with every other block in it: name it alone", blocks)};
  }
}

constexpr std::string_view check_names[] = {"races", "uninit", "bits"};

// races,uninit,bits in any order.
void set_checks(const std::string& names, RunOptions& options) {
  for (std::size_t from = 0; from <= names.size();) {
    const std::size_t end = std::min(names.find(',', from), names.size());
    const std::string name = names.substr(from, end - from);
    if (std::ranges::find(check_names, name) == std::end(check_names)) {
      const std::vector<std::string_view> known{std::begin(check_names), std::end(check_names)};
      throw InputError{fmt::format("--check {}: '{}' is not one of {}{}", names, name,
                                   fmt::join(check_names, ", "), did_you_mean(name, known))};
    }
    if (name == "races") options.check_races = true;
    if (name == "uninit") options.check_uninitialised = true;
    if (name == "bits") options.check = CheckLevel::full;
    from = end + 1;
  }
  if (options.timing_only && options.check == CheckLevel::full) {
    throw InputError{"--check bits compares values: it does not go with --timing-only"};
  }
}

RunOptions options_of(const Typed& typed) {
  RunOptions options;
  options.chip = chip_of(typed.chip, typed.set);
  options.numerics = numerics_of(typed.numerics);
  options.timing_only = typed.timing_only;
  options.seed = number_in(typed.seed, "--seed");
  set_rtl(take_own_cube(typed.rtl, options), options);
  options.lockstep = typed.lockstep;
  options.trace_limit = typed.trace_limit;
  if (!typed.check.empty()) set_checks(typed.check, options);
  if (!typed.waves.empty()) options.waves = window_of(typed.waves);
  const bool waves = options.rtl_cube || options.rtl_core, rtl = waves || !options.rtl_movers.empty();
  if (options.lockstep && !rtl) throw InputError{"--lockstep needs a block in RTL: add --rtl cube or --rtl core"};
  if (options.waves && !waves) throw InputError{"--waves shows the RTL of the cube or of the core: add --rtl cube or --rtl core"};
  if (options.timing_only && rtl) throw InputError{"--timing-only and --rtl exclude each other: RTL computes values"};
  return options;
}

int run_workload(const Typed& typed) {
  RunOptions options = options_of(typed);
  WorkloadOptions workload_options{.seed = options.seed, .inputs = std::nullopt, .numerics = options.numerics};
  if (!typed.inputs.empty()) workload_options.inputs = typed.inputs;
  const Workload workload = make_workload(typed.workload, options.chip, workload_options);
  RunFolder folder{typed.out.empty() ? default_run_folder(workload.name) : std::filesystem::path{typed.out}};
  options.out = folder.path();
  RunResult result = run(workload, options);
  result.command = command_line;
  folder.fill([&](const std::filesystem::path& part) {
    write_report(result, part);
    if (!result.waves.empty() && options.rtl_core) {
      write_core_view(part, cube_marks(result), picoseconds_per_cycle(options.chip));
    } else if (!result.waves.empty()) {
      write_cube_view(part, static_cast<int>(options.numerics), cube_marks(result),
                      picoseconds_per_cycle(options.chip));
    }
  });
  folder.keep();
  fmt::print("{}", summary(result, folder.final_path()));
  return all_checks_hold(result) ? exit_right : exit_no;
}

}  // namespace

Action make_run(CLI::App& app) {
  auto typed = std::make_shared<Typed>();
  app.add_option("WORKLOAD", typed->workload, "What to run (below)")->required();
  app.add_option("--chip", typed->chip, "Chip name or chip file")->capture_default_str();
  app.add_option("--set", typed->set, "Change a chip parameter: key=value (vitruvian chips NAME lists them)")->allow_extra_args(false);
  app.add_option("--rtl", typed->rtl, "What runs as Verilated RTL: core (all of it), or any of cube, cube=DIR (your vit_cube.sv), mte1, mte2, mte3, fix, a comma between");
  app.add_flag("--lockstep", typed->lockstep, "Run the SystemC twin beside the RTL and compare every instruction");
  app.add_option("--numerics", typed->numerics, "dot24, fused24 or tree (docs/numerics.md)")->capture_default_str();
  app.add_flag("--timing-only", typed->timing_only, "No values, only cycles");
  app.add_option("--check", typed->check, "races, uninit, bits (docs/check.md; bits: every byte whatever the size), a comma between");
  app.add_flag("--waves{all}", typed->waves, "Write waves.fst and waves.gtkw; --waves=FROM:TO limits the cycles");
  app.add_option("--inputs", typed->inputs, "Folder with input_N.pb or .npy, and output_N to compare with");
  app.add_option("--seed", typed->seed, "Seed of random inputs")->capture_default_str();
  app.add_option("--trace-limit", typed->trace_limit, "Instructions kept for timeline and trace")->capture_default_str();
  app.add_option("--out", typed->out, "Folder of the run (default: out/WORKLOAD)");
  app.footer(help_footer);
  return [typed] { return run_workload(*typed); };
}

}  // namespace vitruvian::tb
