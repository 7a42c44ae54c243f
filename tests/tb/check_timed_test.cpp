// SPDX-License-Identifier: Apache-2.0
//
// What the check says of a program is what happens to it in time: clean programs leave the bytes
// they leave in program order, whatever memory does, and those that cannot end do not.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "models/core/core.h"
#include "models/program/encoding.h"
#include "models/program/footprint.h"
#include "systemc/chip/simulation.h"
#include "systemc/pipe/errors.h"
#include "tb/check/check.h"
#include "tb/random/core_instruction.h"
#include "tb/random/core_program.h"
#include "tests/core/random_answers.h"
#include "tests/tb/check_kernels.h"
#include "tests/tb/check_programs.h"

namespace vitruvian::tests {
namespace {

using models::Instruction;
using models::Program;

constexpr Space buffers[] = {Space::L1, Space::L0A, Space::L0B, Space::L0C, Space::BT, Space::FB};

struct End {
  bool deadlock = false, fault = false;
  std::string difference;  // from the bytes in program order: where the first is
};

std::string difference(const Program& program, models::CoreState& a, models::CoreState& b) {
  for (const Space space : buffers) {
    const auto x = a.buffer(space).bytes(), y = b.buffer(space).bytes();
    const auto at = std::ranges::mismatch(x, y).in1 - x.begin();
    if (at < std::ssize(x)) return fmt::format("{} byte {:#x}", name(space), at);
  }
  for (std::size_t i = 0; i < program.instructions.size(); ++i) {
    for (const models::Extent& e : models::footprint(program.instructions[i])) {
      if (e.space != Space::GM || !e.write) continue;
      const Bytes size{e.end() - e.start};
      if (!std::ranges::equal(a.gm.at(GmAddress{e.start}, size),
                              b.gm.at(GmAddress{e.start}, size))) {
        return fmt::format("GM by instruction {}", i);
      }
    }
  }
  return "";
}

// Both from the same random bytes.
End run(const Program& program, std::uint64_t memory_seed) {
  const ChipConfig& chip = check_chip();
  const RandomAnswers memory{memory_seed, 60, 500};
  models::Memory gm_in_order{chip.gm.size}, gm_in_time{chip.gm.size};
  models::CoreState in_order{chip, gm_in_order};
  systemc::SimulationOptions options;
  options.gm = &memory;
  systemc::Simulation simulation{chip, program, gm_in_time, options};
  tb::fill_core(tb::Seed{1}, in_order);
  tb::fill_core(tb::Seed{1}, simulation.state());
  End end;
  try {
    simulation.run();
  } catch (const systemc::DeadlockError&) {
    end.deadlock = true;
    return end;
  } catch (const systemc::ProgramError&) {
    end.fault = true;
    return end;
  }
  models::run(program, in_order, chip, models::Numerics::dot24);
  end.difference = difference(program, in_order, simulation.state());
  return end;
}

// One of its findings says so, or one that was not kept may.
bool may_raise_twice(const tb::OrderFindings& found) {
  return found.races->count > found.races->kept.size() ||
         std::ranges::any_of(found.races->kept, [](const tb::Race& race) {
           return race.kind == tb::RaceKind::raised_twice;
         });
}

class Judge {
 public:
  void judge(const Program& program, const std::string& what) {
    const tb::OrderFindings found = tb::check_order(program, check_chip(), {});
    bool differs = false;
    for (std::uint64_t seed = 1; seed <= 2; ++seed) {
      const End end = run(program, seed);
      EXPECT_EQ(end.deadlock, found.deadlock.has_value() && !end.fault) << what;
      if (end.fault) {
        EXPECT_TRUE(may_raise_twice(found)) << what;
      }
      if (found.clean()) {
        EXPECT_EQ(end.difference, "") << what;
      }
      differs = differs || end.fault || !end.difference.empty();
    }
    ++(found.deadlock ? deadlocks_ : found.clean() ? clean_ : racy_);
    if (!found.deadlock && !found.clean()) seen_ += differs;
  }
  ~Judge() {
    fmt::print("{} clean, {} that cannot end, {} with findings, of which {} left other bytes\n",
               clean_, deadlocks_, racy_, seen_);
  }
  int clean() const { return clean_; }
  int seen() const { return seen_; }

