// SPDX-License-Identifier: Apache-2.0
//
// A Verilated mover in the place of MTE1, MTE2, MTE3 or FIX: clocks the block, is its buffers and GM, and passes
// its requests on to the core. Cycles in which the block is idle, or FIX waits for a unit flag with nothing else
// left in it, are not clocked. Twins: systemc/pipe/mte1.h and so on. Ports: docs/core/aic.md.
#pragma once

#include <array>
#include <deque>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "models/program/encoding.h"
#include "systemc/observe/beats.h"
#include "systemc/pipe/mover_block.h"
#include "tb/pipe/mover_library.h"

namespace vitruvian::tb {

class MoverRtl final : public systemc::MoverBlock {
 public:
  // Throws InputError if the block does not fit the chip, or values are off.
  MoverRtl(const systemc::MoverContext& context, std::shared_ptr<const MoverLibrary> library);
  ~MoverRtl() override;
  MoverRtl(const MoverRtl&) = delete;
  MoverRtl& operator=(const MoverRtl&) = delete;

  void connect(systemc::MoverEnvironment& environment) override { environment_ = &environment; }
  systemc::MoverCycle step(const models::Instruction* head, Cycle now) override;
  std::optional<Cycle> next_event(Cycle now) override;

 private:
  struct DataBeat {
    Cycle at;
    std::uint64_t address;  // of 256 B
  };
  using Rows = std::vector<std::uint8_t>;

  void configure();
  void begin(const models::Instruction* head, Cycle now);
  const std::uint8_t* gm_data(std::uint64_t address);
  bool gm_takes(const VitMoverAsks& asks, Cycle now);
  void answer(Cycle now);
  void finish(const models::Instruction* head, Cycle now);
  void serve_reads(Cycle now);
  void take_gm(Cycle now);
  void write_rows(Cycle now);
  void write_row(const VitMoverRow& row);
  systemc::MoverCycle report(const models::Instruction* head, Cycle now);
  void ask_for_next(Cycle now);
  void check_failure(Cycle now) const;
  [[noreturn]] void fail(Cycle now, std::string_view what) const;

  const models::Pipe pipe_;
  const ChipConfig& chip_;
  models::CoreState& state_;
  const std::shared_ptr<const MoverLibrary> library_;
  VitMover* mover_;
  systemc::MoverEnvironment* environment_ = nullptr;
  systemc::Beats beats_;
  const Cycles rest_;  // what may go on in it once the last instruction has ended

  // Of the cycle at hand.
  VitMoverIn in_{};
  VitMoverAnswers answers_{};
  VitMoverOut out_{};
  std::optional<systemc::L0cTurn> l0c_;
  bool handed_over_ = false;  // the fractal at hand, by unit flags
  models::InstructionWord word_{};
  const models::Instruction* encoded_ = nullptr;  // what word_ is of

  // The request or beat at the port, not taken yet.
  std::optional<systemc::GmTurn> offer_;
  std::vector<systemc::GmPiece> pieces_;
  std::deque<DataBeat> data_;
  std::deque<Cycle> acknowledgements_;
  std::array<std::uint8_t, 256> edge_{};  // a beat that goes beyond the end of GM

  Rows l1_, l0c_rows_, fb_;  // what is read, for the next cycle
  std::uint64_t under_way_ = 0;
  Cycle active_until_;       // something is in the block in the cycles before
  Cycle moved_;              // something happened last
  bool held_ = false;        // by unit flags
};

systemc::MoverFactory mover_rtl_factory(std::shared_ptr<const MoverLibrary> library);

}  // namespace vitruvian::tb
