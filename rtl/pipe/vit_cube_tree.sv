// SPDX-License-Identifier: Apache-2.0
//
// The tree rule: K0 rounded products joined pairwise by fp32 additions, the accumulator last.
// Latency 2 * log2(K0) + 4, one slot a cycle. Golden twin: models/pipe/cube_dot.h, pairwise_sum().
module vit_cube_tree #(
  parameter int M0 = 16,
  parameter int K0 = 16,
  parameter int N0 = 16
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  // operands as vit_cube_operand leaves them
  input  logic                 in_first_i,
  input  logic                 in_last_i,
  input  logic [1:0]           in_dtype_i,
  input  logic                 in_s4_i,
  input  logic [K0*M0*32-1:0]  in_a_sig_i,
  input  logic [K0*M0*32-1:0]  in_a_exp_i,
  input  logic [K0*N0*32-1:0]  in_b_sig_i,
  input  logic [K0*N0*32-1:0]  in_b_exp_i,
  // with the last addition of the products, in its second cycle: tiles that are no finite number
  input  logic                 special_i,
  input  logic [M0*N0*32-1:0]  special_value_i,
  // accumulators, in the cycle after it
  input  logic [M0*N0*32-1:0]  acc_i,
  // results
  output logic                 out_valid_o,
  output logic [M0*N0*32-1:0]  out_word_o
);

  localparam int Levels = $clog2(K0);
  localparam int Tile   = M0 * N0;

  logic product_valid;
  logic [1:0] product_dtype;
  logic [K0*Tile*32-1:0] product;

  vit_cube_product #(
    .M0(M0),
    .K0(K0),
    .N0(N0)
  ) i_product (
    .clk_i,
    .rst_ni,
    .in_first_i,
    .in_last_i,
    .in_dtype_i,
    .in_s4_i,
    .in_a_sig_i,
    .in_a_exp_i,
    .in_b_sig_i,
    .in_b_exp_i,
    .out_valid_o(product_valid),
    .out_dtype_o(product_dtype),
    .out_word_o (product)
  );

  // Level l joins K0 >> l values to half as many.
  for (genvar l = 0; l < Levels; l++) begin : gen_level
    localparam int Count = (K0 >> (l + 1)) * Tile;
    logic in_valid, out_valid;
    logic [1:0] in_dtype, out_dtype;
    logic [2*Count*32-1:0] in_word;
    logic [Count*32-1:0] out_word;

    if (l == 0) begin : gen_first
      assign in_valid = product_valid;
      assign in_dtype = product_dtype;
      assign in_word  = product;
    end else begin : gen_next
      assign in_valid = gen_level[l-1].out_valid;
      assign in_dtype = gen_level[l-1].out_dtype;
      assign in_word  = gen_level[l-1].out_word;
    end
    if (l == Levels - 1) begin : gen_last
      vit_cube_add #(
        .Count  (Count),
        .Special(1)
      ) i_add (
        .clk_i,
        .rst_ni,
        .in_valid_i     (in_valid),
        .in_dtype_i     (in_dtype),
        .in_word_i      (in_word),
        .special_i      (special_i),
        .special_value_i(special_value_i),
        .out_valid_o    (out_valid),
        .out_dtype_o    (out_dtype),
        .out_word_o     (out_word)
      );
    end else begin : gen_inner
      vit_cube_add #(
        .Count(Count)
      ) i_add (
        .clk_i,
        .rst_ni,
        .in_valid_i     (in_valid),
        .in_dtype_i     (in_dtype),
        .in_word_i      (in_word),
        .special_i      (1'b0),
        .special_value_i(32'b0),
        .out_valid_o    (out_valid),
        .out_dtype_o    (out_dtype),
        .out_word_o     (out_word)
      );
    end
  end

  logic [1:0] dtype_unused;
  vit_cube_add #(
    .Count(Tile)
  ) i_accumulate (
    .clk_i,
    .rst_ni,
    .in_valid_i     (gen_level[Levels-1].out_valid),
    .in_dtype_i     (gen_level[Levels-1].out_dtype),
    .in_word_i      ({acc_i, gen_level[Levels-1].out_word}),
    .special_i      (1'b0),
    .special_value_i(32'b0),
    .out_valid_o,
    .out_dtype_o    (dtype_unused),
    .out_word_o
  );

endmodule
