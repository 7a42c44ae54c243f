// SPDX-License-Identifier: Apache-2.0
#include "tests/core/random_core_program.h"

#include <algorithm>
#include <array>

#include "tb/random/core_instruction.h"
#include "tests/core/event_book.h"

namespace vitruvian::tests {
namespace {

using namespace models;
using tb::OutputBlock;
using tb::Ranges;

// What a group of instructions does.
enum class Group : std::uint8_t {
  outputs,
  loads,
  copies,
  stores,
  tables,
  flags,
  barrier,
  drain,
  scalar,
  response
};
// How often each comes, by focus.
constexpr std::array<std::uint32_t, 10> weights[] = {
    // outputs loads copies stores tables flags barrier drain scalar response
    {26, 18, 14, 10, 6, 19, 2, 1, 2, 2},  // everything
    {80, 5, 2, 2, 1, 5, 1, 1, 1, 2},      // sharing
    {16, 2, 30, 26, 6, 15, 1, 1, 1, 2},   // memory
};

class Writer {
 public:
  Writer(std::uint64_t key, const ChipConfig& chip, Focus focus)
      : random_{key}, chip_{chip}, focus_{focus}, ranges_{tb::whole(chip)}, book_{chip.event_ids} {
    ranges_[Space::GM] = {0, timing_gm_bytes};
  }

  Program write(int instructions) {
    while (static_cast<int>(program_.instructions.size()) < instructions) group();
    const std::vector<SetFlag> raised = book_.raised();
    for (const SetFlag& set : raised) add(WaitFlag{set.from, set.to, set.id});
    return std::move(program_);
  }

 private:
  std::uint64_t pick(std::uint64_t low, std::uint64_t high) {
    return low + random_.below(high - low + 1);
  }
  bool chance(std::uint64_t percent) { return random_.chance(percent, 100); }

  void add(const Instruction& instruction) {
    check_instruction(instruction, chip_);
    book_.note(instruction, program_.instructions.size());
    program_.instructions.push_back(instruction);
  }
  template <class I>
  void draw() {
    add(tb::draw<I>(random_, chip_, ranges_));
  }

  void group() {
    switch (static_cast<Group>(random_.weighted(weights[static_cast<int>(focus_)]))) {
      case Group::outputs:
        return outputs();
      case Group::loads:
        return repeatedly(1, 4, [&] { load(); });
      case Group::copies:
        return repeatedly(1, 2, [&] { copy(); });
      case Group::stores:
        return repeatedly(1, 3, [&] { draw<CopyL1Gm>(); });
      case Group::tables:
        return chance(50) ? draw<CopyL1Fb>() : draw<CopyL1Bt>();
      case Group::flags:
        return flag();
      case Group::barrier:
        return add(PipeBarrier{queue(false)});
      case Group::drain:
        return add(PipeBarrier{Pipe::ALL});
      case Group::scalar:
        return draw<Scalar>();
      case Group::response:
        return draw<LoadScalar>();
    }
  }

  template <class Do>
  void repeatedly(std::uint64_t least, std::uint64_t most, Do act) {
    for (std::uint64_t i = pick(least, most); i > 0; --i) act();
  }

  Pipe queue(bool with_s) {
    constexpr Pipe pipes[] = {Pipe::M, Pipe::MTE1, Pipe::MTE2, Pipe::MTE3, Pipe::FIX, Pipe::S};
    return pipes[random_.below(with_s ? 6 : 5)];
  }

  void flag() {
    if (!book_.raised().empty() && chance(60)) {
      const SetFlag set = random_.pick(book_.raised());
      return add(WaitFlag{set.from, set.to, set.id});
    }
    const Pipe from = queue(true), to = queue(true);
    if (from == to) return;
    if (const auto set = book_.free_event(from, to)) add(*set);
  }

  void load() {
    switch (random_.below(8)) {
      case 0:
        return draw<CopyL1Bt>();
      case 1:
        return draw<Load2dTranspose>();
      case 2:
      case 3:
      case 4:
        return draw<Load2d>();
      case 5:
        return draw<FillL0>();
      default:
        return draw<Load3d>();
    }
  }

  void copy() {
    switch (random_.below(8)) {
      case 0:
      case 1:
      case 2:
        return draw<CopyGmL1>();
      case 3:
      case 4:
      case 5:
        return draw<CopyGmL1Nd2nz>();
      case 6:
        return draw<FillL1>();
      default:
        return draw<Load2dGm>();
    }
  }

  std::uint16_t side(std::uint64_t most) {
    return static_cast<std::uint16_t>(chance(40) ? pick(1, most / 16) * 16 : pick(1, most));
  }

  // One block of L0C: some mmads on it, then FIX reads it, handed over by unit flags or not at all.
  void outputs() {
    const bool handed_over = chance(60);
    OutputBlock block{.m = side(80), .n = side(48)};
    const std::uint64_t room =
        chip_.l0c.value() - round_up(block.m, 16) * round_up(block.n, 16) * 4;
    block.start = L0cAddress{pick(0, room / 4096) * 4096};  // blocks overlap
    if (chance(50)) block.acc = DataType::s32;
    const std::uint64_t steps = pick(1, 3);
    for (std::uint64_t i = 0; i < steps; ++i) {
      UnitFlag flag = UnitFlag::off;
      if (handed_over) flag = i + 1 == steps ? UnitFlag::toggle : UnitFlag::check;
      multiply(block, flag);
      if (chance(10)) add(PipeBarrier{Pipe::M});
    }
    if (handed_over) return take_over(block);
    if (chance(50)) take(block, UnitFlag::off);
    if (chance(15)) add(Mmad{.m = 0, .n = 16, .k = 16});
  }

