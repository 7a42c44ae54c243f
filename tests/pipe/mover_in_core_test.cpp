// SPDX-License-Identifier: Apache-2.0
//
// Any pipe in RTL among SystemC pipes: instructions, states, beats and bytes equal those of the SystemC core alone, over
// random race-free programs on a memory that answers as it likes.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "models/arch/error.h"
#include "models/program/assembler.h"
#include "systemc/pipe/errors.h"
#include "tb/lockstep/pipe_lockstep.h"
#include "tb/pipe/cube_rtl.h"
#include "tb/pipe/mover_rtl.h"
#include "tb/random/core_program.h"
#include "tb/random/random_gm.h"

namespace vitruvian::tb {
namespace {

using models::Pipe;

// Which pipes are RTL.
struct Mix {
  std::string_view name;
  std::vector<Pipe> pipes;
  bool cube = false;
};
void PrintTo(const Mix& mix, std::ostream* out) { *out << mix.name; }

systemc::SimulationOptions options_of(const Mix& mix, const ChipConfig& chip) {
  systemc::SimulationOptions options;
  options.trace_limit = 0;
  if (mix.cube) {
    const CubeBuild build{.cube = chip.cube, .numerics = options.numerics, .variant = "check", .rtl = {}};
    options.cube = cube_rtl_factory(std::make_shared<const CubeLibrary>(build_cube(build)));
  }
  for (const Pipe pipe : mix.pipes) {
    options.movers.of(pipe) = mover_rtl_factory(std::make_shared<const MoverLibrary>(build_mover(pipe, chip, "check")));
  }
  return options;
}

// Sums over programs.
struct Seen {
  std::uint64_t instructions = 0, beats = 0, bytes = 0, by_flag = 0, by_bank = 0;
};

void run_program(const ChipConfig& chip, const CoreProfile& profile, const Seed& seed, systemc::SimulationOptions options, Seen& seen) {
  models::Memory gm{chip.gm.size}, twin_gm{chip.gm.size};
  const models::Program program = random_core_program(profile, seed, chip);
  const RandomGm answers{seed};
  options.gm = &answers;
  PipeLockstep pair{chip, program, gm, twin_gm, options};
  fill_core(seed, pair.state());
  fill_core(seed, pair.twin_state());
  const systemc::CoreResult result = pair.run(Bytes{random_gm_bytes});
  const CoreComparison& found = pair.comparison();
  ASSERT_TRUE(found.clean()) << profile.name << " " << seed.text() << "\n" << found.first;
  ASSERT_EQ(found.instructions, program.instructions.size());
  seen.instructions += found.instructions;
  seen.beats += found.beats;
  seen.bytes += found.bytes;
  seen.by_flag += result.mmads_stalled_by_unit_flag;
  seen.by_bank += result.mmads_stalled_by_bank;
}

// Programs of every profile in turn until so many instructions have been compared.
Seen run_programs(const ChipConfig& chip, const systemc::SimulationOptions& options, const Seed& first, std::uint64_t wanted) {
  Seen seen;
  for (std::uint64_t i = 0; seen.instructions < wanted && !testing::Test::HasFatalFailure(); ++i) {
    const auto profiles = core_profiles();
    run_program(chip, profiles[i % profiles.size()], first.child(i), options, seen);
  }
  fmt::print("{} instructions, {} beats, {} bytes, mmads held by a unit flag {}, by a bank {}\n", seen.instructions, seen.beats, seen.bytes,
             seen.by_flag, seen.by_bank);
  return seen;
}

class MoverInCore : public testing::TestWithParam<Mix> {};

TEST_P(MoverInCore, IsTheSameCore) {
  const ChipConfig chip = load_chip("ascend910b1");
  const Seen seen = run_programs(chip, options_of(GetParam(), chip), Seed{0x51de}, 8000);
  EXPECT_GT(seen.by_flag, 0u);
  EXPECT_GT(seen.by_bank, 0u);
}

const Mix mixes[] = {
    {"mte1", {Pipe::MTE1}},
    {"mte2", {Pipe::MTE2}},
    {"mte3", {Pipe::MTE3}},
    {"fix", {Pipe::FIX}},
    {"movers", {Pipe::MTE1, Pipe::MTE2, Pipe::MTE3, Pipe::FIX}},
    {"all", {Pipe::MTE1, Pipe::MTE2, Pipe::MTE3, Pipe::FIX}, true},
};
INSTANTIATE_TEST_SUITE_P(Pipes, MoverInCore, testing::ValuesIn(mixes), [](const auto& info) { return std::string{info.param.name}; });

const Mix& all_movers = mixes[4];

// The block takes every number of the chip file that is not built in; small ones hold more heads.
TEST(MoversInCore, AreTheSameCoreWithOtherSettings) {
  ChipConfig chip = load_chip("ascend910b1");
  for (const char* key : {"mte1.setup=9", "mte1.load_tail=0", "mte1.latency=50", "mte2.setup=3", "mte2.request=11", "mte2.in_flight=2", "mte2.outstanding=3",
                          "mte3.setup=2", "mte3.latency=5", "mte3.in_flight=1", "fix.setup=4", "fix.latency=7", "fix.fb_tail=2", "fix.patience=1",
                          "gm.read_rate=77"}) {
    set_chip_key(chip, key);
  }
  const Seen seen = run_programs(chip, options_of(all_movers, chip), Seed{0x7e57}, 4000);
  EXPECT_GT(seen.by_flag, 0u);
}

// A block that is wrong on purpose around one that is right.
class WrongMover : public systemc::MoverBlock {
 public:
  explicit WrongMover(std::unique_ptr<systemc::MoverBlock> right) : right_{std::move(right)} {}
  void connect(systemc::MoverEnvironment& environment) override { right_->connect(environment); }
  std::optional<Cycle> next_event(Cycle now) override { return right_->next_event(now); }

