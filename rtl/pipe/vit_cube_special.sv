// SPDX-License-Identifier: Apache-2.0
//
// Dot products that are not finite numbers. Looks at the operands of a tile beside vit_cube_dot and
// delivers each such product's fp32 value just in time for the rounding stage of vit_cube_round.
// Latency Latency, one tile a cycle; registers move only for tiles that hold a special value.
// Golden twin: docs/numerics.md, "Special values".
module vit_cube_special #(
  parameter int M0      = 16,
  parameter int K0      = 16,
  parameter int N0      = 16,
  parameter int Latency = 6,
  parameter int Fused   = 0,                         // accumulators count too
  parameter int Accs    = Fused != 0 ? M0 * N0 : 1   // derived: words of acc_i
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  // operands as vit_cube_operand leaves them
  input  logic                 in_valid_i,    // floats only
  input  logic                 in_special_i,  // some operand is special
  input  logic [K0*M0*32-1:0]  in_a_sig_i,
  input  logic [K0*N0*32-1:0]  in_b_sig_i,
  input  logic [Accs*32-1:0]   acc_i,         // fp32 accumulators (Fused only)
  // results
  output logic                 out_special_o,  // some result is special:
  output logic [M0*N0*32-1:0]  out_value_o     // its value, 0 for the others
);

  localparam int Tile = M0 * N0;

  // Bits of what a sum has met.
  localparam logic [2:0] Positive = 3'b001;
  localparam logic [2:0] Negative = 3'b010;
  localparam logic [2:0] Invalid = 3'b100;

  function automatic logic [2:0] met_in_acc(input logic [31:0] acc);
    met_in_acc = acc[30:0] > vit_fp_pkg::INFINITY[30:0] ? Invalid :
                 acc[30:0] < vit_fp_pkg::INFINITY[30:0] ? 3'b000 : acc[31] ? Negative : Positive;
  endfunction

  function automatic logic [Tile*32-1:0] values(input logic any);
    int unsigned m, k, n;
    logic [31:0] a, b;
    logic infinite, minus, invalid;
    logic [2:0] met [0:N0-1];
    for (m = 0; m < M0; m++) begin
      for (n = 0; n < N0; n++) begin
        met[n] = Fused != 0 ? met_in_acc(acc_i[(m*N0+n)%Accs*32 +: 32]) : 3'b000;
      end
      for (k = 0; k < K0; k++) begin
        a = in_a_sig_i[(k*M0+m)*32 +: 32];
        for (n = 0; n < N0; n++) begin
          b = in_b_sig_i[(k*N0+n)*32 +: 32];
          infinite = a[29] | b[29];
          minus = a[31] ^ b[31];
          invalid = a[30] | b[30] | (a[29] & (b[30:0] == 31'b0)) | (b[29] & (a[30:0] == 31'b0));
          met[n] = met[n] | {invalid, infinite & minus, infinite & ~minus};
        end
      end
      for (n = 0; n < N0; n++) begin
        values[(m*N0+n)*32 +: 32] =
            !any || met[n] == 3'b000 ? 32'b0 :
            met[n] == Positive ? vit_fp_pkg::INFINITY :
            met[n] == Negative ? vit_fp_pkg::INFINITY | 32'h8000_0000 : vit_fp_pkg::NAN;
      end
    end
  endfunction

  // Whether a tile in each stage holds a special value, the youngest first.
  logic [Latency-1:0] special_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) special_q <= '0;
    else special_q <= {special_q[Latency-2:0], in_valid_i && in_special_i};
  end

  for (genvar s = 0; s < Latency; s++) begin : gen_stage
    logic [Tile*32-1:0] value_q;
    if (s == 0) begin : gen_first
      always_ff @(posedge clk_i) begin
        if (in_valid_i && in_special_i) value_q <= values(in_special_i);
      end
    end else begin : gen_next
      always_ff @(posedge clk_i) if (special_q[s-1]) value_q <= gen_stage[s-1].value_q;
    end
  end

  assign out_special_o = special_q[Latency-1];
  assign out_value_o   = gen_stage[Latency-1].value_q;

endmodule
