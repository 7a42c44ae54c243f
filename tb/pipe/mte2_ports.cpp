// SPDX-License-Identifier: Apache-2.0
//
// vit_mte2 as a mover. VIT_* macros are the parameters it was Verilated with.
#include <string_view>

#include "Vvit_mte2.h"
#include "tb/pipe/mover_ports.h"

namespace {

// Of a power of two.
unsigned log2_of(std::uint64_t value) {
  unsigned bits = 0;
  while (value > 1) value /= 2, ++bits;
  return bits;
}

struct Setting {
  std::string_view name;
  void (*set)(Vvit_mte2& top, std::uint32_t value);
};
constexpr Setting settings[] = {
    {"setup", [](Vvit_mte2& top, std::uint32_t value) { top.cfg_setup_i = value; }},
    {"request", [](Vvit_mte2& top, std::uint32_t value) { top.cfg_request_i = value; }},
    {"in_flight", [](Vvit_mte2& top, std::uint32_t value) { top.cfg_in_flight_i = value; }},
    {"outstanding", [](Vvit_mte2& top, std::uint32_t value) { top.cfg_outstanding_i = value; }},
    {"read_rate", [](Vvit_mte2& top, std::uint32_t value) { top.cfg_read_rate_i = value; }},
    {"read_grain", [](Vvit_mte2& top, std::uint32_t value) { top.cfg_read_grain_log2_i = log2_of(value); }},
};

// Bits of a row's address: AW.
constexpr unsigned row_bits_for(unsigned bytes) {
  unsigned bits = 0;
  while ((32u << bits) < bytes) ++bits;
  return bits;
}
constexpr unsigned row_bits = row_bits_for(std::max({VIT_L1_BYTES, VIT_L0A_BYTES, VIT_L0B_BYTES}));

class Mte2 final : public MoverModel<Vvit_mte2> {
 public:
  explicit Mte2(VerilatedContext& context) : MoverModel{context, "mte2"} {
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
    top->gm_rd_ready_i = 0;
    top->gm_rd_resp_valid_i = in.gm != nullptr;
    put(top->gm_rd_resp_data_i, in.gm);
  }
  void answer(const VitMoverAnswers& answers) override { top->gm_rd_ready_i = answers.gm_ready; }
  void ask(VitMoverAsks& asks) const override {
    asks.gm_valid = top->gm_rd_valid_o;
    asks.gm_address = top->gm_rd_addr_o;
    asks.gm_size = top->gm_rd_size_o;
  }
  void report(VitMoverOut& out) const override {
    report_states(out);
    out.gm_read = top->gm_rd_valid_o;
    out.gm_address = top->gm_rd_addr_o;
    out.gm_size = top->gm_rd_size_o;
    if (top->wr_valid_o) report_rows(out);
  }

 private:
  void report_rows(VitMoverOut& out) const {
    for (unsigned slot = 0; slot < VIT_MOVER_ROWS; ++slot) {
      if (!(top->wr_en_o >> slot & 1)) continue;
      const auto row = static_cast<std::uint32_t>(bits_of(top->wr_addr_o, slot * row_bits, row_bits));
      const auto enables = static_cast<std::uint32_t>(bits_of(top->wr_be_o, slot * 32, 32));
      out.write[out.writes++] = {top->wr_space_o, row * 32, enables, bytes_of(top->wr_data_o, slot * 32)};
    }
  }
};

}  // namespace

std::unique_ptr<MoverPorts> make_mover(VerilatedContext& context) { return std::make_unique<Mte2>(context); }

VitMoverParameters mover_parameters() {
  VitMoverParameters parameters{};
  parameters.block = "mte2";
  parameters.instruction_words = sizeof(Vvit_mte2::in_instr_i) / 8;
  parameters.l1_bytes = VIT_L1_BYTES;
  parameters.l0a_bytes = VIT_L0A_BYTES;
  parameters.l0b_bytes = VIT_L0B_BYTES;
  return parameters;
}
