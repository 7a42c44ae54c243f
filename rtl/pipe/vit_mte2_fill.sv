// SPDX-License-Identifier: Apache-2.0
//
// fill_l1: up to 256 B of one block a cycle, from start + request on (docs/timing.md, G6).
// Golden twin: models/pipe/mte2.h.
`include "vit_assert.svh"
module vit_mte2_fill #(
  parameter int AW = 14
) (
  input  logic          clk_i,
  input  logic          rst_ni,
  input  logic [12:0]   cfg_request_i,
  // a fill starts; rows are of 32 B
  input  logic          start_i,
  input  logic [AW-1:0] start_row_i,
  input  logic [14:0]   start_blocks_i,
  input  logic [14:0]   start_length_i,  // of a block
  input  logic [AW-1:0] start_gap_i,
  input  logic [31:0]   start_value_i,
  output logic          busy_o,  // from the cycle after the start to the last write
  // write: rows addr .. addr + count - 1
  output logic          valid_o,
  output logic          last_o,
  output logic [AW-1:0] addr_o,
  output logic [3:0]    count_o,
  output logic [31:0]   value_o
);

  logic [14:0]   length_q, left_q, blocks_left_q;  // left_q: rows of the block at hand
  logic [AW-1:0] gap_q;
  logic [12:0]   wait_q;
  logic          ends_block;
  assign ends_block = left_q <= 15'd8;
  assign valid_o    = busy_o && wait_q == '0;
  assign last_o     = valid_o && ends_block && blocks_left_q == 15'd1;
  assign count_o    = ends_block ? left_q[3:0] : 4'd8;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      busy_o <= 1'b0;
      wait_q <= '0;
    end else if (start_i) begin
      busy_o <= 1'b1;
      wait_q <= cfg_request_i - 13'd1;
    end else begin
      if (last_o) busy_o <= 1'b0;
      if (wait_q != '0) wait_q <= wait_q - 13'd1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (start_i) begin
      addr_o        <= start_row_i;
      length_q      <= start_length_i;
      left_q        <= start_length_i;
      gap_q         <= start_gap_i;
      blocks_left_q <= start_blocks_i;
      value_o       <= start_value_i;
    end else if (valid_o) begin
      addr_o <= addr_o + AW'(count_o) + (ends_block ? gap_q : AW'(0));
      left_q <= ends_block ? length_q : left_q - 15'd8;
      if (ends_block) blocks_left_q <= blocks_left_q - 15'd1;
    end
  end

  `ASSERT(OneFillAtATime_A, start_i |-> !busy_o)

endmodule
