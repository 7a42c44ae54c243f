// SPDX-License-Identifier: Apache-2.0
//
// A first-in first-out queue of up to Depth words. What enters in a cycle can leave in the next; a full
// queue takes a word only in the cycle after one has left. One in and one out a cycle.
`include "vit_assert.svh"
module vit_fifo #(
  parameter int Width  = 8,
  parameter int Depth  = 4,  // a power of two
  parameter int CountW = $clog2(Depth) + 1
) (
  input  logic              clk_i,
  input  logic              rst_ni,
  // in
  input  logic              in_valid_i,
  output logic              in_ready_o,
  input  logic [Width-1:0]  in_data_i,
  // out
  output logic              out_valid_o,
  input  logic              out_ready_i,
  output logic [Width-1:0]  out_data_o,
  // words in it
  output logic [CountW-1:0] count_o
);

  localparam int PlaceW = $clog2(Depth);

  logic [Width-1:0]  word_q [0:Depth-1];
  logic [PlaceW-1:0] head_q, tail_q;
  logic [CountW-1:0] count_q;
  logic push, pop;

  assign in_ready_o  = count_q != CountW'(Depth);
  assign out_valid_o = count_q != '0;
  assign out_data_o  = word_q[head_q];
  assign count_o     = count_q;
  assign push        = in_valid_i && in_ready_o;
  assign pop         = out_valid_o && out_ready_i;

  always_ff @(posedge clk_i) if (push) word_q[tail_q] <= in_data_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      head_q  <= '0;
      tail_q  <= '0;
      count_q <= '0;
    end else begin
      if (pop) head_q <= head_q + PlaceW'(1);
      if (push) tail_q <= tail_q + PlaceW'(1);
      if (push != pop) count_q <= push ? count_q + CountW'(1) : count_q - CountW'(1);
    end
  end

  `ASSERT(CountIsTheDistance_A, count_q[PlaceW-1:0] == tail_q - head_q)
  `ASSERT(HeadStaysUntilTaken_A, out_valid_o && !out_ready_i |=> out_valid_o && $stable(head_q))

endmodule
