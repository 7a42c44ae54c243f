// SPDX-License-Identifier: Apache-2.0
#include "tb/lockstep/core_lockstep.h"

#include <fmt/format.h>

#include <algorithm>

#include "systemc/chip/simulation.h"

namespace vitruvian::tb {
namespace {

constexpr Space buffers[] = {Space::L1, Space::L0A, Space::L0B, Space::L0C, Space::BT, Space::FB};
constexpr std::uint64_t enough = 100;  // differences, after which going on makes no sense

// The views have drifted apart.
class Stopped {};

// Hears the twin, and lets the RTL catch up with it, so that little has to be kept of either.
class Pacer final : public systemc::CoreObserver {
 public:
  Pacer(CoreCompare& compare, CoreRtl& rtl) : compare_{compare}, rtl_{rtl} {}
  void issued(std::uint32_t i, models::Pipe pipe, Cycle at) override { compare_.twin().issued(i, pipe, at); }
  void started(std::uint32_t i, models::Pipe pipe, Cycle at) override {
    compare_.twin().started(i, pipe, at);
    follow(at);
  }
  void ended(std::uint32_t i, models::Pipe pipe, Cycle at) override { compare_.twin().ended(i, pipe, at); }
  void state(models::Pipe pipe, systemc::State state, Cycle from, Cycle to) override { compare_.twin().state(pipe, state, from, to); }
  void beat(systemc::Port port, Cycle at, std::span<const systemc::BeatRow> rows) override { compare_.twin().beat(port, at, rows); }

  bool rtl_done() const { return done_; }
  void run_rtl_to_the_end() {
    while (!done_) step();
  }

 private:
  void follow(Cycle at) {
    while (!done_ && rtl_.now() < at) step();
  }
  void step() {
    done_ = !rtl_.step();
    if (compare_.so_far().cycle_mismatches + compare_.so_far().value_mismatches >= enough) throw Stopped{};
  }

  CoreCompare& compare_;
  CoreRtl& rtl_;
  bool done_ = false;
};

// The first byte that differs, said as a line; empty if none does.
std::string difference(std::string_view name, std::span<const std::uint8_t> rtl, std::span<const std::uint8_t> twin) {
  const auto found = std::ranges::mismatch(rtl, twin);
  if (found.in1 == rtl.end()) return "";
  return fmt::format("at the end {} byte {:#x} is {:02x} in the RTL, {:02x} in SystemC", name, found.in1 - rtl.begin(), *found.in1, *found.in2);
}

}  // namespace

void compare_memories(CoreComparison& found, models::CoreState& rtl, models::CoreState& twin, Bytes gm_bytes) {
  const auto note = [&](const std::string& text) {
    if (text.empty()) return;
    ++found.value_mismatches;
    if (found.first.empty()) found.first = text;
  };
  for (const Space space : buffers) note(difference(name(space), rtl.buffer(space).bytes(), twin.buffer(space).bytes()));
  note(difference("GM", rtl.gm.at(GmAddress{0}, gm_bytes), twin.gm.at(GmAddress{0}, gm_bytes)));
}

CoreLockstepRun run_core_lockstep(const ChipConfig& chip, const models::Program& program, models::CoreState& state, models::Memory& twin_gm,
                                  Bytes gm_bytes, const systemc::GmAnswers& answers, CoreRtlOptions options) {
  CoreCompare compare{program};
  options.observer = &compare.rtl();
  AnsweredGm memory{answers};
  CoreRtl rtl{chip, program, state, memory, options};
  Pacer pacer{compare, rtl};
  systemc::Simulation twin{chip, program, twin_gm,
                           {.numerics = options.numerics, .trace_limit = 0, .cube = {}, .core = {}, .progress = {}, .gm = &answers, .observer = &pacer}};
  for (const Space space : buffers) std::ranges::copy(state.buffer(space).bytes(), twin.state().buffer(space).bytes().begin());

  CoreLockstepRun run;
  try {
    twin.run();
    pacer.run_rtl_to_the_end();
    run.result = rtl.result();
    run.comparison = compare.finish();
    compare_memories(run.comparison, state, twin.state(), gm_bytes);
  } catch (const Stopped&) {
    run.comparison = compare.so_far();
  } catch (const std::exception& error) {
    run.comparison = compare.so_far();
    if (run.comparison.clean()) throw;
    run.comparison.first += fmt::format("\nthen: {}", error.what());
  }
  return run;
}

}  // namespace vitruvian::tb