 private:
  int clean_ = 0, deadlocks_ = 0, racy_ = 0, seen_ = 0;
};

TEST(CheckTimed, MutantsOfKernelsEndAsTheCheckSays) {
  std::mt19937_64 random{2};
  Judge judge;
  for (const Kernel& kernel : small_kernels(check_chip())) {
    for (const Fault& fault : faults()) {
      for (int place = 0; place < 2; ++place) {
        const auto mutant = fault.put(kernel.program, check_chip(), random);
        if (mutant) judge.judge(*mutant, fmt::format("{}, {}", kernel.name, fault.name));
      }
    }
  }
  EXPECT_GT(judge.clean(), 10);
  EXPECT_GT(judge.seen(), 10);
}

TEST(CheckTimed, MutantsOfRandomProgramsEndAsTheCheckSays) {
  std::mt19937_64 random{4};
  Judge judge;
  for (const tb::CoreProfile& profile : tb::core_profiles()) {
    const auto program = tb::random_core_program(profile, tb::Seed{9}, check_chip());
    for (const Fault& fault : faults()) {
      const auto mutant = fault.put(program, check_chip(), random);
      if (mutant) judge.judge(*mutant, fmt::format("{}, {}", profile.name, fault.name));
    }
  }
  EXPECT_GT(judge.clean(), 5);
}

// Random instructions in narrow places with no more order than the check asks for: what a pipe
// orders itself is left to it.
Program just_ordered(std::uint64_t seed, const std::vector<int>& rows) {
  const ChipConfig& chip = check_chip();
  tb::RandomStream random = tb::Seed{seed}.stream("just ordered");
  tb::Ranges places = tb::whole(chip);
  constexpr std::uint64_t sizes[space_count] = {4096, 4096, 4096, 4096, 16384, 128, 256};
  for (std::size_t space = 0; space < std::size(sizes); ++space)
    places.of[space] = {0, sizes[space]};
  Program program{"just ordered", {}};
  while (program.instructions.size() < 30) {
    program.instructions.push_back(tb::draw(random.pick(rows), random, chip, places));
    if (tb::check_order(program, chip, {}).races->count == 0) continue;
    const Instruction last = program.instructions.back();
    program.instructions.back() = models::PipeBarrier{.on = models::Pipe::ALL};
    program.instructions.push_back(last);
  }
  return program;
}

std::vector<int> rows_of(std::initializer_list<models::Pipe> pipes) {
  std::vector<int> rows;
  for (std::size_t row = 0; row < std::size(models::instruction_table); ++row) {
    const Instruction sample = models::instruction_table[row].make();
    const bool sync = std::holds_alternative<models::SetFlag>(sample) ||
                      std::holds_alternative<models::WaitFlag>(sample) ||
                      std::holds_alternative<models::PipeBarrier>(sample);
    if (!sync && std::ranges::find(pipes, models::pipe_of(sample)) != pipes.end()) {
      rows.push_back(static_cast<int>(row));
    }
  }
  return rows;
}

TEST(CheckTimed, WhatAPipeOrdersItselfIsLeftToIt) {
  using enum models::Pipe;
  for (const auto& pipes : {std::initializer_list<models::Pipe>{MTE1},
                            {FIX},
                            {M},
                            {MTE1, FIX},
                            {S, M, MTE1, MTE2, MTE3, FIX}}) {
    std::size_t instructions = 0, barriers = 0;
    for (std::uint64_t seed = 0; seed < 12; ++seed) {
      const Program program = just_ordered(seed, rows_of(pipes));
      instructions += program.instructions.size();
      barriers += static_cast<std::size_t>(std::ranges::count_if(
          program.instructions,
          [](const Instruction& i) { return std::holds_alternative<models::PipeBarrier>(i); }));
      for (std::uint64_t memory = 1; memory <= 2; ++memory) {
        const End end = run(program, memory);
        ASSERT_FALSE(end.deadlock || end.fault) << "seed " << seed;
        ASSERT_EQ(end.difference, "") << "seed " << seed << ", " << name(*pipes.begin()) << " ...";
      }
    }
    fmt::print("{} ...: {} instructions, {} barriers\n", name(*pipes.begin()), instructions,
               barriers);
  }
}

}  // namespace
}  // namespace vitruvian::tests
