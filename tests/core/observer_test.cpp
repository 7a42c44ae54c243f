// SPDX-License-Identifier: Apache-2.0
//
// What the core tells its observer: random race-free programs of every instruction, under memories
// that answer at random.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "models/core/core.h"
#include "models/program/footprint.h"
#include "systemc/chip/simulation.h"
#include "tb/random/core_program.h"
#include "tests/core/random_answers.h"
#include "tests/core/recorder.h"

namespace vitruvian::tests {
namespace {

using namespace models;
using systemc::Port;

constexpr Space buffers[] = {Space::L1,  Space::L0A, Space::L0B,
                             Space::L0C, Space::BT,  Space::FB};

struct Target {
  Port port;
  Space space;
};
constexpr Target written[] = {
    {Port::l1_write_mte2, Space::L1},   {Port::l1_write_fix, Space::L1},
    {Port::l0a_write_mte1, Space::L0A}, {Port::l0a_write_mte2, Space::L0A},
    {Port::l0b_write_mte1, Space::L0B}, {Port::l0b_write_mte2, Space::L0B},
    {Port::l0c_write, Space::L0C},      {Port::bt_write, Space::BT},
    {Port::fb_write, Space::FB},        {Port::gm_write_fix, Space::GM},
    {Port::gm_write_mte3, Space::GM}};
// M and FIX read whole tiles and fractals, MTE3 the width of its port, whatever counts of them.
constexpr Target read_to_the_byte[] = {{Port::l1_read_mte1, Space::L1},
                                       {Port::l1_read_fix, Space::L1},
                                       {Port::gm_read_mte2, Space::GM},
                                       {Port::gm_read_s, Space::GM}};

ChipConfig chip_of(int shape) {
  ChipConfig chip = load_chip("ascend910b1");
  constexpr std::uint32_t shapes[][3] = {{16, 16, 16}, {8, 8, 8}, {32, 16, 16}};
  chip.cube.m = shapes[shape][0], chip.cube.k = shapes[shape][1], chip.cube.n = shapes[shape][2];
  return chip;
}

// A program, run in order without time and in time with a recorder.
class ObservedRun {
 public:
  ObservedRun(const ChipConfig& chip, const tb::CoreProfile& profile, const tb::Seed& seed,
      Numerics numerics)
      : chip_{chip}, program_{tb::random_core_program(profile, seed, chip)},
        begin_{chip, gm_begin_},
        in_order_{chip, gm_in_order_}, answers_{seed.value(), 20, 300},
        simulation_{chip, program_, gm_in_time_, options(numerics)} {
    for (CoreState* state : {&begin_, &in_order_, &simulation_.state()}) {
      tb::fill_core(seed, *state);
    }
    models::run(program_, in_order_, chip, numerics);
    result_ = simulation_.run();
  }

  const Recorder& told() const { return told_; }
  const systemc::CoreResult& result() const { return result_; }
  const Program& program() const { return program_; }

  // The first byte that differs between two states, or "".
  static std::string difference(CoreState& a, CoreState& b) {
    for (const Space space : buffers) {
      const auto x = a.buffer(space).bytes(), y = b.buffer(space).bytes();
      const auto at = std::ranges::mismatch(x, y).in1 - x.begin();
      if (at < std::ssize(x)) return fmt::format("{} byte {:#x}", name(space), at);
    }
    const auto x = a.gm.at(GmAddress{0}, Bytes{tb::random_gm_bytes});
    const auto y = b.gm.at(GmAddress{0}, Bytes{tb::random_gm_bytes});
    const auto at = std::ranges::mismatch(x, y).in1 - x.begin();
    if (at < std::ssize(x)) return fmt::format("GM byte {:#x}", at);
    return a.responses == b.responses ? "" : "responses";
  }

  std::string against_program_order() { return difference(in_order_, simulation_.state()); }

  // The memories as the told writes leave them, in the order of their cycles.
  std::string against_replay() {
    struct Write {
      std::uint64_t cycle;
      Space space;
      const RecordedRow* row;
    };
    std::vector<Write> writes;
    for (const auto& [port, space] : written) {
      for (const RecordedBeat& beat : told_.of(port)) {
        for (const RecordedRow& row : beat.rows) {
          if (!row.bytes.empty()) writes.push_back({beat.cycle, space, &row});
        }
      }
    }
    std::ranges::stable_sort(writes, {}, &Write::cycle);
    for (const auto& [cycle, space, row] : writes) {
      auto to = space == Space::GM ? begin_.gm.at(GmAddress{row->address}, Bytes{row->size})
                                   : begin_.buffer(space).at(row->address, row->size);
      std::ranges::copy(row->bytes, to.begin());
    }
    begin_.responses = simulation_.state().responses;
    return difference(begin_, simulation_.state());
  }

 private:
  systemc::SimulationOptions options(Numerics numerics) {
    systemc::SimulationOptions options;
    options.numerics = numerics;
    options.gm = &answers_;
    options.observer = &told_;
    return options;
  }

