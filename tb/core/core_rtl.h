// SPDX-License-Identifier: Apache-2.0
//
// The Verilated cube core runs a program, cycle by cycle. Twin: systemc/core/core.h. Ports: docs/core/aic.md.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "models/core/state.h"
#include "models/program/program.h"
#include "systemc/observe/observer.h"
#include "systemc/pipe/errors.h"
#include "tb/core/core_beats.h"
#include "tb/core/core_gm.h"
#include "tb/core/core_library.h"
#include "tb/core/core_records.h"

namespace vitruvian::tb {

// Waveforms of cycles [from, to).
struct CoreWaves {
  std::filesystem::path file;
  Cycle from{0}, to{~std::uint64_t{0}};
};

struct CoreRtlOptions {
  std::shared_ptr<const CoreLibrary> library;
  models::Numerics numerics = models::Numerics::dot24;
  std::size_t trace_limit = 50'000;           // instructions with records and segments
  systemc::CoreObserver* observer = nullptr;  // outlives the core
  std::optional<CoreWaves> waves;
  // Called now and then: instructions issued, of how many. May be empty.
  std::function<void(std::uint64_t done, std::uint64_t total)> progress;
};

class CoreRtl {
 public:
  // Everything referred to outlives it. The core's buffers start with those of `state`; GM is state.gm. Throws
  // InputError if the block does not fit the chip.
  CoreRtl(const ChipConfig& chip, const models::Program& program, models::CoreState& state, GmOracle& memory,
          const CoreRtlOptions& options);
  ~CoreRtl();
  CoreRtl(const CoreRtl&) = delete;
  CoreRtl& operator=(const CoreRtl&) = delete;

  // One cycle; false once every instruction had ended before. Throws systemc::ProgramError, systemc::DeadlockError,
  // RtlFailure.
  bool step();
  Cycle now() const { return now_; }

  // Once, after step() has said false: the buffers go back to `state`.
  systemc::CoreResult result();

  // step() to the end, then result().
  systemc::CoreResult run();

  // What left through the response port, in order.
  const std::vector<std::uint64_t>& responses() const { return responses_; }

 private:
  void configure();
  void copy_buffers(bool to_core);
  void trace();
  void check_asked() const;
  void check_failure() const;
  void check_moves();

  const ChipConfig& chip_;
  const models::Program& program_;
  models::CoreState& state_;
  const CoreRtlOptions options_;
  const CoreLibrary& library_;
  VitCore* core_;
  CoreGm gm_;
  CoreRecords records_;
  std::optional<CoreBeats> beats_;
  bool tracing_ = false;
  Cycle now_, quiet_since_;
  std::uint32_t encoded_ = ~std::uint32_t{0};  // the instruction word_ is of
  std::vector<std::uint64_t> word_;
  std::vector<std::uint64_t> responses_;
  VitCoreIn in_{};
  VitCoreOut asked_{}, out_{};
};

}  // namespace vitruvian::tb
