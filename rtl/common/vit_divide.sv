// SPDX-License-Identifier: Apache-2.0
//
// quotient and remainder of two unsigned numbers, restoring, Step bits of the quotient in each stage.
// Latency Dividend / Step cycles, one division a cycle; a tag goes along. The divisor is not zero.
`include "vit_assert.svh"
module vit_divide #(
  parameter int Dividend = 16,  // bits, a multiple of Step
  parameter int Divisor  = 16,  // bits
  parameter int Step     = 4,
  parameter int TagW     = 1
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  // operands
  input  logic                in_valid_i,
  input  logic [Dividend-1:0] in_dividend_i,
  input  logic [Divisor-1:0]  in_divisor_i,
  input  logic [TagW-1:0]     in_tag_i,
  // result
  output logic                out_valid_o,
  output logic [Dividend-1:0] out_quotient_o,
  output logic [Divisor-1:0]  out_remainder_o,
  output logic [Divisor-1:0]  out_divisor_o,
  output logic [TagW-1:0]     out_tag_o
);

  localparam int Stages = Dividend / Step;
  localparam int W      = Divisor + Dividend;

  // {remainder, what is left of the dividend above the quotient's bits so far}, one stage on.
  function automatic logic [W-1:0] divide(input logic [W-1:0] state, input logic [Divisor-1:0] divisor);
    int unsigned i;
    logic [Divisor:0]    remainder;
    logic [Dividend-1:0] rest;
    logic fits;
    {remainder, rest} = {1'b0, state};
    for (i = 0; i < Step; i++) begin
      remainder = {remainder[Divisor-1:0], rest[Dividend-1]};
      fits      = remainder >= {1'b0, divisor};
      rest      = {rest[Dividend-2:0], fits};
      remainder = fits ? remainder - {1'b0, divisor} : remainder;
    end
    divide = {remainder[Divisor-1:0], rest};
  endfunction

  logic [Stages-1:0]  valid_q;
  logic [W-1:0]       state_q   [0:Stages-1];
  logic [Divisor-1:0] divisor_q [0:Stages-1];
  logic [TagW-1:0]    tag_q     [0:Stages-1];

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) valid_q <= '0;
    else valid_q <= Stages'({valid_q, in_valid_i});
  end

  for (genvar s = 0; s < Stages; s++) begin : gen_stage
    if (s == 0) begin : gen_first
      always_ff @(posedge clk_i) begin
        if (in_valid_i) begin
          state_q[0]   <= divide({{Divisor{1'b0}}, in_dividend_i}, in_divisor_i);
          divisor_q[0] <= in_divisor_i;
          tag_q[0]     <= in_tag_i;
        end
      end
    end else begin : gen_next
      always_ff @(posedge clk_i) begin
        if (valid_q[s-1]) begin
          state_q[s]   <= divide(state_q[s-1], divisor_q[s-1]);
          divisor_q[s] <= divisor_q[s-1];
          tag_q[s]     <= tag_q[s-1];
        end
      end
    end
  end

  assign out_valid_o = valid_q[Stages-1];
  assign {out_remainder_o, out_quotient_o} = state_q[Stages-1];
  assign out_divisor_o = divisor_q[Stages-1];
  assign out_tag_o     = tag_q[Stages-1];

  `ASSERT(DivisorIsNotZero_A, in_valid_i |-> in_divisor_i != '0)
  `ASSERT(RemainderBelowDivisor_A, out_valid_o |-> out_remainder_o < out_divisor_o)

endmodule
