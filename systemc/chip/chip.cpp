// SPDX-License-Identifier: Apache-2.0
#include "systemc/chip/chip.h"

#include <fmt/format.h>

#include "models/arch/error.h"

namespace vitruvian::systemc {

Chip::Chip(const sc_core::sc_module_name& name, const ChipConfig& config, models::Memory& contents,
           const std::vector<CoreWork>& work, const CoreOptions& options, const GmAnswers* gm,
           const CoreMaker& make)
    : sc_module{name}, memory_{"gm", config, contents, gm} {
  ensure(work.size() <= config.aic_cores, "more work than cube cores");
  for (const CoreWork& piece : work) {
    const std::string core = fmt::format("aic{}", cores_.size());
    if (make) {
      cores_.push_back(make(core.c_str(), config, piece.program, piece.state, options));
    } else {
      cores_.push_back(
          std::make_unique<Core>(core.c_str(), config, piece.program, piece.state, options));
    }
    cores_.back()->gm.bind(memory_.socket);
  }
}

}  // namespace vitruvian::systemc
