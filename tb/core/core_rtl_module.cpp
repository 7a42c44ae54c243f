// SPDX-License-Identifier: Apache-2.0
#include "tb/core/core_rtl_module.h"

#include "models/arch/error.h"

namespace vitruvian::tb {
namespace {

models::CoreState& values(models::CoreState* state) {
  if (state == nullptr) throw InputError{"the RTL core computes values: they cannot be switched off"};
  return *state;
}

CoreRtlOptions rtl_options(const systemc::CoreOptions& options, std::shared_ptr<const CoreLibrary> library, std::optional<CoreWaves> waves) {
  return {.library = std::move(library), .numerics = options.numerics, .trace_limit = options.trace_limit, .observer = options.observer,
          .waves = std::move(waves), .progress = options.progress};
}

}  // namespace

CoreRtlModule::CoreRtlModule(const sc_core::sc_module_name& name, const ChipConfig& chip, const models::Program& program,
                             models::CoreState* state, const systemc::CoreOptions& options, std::shared_ptr<const CoreLibrary> library,
                             std::optional<CoreWaves> waves)
    : CoreModule{name, chip}, core_{chip, program, values(state), *this, rtl_options(options, std::move(library), std::move(waves))} {
  SC_HAS_PROCESS(CoreRtlModule);
  SC_METHOD(cycle);
}

void CoreRtlModule::cycle() {
  try {
    if (core_.step()) next_trigger(until(core_.now()));
  } catch (...) {
    failure_ = std::current_exception();  // sleeps for ever; the simulation hands it on
  }
}

GmVerdict CoreRtlModule::read(systemc::GmPort port, Cycle offered, const VitCoreRead& request) {
  list_.clear();
  list_.port = port;
  list_.from = offered;
  list_.offered = true;
  list_.bursts.push_back({GmAddress{request.address}, Bytes{request.size}});
  send(list_);
  return {list_.taken, list_.done};
}

GmVerdict CoreRtlModule::write(systemc::GmPort port, Cycle offered, const VitCoreWrite& beat) {
  list_.clear();
  list_.port = port;
  list_.from = offered;
  list_.acknowledged = beat.last;
  for (int piece = 0; piece < 2; ++piece) {
    if (beat.size[piece] != 0) list_.bursts.push_back({GmAddress{beat.address[piece]}, Bytes{beat.size[piece]}});
  }
  send(list_);
  return {list_.taken, list_.done};
}

systemc::CoreResult CoreRtlModule::result() {
  systemc::CoreResult result = core_.result();
  result.name = basename();
  return result;
}

systemc::CoreMaker core_rtl_maker(std::shared_ptr<const CoreLibrary> library, std::optional<CoreWaves> waves) {
  return [=](const char* name, const ChipConfig& chip, const models::Program& program, models::CoreState* state,
             const systemc::CoreOptions& options) -> std::unique_ptr<systemc::CoreModule> {
    return std::make_unique<CoreRtlModule>(name, chip, program, state, options, library, waves);
  };
}

}  // namespace vitruvian::tb