 protected:
  std::unique_ptr<systemc::MoverBlock> right_;
};

// Ends everything a cycle late.
class LateMover final : public WrongMover {
 public:
  using WrongMover::WrongMover;
  systemc::MoverCycle step(const models::Instruction* head, Cycle now) override {
    systemc::MoverCycle cycle = right_->step(head, now);
    std::swap(cycle.done, late_);
    return cycle;
  }
  std::optional<Cycle> next_event(Cycle now) override { return late_ ? now + Cycles{1} : right_->next_event(now); }

 private:
  bool late_ = false;
};

// Turns a bit of L1 with every end.
class BitMover final : public WrongMover {
 public:
  BitMover(std::unique_ptr<systemc::MoverBlock> right, models::CoreState& state) : WrongMover{std::move(right)}, state_{state} {}
  systemc::MoverCycle step(const models::Instruction* head, Cycle now) override {
    const systemc::MoverCycle cycle = right_->step(head, now);
    if (cycle.done) state_.l1.bytes()[state_.l1.bytes().size() - 1] ^= 1;
    return cycle;
  }

 private:
  models::CoreState& state_;
};

CoreComparison compare_with(const systemc::MoverFactory& mte2) {
  const ChipConfig chip = load_chip("ascend910b1");
  models::Memory gm{chip.gm.size}, twin_gm{chip.gm.size};
  const auto file = models::parse_assembly("copy_gm_l1 dst=0 src=0 block_count=1 block_length=16\n", "text", chip);
  systemc::SimulationOptions options;
  options.movers.mte2 = mte2;
  PipeLockstep pair{chip, file.program, gm, twin_gm, options};
  pair.run(Bytes{4096});
  return pair.comparison();
}

systemc::MoverFactory right_mte2() {
  return mover_rtl_factory(std::make_shared<const MoverLibrary>(build_mover(Pipe::MTE2, load_chip("ascend910b1"), "check")));
}

TEST(MoversInCore, ARightOneIsClean) { EXPECT_TRUE(compare_with(right_mte2()).clean()); }

TEST(MoversInCore, AnEndACycleLateIsSeen) {
  const CoreComparison found = compare_with([](const systemc::MoverContext& context) { return std::make_unique<LateMover>(right_mte2()(context)); });
  EXPECT_GT(found.cycle_mismatches, 0u);
  EXPECT_NE(found.first.find("instruction 0"), std::string::npos) << found.first;
}

TEST(MoversInCore, ABitOfL1IsSeen) {
  const CoreComparison found = compare_with(
      [](const systemc::MoverContext& context) { return std::make_unique<BitMover>(right_mte2()(context), *context.state); });
  EXPECT_EQ(found.cycle_mismatches, 0u);
  EXPECT_EQ(found.value_mismatches, 1u);
  EXPECT_NE(found.first.find("L1 byte 0x7ffff"), std::string::npos) << found.first;
}

TEST(MoversInCore, AFixWaitingInVainIsADeadlockAndSaysForWhat) {
  const ChipConfig chip = load_chip("ascend910b1");
  models::Memory gm{chip.gm.size};
  const auto file = models::parse_assembly("fixpipe dst=0 src=0x400 m=16 n=16 src_stride=16 dst_stride=16 acc=f32 nz2nd=1 unit_flag=toggle\n", "text", chip);
  systemc::Simulation simulation{chip, file.program, gm, options_of({"fix", {Pipe::FIX}}, chip)};
  try {
    simulation.run();
    FAIL() << "it ended";
  } catch (const systemc::DeadlockError& error) {
    EXPECT_NE(std::string{error.what()}.find("the unit flags of L0C bytes 0x400 to 0x7ff"), std::string::npos) << error.what();
  }
}

TEST(MoversInCore, ABlockOfAnotherPipeOrShapeIsRefused) {
  ChipConfig chip = load_chip("ascend910b1");
  const auto library = std::make_shared<const MoverLibrary>(build_mover(Pipe::MTE3, chip, "check"));
  EXPECT_THROW(check_fits(*library, Pipe::MTE2, chip), InputError);
  set_chip_key(chip, "gm.write_rate=64");
  EXPECT_THROW(check_fits(*library, Pipe::MTE3, chip), InputError);
  EXPECT_FALSE(is_usual_mover(Pipe::MTE3, chip));
  EXPECT_TRUE(is_usual_mover(Pipe::MTE2, chip));
}

}  // namespace
}  // namespace vitruvian::tb
