// SPDX-License-Identifier: Apache-2.0
//
// MTE3: copies from L1 to GM, a beat of up to W_RATE bytes a cycle. A beat that GM does not take freezes all
// of it, counters included (docs/timing.md, M3, G5; blocks and ports: docs/pipe/mte3.md). Golden twin:
// models/pipe/mte3.h (values), systemc/pipe/mte3.h (cycles).
//
//   start  address of the beat  (latency - 3)  L1 read  L1 answers  offered
//     0            1 ..                                             latency ..
`include "vit_assert.svh"
module vit_mte3 #(
  parameter int L1_BYTES = 524288,
  parameter int W_RATE   = 128,
  parameter int LW       = $clog2(L1_BYTES / 32)
) (
  input  logic                        clk_i,
  input  logic                        rst_ni,
  // static
  input  logic [12:0]                 cfg_setup_i,
  input  logic [12:0]                 cfg_latency_i,    // at least 3
  input  logic [12:0]                 cfg_in_flight_i,
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
  // L1: contiguous rows
  output logic                        l1_ren_o,
  output logic [LW-1:0]               l1_raddr_o,
  input  logic [W_RATE*8-1:0]         l1_rdata_i,
  // GM
  output logic                        gm_w3_valid_o,
  input  logic                        gm_w3_ready_i,
  output logic                        gm_w3_last_o,
  output logic [47:0]                 gm_w3_addr_o,
  output logic [8:0]                  gm_w3_size_o,
  output logic [W_RATE*8-1:0]         gm_w3_data_o,
  input  logic                        gm_w3_ack_i
);

  localparam int BeatW   = 1 + 48 + 9;  // {last, addr, size}
  localparam int LogRate = $clog2(W_RATE);

  logic freeze, taken_last;
  assign freeze     = gm_w3_valid_o && !gm_w3_ready_i;
  assign taken_last = gm_w3_valid_o && gm_w3_ready_i && gm_w3_last_o;

  // ---------------------------------------------------------------- start
  logic start, m1_holds, full, walk_valid, walk_last;
  logic [12:0] setup_q;    // cycles M1 still asks for
  logic [12:0] flying_q;   // instructions that have started and not ended before this cycle,
  logic [12:0] sending_q;  // of these, whose last beat was not taken before this cycle
  assign m1_holds   = setup_q != '0 || (walk_valid && !walk_last);
  assign full       = flying_q >= cfg_in_flight_i;
  assign in_ready_o = !freeze && !m1_holds && !full;
  assign held_o     = in_valid_i && !m1_holds && full;
  assign start      = in_valid_i && in_ready_o;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      setup_q   <= '0;
      flying_q  <= '0;
      sending_q <= '0;
    end else begin
      if (start) setup_q <= cfg_setup_i - 13'd1;
      else if (setup_q != '0 && !freeze) setup_q <= setup_q - 13'd1;
      if (start != done_o) flying_q <= start ? flying_q + 13'd1 : flying_q - 13'd1;
      if (start != taken_last) sending_q <= start ? sending_q + 13'd1 : sending_q - 13'd1;
    end
  end

  // ---------------------------------------------------------------- addresses, held back
  logic [47:0] walk_addr;
  logic [8:0] walk_size;
  logic [LW-1:0] walk_row;
  vit_mte3_walk #(
    .W_RATE(W_RATE),
    .LW    (LW),
    .Rows  (L1_BYTES / 32)
  ) i_walk (
    .clk_i,
    .rst_ni,
    .freeze_i(freeze),
    .start_i (start),
    .instr_i (in_instr_i[139:0]),
    .valid_o (walk_valid),
    .last_o  (walk_last),
    .addr_o  (walk_addr),
    .size_o  (walk_size),
    .row_o   (walk_row)
  );

  logic read_valid;
  logic [BeatW-1:0] read_beat;
  vit_mte3_delay #(
    .Width(BeatW + LW)
  ) i_delay (
    .clk_i,
    .rst_ni,
    .cycles_i   (12'(cfg_latency_i - 13'd3)),
    .freeze_i   (freeze),
    .in_valid_i (walk_valid),
    .in_data_i  ({walk_last, walk_addr, walk_size, walk_row}),
    .out_valid_o(read_valid),
    .out_data_o ({read_beat, l1_raddr_o})
  );

  // ---------------------------------------------------------------- L1 read, offer
  // What L1 answers in a frozen cycle is kept aside.
  logic answer_q, kept_q;
  logic [BeatW-1:0] answer_beat_q;
  logic [W_RATE*8-1:0] kept_data_q;
  assign l1_ren_o = read_valid && !freeze;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      answer_q      <= 1'b0;
      kept_q        <= 1'b0;
      gm_w3_valid_o <= 1'b0;
    end else begin
      kept_q <= freeze && answer_q;
      if (!freeze) begin
        answer_q      <= read_valid;
        gm_w3_valid_o <= answer_q;
      end
    end
  end

  always_ff @(posedge clk_i) if (l1_ren_o) answer_beat_q <= read_beat;
  always_ff @(posedge clk_i) if (freeze && answer_q && !kept_q) kept_data_q <= l1_rdata_i;
  always_ff @(posedge clk_i) begin
    if (!freeze && answer_q) begin
      {gm_w3_last_o, gm_w3_addr_o, gm_w3_size_o} <= answer_beat_q;
      gm_w3_data_o <= kept_q ? kept_data_q : l1_rdata_i;
    end
  end

  // ---------------------------------------------------------------- end, states
  assign noop_o   = 1'b0;
  assign done_o   = gm_w3_ack_i;
  assign busy_o   = start || sending_q != '0;
  assign memory_o = flying_q > sending_q;
  assign stall_o  = freeze ? 2'd3 : 2'd0;

  `ASSERT(BeatHeldUntilTaken_A, freeze |=> gm_w3_valid_o && $stable(gm_w3_addr_o) && $stable(gm_w3_size_o) &&
                                           $stable(gm_w3_last_o))
  `ASSERT(InstructionHeldUntilTaken_A, in_valid_i && !in_ready_o |=> in_valid_i && $stable(in_instr_i))
  `ASSERT(BeatInsideItsLine_A, gm_w3_valid_o |-> gm_w3_size_o != '0 &&
          10'(gm_w3_addr_o[LogRate-1:0]) + 10'(gm_w3_size_o) <= 10'(W_RATE))
  `ASSERT(AcknowledgedAfterItsLastBeat_A, gm_w3_ack_i |-> flying_q > sending_q)
  `ASSERT(LatencyIsPossible_A, cfg_latency_i >= 13'd3)

endmodule
