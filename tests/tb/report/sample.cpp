// SPDX-License-Identifier: Apache-2.0
//
// report_sample FOLDER: writes made-up runs into FOLDER/<name>, for the lanes that look at the
// files from outside (schema, browser), and says how long each took.
#include <chrono>
#include <filesystem>
#include <functional>
#include <limits>

#include <fmt/format.h>

#include "tb/report/report.h"
#include "tests/tb/report/synthetic.h"

namespace {

using namespace vitruvian;
using tb::RunResult;

RunResult passing() { return tb::synthetic_run({}); }

RunResult failing() {
  RunResult result = tb::synthetic_run({});
  result.check = {.bit_exact = false,
                  .max_abs_error = std::numeric_limits<double>::infinity(),
                  .error_over_bound = std::numeric_limits<double>::quiet_NaN(),
                  .ops_reference = "sampled (4096 elements)",
                  .expected_output = false};
  result.rtl.lockstep->value_mismatches = 3;
  result.rtl.lockstep->first_mismatch =
      "mmad 14, C[3, 7]\n  expected 0x3f800000  1.0\n  got      0x3f800001  1.00000012";
  return result;
}

// Text that would end the data, open a tag or an attribute if it were put into the page unescaped.
RunResult hostile() {
  RunResult result = tb::synthetic_run({.tiles = 3});
  const std::string text =
      "</script><script>document.title='broken'</script><img src=x "
      "onerror=fail()>\"'&amp;\xff\u2028";
  result.workload = result.command = result.version = result.waves = result.chip.description = text;
  result.host_ops = {text};
  result.rtl.lockstep->first_mismatch = text;
  return result;
}

RunResult nothing_recorded() {
  RunResult result = tb::synthetic_run({.tiles = 8, .trace_limit = 0});
  result.cores[0].segments.clear();
  result.check = {};
  result.rtl = {};
  return result;
}

RunResult racing() {
  RunResult result = tb::synthetic_run({});
  tb::Findings<tb::Race> races{.count = 12, .kept = {}};
  races.kept.push_back({.kind = tb::RaceKind::bytes,
                        .first = 3,
                        .second = 7,
                        .first_writes = true,
                        .second_writes = false,
                        .bytes = {Space::L0A, 0, 0x4000, 0x4000},
                        .text = "L0A bytes 0x0 to 0x3fff: instruction 3 writes, 7 reads <b>"});
  races.kept.push_back({.kind = tb::RaceKind::left_up, .first = 9, .second = 9, .bytes = {}, .text = "left up"});
  result.check.order.races = races;
  tb::Findings<tb::Uninitialised> reads{.count = 1, .kept = {}};
  reads.kept.push_back({7, {Space::L0B, 0, 512, 512}, "instruction 7 reads L0B bytes"});
  result.check.order.uninitialised = reads;
  return result;
}

// A deadlock found before the run: no core has run.
RunResult stopped() {
  RunResult result = tb::synthetic_run({});
  result.cores.clear();
  result.cycles = Cycles{0};
  result.utilisation = 0;
  result.check = {};
  result.rtl = {};
  result.check.order.races = tb::Findings<tb::Race>{};
  result.check.order.deadlock = "deadlock: nothing can move any more\n  chain: M waits for nobody";
  return result;
}

RunResult many_cores() { return tb::synthetic_run({.tiles = 40, .cores = 3}); }
RunResult cut() { return tb::synthetic_run({.tiles = 400, .trace_limit = 2000}); }
RunResult large() { return tb::synthetic_run({.tiles = 1900}); }

const std::pair<const char*, std::function<RunResult()>> samples[] = {
    {"passing", passing},
    {"failing", failing},
    {"hostile", hostile},
    {"nothing_recorded", nothing_recorded},
    {"racing", racing},
    {"stopped", stopped},
    {"many_cores", many_cores},
    {"cut", cut},
    {"large", large}};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(stderr, "usage: report_sample FOLDER\n");
    return 2;
  }
  for (const auto& [name, make] : samples) {
    const RunResult result = make();
    const auto begin = std::chrono::steady_clock::now();
    tb::write_report(result, std::filesystem::path{argv[1]} / name);
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
    fmt::print("{}: {} instructions, {:.3f} s\n", name, result.program.instructions.size(),
               taken.count());
  }
}
