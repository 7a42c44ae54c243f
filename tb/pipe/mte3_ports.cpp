// SPDX-License-Identifier: Apache-2.0
//
// vit_mte3 as a mover. VIT_* macros are the parameters it was Verilated with.
#include <string_view>

#include "Vvit_mte3.h"
#include "tb/pipe/mover_ports.h"

namespace {

struct Setting {
  std::string_view name;
  void (*set)(Vvit_mte3& top, std::uint32_t value);
};
constexpr Setting settings[] = {
    {"setup", [](Vvit_mte3& top, std::uint32_t value) { top.cfg_setup_i = value; }},
    {"latency", [](Vvit_mte3& top, std::uint32_t value) { top.cfg_latency_i = value; }},
    {"in_flight", [](Vvit_mte3& top, std::uint32_t value) { top.cfg_in_flight_i = value; }},
};
// In reset the settings are zero, but for this one: less is impossible.
constexpr std::uint32_t least_latency = 3;

class Mte3 final : public MoverModel<Vvit_mte3> {
 public:
  explicit Mte3(VerilatedContext& context) : MoverModel{context, "mte3"} {
    for (const Setting& setting : settings) setting.set(*top, 0);
    top->cfg_latency_i = least_latency;
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
    top->gm_w3_ready_i = 0;
    top->gm_w3_ack_i = in.gm_acknowledge;
  }
  void answer(const VitMoverAnswers& answers) override { top->gm_w3_ready_i = answers.gm_ready; }
  void ask(VitMoverAsks& asks) const override { asks.gm_valid = top->gm_w3_valid_o; }
  void report(VitMoverOut& out) const override {
    report_states(out);
    if (top->l1_ren_o) report_read(out);
    if (!top->gm_w3_valid_o) return;
    out.gm_write = 1;
    out.gm_last = top->gm_w3_last_o;
    out.pieces = 1;
    out.piece[0] = {top->gm_w3_addr_o, top->gm_w3_size_o, bytes_of(top->gm_w3_data_o)};
  }

 private:
  void report_read(VitMoverOut& out) const {
    out.l1_reads = VIT_W_RATE / 32;
    out.l1_mask = (1u << out.l1_reads) - 1;
    for (unsigned row = 0; row < out.l1_reads; ++row) out.l1_address[row] = (top->l1_raddr_o + row) * 32;
  }
};

}  // namespace

std::unique_ptr<MoverPorts> make_mover(VerilatedContext& context) { return std::make_unique<Mte3>(context); }

VitMoverParameters mover_parameters() {
  VitMoverParameters parameters{};
  parameters.block = "mte3";
  parameters.instruction_words = sizeof(Vvit_mte3::in_instr_i) / 8;
  parameters.l1_bytes = VIT_L1_BYTES;
  parameters.gm_rate = VIT_W_RATE;
  return parameters;
}
