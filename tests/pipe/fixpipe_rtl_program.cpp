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

namespace vitruvian::tests {
namespace {

using models::CopyL1Fb;
using models::Fixpipe;
using models::FixpipeL1;
using models::Instruction;
using models::Quant;
using models::UnitFlag;
using tb::RandomStream;

ChipConfig test_chip() {
  ChipConfig chip;
  chip.gm.size = Bytes{1 << 20};
  return chip;
}

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

// A size where off-by-ones live, or anything up to `most`.
std::uint16_t draw_size(RandomStream& stream, std::int64_t most) {
  constexpr std::uint16_t edges[] = {1, 2, 7, 8, 9, 15, 16, 17, 24, 31, 32, 33, 48, 64};
  return stream.chance(1, 2) ? stream.pick(edges) : static_cast<std::uint16_t>(stream.between(1, most));
}

// What fixpipe and fixpipe_l1 share. Mostly up to 5 x 5 fractals; now and then as large as L0C holds.
template <class F>
F draw_shared(const ChipConfig& chip, RandomStream& stream, bool nz2nd) {
  constexpr Quant of_f32[] = {Quant::none, Quant::F322F16, Quant::F322BF16, Quant::QF322B8, Quant::VQF322B8};
  constexpr Quant of_s32[] = {Quant::none, Quant::DEQF16, Quant::VDEQF16, Quant::REQ8, Quant::VREQ8};
  constexpr UnitFlag flags[] = {UnitFlag::off, UnitFlag::check, UnitFlag::toggle};
  F i;
  i.acc = stream.chance(1, 2) ? DataType::f32 : DataType::s32;
  i.quant = i.acc == DataType::f32 ? stream.pick(of_f32) : stream.pick(of_s32);
  i.split = i.acc == DataType::f32 && i.quant == Quant::none && !nz2nd && stream.chance(2, 3);
  i.unit_flag = stream.pick(flags);
  i.relu = stream.chance(1, 2);
  i.scale = stream.draw() & ((1ull << 47) - 1);
  if (stream.chance(3, 4)) i.scale = (i.scale & ~(0xffull << 23)) | stream.between(100, 140) << 23;
  i.fb = FbAddress{stream.below(chip.fb.value() / 64) * 64};
  const bool large = stream.chance(1, 25), tall = stream.chance(1, 2);
  i.m = large ? draw_size(stream, tall ? 800 : 40) : draw_size(stream, 70);
  i.n = large ? draw_size(stream, tall ? 48 : 900) : draw_size(stream, 70);
  const auto unit = static_cast<std::uint16_t>(i.split ? 8 : 16);
  if (!nz2nd) i.n = static_cast<std::uint16_t>((i.n + unit - 1) / unit * unit);
  i.src = L0cAddress{stream.below(chip.l0c.value() / 1024) * 1024};
  if (i.unit_flag == UnitFlag::off) i.src = L0cAddress{stream.below(chip.l0c.value() / 64) * 64};
  if (large) i.src = L0cAddress{0};
  i.src_stride = static_cast<std::uint16_t>((i.m + 15) / 16 * 16 + 16 * (large ? 0 : stream.below(4)));
  i.dst_stride = static_cast<std::uint32_t>((nz2nd ? i.n : i.split ? i.m : i.m * 2) + stream.below(5));
  return i;
}

Fixpipe draw_fixpipe(const ChipConfig& chip, RandomStream& stream) {
  const bool nz2nd = stream.chance(1, 2);
  auto i = draw_shared<Fixpipe>(chip, stream, nz2nd);
  i.nz2nd = nz2nd;
  const std::uint64_t align = nz2nd ? models::output_size(i.quant) : 32;
  i.dst = GmAddress{stream.below(chip.gm.size.value() / align) * align};
  if (!nz2nd || stream.chance(2, 3)) return i;
  i.nd_num = static_cast<std::uint16_t>(stream.between(1, 4));
  i.src_nd_stride = static_cast<std::uint16_t>(stream.below(6));
  i.dst_nd_stride = i.m * i.dst_stride + static_cast<std::uint32_t>(stream.below(4));
  if (stream.chance(1, 2)) {  // matrices side by side
    i.dst_nd_stride = i.n;
    i.dst_stride = static_cast<std::uint32_t>(i.nd_num * i.n + stream.below(4));
  }
  return i;
}

// What copies read lies below, what fixpipe_l1 writes above: the two overlap in time.
FixpipeL1 draw_fixpipe_l1(const ChipConfig& chip, RandomStream& stream) {
  auto i = draw_shared<FixpipeL1>(chip, stream, false);
  i.dst = L1Address{copied_l1 + stream.below((chip.l1.value() - copied_l1) / 32) * 32};
  return i;
}

CopyL1Fb draw_copy(const ChipConfig& chip, RandomStream& stream) {
  CopyL1Fb i;
  i.length = std::min(draw_size(stream, 112), static_cast<std::uint16_t>(chip.fb.value() / 64));
  i.dst = FbAddress{stream.below(chip.fb.value() / 64 - i.length + 1) * 64};
  i.src = L1Address{stream.below((copied_l1 - i.length * 64) / 32 + 1) * 32};
  return i;
}

Instruction draw_instruction(const ChipConfig& chip, RandomStream& stream) {
  while (true) {
    const auto kind = stream.below(8);
    const Instruction drawn = kind < 5   ? Instruction{draw_fixpipe(chip, stream)}
                              : kind < 7 ? Instruction{draw_fixpipe_l1(chip, stream)}
                                         : Instruction{draw_copy(chip, stream)};
    try {
      check_instruction(drawn, chip);
      return drawn;
    } catch (const InputError&) {  // reaches out of a memory
    }
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
