// SPDX-License-Identifier: Apache-2.0
#include "tests/core/random_core_program.h"

#include <algorithm>
#include <array>

namespace vitruvian::tests {
namespace {

using namespace models;

class Writer {
 public:
  Writer(std::mt19937_64& random, const ChipConfig& chip, Focus focus)
      : random_{random}, chip_{chip}, focus_{focus} {}

  Program write(int instructions) {
    while (static_cast<int>(program_.instructions.size()) < instructions) group();
    for (const SetFlag& set : raised_) add(WaitFlag{set.from, set.to, set.id});
    return std::move(program_);
  }

 private:
  std::uint64_t pick(std::uint64_t low, std::uint64_t high) {
    return std::uniform_int_distribution<std::uint64_t>{low, high}(random_);
  }
  bool chance(int percent) { return pick(1, 100) <= static_cast<std::uint64_t>(percent); }
  void add(const Instruction& instruction) { program_.instructions.push_back(instruction); }

  void group() {
    const std::uint64_t kind = pick(0, 99);
    if (focus_ == Focus::sharing ? kind < 85 : kind < 35) return outputs();
    if (kind < 60) return loads();
    if (kind < 75) return copies();
    if (kind < 95) return flags();
    if (kind < 97) return add(PipeBarrier{pipe(false)});
    if (kind < 98) return add(PipeBarrier{Pipe::ALL});
    add(Scalar{static_cast<std::uint16_t>(pick(1, 60))});
  }

  Pipe pipe(bool with_s) {
    constexpr Pipe pipes[] = {Pipe::M, Pipe::MTE1, Pipe::MTE2, Pipe::FIX, Pipe::S};
    return pipes[pick(0, with_s ? 4 : 3)];
  }

  // Sets and waits stand in this order, so the program never blocks itself.
  void flags() {
    if (!raised_.empty() && chance(60)) {
      const std::size_t i = pick(0, raised_.size() - 1);
      add(WaitFlag{raised_[i].from, raised_[i].to, raised_[i].id});
      raised_.erase(raised_.begin() + static_cast<long>(i));
      return;
    }
    const Pipe from = pipe(true), to = pipe(true);
    const SetFlag set{from, to, static_cast<std::uint8_t>(pick(0, 7))};
    if (from == to || std::ranges::find(raised_, set) != raised_.end()) return;
    raised_.push_back(set);
    add(set);
  }

  void loads() {
    for (std::uint64_t i = pick(1, 4); i > 0; --i) {
      const L0Buffer to = chance(50) ? L0Buffer::L0A : L0Buffer::L0B;
      const auto repeat = static_cast<std::uint8_t>(pick(1, 12));
      const DataType types[] = {DataType::f16, DataType::s8, DataType::f32};
      switch (pick(0, 3)) {
        case 0: add(CopyL1Bt{.length = static_cast<std::uint16_t>(pick(1, 16))}); break;
        case 1: add(Load2dTranspose{.to = to, .repeat = repeat, .dtype = types[pick(0, 2)]}); break;
        default: add(Load2d{.to = to, .repeat = repeat}); break;
      }
    }
  }

