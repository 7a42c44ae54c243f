// SPDX-License-Identifier: Apache-2.0
#include "tb/report/core_signals.h"

#include <algorithm>

#include "models/arch/error.h"
#include "systemc/observe/stats.h"

namespace vitruvian::tb {
namespace {

// The scope the shim gives the block (tb/core/core_block_shim.cpp), then the top module.
constexpr const char* scope = "aic.vit_aic";
constexpr Radix bin = Radix::binary, hex = Radix::hexadecimal, dec = Radix::decimal, text = Radix::text;

constexpr WaveSignal signals[] = {
    {"clock", "clk_i", bin},
    {"clock", "rst_ni", bin},
    {"instruction port", "in_valid_i", bin},
    {"instruction port", "in_ready_o", bin},
    {"instruction port", "in_instr_i", text, "opcode", "opcode", 0, 8},
    {"instruction port", "resp_valid_o", bin},
    {"instruction port", "resp_data_o", hex},
    {"states", "obs_state_o", text, "state", "S", 0, 3},
    {"states", "obs_state_o", text, "state", "M", 3, 3},
    {"states", "obs_state_o", text, "state", "MTE1", 6, 3},
    {"states", "obs_state_o", text, "state", "MTE2", 9, 3},
    {"states", "obs_state_o", text, "state", "MTE3", 12, 3},
    {"states", "obs_state_o", text, "state", "FIX", 15, 3},
    {"FIX MTE3 MTE2 MTE1 M S", "obs_start_o", bin},
    {"FIX MTE3 MTE2 MTE1 M S", "obs_end_o", bin},
    {"FIX MTE3 MTE2 MTE1 M S", "obs_raise_o", bin},
    {"FIX MTE3 MTE2 MTE1 M S", "waits", bin},
    {"FIX MTE3 MTE2 MTE1 M S", "up", bin},
    {"FIX MTE3 MTE2 MTE1 M", "push", bin},
    {"FIX MTE3 MTE2 MTE1 M", "full", bin},
    {"FIX MTE3 MTE2 MTE1 M", "unit_valid", bin},
    {"FIX MTE3 MTE2 MTE1 M", "unit_ready", bin},
    {"FIX MTE3 MTE2 MTE1 M", "unit_done", bin},
    {"FIX MTE3 MTE2 MTE1 M", "unit_busy", bin},
    {"FIX MTE3 MTE2 MTE1 M", "unit_memory", bin},
    {"FIX MTE3 MTE2 MTE1 M", "unit_held", bin},
    {"GM, MTE2 reads", "gm_rd_valid_o", bin},
    {"GM, MTE2 reads", "gm_rd_ready_i", bin},
    {"GM, MTE2 reads", "gm_rd_addr_o", hex},
    {"GM, MTE2 reads", "gm_rd_size_o", dec},
    {"GM, MTE2 reads", "gm_rd_resp_valid_i", bin},
    {"GM, MTE2 reads", "gm_rd_resp_data_i", hex},
    {"GM, S reads", "gm_rs_valid_o", bin},
    {"GM, S reads", "gm_rs_ready_i", bin},
    {"GM, S reads", "gm_rs_addr_o", hex},
    {"GM, S reads", "gm_rs_resp_valid_i", bin},
    {"GM, FIX writes", "gm_wf_valid_o", bin},
    {"GM, FIX writes", "gm_wf_ready_i", bin},
    {"GM, FIX writes", "gm_wf_last_o", bin},
    {"GM, FIX writes", "gm_wf_addr_o", hex, "", "address_0", 0, 48},
    {"GM, FIX writes", "gm_wf_size_o", dec, "", "size_0", 0, 7},
    {"GM, FIX writes", "gm_wf_data_o", hex},
    {"GM, FIX writes", "gm_wf_ack_i", bin},
    {"GM, MTE3 writes", "gm_w3_valid_o", bin},
    {"GM, MTE3 writes", "gm_w3_ready_i", bin},
    {"GM, MTE3 writes", "gm_w3_last_o", bin},
    {"GM, MTE3 writes", "gm_w3_addr_o", hex},
    {"GM, MTE3 writes", "gm_w3_size_o", dec},
    {"GM, MTE3 writes", "gm_w3_data_o", hex},
    {"GM, MTE3 writes", "gm_w3_ack_i", bin},
    {"M, sequencer", "i_cube.i_seq.state_q", text, "sequencer"},
    {"M, sequencer", "i_cube.i_seq.i_q", dec},
    {"M, sequencer", "i_cube.i_seq.j_q", dec},
    {"M, sequencer", "i_cube.i_seq.l_q", dec},
    {"M, sequencer", "i_cube.i_seq.fire_o", bin},
    {"M, sequencer", "i_cube.i_seq.frozen", bin},
    {"M, operands", "m_l0a_ren", bin},
    {"M, operands", "m_l0a_addr", hex},
    {"M, operands", "m_l0b_ren", bin},
    {"M, operands", "m_l0b_addr", hex},
    {"M, operands", "m_bt_ren", bin},
    {"M, operands", "m_bt_addr", hex},
    {"L0C", "m_l0c_req", bin},
    {"L0C", "m_l0c_gnt", bin},
    {"L0C", "fix_l0c_req", bin},
    {"L0C", "fix_l0c_ren", bin},
    {"L0C", "fix_l0c_raddr", hex},
    {"L0C", "m_l0c_ren", bin},
    {"L0C", "m_l0c_raddr", hex},
    {"L0C", "m_l0c_we", bin},
    {"L0C", "m_l0c_waddr", hex},
    {"L0C", "m_l0c_wdata", hex},
    {"unit flags", "m_uf_check", bin},
    {"unit flags", "m_uf_down", bin},
    {"unit flags", "m_uf_addr", dec},
    {"unit flags", "m_uf_set", bin},
    {"unit flags", "m_uf_set_addr", dec},
    {"unit flags", "fix_uf_check", bin},
    {"unit flags", "fix_uf_up", bin},
    {"unit flags", "fix_uf_addr", dec},
    {"unit flags", "fix_uf_clear", bin},
    {"MTE1", "mte1_l1_ren", bin},
    {"MTE1", "mte1_l1_raddr", hex},
    {"MTE1", "mte1_l0a_we", bin},
    {"MTE1", "mte1_l0a_waddr", hex},
    {"MTE1", "mte1_l0a_wdata", hex},
    {"MTE1", "mte1_l0b_we", bin},
    {"MTE1", "mte1_l0b_waddr", hex},
    {"MTE1", "mte1_l0b_wdata", hex},
    {"MTE1", "mte1_bt_we", bin},
    {"MTE1", "mte1_bt_waddr", hex},
    {"MTE2", "mte2_we", bin},
    {"MTE2", "mte2_space", dec},
    {"MTE2", "mte2_waddr", hex},
    {"MTE2", "mte2_wdata", hex},
    {"MTE3", "mte3_l1_ren", bin},
    {"MTE3", "mte3_l1_raddr", hex},
    {"FIX", "fix_l1_ren", bin},
    {"FIX", "fix_l1_raddr", hex},
    {"FIX", "fix_l1_we", bin},
    {"FIX", "fix_l1_waddr", hex},
    {"FIX", "fix_fb_we", bin},
    {"FIX", "fix_fb_ren", bin},
    {"FIX", "fix_fb_raddr", hex},
};

// The hardware's encoding: its last value is idle (docs/core/aic.md, "States").
WaveValues states() {
  WaveValues values{.name = "state", .rows = {}};
  for (std::uint64_t state = 0; state < 8; ++state) {
    values.rows.emplace_back(state, state == 7 ? "idle" : std::string{systemc::state_names[state]});
  }
  return values;
}

}  // namespace

std::span<const WaveSignal> core_signals() { return signals; }

std::vector<WaveValues> core_values() {
  std::vector<WaveValues> values = cube_values();
  values.push_back(states());
  return values;
}

SavedView write_core_view(const std::filesystem::path& folder, const CubeMarks& marks, std::uint64_t picoseconds_per_cycle) {
  if (!std::filesystem::exists(folder / "waves.fst")) {
    throw InputError{"--waves: the core had ended before the cycles asked for, so there is no waveform"};
  }
  const std::vector<WaveValues> values = core_values();
  WaveView view{.scope = scope, .signals = signals, .values = values, .markers = {}};
  const auto time = [&](Cycle cycle) { return cycle.value() * picoseconds_per_cycle; };
  if (marks.first_start) view.markers.push_back({time(*marks.first_start), "first_mmad"});
  if (marks.last_end) view.markers.push_back({time(*marks.last_end), "last_mmad"});
  if (marks.mismatch) view.markers.push_back({time(*marks.mismatch), "mismatch"});
  return write_gtkw(folder, view);
}

}  // namespace vitruvian::tb
