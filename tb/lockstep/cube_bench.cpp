// SPDX-License-Identifier: Apache-2.0
#include "tb/lockstep/cube_bench.h"

#include <fmt/format.h>

#include <algorithm>

#include "models/core/core.h"
#include "models/program/footprint.h"

namespace vitruvian::tb {
namespace {

// Bytes of GM a program may have written: from 0 to the end of its last fixpipe.
std::uint64_t written_gm(const models::Program& program) {
  std::uint64_t end = 0;
  for (const models::Instruction& instruction : program.instructions) {
    for (const models::Extent& extent : models::footprint(instruction)) {
      if (extent.space == Space::GM && extent.write) end = std::max(end, extent.end());
    }
  }
  return end;
}

std::string compare(std::string_view space, std::span<const std::uint8_t> expected,
                    std::span<const std::uint8_t> got) {
  const auto [e, g] = std::ranges::mismatch(expected, got);
  if (e == expected.end()) return "";
  return fmt::format("{} byte {:#x}: models/core, run in order, leaves {:#04x}; this run left {:#04x}\n", space,
                     e - expected.begin(), *e, *g);
}

}  // namespace

BenchResult run_on_bench(const CubeProgram& program, const ChipConfig& chip, models::Numerics numerics,
                         const systemc::CubeFactory& cube) {
  models::Memory gm{chip.gm.size}, golden_gm{chip.gm.size};
  systemc::SimulationOptions options;
  options.numerics = numerics;
  options.trace_limit = 0;
  options.cube = cube;
  systemc::Simulation simulation{chip, program.program, gm, options};
  models::CoreState golden{chip, golden_gm};
  fill(program, simulation.state());
  fill(program, golden);

  BenchResult result;
  result.core = simulation.run();
  models::run(program.program, golden, chip, numerics);
  result.memory_report = compare("L0C", golden.l0c.bytes(), simulation.state().l0c.bytes());
  if (const Bytes size{written_gm(program.program)}; size > Bytes{0}) {
    result.memory_report += compare("GM", golden_gm.at(GmAddress{0}, size), gm.at(GmAddress{0}, size));
  }
  result.memory_equal = result.memory_report.empty();
  return result;
}

}  // namespace vitruvian::tb
