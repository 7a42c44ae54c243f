// SPDX-License-Identifier: Apache-2.0
//
// Walks the beats of one instruction of MTE1: fractal by fractal in the order of the destination, a beat a
// cycle without gaps, from the cycle after load_i on. It describes each beat one cycle later: where it is
// read, where it goes and how it is turned on the way.
`include "vit_assert.svh"
module vit_mte1_walk #(
  parameter int LW      = 14,   // bits of an L1 row address
  parameter int FW      = 7,    // of a fractal's number in L0, or a unit's of 64 B in BT
  parameter int CountW  = 8,
  parameter int L0aRate = 256,  // bytes a cycle
  parameter int L0bRate = 128
) (
  input  logic                        clk_i,
  input  logic                        rst_ni,
  // an instruction begins in the next cycle
  input  logic                        load_i,
  input  logic [vit_pkg::INSTR_W-1:0] instr_i,
  // to vit_load3d, of the beat of this cycle
  output logic                        map_beat_o,
  output logic [3:0]                  map_row_o,
  output logic                        step_k_o,
  output logic                        step_m_o,
  // the beat, one cycle later
  output logic                        beat_o,
  output logic                        map_o,    // rows come from vit_load3d; else they follow base_o
  output logic [7:0]                  rows_o,   // rows it has (fill_l0: none is read)
  output logic [LW-1:0]               base_o,   // first row; load3d: of the map
  output logic [31:0]                 fill_o,   // what rows that are not read hold
  output logic [1:0]                  space_o,  // 0 L0A, 1 L0B, 2 BT
  output logic [FW+3:0]               dst_o,    // row it is written to
  output logic [2:0]                  turn_o,   // docs/pipe/mte1.md
  output logic [3:0]                  place_o,  // of the beat in its block
  output logic                        last_o    // beat of the instruction
);

  localparam logic [1:0] L0A = 2'd0, L0B = 2'd1, BT = 2'd2;
  localparam logic [2:0] F32 = vit_pkg::DATATYPE_F32, S8 = vit_pkg::DATATYPE_S8, S4 = vit_pkg::DATATYPE_S4;

  // ---------------------------------------------------------------- decode
  logic [CountW-1:0] inner, outer;
  vit_mte1_count #(.CountW(CountW)) i_count (.instr_i, .inner_o(inner), .outer_o(outer));

  logic to;
  // load2d
  logic          plain_turns;
  logic [LW-1:0] plain_src;
  logic [15:0]   plain_stride;
  logic [FW-1:0] plain_gap;
  logic [2:0]    plain_dtype;
  assign plain_src    = instr_i[vit_pkg::LOAD2D_SRC_LSB+5 +: LW];
  assign plain_stride = instr_i[vit_pkg::LOAD2D_SRC_STRIDE_LSB +: 16];
  assign plain_gap    = FW'(instr_i[vit_pkg::LOAD2D_DST_GAP_LSB +: 16]);
  assign plain_turns  = instr_i[vit_pkg::LOAD2D_TRANSPOSE_LSB];
  assign plain_dtype  = instr_i[vit_pkg::LOAD2D_DTYPE_LSB +: 3];
  // load2d_transpose
  logic [LW-1:0] block_src;
  logic [15:0]   block_stride;
  logic [FW-1:0] block_gap, block_frac_gap;
  logic [2:0]    block_dtype;
  assign block_src      = instr_i[vit_pkg::LOAD2D_TRANSPOSE_SRC_LSB+5 +: LW];
  assign block_stride   = instr_i[vit_pkg::LOAD2D_TRANSPOSE_SRC_STRIDE_LSB +: 16];
  assign block_gap      = FW'(instr_i[vit_pkg::LOAD2D_TRANSPOSE_DST_GAP_LSB +: 16]);
  assign block_frac_gap = FW'(instr_i[vit_pkg::LOAD2D_TRANSPOSE_DST_FRAC_GAP_LSB +: 16]);
  assign block_dtype    = instr_i[vit_pkg::LOAD2D_TRANSPOSE_DTYPE_LSB +: 3];
  // load3d
  logic          map_turns, m_inside;
  logic [LW-1:0] map_src;
  logic [31:0]   pad_value;
  logic [2:0]    map_dtype;
  assign map_src   = instr_i[vit_pkg::LOAD3D_SRC_LSB+5 +: LW];
  assign pad_value = instr_i[vit_pkg::LOAD3D_PAD_VALUE_LSB +: 32];
  assign map_turns = instr_i[vit_pkg::LOAD3D_TRANSPOSE_LSB];
  assign map_dtype = instr_i[vit_pkg::LOAD3D_DTYPE_LSB +: 3];
  assign m_inside  = to == vit_pkg::L0BUFFER_L0B || map_turns;  // fractals of one k1 stand together
  // fill_l0
  logic [FW-1:0] fill_gap;
  logic [31:0]   fill_value;
  assign fill_gap   = FW'(instr_i[vit_pkg::FILL_L0_DST_GAP_LSB +: 15]);
  assign fill_value = instr_i[vit_pkg::FILL_L0_VALUE_LSB +: 32];
  // copy_l1_bt
  logic [LW-1:0] bias_src;
  assign bias_src = instr_i[vit_pkg::COPY_L1_BT_SRC_LSB+5 +: LW];

  logic          is_map, is_fill, is_block;
  logic [1:0]    space;
  logic [2:0]    dtype, turn;
  logic [LW-1:0] src, src_inner, src_outer;
  logic [FW-1:0] dst_fractal, dst_unit, dst, dst_inner, dst_outer;
  logic [31:0]   value, fill;
  logic [vit_pkg::OPCODE_W-1:0] opcode;
  assign opcode      = instr_i[vit_pkg::OPCODE_W-1:0];
  assign to          = instr_i[vit_pkg::LOAD2D_TO_LSB];               // at the same place in each that has it,
  assign dst_fractal = instr_i[vit_pkg::LOAD2D_DST_LSB+9 +: FW];      // and so is this
  assign dst_unit    = FW'(instr_i[vit_pkg::COPY_L1_BT_DST_LSB+6 +: vit_pkg::COPY_L1_BT_DST_W-6]);

  // How a block of the type is turned over.
  function automatic logic [2:0] turn_of(input logic [2:0] of);
    turn_of = of == F32 ? 3'd3 : of == S8 ? 3'd2 : of == S4 ? 3'd4 : 3'd1;
  endfunction

  always_comb begin
    is_map    = 1'b0;
    is_fill   = 1'b0;
    is_block  = 1'b0;
    space     = to == vit_pkg::L0BUFFER_L0B ? L0B : L0A;
    dtype     = 3'd0;
    turn      = 3'd0;
    src       = '0;
    src_inner = LW'(16);
    src_outer = '0;
    dst       = dst_fractal;
    dst_inner = FW'(1);
    dst_outer = FW'(1);
    value     = '0;
    case (opcode)
      vit_pkg::OP_LOAD2D: begin
        dtype     = plain_dtype;
        turn      = {2'b0, plain_turns};
        src       = plain_src;
        src_inner = LW'({plain_stride, 4'b0});
        dst_inner = plain_gap + FW'(1);
      end
      vit_pkg::OP_LOAD2D_TRANSPOSE: begin
        is_block  = 1'b1;
        dtype     = block_dtype;
        turn      = turn_of(block_dtype);
        src       = block_src;
        src_outer = LW'({block_stride, 4'b0}) << (block_dtype == S4 ? 2 : block_dtype == S8 || block_dtype == F32 ? 1 : 0);
        dst_inner = block_frac_gap + FW'(1);
        dst_outer = block_gap + FW'(1);
      end
      vit_pkg::OP_LOAD3D: begin
        is_map    = 1'b1;
        dtype     = map_dtype;
        turn      = {2'b0, map_turns};
        src       = map_src;
        src_inner = '0;
        dst_inner = m_inside ? FW'(outer) : FW'(1);
        dst_outer = m_inside ? FW'(1) : FW'(inner);
        value     = pad_value;
      end
      vit_pkg::OP_FILL_L0: begin
        is_fill   = 1'b1;
        dtype     = F32;
        dst_outer = FW'(inner) + fill_gap;
        value     = fill_value;
      end
      default: begin  // copy_l1_bt
        space     = BT;
        src       = bias_src;
        src_inner = LW'(2);
        dst       = dst_unit;
      end
    endcase
  end

  // A value of the type, as often as a word holds it.
  assign fill = dtype == F32 ? value : dtype == S8 ? {4{value[7:0]}} : dtype == S4 ? {8{value[3:0]}} : {2{value[15:0]}};

  // ---------------------------------------------------------------- the instruction at work
  logic              active_q, is_map_q, is_fill_q, is_block_q;
  logic [1:0]        space_q;
  logic [2:0]        turn_q;
  logic [31:0]       fill_q;
  logic [LW-1:0]     src_inner_q, src_outer_q, src_block_q, src_q;
  logic [FW-1:0]     dst_inner_q, dst_outer_q, dst_block_q, dst_q;
  logic [CountW-1:0] last_inner_q, last_outer_q, inner_q, outer_q;
  logic [1:0]        part_q;  // beat of the fractal

  logic       four_rows, last_part, last_inner, last_outer;
  logic [3:0] row;  // first row of the beat in its fractal
  assign four_rows  = space_q == L0A ? L0aRate == 128 : space_q == L0B ? L0bRate == 128 : 1'b0;
  assign last_part  = part_q == (four_rows ? 2'd3 : 2'd1);
  assign last_inner = inner_q == last_inner_q;
  assign last_outer = outer_q == last_outer_q;
  assign row        = space_q == BT ? {3'b0, part_q[0]} : four_rows ? {part_q, 2'b0} : {part_q[0], 3'b0};

  assign map_beat_o = active_q && is_map_q;
  assign map_row_o  = row;
  assign step_k_o   = map_beat_o && last_part && !last_inner;
  assign step_m_o   = map_beat_o && last_part && last_inner;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) active_q <= 1'b0;
    else if (load_i) active_q <= 1'b1;
    else if (last_part && last_inner && last_outer) active_q <= 1'b0;
  end

  always_ff @(posedge clk_i) begin
    if (load_i) begin
      is_map_q     <= is_map;
      is_fill_q    <= is_fill;
      is_block_q   <= is_block;
      space_q      <= space;
      turn_q       <= turn;
      fill_q       <= fill;
      src_inner_q  <= src_inner;
      src_outer_q  <= src_outer;
      src_block_q  <= src;
      src_q        <= src;
      dst_inner_q  <= dst_inner;
      dst_outer_q  <= dst_outer;
      dst_block_q  <= dst;
      dst_q        <= dst;
      last_inner_q <= inner - CountW'(1);
      last_outer_q <= outer - CountW'(1);
      inner_q      <= '0;
      outer_q      <= '0;
      part_q       <= '0;
    end else if (active_q) begin
      part_q <= last_part ? 2'd0 : part_q + 2'd1;
      if (last_part) begin
        inner_q <= last_inner ? '0 : inner_q + CountW'(1);
        src_q   <= last_inner ? src_block_q + src_outer_q : src_q + src_inner_q;
        dst_q   <= last_inner ? dst_block_q + dst_outer_q : dst_q + dst_inner_q;
        if (last_inner) begin
          outer_q     <= outer_q + CountW'(1);
          src_block_q <= src_block_q + src_outer_q;
          dst_block_q <= dst_block_q + dst_outer_q;
        end
      end
    end
  end

  // ---------------------------------------------------------------- the beat
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) beat_o <= 1'b0;
    else beat_o <= active_q;
  end
  always_ff @(posedge clk_i) begin
    if (active_q) begin
      map_o   <= is_map_q;
      rows_o  <= is_fill_q ? 8'h00 : space_q == BT ? 8'h01 : four_rows ? 8'h0f : 8'hff;
      base_o  <= is_map_q ? src_q : src_q + LW'(row);
      fill_o  <= fill_q;
      space_o <= space_q;
      dst_o   <= space_q == BT ? (FW+4)'({dst_q, part_q[0]}) : {dst_q, row};
      turn_o  <= turn_q;
      place_o <= !is_block_q ? {2'b0, part_q} : four_rows ? {inner_q[1:0], part_q} : {1'b0, inner_q[1:0], part_q[0]};
      last_o  <= last_part && last_inner && last_outer;
    end
  end

  `ASSERT(OneInstructionAtATime_A, load_i && active_q |-> last_part && last_inner && last_outer)
  `ASSERT(InstructionMovesSomething_A, load_i |-> inner != '0 && outer != '0)

endmodule
