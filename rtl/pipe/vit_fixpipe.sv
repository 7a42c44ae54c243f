// SPDX-License-Identifier: Apache-2.0
//
// Pipe FIX: L0C -> conversion, ReLU -> GM or L1, and L1 -> FB. A fractal of L0C is read in one cycle and leaves in
// eight, two rows each. A fractal that may not be read holds all that follows it; a beat that GM does not take holds
// everything. Ports: docs/core/aic.md, blocks: docs/pipe/fixpipe.md. Golden twin: models/pipe/fixpipe.h; timing twin:
// systemc/pipe/fixpipe.h.
`include "vit_assert.svh"
module vit_fixpipe #(
  parameter int L1_BYTES  = 524288,
  parameter int L0C_BYTES = 131072,
  parameter int FB_BYTES  = 7168,
  parameter int FIX_RATE  = 128,  // bytes of L0C converted a cycle; nothing else is built
  parameter int LW = $clog2(L1_BYTES / 32),
  parameter int CW = $clog2(L0C_BYTES / 64),
  parameter int FW = $clog2(FB_BYTES / 32)
) (
  input  logic                        clk_i,
  input  logic                        rst_ni,
  // static
  input  logic [12:0]                 cfg_setup_i,
  input  logic [12:0]                 cfg_latency_i,  // at least 4
  input  logic [12:0]                 cfg_fb_tail_i,
  // instruction
  input  logic                        in_valid_i,
  output logic                        in_ready_o,
  input  logic [vit_pkg::INSTR_W-1:0] in_instr_i,
  output logic                        noop_o,
  output logic                        done_o,
  output logic                        busy_o,
  output logic                        memory_o,
  output logic [1:0]                  stall_o,
  output logic                        held_o,
  // L0C, read in the cycle of the grant
  output logic                        l0c_req_o,
  input  logic                        l0c_gnt_i,
  output logic [CW-1:0]               l0c_raddr_o,
  input  logic [16*512-1:0]           l0c_rdata_i,
  // unit flags
  output logic                        uf_check_o,
  output logic [CW-4:0]               uf_addr_o,
  output logic [1:0]                  uf_mask_o,
  input  logic                        uf_up_i,
  output logic                        uf_clear_o,
  // FB
  output logic                        fb_we_o,
  output logic [FW-1:0]               fb_waddr_o,
  output logic [255:0]                fb_wdata_o,
  output logic                        fb_ren_o,
  output logic [FW-1:0]               fb_raddr_o,
  input  logic [1023:0]               fb_rdata_i,
  // L1
  output logic                        l1_ren_o,
  output logic [LW-1:0]               l1_raddr_o,
  input  logic [255:0]                l1_rdata_i,
  output logic [3:0]                  l1_wen_o,
  output logic [4*LW-1:0]             l1_waddr_o,
  output logic [4*32-1:0]             l1_wbe_o,
  output logic [4*256-1:0]            l1_wdata_o,
  // GM
  output logic                        gm_wf_valid_o,
  input  logic                        gm_wf_ready_i,
  output logic                        gm_wf_last_o,
  output logic [FIX_RATE/64*48-1:0]   gm_wf_addr_o,
  output logic [FIX_RATE/64*7-1:0]    gm_wf_size_o,
  output logic [FIX_RATE/64*512-1:0]  gm_wf_data_o,
  input  logic                        gm_wf_ack_i
);

  localparam int InFlight = 16;  // instructions (docs/timing.md)
  localparam int IdW      = $clog2(InFlight);
  localparam int TW       = 14;

  // ---------------------------------------------------------------- what moves in this cycle
  logic go;     // what has been read: GM takes its beat
  logic read;   // the fractal at hand
  logic moves;  // all else: nothing holds it
  logic due, check, clear, upper, flags_up;
  assign flags_up   = !check || uf_up_i;
  assign uf_check_o = due && go && check;
  assign l0c_req_o  = due && go && flags_up;
  assign read       = l0c_req_o && l0c_gnt_i;
  assign moves      = go && (!due || read);
  assign stall_o    = !go ? 2'd3 : moves ? 2'd0 : flags_up ? 2'd2 : 2'd1;

  // Cycles in which all moves.
  logic [TW-1:0] time_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) time_q <= '0;
    else if (moves) time_q <= time_q + TW'(1);
  end

  // ---------------------------------------------------------------- start
  logic           start, copy, to_l1, m1_holds, full;
  logic [15:0]    m_less, nd_less;
  logic [11:0]    n_less;
  logic [IdW-1:0] start_id;
  assign copy       = in_instr_i[vit_pkg::OPCODE_W-1:0] == vit_pkg::OP_COPY_L1_FB;
  assign to_l1      = in_instr_i[vit_pkg::OPCODE_W-1:0] == vit_pkg::OP_FIXPIPE_L1;
  assign m_less     = (to_l1 ? in_instr_i[vit_pkg::FIXPIPE_L1_M_LSB +: 16] : in_instr_i[vit_pkg::FIXPIPE_M_LSB +: 16]) - 16'd1;
  assign n_less     = (to_l1 ? in_instr_i[vit_pkg::FIXPIPE_L1_N_LSB +: 12] : in_instr_i[vit_pkg::FIXPIPE_N_LSB +: 12]) - 12'd1;
  assign nd_less    = to_l1 ? 16'd0 : in_instr_i[vit_pkg::FIXPIPE_ND_NUM_LSB +: 16] - 16'd1;
  assign in_ready_o = moves && !m1_holds && !full;
  assign start      = in_valid_i && in_ready_o;
  assign held_o     = in_valid_i && !m1_holds && full;
  assign noop_o     = 1'b0;

  vit_fixpipe_pace i_pace (
    .clk_i,
    .rst_ni,
    .cfg_setup_i,
    .cfg_fb_tail_i,
    .go_i     (moves),
    .start_i  (start),
    .copy_i   (copy),
    .length_i (in_instr_i[vit_pkg::COPY_L1_FB_LENGTH_LSB +: 16]),
    .rows_i   (m_less[15:4]),
    .columns_i(n_less[11:4]),
    .nd_less_i(nd_less),
    .holds_o  (m1_holds)
  );

  // ---------------------------------------------------------------- fractals
  logic           is_float, relu, vector, to_gm, split, alone, last;
  logic [4:0]     quant, rows, columns;
  logic [46:0]    scale;
  logic [47:0]    address;
  logic [36:0]    pitch;
  logic [1:0]     log_size;
  logic [IdW-1:0] id;
  vit_fixpipe_walk #(
    .InFlight(InFlight),
    .CW      (CW),
    .FW      (FW),
    .TW      (TW)
  ) i_walk (
    .clk_i,
    .rst_ni,
    .time_i    (time_q),
    .start_i   (start && !copy),
    .instr_i   (in_instr_i),
    .id_i      (start_id),
    .first_i   (time_q + TW'(cfg_latency_i)),
    .m_less_i  (m_less),
    .n_less_i  (n_less),
    .nd_less_i (nd_less),
    .due_o     (due),
    .take_i    (read),
    .source_o  (l0c_raddr_o),
    .check_o   (check),
    .clear_o   (clear),
    .upper_o   (upper),
    .vector_o  (vector),
    .fb_row_o  (fb_raddr_o),
    .float_o   (is_float),
    .quant_o   (quant),
    .relu_o    (relu),
    .scale_o   (scale),
    .to_gm_o   (to_gm),
    .address_o (address),
    .pitch_o   (pitch),
    .rows_o    (rows),
    .columns_o (columns),
    .log_size_o(log_size),
    .split_o   (split),
    .alone_o   (alone),
    .last_o    (last),
    .id_o      (id)
  );
  assign uf_addr_o  = l0c_raddr_o[CW-1:3];
  assign uf_mask_o  = {upper, 1'b1};
  assign uf_clear_o = read && clear;
  assign fb_ren_o   = read && vector;

  // ---------------------------------------------------------------- conversion
  logic          next_first, row_valid;
  logic [1023:0] row_word;
  vit_fixpipe_rows i_rows (
    .clk_i,
    .rst_ni,
    .go_i        (go),
    .read_i      (read),
    .float_i     (is_float),
    .quant_i     (quant),
    .relu_i      (relu),
    .vector_i    (vector),
    .scale_i     (scale),
    .l0c_rdata_i,
    .fb_rdata_i,
    .next_first_o(next_first),
    .out_valid_o (row_valid),
    .out_word_o  (row_word)
  );

  // ---------------------------------------------------------------- output
  // Where the fractal read last goes; it leaves before the next is read.
  logic           to_gm_q, split_q, alone_q, last_q;
  logic [4:0]     rows_q, columns_q;
  logic [47:0]    address_q;
  logic [36:0]    pitch_q;
  logic [1:0]     log_size_q;
  logic [IdW-1:0] id_q;
  always_ff @(posedge clk_i) begin
    if (read) begin
      to_gm_q    <= to_gm;
      split_q    <= split;
      alone_q    <= alone;
      last_q     <= last;
      rows_q     <= rows;
      columns_q  <= columns;
      address_q  <= address;
      pitch_q    <= pitch;
      log_size_q <= log_size;
      id_q       <= id;
    end
  end

  logic           fractal_sent, sent, sent_to_gm;
  logic [IdW-1:0] sent_id;
  vit_fixpipe_send #(
    .LW (LW),
    .IdW(IdW)
  ) i_send (
    .clk_i,
    .rst_ni,
    .go_o        (go),
    .next_first_i(next_first),
    .to_gm_i     (to_gm_q),
    .address_i   (address_q),
    .pitch_i     (pitch_q),
    .rows_i      (rows_q),
    .columns_i   (columns_q),
    .log_size_i  (log_size_q),
    .split_i     (split_q),
    .alone_i     (alone_q),
    .last_i      (last_q),
    .id_i        (id_q),
    .in_valid_i  (row_valid),
    .in_word_i   (row_word),
    .gm_valid_o  (gm_wf_valid_o),
    .gm_ready_i  (gm_wf_ready_i),
    .gm_last_o   (gm_wf_last_o),
    .gm_addr_o   (gm_wf_addr_o),
    .gm_size_o   (gm_wf_size_o),
    .gm_data_o   (gm_wf_data_o),
    .l1_wen_o,
    .l1_waddr_o,
    .l1_wbe_o,
    .l1_wdata_o,
    .fractal_o   (fractal_sent),
    .last_o      (sent),
    .to_gm_o     (sent_to_gm),
    .id_o        (sent_id)
  );

  // ---------------------------------------------------------------- copies
  logic           copy_done;
  logic [IdW-1:0] copy_id;
  vit_fixpipe_copy #(
    .InFlight(InFlight),
    .LW      (LW),
    .FW      (FW),
    .TW      (TW)
  ) i_copy (
    .clk_i,
    .rst_ni,
    .time_i    (time_q),
    .go_i      (moves),
    .start_i   (start && copy),
    .dst_i     (in_instr_i[vit_pkg::COPY_L1_FB_DST_LSB+5 +: FW]),
    .src_i     (in_instr_i[vit_pkg::COPY_L1_FB_SRC_LSB+5 +: LW]),
    .length_i  (in_instr_i[vit_pkg::COPY_L1_FB_LENGTH_LSB +: 16]),
    .id_i      (start_id),
    .first_i   (time_q + TW'(cfg_latency_i) - TW'(2)),
    .l1_ren_o,
    .l1_raddr_o,
    .l1_rdata_i,
    .fb_we_o,
    .fb_waddr_o,
    .fb_wdata_o,
    .done_o    (copy_done),
    .done_id_o (copy_id)
  );

  // ---------------------------------------------------------------- ends, states
  vit_fixpipe_ends #(
    .InFlight(InFlight)
  ) i_ends (
    .clk_i,
    .rst_ni,
    .start_i     (start),
    .start_id_o  (start_id),
    .full_o      (full),
    .copy_done_i (copy_done),
    .copy_id_i   (copy_id),
    .sent_i      (sent),
    .sent_to_gm_i(sent_to_gm),
    .sent_id_i   (sent_id),
    .asked_i     (fractal_sent && sent_to_gm),
    .ack_i       (gm_wf_ack_i),
    .done_o,
    .busy_o,
    .memory_o
  );

  `ASSERT(InstructionIsOfFix_A, in_valid_i |-> copy || to_l1 || in_instr_i[vit_pkg::OPCODE_W-1:0] == vit_pkg::OP_FIXPIPE)
  `ASSERT(InstructionHeldUntilTaken_A, in_valid_i && !in_ready_o |=> in_valid_i && $stable(in_instr_i))
  `ASSERT(RateIsTheOneBuilt_A, FIX_RATE == 128)
  `ASSERT(LatencyLeavesTimeToDecode_A, start |-> cfg_latency_i >= 13'd4)

endmodule