  const ChipConfig& chip_;
  const Program program_;
  Memory gm_begin_{chip_.gm.size}, gm_in_order_{chip_.gm.size}, gm_in_time_{chip_.gm.size};
  CoreState begin_, in_order_;
  RandomAnswers answers_;
  Recorder told_;
  systemc::Simulation simulation_;
  systemc::CoreResult result_;
};

using ByteSet = std::set<std::pair<Space, std::uint64_t>>;  // blocks of 4 B

void add(ByteSet& set, Space space, std::uint64_t start, std::uint64_t size) {
  for (std::uint64_t b = start / 4; b < (start + size + 3) / 4; ++b) set.insert({space, b});
}

std::string difference(const ByteSet& footprints, const ByteSet& told) {
  for (const auto& block : footprints) {
    if (told.contains(block)) continue;
    return fmt::format("{} byte {:#x} is not told", name(block.first), block.second * 4);
  }
  for (const auto& block : told) {
    if (footprints.contains(block)) continue;
    return fmt::format("{} byte {:#x} is told in vain", name(block.first), block.second * 4);
  }
  return "";
}

void check_beats(const ObservedRun& run) {
  for (int port = 0; port < systemc::port_count; ++port) {
    const std::string_view what = systemc::port_names[port];
    const RecordedBeat* before = nullptr;
    for (const RecordedBeat& beat : run.told().beats[port]) {
      if (before != nullptr) {
        ASSERT_LT(before->cycle, beat.cycle) << what << ": two beats in a cycle, or back in time";
      }
      before = &beat;
      for (std::size_t r = 1; r < beat.rows.size(); ++r) {
        ASSERT_LT(beat.rows[r - 1].end(), beat.rows[r].address) << what << " in " << beat.cycle;
      }
    }
  }
}

void check_footprints(const ObservedRun& run) {
  ByteSet reads, writes, told_reads, told_writes;
  for (const Instruction& i : run.program().instructions) {
    const bool to_the_byte =
        !std::holds_alternative<Mmad>(i) && !std::holds_alternative<Fixpipe>(i) &&
        !std::holds_alternative<FixpipeL1>(i) && !std::holds_alternative<CopyL1Gm>(i);
    for (const Extent& e : footprint(i)) {
      for (std::uint64_t n = 0; n < e.count; ++n) {
        if (e.write) add(writes, e.space, e.start + n * e.stride, e.size);
        if (!e.write && to_the_byte) add(reads, e.space, e.start + n * e.stride, e.size);
      }
    }
  }
  for (const auto& [port, space] : written) {
    for (const RecordedBeat& beat : run.told().of(port)) {
      for (const RecordedRow& row : beat.rows) add(told_writes, space, row.address, row.size);
    }
  }
  for (const auto& [port, space] : read_to_the_byte) {
    for (const RecordedBeat& beat : run.told().of(port)) {
      for (const RecordedRow& row : beat.rows) add(told_reads, space, row.address, row.size);
    }
  }
  EXPECT_EQ(difference(writes, told_writes), "") << "written";
  EXPECT_EQ(difference(reads, told_reads), "") << "read";
}

void check_times_and_states(const ObservedRun& run) {
  const systemc::CoreResult& result = run.result();
  EXPECT_FALSE(run.told().wrong_pipe);
  ASSERT_EQ(run.told().times.size(), result.records.size());
  for (const systemc::Record& r : result.records) {
    const RecordedTimes want{r.issue.value(), r.start.value(), r.end.value()};
    EXPECT_EQ(run.told().times.at(r.instruction), want) << "instruction " << r.instruction;
  }
  for (const systemc::PipeResult& pipe : result.pipes) {
    systemc::StateCycles cycles{};
    Cycle at;
    for (const systemc::Segment& run_of_state : run.told().runs.at(pipe.pipe)) {
      ASSERT_EQ(run_of_state.from, at) << name(pipe.pipe);
      at = run_of_state.to;
      cycles[static_cast<int>(run_of_state.state)] += (at - run_of_state.from).value();
    }
    EXPECT_EQ(at - Cycle{0}, result.cycles) << name(pipe.pipe);
    EXPECT_EQ(cycles, pipe.cycles) << name(pipe.pipe);
  }
}

TEST(Observer, WhatItIsToldIsWhatTheCoreDid) {
  std::array<std::uint64_t, systemc::port_count> beats{};
  int n = 0;
  for (const tb::CoreProfile& profile : tb::core_profiles()) {
    for (int i = 0; i < 5; ++i, ++n) {
      const tb::Seed seed = tb::Seed{0x0b5e}.child(n);
      SCOPED_TRACE(fmt::format("{} {}", profile.name, seed.text()));
      const ChipConfig chip = chip_of(n % 3);
      ObservedRun run{chip, profile, seed, static_cast<Numerics>(n / 3 % 3)};
      ASSERT_EQ(run.against_program_order(), "");
      ASSERT_EQ(run.against_replay(), "");
      check_beats(run);
      check_footprints(run);
      check_times_and_states(run);
      if (HasFailure()) return;
      for (int p = 0; p < systemc::port_count; ++p) beats[p] += run.told().beats[p].size();
    }
  }
  for (int p = 0; p < systemc::port_count; ++p) {
    EXPECT_GT(beats[p], 0u) << systemc::port_names[p] << ": no beat";
    fmt::print("{}: {} beats\n", systemc::port_names[p], beats[p]);
  }
}

}  // namespace
}  // namespace vitruvian::tests
