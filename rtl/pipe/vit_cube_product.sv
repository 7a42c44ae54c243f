// SPDX-License-Identifier: Apache-2.0
//
// The products of the tree rule: each rounded to fp32. fp32 takes two slots of K0/4 lanes each; the
// first slot's products wait for the second's. Latency 2, one slot a cycle.
// Golden twin: models/pipe/cube_dot.h, rounded_product().
//
// Products leave with lane k at place p, p being k with its bits in reverse order, so that neighbours
// in k stand half a vector apart: word (p*M0+m)*N0+n.
module vit_cube_product #(
  parameter int M0 = 16,
  parameter int K0 = 16,
  parameter int N0 = 16
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,
  // operands as vit_cube_operand leaves them; they hold still for the second slot of fp32
  input  logic                    in_first_i,
  input  logic                    in_last_i,
  input  logic [1:0]              in_dtype_i,
  input  logic                    in_s4_i,      // dtype s8: the lanes hold four s4, not two s8
  input  logic [K0*M0*32-1:0]     in_a_sig_i,
  input  logic [K0*M0*32-1:0]     in_a_exp_i,
  input  logic [K0*N0*32-1:0]     in_b_sig_i,
  input  logic [K0*N0*32-1:0]     in_b_exp_i,
  // fp32 products; s8: sums of a lane's
  output logic                    out_valid_o,  // of a whole tile
  output logic [1:0]              out_dtype_o,
  output logic [K0*M0*N0*32-1:0]  out_word_o
);

  localparam logic [1:0] F32 = vit_pkg::DATATYPE_F32[1:0];
  localparam logic [1:0] S8 = vit_pkg::DATATYPE_S8[1:0];
  localparam int LogK = $clog2(K0);
  localparam int Half = K0 / 4;  // fp32 lanes of a slot
  localparam int Tile = M0 * N0;

  logic       first_q;
  logic [1:0] last_q;
  logic [3:0] dtype_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      first_q <= 1'b0;
      last_q  <= '0;
      dtype_q <= '0;
    end else begin
      first_q <= in_first_i;
      last_q  <= {last_q[0], in_last_i};
      dtype_q <= {dtype_q[1:0], in_dtype_i};
    end
  end
  assign out_valid_o = last_q[1];
  assign out_dtype_o = dtype_q[3:2];

  // First stage: multiply. 25 fraction bits, two whole ones; the lowest bit is sticky.
  logic [K0*Tile*32-1:0] product_q;
  logic [K0*M0*32-1:0] a_sig_q, a_exp_q;
  logic [K0*N0*32-1:0] b_sig_q, b_exp_q;

  function automatic logic [31:0] short_product(input logic [11:0] a, input logic [11:0] b);
    short_product = ({20'b0, a} * {20'b0, b}) << 3;
  endfunction

  function automatic logic [31:0] fp32_product(input logic [23:0] a, input logic [23:0] b);
    logic [63:0] wide;
    wide = {40'b0, a} * {40'b0, b};
    fp32_product = 32'(wide >> 21) | {31'b0, wide[20:0] != 21'b0};
  endfunction

  function automatic logic [31:0] s8_product(input logic [31:0] a, input logic [31:0] b);
    s8_product = {{16{a[15]}}, a[15:0]} * {{16{b[15]}}, b[15:0]}
               + {{16{a[31]}}, a[31:16]} * {{16{b[31]}}, b[31:16]};
  endfunction

  // Four products of neighbours in k.
  function automatic logic [31:0] s4_product(input logic [15:0] a, input logic [15:0] b);
    s4_product = {{28{a[3]}}, a[3:0]} * {{28{b[3]}}, b[3:0]}
               + {{28{a[7]}}, a[7:4]} * {{28{b[7]}}, b[7:4]}
               + {{28{a[11]}}, a[11:8]} * {{28{b[11]}}, b[11:8]}
               + {{28{a[15]}}, a[15:12]} * {{28{b[15]}}, b[15:12]};
  endfunction

  task automatic multiply(input logic [1:0] dtype, input logic s4, input logic first);
    int unsigned m, k, n, lane;
    logic [31:0] a, b;
    logic [31:0] product [0:N0-1];
    for (k = 0; k < K0; k++) begin
      if (dtype != F32 || k < Half) begin
        lane = dtype == F32 && !first ? Half + k : k;
        for (m = 0; m < M0; m++) begin
          a = in_a_sig_i[(lane*M0+m)*32 +: 32];
          for (n = 0; n < N0; n++) begin
            b = in_b_sig_i[(lane*N0+n)*32 +: 32];
            product[n] = dtype == F32 ? fp32_product(a[23:0], b[23:0]) :
                         s4           ? s4_product(a[15:0], b[15:0]) :
                         dtype == S8  ? s8_product(a, b) : short_product(a[23:12], b[23:12]);
          end
          for (n = 0; n < N0; n++) product_q[((k*M0+m)*N0+n)*32 +: 32] <= product[n];
        end
      end
    end
  endtask

  always_ff @(posedge clk_i) if (in_first_i || in_last_i) multiply(in_dtype_i, in_s4_i, in_first_i);
  always_ff @(posedge clk_i) begin
    if (in_first_i) begin
      a_sig_q <= in_a_sig_i;
      a_exp_q <= in_a_exp_i;
      b_sig_q <= in_b_sig_i;
      b_exp_q <= in_b_exp_i;
    end
  end

  // Second stage: normalise by one place at most, or down for a subnormal result, and round.
  function automatic logic [31:0] rounded(input logic [31:0] product, input logic [31:0] exponent,
                                          input logic negative);
    logic [31:0] base, below, raised, word;
    base = exponent - 32'd1024 + 32'd126 + {31'b0, product[26]};
    raised = product[26] ? product << 5 : product << 6;
    below = base[31] ? -base : 32'd0;
    raised = vit_fp_pkg::shift_right_sticky(raised, below);
    word = vit_fp_pkg::round_pack(raised, base[31] ? 32'd0 : base);
    word = vit_fp_pkg::clamp_infinity(word);
    rounded = product == 32'b0 ? 32'b0 : {negative, word[30:0]};
  endfunction

  function automatic int unsigned place(input int unsigned k);
    int unsigned bits;
    place = 0;
    for (bits = 0; bits < LogK; bits++) place = place | (((k >> bits) & 1) << (LogK - 1 - bits));
  endfunction

  task automatic round(input logic [1:0] dtype, input logic first);
    int unsigned m, k, n, from, to;
    logic [31:0] exponent;
    logic negative;
    logic [31:0] word [0:N0-1];
    for (k = 0; k < K0; k++) begin
      // the product at `from` is lane k's
      from = dtype == F32 && !first ? k - Half : k;
      to = place(k);
      if (dtype != F32 || (first ? k < Half : k >= Half && k < 2 * Half)) begin
        for (m = 0; m < M0; m++) begin
          exponent = a_exp_q[(k*M0+m)*32 +: 32];
          negative = a_sig_q[(k*M0+m)*32+31];
          for (n = 0; n < N0; n++) begin
            word[n] = product_q[((from*M0+m)*N0+n)*32 +: 32];
            word[n] = dtype == S8 ? word[n] :
                rounded(word[n], exponent + b_exp_q[(k*N0+n)*32 +: 32],
                        negative ^ b_sig_q[(k*N0+n)*32+31]);
          end
          for (n = 0; n < N0; n++) out_word_o[((to*M0+m)*N0+n)*32 +: 32] <= word[n];
        end
      end else if (k >= 2 * Half) begin
        for (n = 0; n < Tile; n++) out_word_o[(to*Tile+n)*32 +: 32] <= 32'b0;
      end
    end
  endtask

  always_ff @(posedge clk_i) if (first_q || last_q[0]) round(dtype_q[1:0], first_q);

endmodule