  void copies() {
    if (chance(50)) {
      return add(CopyGmL1{.src = GmAddress{pick(0, 4000) * 32},
                          .block_count = static_cast<std::uint16_t>(pick(1, 5)),
                          .block_length = static_cast<std::uint16_t>(pick(1, 40)),
                          .src_gap = static_cast<std::uint16_t>(pick(0, 20))});
    }
    add(CopyGmL1Nd2nz{.src = GmAddress{pick(0, 100'000)},
                      .nd_num = static_cast<std::uint16_t>(chance(15) ? 0 : pick(1, 2)),
                      .n_value = static_cast<std::uint16_t>(pick(1, 12)),
                      .d_value = static_cast<std::uint16_t>(pick(1, 700)),
                      .src_nd_stride = static_cast<std::uint16_t>(pick(0, 3000)),
                      .src_d_value = static_cast<std::uint16_t>(pick(1, 900)),
                      .dtype = chance(50) ? DataType::f16 : DataType::f32});
  }

  // One block of L0C: some mmads on it, then FIX reads it, handed over by unit flags or not at all.
  void outputs() {
    const bool handed_over = chance(60);
    const auto place = L0cAddress{pick(0, 28) * 4 * 1024};  // blocks overlap; the last has 16 KB
    const Shape shape{random_size(80), random_size(48)};
    const std::uint64_t steps = pick(1, 3);
    for (std::uint64_t i = 0; i < steps; ++i) {
      UnitFlag flag = UnitFlag::off;
      if (handed_over) flag = i + 1 == steps ? UnitFlag::toggle : UnitFlag::check;
      add(mmad(place, shape, flag));
      if (chance(10)) add(PipeBarrier{Pipe::M});
    }
    if (handed_over || chance(50)) fixpipe(place, shape, handed_over);
    if (chance(15)) add(Mmad{.m = 0, .n = 16, .k = 16});
  }

  struct Shape {
    std::uint64_t m, n;
  };
  std::uint64_t random_size(std::uint64_t most) {
    return chance(40) ? pick(1, most / 16) * 16 : pick(1, most);
  }

  Mmad mmad(L0cAddress c, Shape shape, UnitFlag flag) {
    constexpr DataType types[] = {DataType::f16, DataType::bf16, DataType::f32, DataType::s8};
    return Mmad{.c = c,
                .m = static_cast<std::uint16_t>(shape.m),
                .n = static_cast<std::uint16_t>(shape.n),
                .k = static_cast<std::uint16_t>(random_size(96)),
                .dtype = types[pick(0, 3)],
                .init = static_cast<Init>(pick(0, 2)),
                .unit_flag = flag,
                .order = chance(50) ? Order::m_first : Order::n_first};
  }

  // Takes every flag of the block down if handed over: in whole, or in row bands of whole granules.
  void fixpipe(L0cAddress source, Shape shape, bool handed_over) {
    Fixpipe f{.dst = GmAddress{pick(0, 4000) * 32},
              .src = source,
              .m = static_cast<std::uint16_t>(shape.m),
              .n = static_cast<std::uint16_t>(shape.n),
              .src_stride = static_cast<std::uint16_t>(ceil_div(shape.m, 16) * 16),
              .dst_stride = static_cast<std::uint32_t>(pick(shape.n, 600))};
    constexpr Quant quants[] = {Quant::none, Quant::F322F16, Quant::REQ8};
    f.quant = quants[pick(0, 2)];
    f.acc = f.quant == Quant::REQ8 ? DataType::s32 : DataType::f32;
    f.nz2nd = chance(50);
    if (!f.nz2nd) {
      f.n = static_cast<std::uint16_t>(round_up(shape.n, 16));
      f.dst_stride = static_cast<std::uint32_t>(pick(2 * shape.m, 800));
    }
    if (!handed_over) {
      if (chance(20)) f.src = source + Bytes{64 * pick(1, 15)};
      if (f.nz2nd && chance(20)) {
        f.nd_num = 2;
        f.src_nd_stride = static_cast<std::uint16_t>(pick(0, 8));
        f.dst_nd_stride = static_cast<std::uint32_t>(pick(0, 900));
      }
      return add(f);
    }
    if (chance(20)) {  // looks first, takes down later
      f.unit_flag = UnitFlag::check;
      add(f);
    }
    f.unit_flag = UnitFlag::toggle;
    add(f);
  }

  std::mt19937_64& random_;
  const ChipConfig& chip_;
  const Focus focus_;
  Program program_;
  std::vector<SetFlag> raised_;
};

}  // namespace

ChipConfig random_timing_chip(std::mt19937_64& random) {
  const auto pick = [&](std::uint64_t low, std::uint64_t high) {
    return std::uniform_int_distribution<std::uint64_t>{low, high}(random);
  };
  const auto depth = [&] { return static_cast<std::uint32_t>(pick(0, 1) ? 32 : pick(1, 6)); };
  ChipConfig chip = load_chip("ascend910b1");
  if (pick(0, 3) == 0) return chip;
  constexpr std::array<std::uint32_t, 3> sides{8, 16, 32};
  chip.queue_depth = {depth(), depth(), depth(), depth()};
  chip.cube.m = sides[pick(0, 2)];
  chip.cube.k = sides[pick(0, 1)];
  chip.cube.n = sides[pick(0, 1)];
  chip.cube.revisit = Cycles{pick(10, 20)};
  chip.mte1 = {Cycles{pick(1, 9)}, Cycles{pick(0, 3)}, Cycles{pick(1, 60)}, {pick(1, 3) * 100},
               {pick(1, 3) * 64}, {pick(20, 70)}};
  chip.mte2 = {Cycles{pick(1, 40)}, Cycles{pick(1, 6)}, static_cast<std::uint32_t>(pick(1, 5))};
  chip.fix = {Cycles{pick(1, 120)}, Cycles{pick(1, 50)}, Cycles{pick(1, 10)}, {pick(64, 1024)}};
  chip.gm.read_rate = {pick(16, 300)};
  chip.gm.write_rate = {pick(16, 300)};
  chip.gm.read_latency = Cycles{pick(1, 200)};
  chip.gm.write_latency = Cycles{pick(1, 100)};
  check_chip(chip);
  return chip;
}

models::Program random_timing_program(std::mt19937_64& random, const ChipConfig& chip, Focus focus,
                                      int instructions) {
  return Writer{random, chip, focus}.write(instructions);
}

}  // namespace vitruvian::tests
