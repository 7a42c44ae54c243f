// SPDX-License-Identifier: Apache-2.0
//
// When MTE1 takes its next instruction (docs/timing.md, M1): max(setup, beats) + tail cycles after the one
// before. The cycle after a start multiplies the counts, so no instruction may be shorter than two cycles:
// none is, the least has two beats.
`include "vit_assert.svh"
module vit_mte1_issue #(
  parameter int CountW  = 8,    // bits of a count of fractals
  parameter int L0aRate = 256,  // bytes a cycle
  parameter int L0bRate = 128
) (
  input  logic              clk_i,
  input  logic              rst_ni,
  // static
  input  logic [12:0]       cfg_setup_i,
  input  logic [12:0]       cfg_load_tail_i,
  // an instruction starts
  input  logic              start_i,
  input  logic [1:0]        space_i,   // 0 L0A, 1 L0B, 2 BT
  input  logic [CountW-1:0] inner_i,
  input  logic [CountW-1:0] outer_i,
  // the next may
  output logic              ready_o
);

  localparam int W = CountW + 3 > 13 ? CountW + 4 : 14;
  localparam int L0aLog = 9 - $clog2(L0aRate), L0bLog = 9 - $clog2(L0bRate);  // of the beats of a fractal

  logic              pending_q;
  logic [1:0]        space_q;
  logic [CountW-1:0] inner_q, outer_q;
  logic [W-1:0]      left_q;  // cycles until the next start, less two

  logic [W-1:0] fractals, beats, longer, occupied;
  assign fractals = W'(inner_q * outer_q);
  assign beats    = fractals << (space_q == 2'd0 ? L0aLog : space_q == 2'd1 ? L0bLog : 1);
  assign longer   = beats > W'(cfg_setup_i) ? beats : W'(cfg_setup_i);
  assign occupied = longer + (space_q == 2'd2 ? W'(0) : W'(cfg_load_tail_i));
  assign ready_o  = !pending_q && left_q == '0;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      pending_q <= 1'b0;
      left_q    <= '0;
    end else begin
      pending_q <= start_i;
      if (pending_q) left_q <= occupied - W'(2);
      else if (left_q != '0) left_q <= left_q - W'(1);
    end
  end
  always_ff @(posedge clk_i) begin
    if (start_i) begin
      space_q <= space_i;
      inner_q <= inner_i;
      outer_q <= outer_i;
    end
  end

  `ASSERT(NoInstructionIsShorterThanTwoCycles_A, pending_q |-> occupied >= W'(2))
  `ASSERT(StartsOnlyWhenReady_A, start_i |-> ready_o)

endmodule
