// SPDX-License-Identifier: Apache-2.0
//
// vit_fixpipe as a mover. VIT_* macros are the parameters it was Verilated with.
#include <string_view>

#include "Vvit_fixpipe.h"
#include "tb/pipe/mover_ports.h"

namespace {

struct Setting {
  std::string_view name;
  void (*set)(Vvit_fixpipe& top, std::uint32_t value);
};
constexpr Setting settings[] = {
    {"setup", [](Vvit_fixpipe& top, std::uint32_t value) { top.cfg_setup_i = value; }},
    {"latency", [](Vvit_fixpipe& top, std::uint32_t value) { top.cfg_latency_i = value; }},
    {"fb_tail", [](Vvit_fixpipe& top, std::uint32_t value) { top.cfg_fb_tail_i = value; }},
};
constexpr unsigned pieces = 2, l1_slots = 4, row = 32, l0c_row = 64;

class Fixpipe final : public MoverModel<Vvit_fixpipe> {
 public:
  explicit Fixpipe(VerilatedContext& context) : MoverModel{context, "fixpipe"} {
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
    put(top->l0c_rdata_i, in.l0c);
    put(top->fb_rdata_i, in.fb);
    top->gm_wf_ack_i = in.gm_acknowledge;
    top->gm_wf_ready_i = 0;
    top->uf_up_i = 0;
    top->l0c_gnt_i = 0;
  }
  void answer(const VitMoverAnswers& answers) override {
    top->gm_wf_ready_i = answers.gm_ready;
    top->uf_up_i = answers.flags_up;
    top->l0c_gnt_i = answers.l0c_grant;
  }
  void ask(VitMoverAsks& asks) const override {
    asks.gm_valid = top->gm_wf_valid_o;
    asks.flag_check = top->uf_check_o;
    asks.l0c_request = top->l0c_req_o;
    asks.flag_first = top->uf_addr_o;
    asks.flag_mask = top->uf_mask_o;
  }
  void report(VitMoverOut& out) const override {
    report_states(out);
    report_reads(out);
    report_gm(out);
    report_l1(out);
    if (top->fb_we_o) {
      out.write[out.writes++] = {VIT_FB, top->fb_waddr_o * row, 0xffffffff, bytes_of(top->fb_wdata_o)};
    }
  }

 private:
  void report_reads(VitMoverOut& out) const {
    out.l0c_read = top->l0c_req_o && top->l0c_gnt_i;
    out.l0c_address = top->l0c_raddr_o * l0c_row;
    out.flag_clear = top->uf_clear_o;
    out.flag_first = top->uf_addr_o;
    out.flag_mask = top->uf_mask_o;
    out.fb_read = top->fb_ren_o;
    out.fb_address = top->fb_raddr_o * row;
    out.l1_reads = out.l1_mask = top->l1_ren_o;
    out.l1_address[0] = top->l1_raddr_o * row;
  }
  void report_gm(VitMoverOut& out) const {
    if (!top->gm_wf_valid_o) return;
    out.gm_write = 1;
    out.gm_last = top->gm_wf_last_o;
    out.pieces = pieces;
    for (unsigned p = 0; p < pieces; ++p) {
      out.piece[p] = {bits_of(top->gm_wf_addr_o, 48 * p, 48), static_cast<std::uint32_t>(bits_of(top->gm_wf_size_o, 7 * p, 7)),
                      bytes_of(top->gm_wf_data_o, 64 * p)};
    }
  }
  void report_l1(VitMoverOut& out) const {
    constexpr unsigned width = sizeof(int) * 8 - __builtin_clz(VIT_L1_BYTES / row - 1);
    for (unsigned slot = 0; slot < l1_slots; ++slot) {
      if (!(top->l1_wen_o >> slot & 1)) continue;
      out.write[out.writes++] = {VIT_L1, static_cast<std::uint32_t>(bits_of(top->l1_waddr_o, width * slot, width)) * row,
                                 static_cast<std::uint32_t>(bits_of(top->l1_wbe_o, 32 * slot, 32)),
                                 bytes_of(top->l1_wdata_o, 32 * slot)};
    }
  }
};

}  // namespace

std::unique_ptr<MoverPorts> make_mover(VerilatedContext& context) { return std::make_unique<Fixpipe>(context); }

VitMoverParameters mover_parameters() {
  VitMoverParameters parameters{};
  parameters.block = "fixpipe";
  parameters.instruction_words = sizeof(Vvit_fixpipe::in_instr_i) / 8;
  parameters.l1_bytes = VIT_L1_BYTES;
  parameters.l0c_bytes = VIT_L0C_BYTES;
  parameters.fb_bytes = VIT_FB_BYTES;
  parameters.gm_rate = VIT_FIX_RATE;
  return parameters;
}
