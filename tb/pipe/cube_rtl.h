// SPDX-License-Identifier: Apache-2.0
//
// The Verilated cube in M's place: clocks the block, is its L0A, L0B, BT and L0C, and passes its
// requests on to the core. Cycles in which the block is idle, or waits for a unit flag with an empty
// pipeline, are not clocked. Twin: systemc/pipe/cube.h. Ports: docs/pipe/cube.md.
#pragma once

#include <deque>
#include <filesystem>
#include <optional>
#include <vector>

#include "tb/pipe/cube_library.h"
#include "tb/pipe/cube_observer.h"
#include "tb/pipe/rtl_failure.h"

namespace vitruvian::tb {

// Waveforms of cycles [from, to).
struct CubeWaves {
  std::filesystem::path file;
  Cycle from{0}, to{~std::uint64_t{0}};
};

class CubeRtl final : public ObservedCube {
 public:
  // Throws InputError if the block does not fit, or values are off.
  CubeRtl(const systemc::CubeContext& context, std::shared_ptr<const CubeLibrary> library,
          std::optional<CubeWaves> waves = std::nullopt);
  ~CubeRtl() override;

  void observe(CubeObserver& observer) override { observer_ = &observer; }
  void connect(systemc::CubeEnvironment& environment) override { environment_ = &environment; }
  bool ready(Cycle now) override;
  void start(const models::Mmad& mmad, std::uint32_t instruction, Cycle now) override;
  void step(Cycle now) override;
  systemc::Stall stall(Cycle now) override;
  bool reads_l0c(Cycle now) override;
  void settle(std::uint32_t, std::uint32_t, Cycle) override {}  // every write is done in its cycle
  std::optional<Cycle> next_event(Cycle now) override;

 private:
  void begin_cycle(Cycle now);
  void trace(Cycle now);
  void check_failure() const;
  void answer(Cycle now);
  void serve_reads();
  void write(Cycle now);
  void retire(Cycle now);

  const ChipConfig& chip_;
  models::CoreState& state_;
  std::shared_ptr<const CubeLibrary> library_;
  VitCube* cube_;
  std::optional<CubeWaves> waves_;
  bool tracing_ = false;
  systemc::CubeEnvironment* environment_ = nullptr;
  CubeObserver* observer_ = nullptr;

  VitCubeIn in_{};
  VitCubeAsk ask_{};
  VitCubeOut out_{};
  std::optional<Cycle> begun_;              // the cycle ask_ belongs to
  std::optional<Cycle> stepped_;            // the cycle out_ belongs to
  systemc::Stall stall_ = systemc::Stall::none;
  Cycle held_since_;                        // by a unit flag
  std::uint32_t in_flight_ = 0;             // tiles issued, not yet written
  bool started_ = false;                    // an mmad with tiles, in this cycle
  std::optional<std::uint32_t> empty_;      // one without
  std::deque<std::uint32_t> jobs_;          // with tiles, not retired
  std::vector<std::uint8_t> l0a_, l0b_, bt_, l0c_;  // what the block reads next cycle
  std::vector<L0cWord> words_;
};

systemc::CubeFactory cube_rtl_factory(std::shared_ptr<const CubeLibrary> library,
                                      std::optional<CubeWaves> waves = std::nullopt);

}  // namespace vitruvian::tb
