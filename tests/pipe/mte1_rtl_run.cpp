// SPDX-License-Identifier: Apache-2.0
#include "tests/pipe/mte1_rtl_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "tb/pipe/block_build.h"
#include "tests/pipe/mte1_rtl_program.h"

namespace vitruvian::tests {
namespace {

ChipConfig chip_of(const Mte1Shape& shape) {
  ChipConfig chip = load_chip("ascend910b1");
  chip.l1 = Bytes{shape.l1}, chip.l0a = Bytes{shape.l0a}, chip.l0b = Bytes{shape.l0b}, chip.bt = Bytes{shape.bt};
  return chip;
}

Mte1Settings draw_settings(tb::RandomStream& stream) {
  constexpr std::uint64_t setups[] = {1, 2, 3, 40}, tails[] = {0, 1, 5}, latencies[] = {34, 35, 36, 128};
  Mte1Settings settings{stream.pick(setups), stream.pick(tails), stream.pick(latencies)};
  if (stream.chance(1, 2)) settings.latency = 34 + stream.below(95);
  if (stream.chance(1, 20)) settings.setup = 4096;
  return settings;
}

}  // namespace

const tb::MoverLibrary& mte1_library(const Mte1Shape& shape, const std::filesystem::path& rtl) {
  static std::map<std::string, tb::MoverLibrary> loaded;
  const std::string name = fmt::format("{} {} {} {} {} {} {}", shape.l1, shape.l0a, shape.l0b, shape.bt, shape.l0a_rate, shape.l0b_rate, rtl.string());
  if (const auto found = loaded.find(name); found != loaded.end()) return found->second;
  const tb::BlockBuild build{"mte1",
                             {{"L1_BYTES", shape.l1}, {"L0A_BYTES", shape.l0a}, {"L0B_BYTES", shape.l0b}, {"BT_BYTES", shape.bt},
                              {"L0A_RATE", shape.l0a_rate}, {"L0B_RATE", shape.l0b_rate}},
                             rtl.empty() ? "check" : "fast", rtl};
  return loaded.try_emplace(name, tb::build_block(build)).first->second;
}

Mte1Run::Mte1Run(const Mte1Shape& shape, const Mte1Settings& settings, tb::RandomStream contents, const std::filesystem::path& rtl)
    : chip{chip_of(shape)}, gm{chip.gm.size}, golden{chip, gm}, bench{mte1_library(shape, rtl), settings, chip, golden} {
  for (models::Buffer* buffer : {&golden.l1, &golden.l0a, &golden.l0b, &golden.bt}) {
    std::ranges::generate(buffer->bytes(), [&] { return static_cast<std::uint8_t>(contents.draw()); });
  }
  for (const auto& [space, buffer] : written()) std::ranges::copy(buffer->bytes(), bench.image(space).begin());  // what is not written stays
}

void Mte1Run::start(const models::Instruction& instruction) {
  models::check_instruction(instruction, chip);
  while (!bench.cycle(&instruction)) {
  }
}

void Mte1Run::drain() {
  for (int i = 0; i < 3 || !bench.idle(); ++i) bench.cycle(nullptr);
}

std::string Mte1Run::first_difference() {
  for (const auto& [space, buffer] : written()) {
    const auto& seen = bench.image(space);
    const auto at = std::ranges::mismatch(seen, buffer->bytes()).in1 - seen.begin();
    if (at != static_cast<std::ptrdiff_t>(seen.size())) return fmt::format("space {} byte {:#x}: RTL {:#x}, model {:#x}", space, at, seen[at], buffer->bytes()[at]);
  }
  return {};
}

Mte1Outcome run_mte1(const Mte1Shape& shape, tb::Seed seed, int count, std::uint64_t most, const std::filesystem::path& rtl) {
  tb::RandomStream stream = seed.stream("program"), settings = seed.stream("settings");
  Mte1Run run{shape, draw_settings(settings), seed.stream("contents"), rtl};
  const bool gaps = settings.chance(1, 3);
  for (int i = 0; i < count; ++i) {
    for (auto gap = gaps ? stream.below(40) : 0; gap > 0; --gap) run.bench.cycle(nullptr);
    run.start(draw_mte1(stream, run.chip, most));
  }
  run.drain();
  return {run.first_difference(), run.bench.coverage()};
}

}  // namespace vitruvian::tests
