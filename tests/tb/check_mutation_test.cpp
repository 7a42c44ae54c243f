// SPDX-License-Identifier: Apache-2.0
//
// Faults put into kernels: each is a finding, or shown to change nothing. Every verdict is compared
// with that of OrderGraph.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "models/program/assembler.h"
#include "tb/check/check.h"
#include "tb/random/core_program.h"
#include "tb/random/cube_program.h"
#include "tests/tb/check_kernels.h"
#include "tests/tb/check_programs.h"
#include "tests/tb/order_graph.h"
#include "tests/tb/race_oracle.h"

namespace vitruvian::tests {
namespace {

using tb::OrderFindings;
using tb::RaceKind;

OrderFindings looked_over(const models::Program& program, const Kernel& kernel) {
  return tb::check_order(program, check_chip(),
                         {.races = true, .uninitialised = true, .initial = kernel.inputs});
}

std::string text_of(const OrderFindings& found) {
  std::string text;
  for (const auto& race : found.races->kept) text += race.text + "\n";
  for (const auto& read : found.uninitialised->kept) text += read.text + "\n";
  return text + found.deadlock.value_or("");
}

bool has(const OrderFindings& found, RaceKind kind) {
  return std::ranges::any_of(found.races->kept, [&](const auto& r) { return r.kind == kind; });
}

// Do both say the same of a program? An empty text, or what differs.
std::string disagreement(const OrderFindings& found, const OrderGraph& graph) {
  if (found.deadlock.has_value() != graph.deadlock()) return "deadlock";
  if (graph.deadlock()) return "";
  std::uint64_t races = 0;
  for (const tb::Race& race : found.races->kept) {
    if (race.kind != RaceKind::bytes) continue;
    ++races;
    const std::pair pair{static_cast<std::uint32_t>(race.first),
                         static_cast<std::uint32_t>(race.second)};
    if (!graph.races().contains(pair)) return "only the check has: " + race.text;
  }
  const bool all_kept = found.races->count == found.races->kept.size();
  if (all_kept && races == 0 && !graph.races().empty()) {
    return fmt::format("only the graph has {} and {}", graph.races().begin()->first,
                       graph.races().begin()->second);
  }
  const bool flags = has(found, RaceKind::raised_twice) || has(found, RaceKind::left_up);
  if (all_kept && flags != graph.flag_fault()) return "flags";
  return "";
}

TEST(CheckKernels, AreClean) {
  for (const Kernel& kernel : small_kernels(check_chip())) {
    const OrderFindings found = looked_over(kernel.program, kernel);
    EXPECT_TRUE(found.clean()) << kernel.name << "\n" << text_of(found);
    const OrderGraph graph{kernel.program, check_chip()};
    EXPECT_EQ(disagreement(found, graph), "") << kernel.name;
    RecordProperty(kernel.name, static_cast<int>(kernel.program.instructions.size()));
  }
}

struct Tally {
  int all = 0, race = 0, uninitialised = 0, deadlock = 0, flag = 0, wrong_bytes = 0, no_change = 0;
};

void count(Tally& tally, const OrderFindings& found) {
  if (found.deadlock) {
    ++tally.deadlock;
  } else if (has(found, RaceKind::bytes)) {
    ++tally.race;
  } else if (found.races->count > 0) {
    ++tally.flag;
  } else {
    ++tally.uninitialised;
  }
}

constexpr int mutants_of_a_kind = 20;  // in each kernel

TEST(CheckMutation, AFaultIsAFindingOrChangesNothing) {
  const std::uint64_t seed = 20260517;
  std::mt19937_64 random{seed};
  std::map<std::string_view, Tally> tallies;
  for (const Kernel& kernel : small_kernels(check_chip())) {
    const auto right = output_of(kernel.program, kernel, check_chip());
    for (const Fault& fault : faults()) {
      for (int n = 0; n < mutants_of_a_kind; ++n) {
        const auto mutant = fault.put(kernel.program, check_chip(), random);
        if (!mutant) continue;
        Tally& tally = tallies[fault.name];
        ++tally.all;
        const OrderFindings found = looked_over(*mutant, kernel);
        const OrderGraph graph{*mutant, check_chip()};
        ASSERT_EQ(disagreement(found, graph), "")
            << kernel.name << ", " << fault.name << " " << n << ", seed " << seed << "\n"
            << text_of(found);
        if (!found.clean()) {
          count(tally, found);
          continue;
        }
        // The order still holds for every byte, so what the program leaves is what it leaves in
        // program order.
        const bool same = output_of(*mutant, kernel, check_chip()) == right;
        EXPECT_TRUE(same || !fault.order) << kernel.name << ", " << fault.name;
        ++(same ? tally.no_change : tally.wrong_bytes);
      }
    }
  }
  for (const Fault& fault : faults()) {
    const Tally& t = tallies[fault.name];
    const int found = t.race + t.uninitialised + t.deadlock + t.flag;
    fmt::print(
        "{:<22}{:>5} mutants, {:>5.1f} % found ({} race, {} uninitialised, {} deadlock, {} flag), "
        "{} other bytes in order, {} no change\n",
        fault.name, t.all, 100.0 * found / std::max(1, t.all), t.race, t.uninitialised, t.deadlock,
        t.flag, t.wrong_bytes, t.no_change);
    EXPECT_GT(t.all, 20) << fault.name;
    EXPECT_GT(found, t.all / 4) << fault.name;
  }
}

// Random programs of M and FIX, without one of their flags or barriers, against the oracle the
// generator is checked with.
TEST(CheckMutation, RandomCubePrograms) {
  std::mt19937_64 random{3};
  int mutants = 0, faulty = 0;
  for (const tb::CubeProfile& profile : tb::cube_profiles()) {
    const auto cube = tb::random_cube_program(tb::Seed{0x51}, profile, check_chip());
    EXPECT_TRUE(tb::check_order(cube.program, check_chip(), {}).clean()) << profile.name;
    for (std::size_t i = 0; i < cube.program.instructions.size(); ++i) {
      const models::Instruction& instruction = cube.program.instructions[i];
      const bool orders = std::holds_alternative<models::SetFlag>(instruction) ||
                          std::holds_alternative<models::WaitFlag>(instruction) ||
                          std::holds_alternative<models::PipeBarrier>(instruction);
      if (!orders || random() % 8 != 0) continue;
      models::Program mutant = cube.program;
      mutant.instructions.erase(mutant.instructions.begin() + static_cast<std::ptrdiff_t>(i));
      const OrderFindings found = tb::check_order(mutant, check_chip(), {});
      const tb::RaceOracle oracle{mutant, check_chip()};
      EXPECT_EQ(found.clean(), oracle.faults().empty())
          << profile.name << " without instruction " << i << "\n"
          << (found.clean() ? oracle.faults().front() : found.races->kept.front().text);
      ++mutants;
      faulty += !found.clean();
    }
  }
  fmt::print("random cube programs: {} mutants, {} found\n", mutants, faulty);
  EXPECT_GT(mutants, 50);
}

// Random programs of every instruction, of which each access that overlaps another is ordered.
TEST(CheckMutation, RandomCorePrograms) {
  std::mt19937_64 random{11};
  int mutants = 0, faulty = 0;
  for (const tb::CoreProfile& profile : tb::core_profiles()) {
    for (std::uint64_t i = 0; i < 4; ++i) {
      const auto program = tb::random_core_program(profile, tb::Seed{0x77}.child(i), check_chip());
      for (const Fault& fault : faults()) {
        const auto mutant = fault.put(program, check_chip(), random);
        if (!mutant) continue;
        const OrderFindings found = tb::check_order(*mutant, check_chip(), {});
        const OrderGraph graph{*mutant, check_chip()};
        ASSERT_EQ(disagreement(found, graph), "") << profile.name << " " << i << ", " << fault.name;
        ++mutants;
        faulty += !found.clean();
      }
    }
  }
  fmt::print("random core programs: {} mutants, {} found\n", mutants, faulty);
  EXPECT_GT(faulty, mutants / 3);
}

}  // namespace
}  // namespace vitruvian::tests
