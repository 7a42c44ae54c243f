// SPDX-License-Identifier: Apache-2.0
//
// MTE1: moves from L1 to L0A, L0B and BT, turning blocks over and unrolling feature maps on the way, and fills
// L0A and L0B. Latency cfg_latency_i from start to the first beat, one beat a cycle; docs/pipe/mte1.md,
// docs/core/aic.md (interface), docs/timing.md (M1, M2, M4). Golden twin: models/pipe/mte1.h, models/pipe/load3d.h.
`include "vit_assert.svh"
module vit_mte1 #(
  parameter int L1_BYTES  = 512 << 10,
  parameter int L0A_BYTES = 64 << 10,
  parameter int L0B_BYTES = 64 << 10,
  parameter int BT_BYTES  = 1 << 10,
  parameter int L0A_RATE  = 256,        // bytes a cycle: 128 or 256
  parameter int L0B_RATE  = 128,
  parameter int DEPTH     = 64,         // instructions between start and first beat
  parameter int LW        = $clog2(L1_BYTES / 32),  // bits of row addresses
  parameter int AW        = $clog2(L0A_BYTES / 32),
  parameter int BW        = $clog2(L0B_BYTES / 32),
  parameter int TW        = $clog2(BT_BYTES / 32)
) (
  input  logic                        clk_i,
  input  logic                        rst_ni,
  // static
  input  logic [12:0]                 cfg_setup_i,
  input  logic [12:0]                 cfg_load_tail_i,
  input  logic [7:0]                  cfg_latency_i,   // 34 to 128
  // instruction
  input  logic                        in_valid_i,
  output logic                        in_ready_o,
  input  logic [vit_pkg::INSTR_W-1:0] in_instr_i,
  // state
  output logic                        noop_o,
  output logic                        done_o,
  output logic                        busy_o,
  output logic                        memory_o,
  output logic [1:0]                  stall_o,
  output logic                        held_o,
  // L1
  output logic [7:0]                  l1_ren_o,
  output logic [8*LW-1:0]             l1_raddr_o,
  input  logic [8*256-1:0]            l1_rdata_i,
  // L0A, L0B, BT
  output logic                        l0a_we_o,
  output logic [AW-1:0]               l0a_waddr_o,
  output logic [L0A_RATE*8-1:0]       l0a_wdata_o,
  output logic                        l0b_we_o,
  output logic [BW-1:0]               l0b_waddr_o,
  output logic [L0B_RATE*8-1:0]       l0b_wdata_o,
  output logic                        bt_we_o,
  output logic [TW-1:0]               bt_waddr_o,
  output logic [255:0]                bt_wdata_o
);

  // Fractals of L0, units of 64 B of BT: the most that any of them has.
  localparam int L0Bytes = L0A_BYTES > L0B_BYTES ? L0A_BYTES : L0B_BYTES;
  localparam int Places  = L0Bytes / 512 > BT_BYTES / 64 ? L0Bytes / 512 : BT_BYTES / 64;
  localparam int FW      = $clog2(Places);
  localparam int CountW  = FW + 1;
  localparam int DW      = FW + 4;

  // Nothing holds MTE1 once it has started: it never waits for GM, and every instruction moves something.
  assign noop_o   = 1'b0;
  assign memory_o = 1'b0;
  assign stall_o  = 2'd0;
  assign held_o   = 1'b0;

  // ---------------------------------------------------------------- issue
  logic              start, time_is_up, room;
  logic [1:0]        in_space;
  logic [CountW-1:0] in_inner, in_outer;
  assign in_ready_o = time_is_up && room;
  assign start      = in_valid_i && in_ready_o;
  assign in_space   = in_instr_i[vit_pkg::OPCODE_W-1:0] == vit_pkg::OP_COPY_L1_BT ? 2'd2 : {1'b0, in_instr_i[vit_pkg::LOAD2D_TO_LSB]};

  vit_mte1_count #(.CountW(CountW)) i_count (.instr_i(in_instr_i), .inner_o(in_inner), .outer_o(in_outer));

  vit_mte1_issue #(.CountW(CountW), .L0aRate(L0A_RATE), .L0bRate(L0B_RATE)) i_issue (
    .clk_i, .rst_ni, .cfg_setup_i, .cfg_load_tail_i,
    .start_i(start), .space_i(in_space), .inner_i(in_inner), .outer_i(in_outer), .ready_o(time_is_up)
  );

  logic early, load;
  logic [vit_pkg::INSTR_W-1:0] early_instr, load_instr;
  vit_mte1_queue #(.Depth(DEPTH)) i_queue (
    .clk_i, .rst_ni, .cfg_latency_i, .room_o(room), .start_i(start), .instr_i(in_instr_i),
    .early_o(early), .early_instr_o(early_instr), .load_o(load), .load_instr_o(load_instr)
  );

  // Instructions between start and end.
  logic [$clog2(DEPTH)+1:0] flying_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) flying_q <= '0;
    else if (start != done_o) flying_q <= start ? flying_q + 1'b1 : flying_q - 1'b1;
  end
  assign busy_o = start || flying_q != '0;

  // ---------------------------------------------------------------- beats
  logic          beat, map, last, map_beat, step_k, step_m;
  logic [3:0]    map_row, place;
  logic [7:0]    rows;
  logic [LW-1:0] base;
  logic [31:0]   fill;
  logic [1:0]    space;
  logic [DW-1:0] dst;
  logic [2:0]    turn;
  vit_mte1_walk #(.LW(LW), .FW(FW), .CountW(CountW), .L0aRate(L0A_RATE), .L0bRate(L0B_RATE)) i_walk (
    .clk_i, .rst_ni, .load_i(load), .instr_i(load_instr),
    .map_beat_o(map_beat), .map_row_o(map_row), .step_k_o(step_k), .step_m_o(step_m),
    .beat_o(beat), .map_o(map), .rows_o(rows), .base_o(base), .fill_o(fill), .space_o(space), .dst_o(dst), .turn_o(turn), .place_o(place), .last_o(last)
  );

  logic            is_map_early, is_map_load;
  logic [15:0]     out_width, out_height;
  logic [4*33-1:0] pixels;
  logic [8:0]      kh, kw;
  logic [17:0]     h_offset, w_offset;
  logic [LW-1:0]   first_plane, map_size, plane, pitch;
  logic [7:0]      in_map;
  logic [8*LW-1:0] h, w;
  assign is_map_early = early && early_instr[vit_pkg::OPCODE_W-1:0] == vit_pkg::OP_LOAD3D;
  assign is_map_load  = load && load_instr[vit_pkg::OPCODE_W-1:0] == vit_pkg::OP_LOAD3D;

  vit_load3d_setup #(.LW(LW)) i_setup (
    .clk_i, .rst_ni, .in_valid_i(is_map_early), .in_instr_i(early_instr),
    .width_o(out_width), .height_o(out_height), .pixels_o(pixels), .kh_o(kh), .kw_o(kw),
    .h_offset_o(h_offset), .w_offset_o(w_offset), .plane_o(first_plane), .map_o(map_size)
  );
  vit_load3d #(.LW(LW)) i_load3d (
    .clk_i, .load_i(is_map_load), .instr_i(load_instr), .width_i(out_width), .height_i(out_height), .pixels_i(pixels), .kh_i(kh), .kw_i(kw),
    .h_offset_i(h_offset), .w_offset_i(w_offset), .plane_i(first_plane), .map_i(map_size),
    .step_k_i(step_k), .step_m_i(step_m), .beat_i(map_beat), .row_i(map_row),
    .inside_o(in_map), .h_o(h), .w_o(w), .plane_o(plane), .pitch_o(pitch)
  );

  // ---------------------------------------------------------------- data
  logic             data_valid, out_valid, out_upper, out_last;
  logic [7:0]       data_rows;
  logic [31:0]      data_fill;
  logic [8*256-1:0] gathered, turned;
  logic [1:0]       out_space;
  logic [DW-1:0]    out_dst;
  logic [2:0]       out_turn;
  vit_mte1_read #(.LW(LW)) i_read (
    .clk_i, .rst_ni, .beat_i(beat), .map_i(map), .rows_i(rows), .base_i(base), .fill_i(fill),
    .inside_i(in_map), .h_i(h), .w_i(w), .plane_i(plane), .pitch_i(pitch),
    .l1_ren_o, .l1_raddr_o, .data_valid_o(data_valid), .data_rows_o(data_rows), .data_fill_o(data_fill)
  );
  vit_mte1_buffer #(.DW(DW), .L0aRate(L0A_RATE), .L0bRate(L0B_RATE)) i_buffer (
    .clk_i, .rst_ni, .beat_i(beat), .space_i(space), .dst_i(dst), .turn_i(turn), .place_i(place), .last_i(last),
    .data_valid_i(data_valid), .data_i(l1_rdata_i), .data_rows_i(data_rows), .data_fill_i(data_fill),
    .out_valid_o(out_valid), .out_space_o(out_space), .out_dst_o(out_dst), .out_turn_o(out_turn), .out_upper_o(out_upper), .out_last_o(out_last), .out_data_o(gathered)
  );
  vit_transpose i_transpose (
    .clk_i, .in_valid_i(out_valid), .in_turn_i(out_turn), .in_upper_i(out_upper), .in_data_i(gathered), .out_data_o(turned)
  );

  // ---------------------------------------------------------------- writes
  logic [DW-1:0] dst_q;
  logic out_unused;  // as wide as the largest of the three needs it
  assign out_unused = ^{dst_q, turned};
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      l0a_we_o <= 1'b0;
      l0b_we_o <= 1'b0;
      bt_we_o  <= 1'b0;
      done_o   <= 1'b0;
    end else begin
      l0a_we_o <= out_valid && out_space == 2'd0;
      l0b_we_o <= out_valid && out_space == 2'd1;
      bt_we_o  <= out_valid && out_space == 2'd2;
      done_o   <= out_valid && out_last;
    end
  end
  always_ff @(posedge clk_i) if (out_valid) dst_q <= out_dst;
  assign l0a_waddr_o = AW'(dst_q);
  assign l0b_waddr_o = BW'(dst_q);
  assign bt_waddr_o  = TW'(dst_q);
  assign l0a_wdata_o = turned[L0A_RATE*8-1:0];
  assign l0b_wdata_o = turned[L0B_RATE*8-1:0];
  assign bt_wdata_o  = turned[255:0];

  vit_mte1_rules #(.L1_BYTES(L1_BYTES), .L0A_BYTES(L0A_BYTES), .L0B_BYTES(L0B_BYTES), .BT_BYTES(BT_BYTES)) i_rules (
    .clk_i, .rst_ni, .start_i(start), .instr_i(in_instr_i)
  );

  `ASSERT(InstructionHeldUntilTaken_A, in_valid_i && !in_ready_o |=> in_valid_i && $stable(in_instr_i))
  `ASSERT(DoneOnlyOfAStarted_A, done_o |-> flying_q != '0)
  `ASSERT(LastBeatWrites_A, done_o |-> l0a_we_o || l0b_we_o || bt_we_o)

endmodule
