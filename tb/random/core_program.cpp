// SPDX-License-Identifier: Apache-2.0
#include "tb/random/core_program.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "models/arch/error.h"
#include "models/arch/suggest.h"
#include "models/program/encoding.h"
#include "tb/random/core_instruction.h"
#include "tb/random/core_order.h"

namespace vitruvian::tb {
namespace {

using namespace models;

// clang-format off
constexpr CoreProfile profiles[] = {
    //                                                                                   instructions places  bytes products handed announce noise
    {"mixed",    "every instruction, pipes meeting now and then",                                220,     4, 16384,      20,    50,      20,     8},
    {"tiny",     "the smallest of everything, back to back",                                     300,     8,  4096,      10,    50,      10,     3},
    {"crowded",  "two places a memory: nearly everything waits for something",                   220,     2,  8192,      25,    50,       5,     3},
    {"flags",    "flags and barriers in storms",                                                 260,     4,  4096,      10,    30,      90,    40},
    {"products", "mmads and fixpipes on L0C, by unit flags",                                     160,     4, 32768,      75,    80,      10,     3},
    {"large",    "large copies and loads, many beats in flight",                                  60,     3, 131072,     10,    50,      20,     3},
};
// clang-format on

constexpr Pipe queues[] = {Pipe::S, Pipe::M, Pipe::MTE1, Pipe::MTE2, Pipe::MTE3, Pipe::FIX};

class Writer {
 public:
  Writer(const CoreProfile& profile, const Seed& seed, const ChipConfig& chip)
      : profile_{profile}, chip_{chip}, random_{seed.stream("core program")}, builder_{fmt::format("{} {}", profile.name, seed.text()), chip},
        order_{builder_, chip} {
    for (std::size_t row = 0; row < std::size(instruction_table); ++row) {
      if (!is_control(instruction_table[row].make())) rows_.push_back(static_cast<int>(row));
    }
  }

  Program write() {
    while (builder_.size() < profile_.instructions) {
      if (chance(profile_.noise_percent)) noise();
      if (chance(profile_.announce_percent)) order_.announce(random_.pick(queues), random_.pick(queues));
      chance(profile_.products_percent) ? product() : single();
    }
    order_.finish();
    return builder_.take();
  }

 private:
  static bool is_control(const Instruction& i) {
    return std::holds_alternative<SetFlag>(i) || std::holds_alternative<WaitFlag>(i) || std::holds_alternative<PipeBarrier>(i) ||
           std::holds_alternative<Scalar>(i);
  }
  bool chance(std::uint64_t percent) { return random_.chance(percent, 100); }

  // One place of each memory. The smallest place still holds one instruction of every kind.
  Ranges some_places() {
    Ranges ranges = whole(chip_);
    ranges[Space::GM].size = random_gm_bytes;
    for (int s = 0; s < space_count; ++s) {
      const Space space = static_cast<Space>(s);
      const std::uint64_t least = space == Space::BT ? 64 : space == Space::FB ? 128 : space == Space::GM || space == Space::L1 ? 4096 : 1024;
      const std::uint64_t all = ranges[space].size;
      const std::uint64_t size = std::min(all, std::max(least, std::min(profile_.place_bytes, all / profile_.places) / least * least));
      const std::uint64_t places = std::min(profile_.places, all / size);
      ranges[space] = {size * random_.below(places), size};
    }
    return ranges;
  }

  void noise() {
    switch (random_.below(4)) {
      case 0: return order_.add(Scalar{.cost = static_cast<std::uint16_t>(1 + random_.below(40))});
      case 1: return order_.barrier(Pipe::ALL);
      default: return order_.barrier(queues[1 + random_.below(5)]);
    }
  }

  void single() {
    order_.add(draw(random_.pick(rows_), random_, chip_, some_places(), [](Instruction& i) {
      if (auto* mmad = std::get_if<Mmad>(&i)) mmad->unit_flag = UnitFlag::off;
      if (auto* fix = std::get_if<Fixpipe>(&i)) fix->unit_flag = UnitFlag::off;
      if (auto* fix = std::get_if<FixpipeL1>(&i)) fix->unit_flag = UnitFlag::off;
    }));
  }

