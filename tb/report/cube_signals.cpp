// SPDX-License-Identifier: Apache-2.0
#include "tb/report/cube_signals.h"

#include <algorithm>
#include <iterator>
#include <span>
#include <utility>

#include "models/arch/error.h"
#include "models/program/instruction.h"

namespace vitruvian::tb {
namespace {

// The scope the shim gives the block (tb/pipe/cube_block_shim.cpp), then the top module.
constexpr const char* scope = "cube.vit_cube";
constexpr Radix bin = Radix::binary, hex = Radix::hexadecimal, dec = Radix::decimal,
                text = Radix::text;

constexpr WaveSignal control[] = {
    {"clock", "clk_i", bin},
    {"clock", "rst_ni", bin},
    {"instruction port", "in_valid_i", bin},
    {"instruction port", "in_ready_o", bin},
    {"instruction port", "in_instr_i", text, "opcode", "opcode", 0, 8},
    {"instruction", "i_seq.m_q", dec},
    {"instruction", "i_seq.n_q", dec},
    {"instruction", "i_seq.k_q", dec},
    {"instruction", "i_seq.dtype_q", text, "dtype"},
    {"instruction", "i_seq.init_q", text, "init"},
    {"instruction", "i_seq.unit_flag_q", text, "unit_flag"},
    {"instruction", "i_seq.order_q", bin},  // GTKWave shows text for buses only
    {"instruction", "i_seq.a_q", hex},
    {"instruction", "i_seq.b_q", hex},
    {"instruction", "i_seq.c_q", hex},
    {"instruction", "i_seq.bias_q", hex},
    {"instruction", "done_o", bin},
    {"sequencer", "i_seq.state_q", text, "sequencer"},
    {"sequencer", "i_seq.i_q", dec},
    {"sequencer", "i_seq.mt_q", dec},
    {"sequencer", "i_seq.j_q", dec},
    {"sequencer", "i_seq.nt_q", dec},
    {"sequencer", "i_seq.l_q", dec},
    {"sequencer", "i_seq.kt_q", dec},
    {"sequencer", "i_seq.slot_q", dec},
    {"sequencer", "i_seq.fire_o", bin},
    {"sequencer", "i_seq.second_o", bin},
    {"sequencer", "i_seq.last_o", bin},
    {"sequencer", "i_seq.frozen", bin},
    {"unit flags", "uf_check_o", bin},
    {"unit flags", "uf_addr_o", dec},
    {"unit flags", "uf_mask_o", bin},
    {"unit flags", "uf_ok_i", bin},
    {"unit flags", "uf_set_o", bin},
    {"unit flags", "uf_set_addr_o", dec},
    {"unit flags", "uf_set_mask_o", bin},
    {"operands", "l0a_ren_o", bin},
    {"operands", "l0a_addr_o", hex},
    {"operands", "l0a_data_i", hex},
    {"operands", "l0b_ren_o", bin},
    {"operands", "l0b_addr_o", hex},
    {"operands", "l0b_data_i", hex},
    {"operands", "bt_ren_o", bin},
    {"operands", "bt_addr_o", hex},
    {"operands", "bt_data_i", hex},
    {"L0C", "l0c_req_o", bin},
    {"L0C", "l0c_gnt_i", bin},
    {"L0C", "l0c_ren_o", bin},
    {"L0C", "l0c_raddr_o", hex},
    {"L0C", "l0c_rdata_i", hex},
    {"L0C", "l0c_we_o", bin},
    {"L0C", "l0c_waddr_o", hex},
    {"L0C", "l0c_row_mask_o", bin},
    {"L0C", "l0c_column_mask_o", bin},
    {"L0C", "l0c_wdata_o", hex},
    {"stages 1 to 20", "first_q", bin},
    {"stages 1 to 20", "ends_q", bin},
    {"stages 1 to 20", "done_q", bin},
};

// Element (0, 0) of the tile, and the first lane of its operands, from top to bottom on their way
// through the stages. Which stage that is depends on the numerics (docs/pipe/cube.md).
constexpr WaveSignal operand_stages[] = {
    {"element (0, 0)", "l0a_data_i", hex, "", "a_lane_0", 0, 16},
    {"element (0, 0)", "l0b_data_i", hex, "", "b_lane_0", 0, 16},
    {"element (0, 0)", "i_array.a_sig", hex, "", "a_significand", 0, 32},
    {"element (0, 0)", "i_array.a_exp", dec, "", "a_exponent", 0, 32},
    {"element (0, 0)", "i_array.b_sig", hex, "", "b_significand", 0, 32},
    {"element (0, 0)", "i_array.b_exp", dec, "", "b_exponent", 0, 32},
};
constexpr WaveSignal result_stages[] = {
    {"element (0, 0)", "l0c_wdata_o", hex, "", "result", 0, 32},
};

constexpr WaveSignal dot24_stages[] = {
    {"element (0, 0)", "i_array.gen_dot24.sum", hex, "", "sum", 0, 32},
    {"element (0, 0)", "i_array.gen_dot24.sum_exp", dec, "", "exponent", 0, 32},
    {"element (0, 0)", "i_array.gen_dot24.tile", hex, "", "tile", 0, 32},
    {"element (0, 0)", "i_array.acc_q", hex, "", "accumulator", 0, 32},
};
constexpr WaveSignal fused24_stages[] = {
    {"element (0, 0)", "i_array.acc_q", hex, "", "accumulator", 0, 32},
    {"element (0, 0)", "i_array.gen_fused24.sum", hex, "", "sum", 0, 32},
    {"element (0, 0)", "i_array.gen_fused24.sum_exp", dec, "", "exponent", 0, 32},
};
constexpr WaveSignal tree_stages[] = {
    {"element (0, 0)", "i_array.acc_q", hex, "", "accumulator", 0, 32},
};
constexpr std::span<const WaveSignal> stages_of[] = {dot24_stages, fused24_stages, tree_stages};

WaveValues named(std::string name, std::span<const models::EnumValue> rows) {
  WaveValues values{.name = std::move(name), .rows = {}};
  for (const models::EnumValue& row : rows) values.rows.emplace_back(row.value, row.name);
  return values;
}

WaveValues opcodes() {
  WaveValues values{.name = "opcode", .rows = {}};
  for (const models::InstructionInfo& row : models::instruction_table)
    values.rows.emplace_back(row.opcode, row.name);
  return values;
}

}  // namespace

std::vector<WaveSignal> cube_signals(int numerics) {
  std::vector<WaveSignal> rows{std::begin(control), std::end(control)};
  const std::span<const WaveSignal> parts[] = {operand_stages, stages_of[numerics], result_stages};
  for (const auto part : parts) rows.insert(rows.end(), part.begin(), part.end());
  return rows;
}

std::vector<WaveValues> cube_values() {
  return {opcodes(),
          named("dtype", models::DataType_values),
          named("init", models::Init_values),
          named("unit_flag", models::UnitFlag_values),
          {"sequencer", {{0, "idle"}, {1, "decode"}, {2, "run"}}}};  // rtl/pipe/vit_cube_seq.sv
}

namespace {

// What is shown at first: around the mismatch, else the start of the work, at most 300 cycles.
std::pair<Cycle, Cycle> first_view(const CubeMarks& marks) {
  const auto before = [](Cycle cycle, std::uint64_t cycles) {
    return Cycle{cycle.value() - std::min(cycle.value(), cycles)};
  };
  if (marks.mismatch) return {before(*marks.mismatch, 60), *marks.mismatch + Cycles{40}};
  if (!marks.first_start || !marks.last_end) return {};
  return {before(*marks.first_start, 5),
          std::min(*marks.last_end + Cycles{5}, *marks.first_start + Cycles{300})};
}

}  // namespace

CubeMarks cube_marks(const RunResult& result) {
  CubeMarks marks;
  for (const systemc::CoreResult& core : result.cores) {
    for (const systemc::Record& record : core.records) {
      if (!std::holds_alternative<models::Mmad>(result.program.instructions.at(record.instruction)))
        continue;
      if (!marks.first_start) marks.first_start = record.start;
      marks.last_end = std::max(marks.last_end.value_or(record.end), record.end);
    }
  }
  return marks;
}

std::uint64_t picoseconds_per_cycle(const ChipConfig& chip) {
  return 1'000'000'000 / chip.clock_khz;
}

SavedView write_cube_view(const std::filesystem::path& folder, int numerics, const CubeMarks& marks,
                          std::uint64_t picoseconds_per_cycle) {
  if (!std::filesystem::exists(folder / "waves.fst")) {
    throw InputError{
        "--waves: the cube did nothing in the cycles asked for, so there is no waveform"};
  }
  const auto time = [&](Cycle cycle) { return cycle.value() * picoseconds_per_cycle; };
  const std::vector<WaveSignal> signals = cube_signals(numerics);
  const std::vector<WaveValues> values = cube_values();
  WaveView view{.scope = scope, .signals = signals, .values = values, .markers = {}};
  if (marks.first_start) view.markers.push_back({time(*marks.first_start), "first_start"});
  if (marks.last_end) view.markers.push_back({time(*marks.last_end), "last_end"});
  if (marks.mismatch) view.markers.push_back({time(*marks.mismatch), "mismatch"});
  const auto [from, to] = first_view(marks);
  view.from = time(from);
  view.to = time(to);
  return write_gtkw(folder, view);
}

}  // namespace vitruvian::tb