  void multiply(const OutputBlock& block, UnitFlag flag) {
    Mmad mmad = tb::draw_mmad(random_, chip_, ranges_, block);
    mmad.unit_flag = flag;
    add(mmad);
  }

  // Takes every flag of the block down: at once or band by band of whole fractals.
  void take_over(const OutputBlock& block) {
    if (chance(20)) take(block, UnitFlag::check);  // looks first, takes down later
    if (block.m <= 16 || chance(70)) return take(block, UnitFlag::toggle);
    const std::uint16_t above = static_cast<std::uint16_t>(16 * pick(1, (block.m - 1) / 16u));
    take(block, UnitFlag::toggle, {0, above});
    take(block, UnitFlag::toggle, {above, block.m});
  }

  struct Band {
    std::uint16_t from, to;
  };
  void take(const OutputBlock& block, UnitFlag flag) { take(block, flag, {0, block.m}); }
  void take(const OutputBlock& block, UnitFlag flag, Band band) {
    OutputBlock part = block;
    part.start = block.start + Bytes{band.from * std::uint64_t{64}};
    part.m = static_cast<std::uint16_t>(band.to - band.from);
    const auto finish = [&](auto fixpipe) {
      fixpipe.src_stride = static_cast<std::uint16_t>(round_up(block.m, 16));
      fixpipe.unit_flag = flag;
      if (flag == UnitFlag::off && chance(20) && fixpipe.m > 1) {  // not from a fractal's first row
        fixpipe.src = fixpipe.src + Bytes{64};
        fixpipe.m = static_cast<std::uint16_t>(fixpipe.m - 1);
      }
      add(fixpipe);
    };
    if (chance(30)) return finish(tb::draw_fixpipe_l1(random_, chip_, ranges_, part));
    const Fixpipe fixpipe = tb::draw_fixpipe(random_, chip_, ranges_, part);
    if (flag == UnitFlag::off && fixpipe.nz2nd && chance(20)) return two_matrices(fixpipe);
    finish(fixpipe);
  }

  // The block twice, side by side.
  void two_matrices(Fixpipe fixpipe) {
    fixpipe.dst = GmAddress{pick(0, 100) * 64};
    fixpipe.nd_num = 2;
    fixpipe.dst_nd_stride = fixpipe.n;
    fixpipe.dst_stride = 2u * fixpipe.n + static_cast<std::uint32_t>(pick(0, 5));
    add(fixpipe);
  }

  tb::RandomStream random_;
  const ChipConfig& chip_;
  const Focus focus_;
  Ranges ranges_;
  EventBook book_;
  Program program_;
};

}  // namespace

ChipConfig random_timing_chip(std::mt19937_64& random) {
  const auto pick = [&](std::uint64_t low, std::uint64_t high) {
    return std::uniform_int_distribution<std::uint64_t>{low, high}(random);
  };
  const auto few = [&](std::uint32_t many, std::uint64_t most) {
    return pick(0, 1) ? many : static_cast<std::uint32_t>(pick(1, most));
  };
  ChipConfig chip = load_chip("ascend910b1");
  if (pick(0, 3) == 0) return chip;
  constexpr std::array<std::uint32_t, 3> sides{8, 16, 32};
  constexpr std::array<std::uint64_t, 3> rates{64, 128, 256};
  chip.queue_depth = {few(32, 6), few(32, 6), few(32, 6), few(32, 6), few(32, 6)};
  chip.event_ids = few(8, 8);
  chip.pending_sets = few(64, 3);
  chip.cube.m = sides[pick(0, 2)];
  chip.cube.k = sides[pick(0, 1)];
  chip.cube.n = sides[pick(0, 1)];
  chip.cube.revisit = Cycles{pick(10, 20)};
  chip.mte1 = {Cycles{pick(1, 9)}, Cycles{pick(0, 3)}, Cycles{pick(24, 60)},
               {pick(1, 3) * 100}, {pick(1, 3) * 64},  {pick(20, 70)}};
  chip.mte2 = {Cycles{pick(1, 40)}, Cycles{pick(1, 6)}, few(32, 5), std::max(few(256, 8), 2u)};
  chip.mte3 = {Cycles{pick(1, 40)}, Cycles{pick(3, 20)}, few(32, 5)};
  const std::uint64_t write = pick(0, 2), fix = pick(0, write);
  chip.fix = {Cycles{pick(1, 120)}, Cycles{pick(1, 50)}, Cycles{pick(1, 10)}, {rates[fix]}, {32},
              Cycles{pick(1, 20)}};
  chip.gm.read_rate = {pick(16, 256)};
  chip.gm.read_grain = Bytes{std::uint64_t{32} << pick(0, 4)};
  chip.gm.write_rate = {rates[write]};
  chip.gm.read_latency = Cycles{pick(2, 200)};
  chip.gm.write_latency = Cycles{pick(1, 100)};
  check_chip(chip);
  return chip;
}

models::Program random_timing_program(std::mt19937_64& random, const ChipConfig& chip, Focus focus,
                                      int instructions) {
  return Writer{random(), chip, focus}.write(instructions);
}

}  // namespace vitruvian::tests