  // mmads on one output, then FIX takes it; by unit flags perhaps, and then several times over.
  void product() {
    const Ranges places = some_places();
    const std::uint64_t fractals = places[Space::L0C].size / 1024;
    const auto m1 = 1 + random_.below(std::min<std::uint64_t>(fractals, 6)), n1 = 1 + random_.below(std::min<std::uint64_t>(fractals / m1, 6));
    const auto ragged = [&](std::uint64_t whole) { return chance(50) ? whole * 16 : whole * 16 - random_.below(16); };
    const OutputBlock block{.start = L0cAddress{places[Space::L0C].start},
                            .m = static_cast<std::uint16_t>(std::max<std::uint64_t>(2, ragged(m1))),
                            .n = static_cast<std::uint16_t>(ragged(n1)),
                            .acc = chance(60) ? DataType::f32 : DataType::s32};
    const bool handed = chance(profile_.handed_percent);
    const std::size_t start = handed ? builder_.size() : CoreOrder::none;
    const std::uint64_t rounds = handed ? 1 + random_.below(3) : 1;
    for (std::uint64_t round = 0; round < rounds; ++round) {
      const std::uint64_t steps = 1 + random_.below(3);
      for (std::uint64_t step = 0; step < steps; ++step) multiply(block, places, step, handed, step + 1 == steps, start);
      take(block, places, handed, start);
    }
  }

  void multiply(const OutputBlock& block, const Ranges& places, std::uint64_t step, bool handed, bool last, std::size_t start) {
    Mmad mmad = draw_mmad(random_, chip_, places, block);
    if (step > 0) {
      mmad.init = Init::accumulate;
      order_.barrier(Pipe::M);
    }
    if (handed) mmad.unit_flag = last ? UnitFlag::toggle : UnitFlag::check;
    order_.add(mmad, start);
  }

  void take(const OutputBlock& block, const Ranges& places, bool handed, std::size_t start) {
    const UnitFlag flag = handed ? UnitFlag::toggle : UnitFlag::off;
    if (chance(50)) {
      Fixpipe fix = draw_fixpipe(random_, chip_, places, block);
      fix.unit_flag = flag;
      return order_.add(fix, start);
    }
    FixpipeL1 fix = draw_fixpipe_l1(random_, chip_, places, block);
    fix.unit_flag = flag;
    order_.add(fix, start);
  }

  const CoreProfile& profile_;
  const ChipConfig& chip_;
  RandomStream random_;
  ProgramBuilder builder_;
  CoreOrder order_;
  std::vector<int> rows_;
};

// A stretch of words that read as numbers of one kind.
void fill_stretch(std::span<std::uint8_t> bytes, RandomStream& random) {
  const std::uint64_t kind = random.below(4);
  for (std::size_t i = 0; i + 2 <= bytes.size(); i += 2) {
    const std::uint64_t word = random.draw();
    // Any bits; halves around 1; small bytes; fp32 around 1 (its upper half; the lower is any).
    const std::uint64_t values[] = {word, 0x3800 | (word & 0x87ff), word & 0x0f0f, i % 4 == 2 ? 0x3f00 | (word & 0x80ff) : word};
    const auto value = static_cast<std::uint16_t>(values[kind]);
    std::memcpy(&bytes[i], &value, 2);
  }
}

}  // namespace

std::span<const CoreProfile> core_profiles() { return profiles; }

const CoreProfile& core_profile(std::string_view name) {
  std::vector<std::string_view> names;
  for (const CoreProfile& profile : profiles) {
    if (profile.name == name) return profile;
    names.push_back(profile.name);
  }
  throw InputError{fmt::format("profile '{}' is not one of {}{}", name, fmt::join(names, ", "), did_you_mean(name, names))};
}

Program random_core_program(const CoreProfile& profile, const Seed& seed, const ChipConfig& chip) { return Writer{profile, seed, chip}.write(); }

void fill_core(const Seed& seed, CoreState& state) {
  RandomStream random = seed.stream("core contents");
  constexpr std::size_t stretch = 1024;
  const auto fill = [&](std::span<std::uint8_t> bytes) {
    for (std::size_t at = 0; at < bytes.size(); at += stretch) fill_stretch(bytes.subspan(at, std::min(stretch, bytes.size() - at)), random);
  };
  fill(state.gm.at(GmAddress{0}, Bytes{std::min(random_gm_bytes, state.gm.size().value())}));
  for (const Space space : {Space::L1, Space::L0A, Space::L0B, Space::L0C, Space::BT, Space::FB}) fill(state.buffer(space).bytes());
}

}  // namespace vitruvian::tb
