// SPDX-License-Identifier: Apache-2.0
//
// MTE2: copies from GM to L1, L0A and L0B, fill_l1. Addresses of a copy are worked out while the data of
// others still come; a beat of GM (256 B) is written in the cycle it comes. Timing: docs/timing.md, G1-G3
// and G6; blocks and ports: docs/pipe/mte2.md. Golden twin: models/pipe/mte2.h (values), systemc/pipe/mte2.h
// (cycles).
`include "vit_assert.svh"
module vit_mte2 #(
  parameter int L1_BYTES  = 524288,
  parameter int L0A_BYTES = 65536,
  parameter int L0B_BYTES = 65536,
  // bits of a row's address in the largest of the three
  parameter int L0_BYTES  = L0A_BYTES > L0B_BYTES ? L0A_BYTES : L0B_BYTES,
  parameter int AW        = $clog2((L1_BYTES > L0_BYTES ? L1_BYTES : L0_BYTES) / 32)
) (
  input  logic                        clk_i,
  input  logic                        rst_ni,
  // static
  input  logic [12:0]                 cfg_setup_i,
  input  logic [12:0]                 cfg_request_i,
  input  logic [12:0]                 cfg_in_flight_i,
  input  logic [8:0]                  cfg_outstanding_i,
  input  logic [8:0]                  cfg_read_rate_i,
  input  logic [3:0]                  cfg_read_grain_log2_i,
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
  // GM
  output logic                        gm_rd_valid_o,
  input  logic                        gm_rd_ready_i,
  output logic [47:0]                 gm_rd_addr_o,
  output logic [9:0]                  gm_rd_size_o,
  input  logic                        gm_rd_resp_valid_i,
  input  logic [2047:0]               gm_rd_resp_data_i,
  // destinations
  output logic                        wr_valid_o,
  output logic [1:0]                  wr_space_o,  // 0 L1, 1 L0A, 2 L0B
  output logic [8:0]                  wr_en_o,
  output logic [9*AW-1:0]             wr_addr_o,
  output logic [9*32-1:0]             wr_be_o,
  output logic [9*256-1:0]            wr_data_o
);

  localparam int TagW = 2 * AW + 9;

  // ---------------------------------------------------------------- start
  logic is_fill, is_noop, start, sending_q, sent, m1_holds, full, not_alone, fill_busy;
  logic [12:0] setup_q;   // cycles M1 still asks for
  logic [12:0] flying_q;  // instructions that have started and not ended before this cycle
  assign is_fill   = in_instr_i[7:0] == vit_pkg::OP_FILL_L1;
  assign is_noop   = in_instr_i[7:0] == vit_pkg::OP_COPY_GM_L1_ND2NZ &&
                     in_instr_i[vit_pkg::COPY_GM_L1_ND2NZ_ND_NUM_LSB +: 12] == '0;
  assign m1_holds  = setup_q != '0 || (sending_q && !sent) || fill_busy;
  assign full      = flying_q >= cfg_in_flight_i;
  assign not_alone = is_fill && flying_q != '0;

  assign in_ready_o = !m1_holds && !full && !not_alone;
  assign held_o     = in_valid_i && !m1_holds && (full || not_alone);
  assign start      = in_valid_i && in_ready_o && !is_noop;
  assign noop_o     = in_valid_i && in_ready_o && is_noop;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      setup_q   <= '0;
      flying_q  <= '0;
      sending_q <= 1'b0;
    end else begin
      if (start) setup_q <= cfg_setup_i - 13'd1;
      else if (setup_q != '0) setup_q <= setup_q - 13'd1;
      if (start != done_o) flying_q <= start ? flying_q + 13'd1 : flying_q - 13'd1;
      if (start && !is_fill) sending_q <= 1'b1;
      else if (sent) sending_q <= 1'b0;
    end
  end

  // ---------------------------------------------------------------- bursts
  logic burst_valid, burst_ready, burst_first, beat_last;
  logic [47:0] burst_addr;
  logic [9:0] burst_size;
  logic [TagW-1:0] burst_tag, sent_tag, beat_tag;
  logic [7:0] beat_offset;
  logic [8:0] beat_size, beat_skip;

  vit_mte2_walk #(
    .AW  (AW),
    .TagW(TagW)
  ) i_walk (
    .clk_i,
    .rst_ni,
    .cfg_request_i,
    .start_i      (start && !is_fill),
    .instr_i      (in_instr_i),
    .burst_valid_o(burst_valid),
    .burst_ready_i(burst_ready),
    .burst_first_o(burst_first),
    .burst_addr_o (burst_addr),
    .burst_size_o (burst_size),
    .burst_tag_o  (burst_tag)
  );

  vit_gm_read_port #(
    .Outstanding(256),
    .TagW       (TagW)
  ) i_port (
    .clk_i,
    .rst_ni,
    .cfg_rate_i       (cfg_read_rate_i),
    .cfg_grain_log2_i (cfg_read_grain_log2_i),
    .cfg_outstanding_i(cfg_outstanding_i),
    .in_valid_i       (burst_valid),
    .in_ready_o       (burst_ready),
    .in_first_i       (burst_first),
    .in_addr_i        (burst_addr),
    .in_size_i        (burst_size),
    .in_tag_i         (burst_tag),
    .gm_valid_o       (gm_rd_valid_o),
    .gm_ready_i       (gm_rd_ready_i),
    .gm_addr_o        (gm_rd_addr_o),
    .gm_size_o        (gm_rd_size_o),
    .gm_tag_o         (sent_tag),
    .resp_valid_i     (gm_rd_resp_valid_i),
    .beat_offset_o    (beat_offset),
    .beat_size_o      (beat_size),
    .beat_skip_o      (beat_skip),
    .beat_last_o      (beat_last),
    .beat_tag_o       (beat_tag)
  );

  // The last burst of the copy at hand leaves.
  assign sent = gm_rd_valid_o && gm_rd_ready_i && sent_tag[2*AW+6];

  // ---------------------------------------------------------------- data
  logic [1:0] beat_space;
  logic beat_ends_copy, burst_ends_piece;
  logic [4:0] beat_phase;
  logic [AW-1:0] beat_step, beat_row;
  logic [8:0] rows_en;
  logic [9*AW-1:0] rows_addr;
  logic [9*32-1:0] rows_be;
  logic [9*256-1:0] rows_data;
  assign {beat_space, beat_ends_copy, burst_ends_piece, beat_phase, beat_step, beat_row} = beat_tag;

  vit_mte2_rows #(
    .AW(AW)
  ) i_rows (
    .valid_i (gm_rd_resp_valid_i),
    .data_i  (gm_rd_resp_data_i),
    .offset_i(beat_offset),
    .size_i  (beat_size),
    .skip_i  (beat_skip),
    .row_i   (beat_row),
    .step_i  (beat_step),
    .phase_i (beat_phase),
    .ends_i  (burst_ends_piece && beat_last),
    .en_o    (rows_en),
    .addr_o  (rows_addr),
    .be_o    (rows_be),
    .data_o  (rows_data)
  );

  // ---------------------------------------------------------------- fill
  logic fill_valid, fill_last;
  logic [AW-1:0] fill_addr;
  logic [3:0] fill_count;
  logic [31:0] fill_value;

  vit_mte2_fill #(
    .AW(AW)
  ) i_fill (
    .clk_i,
    .rst_ni,
    .cfg_request_i,
    .start_i       (start && is_fill),
    .start_row_i   (AW'(in_instr_i[vit_pkg::FILL_L1_DST_LSB + 5 +: 19])),
    .start_blocks_i(in_instr_i[vit_pkg::FILL_L1_REPEAT_LSB +: 15]),
    .start_length_i(in_instr_i[vit_pkg::FILL_L1_BLOCK_LENGTH_LSB +: 15]),
    .start_gap_i   (AW'(in_instr_i[vit_pkg::FILL_L1_DST_GAP_LSB +: 15])),
    .start_value_i (in_instr_i[vit_pkg::FILL_L1_VALUE_LSB +: 32]),
    .busy_o        (fill_busy),
    .valid_o       (fill_valid),
    .last_o        (fill_last),
    .addr_o        (fill_addr),
    .count_o       (fill_count),
    .value_o       (fill_value)
  );

  function automatic logic [9*AW-1:0] following(input logic [AW-1:0] row);
    int unsigned s;
    following = '0;
    for (s = 0; s < 9; s++) following[s*AW +: AW] = row + AW'(s);
  endfunction

  // ---------------------------------------------------------------- write
  always_comb begin
    wr_valid_o = gm_rd_resp_valid_i;
    wr_space_o = beat_space;
    wr_en_o    = rows_en;
    wr_addr_o  = rows_addr;
    wr_be_o    = rows_be;
    wr_data_o  = rows_data;
    if (fill_valid) begin
      wr_valid_o = 1'b1;
      wr_space_o = 2'd0;
      wr_en_o    = ~(9'h1ff << fill_count);
      wr_addr_o  = following(fill_addr);
      wr_be_o    = '1;
      wr_data_o  = {72{fill_value}};
    end
  end

  // ---------------------------------------------------------------- end, states
  assign done_o   = (gm_rd_resp_valid_i && beat_last && beat_ends_copy) || fill_last;
  assign busy_o   = start || noop_o || sending_q || fill_busy;
  assign memory_o = flying_q > {12'b0, sending_q || fill_busy};
  assign stall_o  = 2'd0;

  vit_mte2_rules #(
    .L1_BYTES (L1_BYTES),
    .L0A_BYTES(L0A_BYTES),
    .L0B_BYTES(L0B_BYTES)
  ) i_rules (
    .clk_i,
    .rst_ni,
    .start_i(start),
    .instr_i(in_instr_i)
  );

  `ASSERT(InstructionHeldUntilTaken_A, in_valid_i && !in_ready_o |=> in_valid_i && $stable(in_instr_i))
  `ASSERT(DataMeetNoFill_A, !(gm_rd_resp_valid_i && fill_busy))
  `ASSERT(EndsOnlyWhatStarted_A, done_o |-> flying_q != '0)

endmodule
