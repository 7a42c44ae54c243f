// SPDX-License-Identifier: Apache-2.0
#include "tests/pipe/fixpipe_rtl_program.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <span>

#include "models/arch/error.h"
#include "models/pipe/fixpipe.h"
#include "models/program/program.h"
#include "tb/random/numbers.h"
#include "tests/program/random_instruction.h"

namespace vitruvian::tests {
namespace {

using models::CopyL1Fb;
using models::Fixpipe;
using models::FixpipeL1;
using models::Instruction;
using tb::RandomStream;

ChipConfig test_chip() {
  ChipConfig chip;
  chip.gm.size = Bytes{1 << 20};
  return chip;
}

// What copies read lies below, what fixpipe_l1 writes above: the two overlap in time.
constexpr std::uint64_t copied_l1 = 64 << 10;

// Numbers of both kinds in L0C, quantisation words in FB and where copies read.
FixpipeMemories draw_memories(const ChipConfig& chip, RandomStream stream) {
  FixpipeMemories memories{std::vector<std::uint8_t>(chip.l0c.value()), std::vector<std::uint8_t>(chip.l1.value()),
                           std::vector<std::uint8_t>(chip.fb.value()), std::vector<std::uint8_t>(chip.gm.size.value())};
  for (std::size_t at = 0; at < memories.l0c.size(); at += 2048) {
    const auto type = stream.chance(1, 2) ? DataType::f32 : DataType::s32;
    const auto mix = static_cast<tb::Mix>(stream.below(tb::mix_count));
    tb::fill_numbers(std::span{memories.l0c}.subspan(at, 2048), RandomStream{stream.draw()}, mix, type);
  }
  const auto fill_scales = [&](std::span<std::uint8_t> bytes) {
    for (std::size_t at = 0; at < bytes.size(); at += 8) {
      std::uint64_t word = stream.draw();
      if (stream.chance(3, 4)) word = (word & ~(0xffull << 23)) | stream.between(100, 140) << 23;
      std::memcpy(&bytes[at], &word, 8);
    }
  };
  fill_scales(memories.fb);
  fill_scales(std::span{memories.l1}.first(copied_l1));
  return memories;
}

// Now and then as large as L0C holds.
void enlarge(Fixpipe& fixpipe, const ChipConfig& chip, RandomStream& stream) {
  Fixpipe larger = fixpipe;
  const bool tall = stream.chance(1, 2);
  larger.m = static_cast<std::uint16_t>(stream.between(1, tall ? 800 : 40));
  larger.n = static_cast<std::uint16_t>(stream.between(1, tall ? 3 : 60) * 16);
  larger.src = L0cAddress{0};
  larger.src_stride = static_cast<std::uint16_t>((larger.m + 15) / 16 * 16);
  larger.dst = GmAddress{stream.below(64) * 32};
  larger.dst_stride = fixpipe.nz2nd ? larger.n + 5u : larger.m * 2u;
  larger.nd_num = 1;
  larger.fb = FbAddress{0};
  try {
    check_instruction(larger, chip);
    fixpipe = larger;
  } catch (const InputError&) {  // does not fit: as it was
  }
}

Instruction draw_instruction(const ChipConfig& chip, RandomStream& stream) {
  const auto row = [](const Instruction& i) { return static_cast<int>(i.index()); };
  while (true) {
    const auto kind = stream.below(8);
    Instruction drawn = legal_instruction(kind < 5 ? row(Fixpipe{}) : kind < 7 ? row(FixpipeL1{}) : row(CopyL1Fb{}), chip, stream);
    const auto* copy = std::get_if<CopyL1Fb>(&drawn);
    const auto* to_l1 = std::get_if<FixpipeL1>(&drawn);
    if (copy && copy->src.value() + copy->length * 64 > copied_l1) continue;
    if (to_l1 && to_l1->dst.value() < copied_l1) continue;
    if (auto* to_gm = std::get_if<Fixpipe>(&drawn); to_gm && stream.chance(1, 30)) enlarge(*to_gm, chip, stream);
    return drawn;
  }
}

FixpipeAnswers draw_answers(RandomStream& stream, const FixpipeWeather& weather) {
  return {!stream.chance(weather.gm_busy, 100), !stream.chance(weather.flags_down, 100), !stream.chance(weather.refused, 100),
          1 + stream.below(weather.longest_latency)};
}

FixpipeSettings draw_settings(RandomStream& stream) {
  if (stream.chance(1, 2)) return {};
  return {static_cast<std::uint32_t>(stream.below(100)), static_cast<std::uint32_t>(4 + stream.below(60)),
          static_cast<std::uint32_t>(stream.below(20))};
}

// The models' memories after the same instructions, one after the other.
FixpipeMemories execute(const ChipConfig& chip, const FixpipeMemories& start, const std::vector<Instruction>& program) {
  models::Memory gm{chip.gm.size};
  models::CoreState state{chip, gm};
  const std::span<std::uint8_t> gm_bytes = gm.at(GmAddress{0}, chip.gm.size);
  std::ranges::copy(start.l0c, state.l0c.bytes().begin());
  std::ranges::copy(start.l1, state.l1.bytes().begin());
  std::ranges::copy(start.fb, state.fb.bytes().begin());
  for (const Instruction& instruction : program) {
    if (const auto* to_gm = std::get_if<Fixpipe>(&instruction)) models::fixpipe(*to_gm, state);
    if (const auto* to_l1 = std::get_if<FixpipeL1>(&instruction)) models::fixpipe(*to_l1, state);
    if (const auto* copy = std::get_if<CopyL1Fb>(&instruction)) models::copy_l1_fb(*copy, state);
  }
  const auto copy_of = [](std::span<const std::uint8_t> bytes) { return std::vector<std::uint8_t>(bytes.begin(), bytes.end()); };
  return {copy_of(state.l0c.bytes()), copy_of(state.l1.bytes()), copy_of(state.fb.bytes()), copy_of(gm_bytes)};
}

std::string first_difference(const FixpipeMemories& rtl, const FixpipeMemories& model) {
  const auto in = [](const char* name, const std::vector<std::uint8_t>& x, const std::vector<std::uint8_t>& y) -> std::string {
    const auto at = std::ranges::mismatch(x, y).in1 - x.begin();
    return at == std::ssize(x) ? "" : fmt::format("{} byte {:#x}: RTL {:02x}, model {:02x}", name, at, x[at], y[at]);
  };
  return in("GM", rtl.gm, model.gm) + in("L1", rtl.l1, model.l1) + in("FB", rtl.fb, model.fb);
}

}  // namespace

std::string run_fixpipe_program(const tb::MoverLibrary& block, tb::Seed seed, std::size_t count, const FixpipeWeather& weather,
                                FixpipeRtlBench::Met* met) {
  const ChipConfig chip = test_chip();
  RandomStream stream = seed.stream("program"), answers = seed.stream("answers");
  const FixpipeMemories before = draw_memories(chip, seed.stream("contents"));
  FixpipeMemories memories = before;
  FixpipeRtlBench bench{block, draw_settings(stream), memories};
  std::vector<Instruction> program;
  while (program.size() < count) {
    for (auto gap = stream.chance(3, 4) ? 0 : stream.below(60); gap > 0; --gap) bench.cycle(nullptr, draw_answers(answers, weather));
    program.push_back(draw_instruction(chip, stream));
    while (!bench.cycle(&program.back(), draw_answers(answers, weather))) {
    }
  }
  while (!bench.idle()) bench.cycle(nullptr, draw_answers(answers, weather));
  for (int i = 0; i < 40; ++i) bench.cycle(nullptr, draw_answers(answers, weather));
  if (met != nullptr) {
    const FixpipeRtlBench::Met& m = bench.met();
    met->flags += m.flags, met->bank += m.bank, met->memory += m.memory, met->held += m.held, met->both += m.both;
  }
  return first_difference(memories, execute(chip, before, program));
}

}  // namespace vitruvian::tests
