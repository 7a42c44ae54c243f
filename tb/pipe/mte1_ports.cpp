// SPDX-License-Identifier: Apache-2.0
//
// vit_mte1 as a mover. VIT_* macros are the parameters it was Verilated with.
#include <string_view>

#include "Vvit_mte1.h"
#include "tb/pipe/mover_ports.h"

namespace {

struct Setting {
  std::string_view name;
  void (*set)(Vvit_mte1& top, std::uint32_t value);
};
constexpr Setting settings[] = {
    {"setup", [](Vvit_mte1& top, std::uint32_t value) { top.cfg_setup_i = value; }},
    {"load_tail", [](Vvit_mte1& top, std::uint32_t value) { top.cfg_load_tail_i = value; }},
    {"latency", [](Vvit_mte1& top, std::uint32_t value) { top.cfg_latency_i = value; }},
};

constexpr unsigned log2_of(unsigned x) { return x <= 1 ? 0 : 1 + log2_of((x + 1) / 2); }  // rounded up
constexpr unsigned row_bits = log2_of(VIT_L1_BYTES / 32);  // LW

class Mte1 final : public MoverModel<Vvit_mte1> {
 public:
  explicit Mte1(VerilatedContext& context) : MoverModel{context, "mte1"} {
    for (const Setting& setting : settings) setting.set(*top, 0);
  }

  bool set(const char* name, std::uint32_t value) override {
    for (const Setting& setting : settings) {
      if (setting.name == name) return setting.set(*top, value), true;
    }
    return false;
  }
  void drive(const VitMoverIn& in) override {
    drive_instruction(in);
    put(top->l1_rdata_i, in.l1);
  }
  void answer(const VitMoverAnswers&) override {}
  void ask(VitMoverAsks&) const override {}
  void report(VitMoverOut& out) const override {
    report_states(out);
    report_reads(out);
    if (top->l0a_we_o) report_write(out, VIT_L0A, top->l0a_waddr_o, VIT_L0A_RATE / 32, bytes_of(top->l0a_wdata_o));
    if (top->l0b_we_o) report_write(out, VIT_L0B, top->l0b_waddr_o, VIT_L0B_RATE / 32, bytes_of(top->l0b_wdata_o));
    if (top->bt_we_o) report_write(out, VIT_BT, top->bt_waddr_o, 1, bytes_of(top->bt_wdata_o));
  }

 private:
  void report_reads(VitMoverOut& out) const {
    out.l1_mask = top->l1_ren_o;
    if (out.l1_mask == 0) return;
    out.l1_reads = 8;
    for (unsigned row = 0; row < 8; ++row) {
      out.l1_address[row] = static_cast<std::uint32_t>(bits_of(top->l1_raddr_o, row * row_bits, row_bits)) * 32;
    }
  }
  // A beat: whole rows behind each other, the first at row number `first`.
  static void report_write(VitMoverOut& out, VitSpace space, std::uint32_t first, std::uint32_t rows, const std::uint8_t* data) {
    for (std::uint32_t row = 0; row < rows; ++row) {
      out.write[out.writes++] = {static_cast<std::uint8_t>(space), (first + row) * 32, 0xffff'ffff, data + row * 32};
    }
  }
};

}  // namespace

std::unique_ptr<MoverPorts> make_mover(VerilatedContext& context) { return std::make_unique<Mte1>(context); }

VitMoverParameters mover_parameters() {
  VitMoverParameters parameters{};
  parameters.block = "mte1";
  parameters.instruction_words = sizeof(Vvit_mte1::in_instr_i) / 8;
  parameters.l1_bytes = VIT_L1_BYTES;
  parameters.l0a_bytes = VIT_L0A_BYTES;
  parameters.l0b_bytes = VIT_L0B_BYTES;
  parameters.bt_bytes = VIT_BT_BYTES;
  parameters.l0a_rate = VIT_L0A_RATE;
  parameters.l0b_rate = VIT_L0B_RATE;
  return parameters;
}
