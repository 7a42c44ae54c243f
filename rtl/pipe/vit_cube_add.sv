// SPDX-License-Identifier: Apache-2.0
//
// The adder of the tree rule: Count sums of two fp32 numbers (nearest even) or two s32 (saturating).
// Latency 2, one set a cycle: align, then add, normalise and round, as an adder with a far and a near
// path does in two cycles. Golden twin: docs/numerics.md, add().
module vit_cube_add #(
  parameter int Count   = 256,
  parameter int Special = 0,                        // some sums are known beforehand
  parameter int Known   = Special != 0 ? Count : 1  // derived: words of special_value_i
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,
  // addends: Count of them, then the Count they are added to
  input  logic                   in_valid_i,
  input  logic [1:0]             in_dtype_i,
  input  logic [2*Count*32-1:0]  in_word_i,
  // one cycle later: sums that are known to be no finite number, else 0
  input  logic                   special_i,
  input  logic [Known*32-1:0]    special_value_i,
  // sums
  output logic                   out_valid_o,
  output logic [1:0]             out_dtype_o,
  output logic [Count*32-1:0]    out_word_o
);

  localparam logic [1:0] S8 = vit_pkg::DATATYPE_S8[1:0];

  logic [1:0] valid_q;
  logic [3:0] dtype_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid_q <= '0;
      dtype_q <= '0;
    end else begin
      valid_q <= {valid_q[0], in_valid_i};
      dtype_q <= {dtype_q[1:0], in_dtype_i};
    end
  end
  assign out_valid_o = valid_q[1];
  assign out_dtype_o = dtype_q[3:2];

  // First stage: larger magnitude to x, the other aligned to it in y.
  // meta: {sign, subtract, 22'b0, exponent}
  logic [Count*32-1:0] x_q, y_q, meta_q;

  task automatic align(input logic [1:0] dtype);
    int unsigned i;
    logic [31:0] p, q, x, y, minor;
    logic special, invalid;
    for (i = 0; i < Count; i++) begin
      p = in_word_i[i*32 +: 32];
      q = in_word_i[(Count+i)*32 +: 32];
      x = p[30:0] > q[30:0] ? p : q;
      y = p[30:0] > q[30:0] ? q : p;
      special = x[30:23] == 8'hff;
      invalid = vit_fp_pkg::invalid_sum(x, y[31:23]);
      minor = vit_fp_pkg::shift_right_sticky(
          vit_fp_pkg::addend(y[30:0]), vit_fp_pkg::effective_exponent(x[30:23])
                                       - vit_fp_pkg::effective_exponent(y[30:23]));
      x_q[i*32 +: 32] <= dtype == S8 ? p : special ? vit_fp_pkg::special_addend(invalid)
                                                   : vit_fp_pkg::addend(x[30:0]);
      y_q[i*32 +: 32] <= dtype == S8 ? q : special ? 32'b0 : minor;
      meta_q[i*32 +: 32] <= {x[31] & ~invalid, x[31] ^ y[31], 22'b0,
                             x[30:23] == 8'b0 ? 8'd1 : x[30:23]};
    end
  endtask

  always_ff @(posedge clk_i) if (in_valid_i) align(in_dtype_i);

  // Second stage.
  task automatic add(input logic [1:0] dtype, input logic any_special);
    int unsigned i;
    logic [31:0] x, y, sum, shift, exponent, word;
    logic [1:0] signs;
    logic [7:0] biased;
    if (dtype == S8) begin
      for (i = 0; i < Count; i++) begin
        x = x_q[i*32 +: 32];
        y = y_q[i*32 +: 32];
        sum = x + y;
        word = (sum ^ x) & (sum ^ y);
        out_word_o[i*32 +: 32] <= word[31] ? {x[31], {31{~x[31]}}} : sum;
      end
    end else begin
      for (i = 0; i < Count; i++) begin
        x = x_q[i*32 +: 32];
        y = y_q[i*32 +: 32];
        signs = meta_q[i*32+30 +: 2];
        biased = meta_q[i*32 +: 8];
        sum = (signs[0] ? x - y : x + y) << 4;
        exponent = {24'b0, biased};
        shift = vit_fp_pkg::leading_zeros(sum);
        shift = shift < exponent ? shift : exponent;
        word = vit_fp_pkg::round_pack(sum << shift[4:0], exponent - shift);
        word = biased == 8'hff ? word : vit_fp_pkg::clamp_infinity(word);
        word = sum == 32'b0 ? 32'b0 : {signs[1], word[30:0]};
        x = Special != 0 ? special_value_i[i%Known*32 +: 32] : 32'b0;
        out_word_o[i*32 +: 32] <= any_special & (x != 32'b0) ? x : word;
      end
    end
  endtask

  always_ff @(posedge clk_i) if (valid_q[0]) add(dtype_q[1:0], special_i);

endmodule
