// SPDX-License-Identifier: Apache-2.0
#include "tb/lockstep/pipe_lockstep.h"

#include <fmt/format.h>

#include "tb/lockstep/core_lockstep.h"

namespace vitruvian::tb {
namespace {

constexpr std::uint64_t enough = 100;  // differences, after which going on makes no sense

// The cores have drifted apart.
class Stopped {};

bool is_of_cube(systemc::Port port) {
  using systemc::Port;
  return port == Port::l0a_read || port == Port::l0b_read || port == Port::l0c_read || port == Port::l0c_write || port == Port::bt_read;
}

systemc::SimulationOptions with(systemc::SimulationOptions options, systemc::CoreObserver& observer) {
  options.observer = &observer;
  return options;
}

systemc::SimulationOptions of_twin(systemc::SimulationOptions options, systemc::CoreObserver& observer) {
  options.cube = {};
  options.core = {};
  options.movers = {};
  options.progress = {};
  options.trace_limit = 0;
  return with(std::move(options), observer);
}

}  // namespace

PipeLockstep::PipeLockstep(const ChipConfig& chip, const models::Program& program, models::Memory& gm, models::Memory& twin_gm,
                           systemc::SimulationOptions options)
    : cube_in_rtl_{static_cast<bool>(options.cube)}, compare_{program}, rtl_side_{*this, compare_.rtl()}, twin_side_{*this, compare_.twin()},
      rtl_{chip, program, gm, with(options, rtl_side_)}, twin_{chip, program, twin_gm, of_twin(options, twin_side_)} {}

void PipeLockstep::Side::beat(systemc::Port port, Cycle at, std::span<const systemc::BeatRow> rows) {
  if (!outer_.cube_in_rtl_ || !is_of_cube(port)) to_.beat(port, at, rows);
}

void PipeLockstep::check() const {
  if (compare_.so_far().cycle_mismatches + compare_.so_far().value_mismatches >= enough) throw Stopped{};
}

systemc::CoreResult PipeLockstep::run(Bytes gm_bytes) {
  systemc::CoreResult result;
  try {
    result = systemc::Simulation::run_together(rtl_, twin_).first;
    found_ = compare_.finish();
    compare_memories(found_, rtl_.state(), twin_.state(), gm_bytes);
  } catch (const Stopped&) {
    found_ = compare_.so_far();
  } catch (const std::exception& error) {
    found_ = compare_.so_far();
    if (found_.clean()) throw;
    found_.first += fmt::format("\nthen: {}", error.what());
  }
  return result;
}

}  // namespace vitruvian::tb
