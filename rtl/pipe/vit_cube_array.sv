// SPDX-License-Identifier: Apache-2.0
//
// The cube without its sequencer: rows of A and B and accumulators in, accumulators out. One slot a
// cycle, all dtypes; stages 2 to 19 of docs/pipe/cube.md. Golden twin: models/pipe/cube.h.
//
// The rows come with in_first_i (fp32: one cycle before in_last_i), the accumulators with acc_valid_i:
//   dot24    in_first + 11    results in_last + 18
//   fused24  in_last + 3      results in_last + 11
//   tree     in_first + 2 * log2(K0) + 5, results in_last + 2 * log2(K0) + 8
module vit_cube_array #(
  parameter int M0       = 16,
  parameter int K0       = 16,
  parameter int N0       = 16,
  parameter int NUMERICS = 0   // 0 dot24, 1 fused24, 2 tree
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  // slot: rows of A and B as their SRAMs deliver them, k lane of row r in [(r*K0+k)*16 +: 16]
  input  logic                 in_first_i,
  input  logic                 in_last_i,
  input  logic [2:0]           in_dtype_i,
  input  logic [1:0]           in_hf32_i,
  input  logic [7:0]           in_depth_i,  // elements of k that count
  input  logic [M0*K0*16-1:0]  in_a_i,
  input  logic [N0*K0*16-1:0]  in_b_i,
  // accumulators: L0C's words m*N0+n, or the bias row, or zero
  input  logic                 acc_valid_i,
  input  logic                 acc_from_l0c_i,
  input  logic                 acc_from_bias_i,
  input  logic [M0*N0*32-1:0]  acc_l0c_i,
  input  logic [N0*32-1:0]     acc_bias_i,
  // results
  output logic                 out_valid_o,
  output logic [M0*N0*32-1:0]  out_word_o
);

  localparam int Tile = M0 * N0;
  localparam logic [1:0] S8 = vit_pkg::DATATYPE_S8[1:0];
  localparam logic [1:0] BF16 = vit_pkg::DATATYPE_BF16[1:0];

  // Behind the operand side hf32 is what bf16 is, short significands with fp32's exponents, and s4 is
  // s8 but for the multiplication.
  logic is_s4;
  logic [1:0] in_dtype;
  assign is_s4    = in_dtype_i == vit_pkg::DATATYPE_S4;
  assign in_dtype = is_s4 ? S8 : in_hf32_i != vit_pkg::HF32_OFF ? BF16 : in_dtype_i[1:0];

  // Stages 2 to 5. The control of a slot walks beside its operands.
  logic [3:0] first_q, last_q, s4_q;
  logic [7:0] dtype_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      first_q <= '0;
      last_q  <= '0;
      s4_q    <= '0;
      dtype_q <= '0;
    end else begin
      first_q <= {first_q[2:0], in_first_i};
      last_q  <= {last_q[2:0], in_last_i};
      s4_q    <= {s4_q[2:0], is_s4};
      dtype_q <= {dtype_q[5:0], in_dtype};
    end
  end

  logic [K0*M0*32-1:0] a_sig, a_exp;
  logic [K0*N0*32-1:0] b_sig, b_exp;
  logic a_special, b_special;

  vit_cube_operand #(
    .Rows(M0),
    .K0  (K0)
  ) i_operand_a (
    .clk_i,
    .rst_ni,
    .in_valid_i   (in_first_i),
    .in_dtype_i   (in_dtype_i),
    .in_hf32_i    (in_hf32_i),
    .in_depth_i   (in_depth_i),
    .in_data_i    (in_a_i),
    .out_sig_o    (a_sig),
    .out_exp_o    (a_exp),
    .out_special_o(a_special)
  );

  vit_cube_operand #(
    .Rows(N0),
    .K0  (K0)
  ) i_operand_b (
    .clk_i,
    .rst_ni,
    .in_valid_i   (in_first_i),
    .in_dtype_i   (in_dtype_i),
    .in_hf32_i    (in_hf32_i),
    .in_depth_i   (in_depth_i),
    .in_data_i    (in_b_i),
    .out_sig_o    (b_sig),
    .out_exp_o    (b_exp),
    .out_special_o(b_special)
  );

  // The accumulators a tile starts from, held until they are used.
  logic [Tile*32-1:0] acc_q;

  task automatic take_accumulators();
    int unsigned m, n;
    if (acc_from_l0c_i) begin
      acc_q <= acc_l0c_i;
    end else begin
      for (m = 0; m < M0; m++) begin
        for (n = 0; n < N0; n++) begin
          acc_q[(m*N0+n)*32 +: 32] <= acc_from_bias_i ? acc_bias_i[n*32 +: 32] : 32'b0;
        end
      end
    end
  endtask

  always_ff @(posedge clk_i) if (acc_valid_i) take_accumulators();

  if (NUMERICS == 0) begin : gen_dot24

    logic term_first, term_last, sum_valid, tile_valid, special;
    logic [1:0] term_dtype, sum_dtype, tile_dtype;
    logic [M0*K0*N0*32-1:0] term;
    logic [Tile*32-1:0] term_exp, sum, sum_exp, tile, special_value, early_exp_unused;

    // Stages 6 to 8.
    vit_cube_dot #(
      .M0   (M0),
      .K0   (K0),
      .N0   (N0),
      .Fused(0)
    ) i_dot (
      .clk_i,
      .rst_ni,
      .in_first_i     (first_q[3]),
      .in_last_i      (last_q[3]),
      .in_dtype_i     (dtype_q[7:6]),
      .in_s4_i        (s4_q[3]),
      .in_a_sig_i     (a_sig),
      .in_a_exp_i     (a_exp),
      .in_b_sig_i     (b_sig),
      .in_b_exp_i     (b_exp),
      .acc_exp_i      (32'b0),
      .out_early_exp_o(early_exp_unused),
      .out_first_o    (term_first),
      .out_last_o     (term_last),
      .out_dtype_o    (term_dtype),
      .out_term_o     (term),
      .out_exp_o      (term_exp)
    );

    // Stages 9 and 10.
    vit_cube_sum #(
      .M0(M0),
      .K0(K0),
      .N0(N0)
    ) i_sum (
      .clk_i,
      .rst_ni,
      .in_first_i (term_first),
      .in_last_i  (term_last),
      .in_dtype_i (term_dtype),
      .in_term_i  (term),
      .in_exp_i   (term_exp),
      .out_valid_o(sum_valid),
      .out_dtype_o(sum_dtype),
      .out_sum_o  (sum),
      .out_exp_o  (sum_exp)
    );

    // Stages 6 to 12.
    vit_cube_special #(
      .M0     (M0),
      .K0     (K0),
      .N0     (N0),
      .Latency(7),
      .Fused  (0)
    ) i_special (
      .clk_i,
      .rst_ni,
      .in_valid_i   (last_q[3] && dtype_q[7:6] != S8),
      .in_special_i (a_special || b_special),
      .in_a_sig_i   (a_sig),
      .in_b_sig_i   (b_sig),
      .acc_i        (32'b0),
      .out_special_o(special),
      .out_value_o  (special_value)
    );

    // Stages 11 to 13.
    vit_cube_round #(
      .Tile(Tile)
    ) i_round (
      .clk_i,
      .rst_ni,
      .in_valid_i     (sum_valid),
      .in_dtype_i     (sum_dtype),
      .in_sum_i       (sum),
      .in_exp_i       (sum_exp),
      .special_i      (special),
      .special_value_i(special_value),
      .out_valid_o    (tile_valid),
      .out_dtype_o    (tile_dtype),
      .out_word_o     (tile)
    );

    // Stages 14 to 19.
    vit_cube_acc #(
      .Tile(Tile)
    ) i_acc (
      .clk_i,
      .rst_ni,
      .in_valid_i (tile_valid),
      .in_dtype_i (tile_dtype),
      .in_tile_i  (tile),
      .in_acc_i   (acc_q),
      .out_valid_o(out_valid_o),
      .out_word_o (out_word_o)
    );

  end else if (NUMERICS == 1) begin : gen_fused24

    logic first_unused, term_last, sum_valid, acc_special, special;
    logic [1:0] term_dtype, sum_dtype, dtype_unused;
    logic [M0*K0*N0*32-1:0] term;
    logic [Tile*32-1:0] acc_exp, early_exp, term_exp, sum, sum_exp, special_value;

    vit_cube_dot #(
      .M0   (M0),
      .K0   (K0),
      .N0   (N0),
      .Fused(1)
    ) i_dot (
      .clk_i,
      .rst_ni,
      .in_first_i     (first_q[3]),
      .in_last_i      (last_q[3]),
      .in_dtype_i     (dtype_q[7:6]),
      .in_s4_i        (s4_q[3]),
      .in_a_sig_i     (a_sig),
      .in_a_exp_i     (a_exp),
      .in_b_sig_i     (b_sig),
      .in_b_exp_i     (b_exp),
      .acc_exp_i      (acc_exp),
      .out_early_exp_o(early_exp),
      .out_first_o    (first_unused),
      .out_last_o     (term_last),
      .out_dtype_o    (term_dtype),
      .out_term_o     (term),
      .out_exp_o      (term_exp)
    );

    vit_cube_join #(
      .M0(M0),
      .K0(K0),
      .N0(N0)
    ) i_join (
      .clk_i,
      .rst_ni,
      .acc_valid_i(last_q[3]),
      .acc_dtype_i(dtype_q[7:6]),
      .acc_i      (acc_q),
      .acc_exp_o  (acc_exp),
      .early_exp_i(early_exp),
      .in_last_i  (term_last),
      .in_dtype_i (term_dtype),
      .in_term_i  (term),
      .in_exp_i   (term_exp),
      .out_valid_o(sum_valid),
      .out_dtype_o(sum_dtype),
      .out_sum_o  (sum),
      .out_exp_o  (sum_exp)
    );

    function automatic logic any_special(input logic [Tile*32-1:0] words);
      int unsigned i;
      logic [31:0] any;
      any = 32'b0;
      for (i = 0; i < Tile; i++) any = any | {31'b0, words[i*32+23 +: 8] == 8'hff};
      any_special = any[0];
    endfunction
    assign acc_special = last_q[3] && dtype_q[7:6] != S8 && any_special(acc_q);

    vit_cube_special #(
      .M0     (M0),
      .K0     (K0),
      .N0     (N0),
      .Latency(6),
      .Fused  (1)
    ) i_special (
      .clk_i,
      .rst_ni,
      .in_valid_i   (last_q[3] && dtype_q[7:6] != S8),
      .in_special_i (a_special || b_special || acc_special),
      .in_a_sig_i   (a_sig),
      .in_b_sig_i   (b_sig),
      .acc_i        (acc_q),
      .out_special_o(special),
      .out_value_o  (special_value)
    );

    vit_cube_round #(
      .Tile(Tile)
    ) i_round (
      .clk_i,
      .rst_ni,
      .in_valid_i     (sum_valid),
      .in_dtype_i     (sum_dtype),
      .in_sum_i       (sum),
      .in_exp_i       (sum_exp),
      .special_i      (special),
      .special_value_i(special_value),
      .out_valid_o    (out_valid_o),
      .out_dtype_o    (dtype_unused),
      .out_word_o     (out_word_o)
    );

  end else begin : gen_tree

    logic special;
    logic [Tile*32-1:0] special_value;

    vit_cube_special #(
      .M0     (M0),
      .K0     (K0),
      .N0     (N0),
      .Latency(2 * $clog2(K0) + 1),
      .Fused  (0)
    ) i_special (
      .clk_i,
      .rst_ni,
      .in_valid_i   (last_q[3] && dtype_q[7:6] != S8),
      .in_special_i (a_special || b_special),
      .in_a_sig_i   (a_sig),
      .in_b_sig_i   (b_sig),
      .acc_i        (32'b0),
      .out_special_o(special),
      .out_value_o  (special_value)
    );

    vit_cube_tree #(
      .M0(M0),
      .K0(K0),
      .N0(N0)
    ) i_tree (
      .clk_i,
      .rst_ni,
      .in_first_i     (first_q[3]),
      .in_last_i      (last_q[3]),
      .in_dtype_i     (dtype_q[7:6]),
      .in_s4_i        (s4_q[3]),
      .in_a_sig_i     (a_sig),
      .in_a_exp_i     (a_exp),
      .in_b_sig_i     (b_sig),
      .in_b_exp_i     (b_exp),
      .special_i      (special),
      .special_value_i(special_value),
      .acc_i          (acc_q),
      .out_valid_o    (out_valid_o),
      .out_word_o     (out_word_o)
    );

  end

endmodule
