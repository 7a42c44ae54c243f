// SPDX-License-Identifier: Apache-2.0
//
// fused24 only: the accumulators take part in the alignment of vit_cube_dot and in the sum of its
// terms. Latency 4 from the accumulators (beside the operands' stages 6 to 9), one slot a cycle.
// Golden twin: models/pipe/cube_dot.h, fused().
module vit_cube_join #(
  parameter int M0 = 16,
  parameter int K0 = 16,
  parameter int N0 = 16
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,
  // accumulators, with the last slot of their tile; fp32 (s8: s32) words, m*N0+n
  input  logic                    acc_valid_i,
  input  logic [1:0]              acc_dtype_i,
  input  logic [M0*N0*32-1:0]     acc_i,
  // one cycle later: their exponents + 1024, 0 for zero
  output logic [M0*N0*32-1:0]     acc_exp_o,
  // two cycles later: the largest exponents
  input  logic [M0*N0*32-1:0]     early_exp_i,
  // terms as vit_cube_dot leaves them
  input  logic                    in_last_i,
  input  logic [1:0]              in_dtype_i,
  input  logic [M0*K0*N0*32-1:0]  in_term_i,
  input  logic [M0*N0*32-1:0]     in_exp_i,
  // sum * 2^(exp - 1024 - 24). s8: the sum, and exp is 1 or 2 where it left s32 upwards or downwards
  output logic                    out_valid_o,
  output logic [1:0]              out_dtype_o,
  output logic [M0*N0*32-1:0]     out_sum_o,
  output logic [M0*N0*32-1:0]     out_exp_o
);

  localparam logic [1:0] F32 = vit_pkg::DATATYPE_F32[1:0];
  localparam logic [1:0] S8 = vit_pkg::DATATYPE_S8[1:0];
  localparam int Row  = K0 * N0;
  localparam int Tile = M0 * N0;

  // Control of the accumulators' stages 7 and 8, and of the result.
  logic [1:0] acc_valid_q;
  logic [3:0] acc_dtype_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      acc_valid_q <= '0;
      acc_dtype_q <= '0;
      out_valid_o <= 1'b0;
      out_dtype_o <= '0;
    end else begin
      acc_valid_q <= {acc_valid_q[0], acc_valid_i};
      acc_dtype_q <= {acc_dtype_q[1:0], acc_dtype_i};
      out_valid_o <= in_last_i;
      out_dtype_o <= in_dtype_i;
    end
  end

  // Stage 6: exponent, subnormals included.
  logic [Tile*32-1:0] word_7_q;

  task automatic find_exponents(input logic [1:0] dtype);
    int unsigned i;
    logic [31:0] zeros;
    logic [30:0] x;
    word_7_q <= acc_i;
    if (dtype != S8) begin
      for (i = 0; i < Tile; i++) begin
        x = acc_i[i*32 +: 31];
        zeros = vit_fp_pkg::leading_zeros({x[30:23] != 8'b0, x[22:0], 8'b0});
        acc_exp_o[i*32 +: 32] <= x == 31'b0 ? 32'd0 :
            (x[30:23] == 8'b0 ? 32'd1 : {24'b0, x[30:23]}) + 32'd1024 - 32'd127 - zeros;
      end
    end
  endtask

  always_ff @(posedge clk_i) if (acc_valid_i) find_exponents(acc_dtype_i);

  // Stage 7: significand in 1.24, below the sign. s8: the word.
  logic [Tile*32-1:0] word_8_q, exp_8_q;

  task automatic normalise(input logic [1:0] dtype);
    int unsigned i;
    logic [31:0] x, exponent;
    exp_8_q <= acc_exp_o;
    if (dtype == S8) begin
      word_8_q <= word_7_q;
    end else begin
      for (i = 0; i < Tile; i++) begin
        x = word_7_q[i*32 +: 32];
        exponent = acc_exp_o[i*32 +: 32];
        // a subnormal's exponent says how far it must be raised
        exponent = x[30:23] == 8'b0 ? 32'd1024 - 32'd126 - exponent : 32'd0;
        word_8_q[i*32 +: 32] <=
            {x[31], 31'({6'b0, x[30:23] != 8'b0, x[22:0], 1'b0} << exponent[4:0])};
      end
    end
  endtask

  always_ff @(posedge clk_i) if (acc_valid_q[0]) normalise(acc_dtype_q[1:0]);

  // Stage 8: align as the products are aligned.
  logic [Tile*32-1:0] term_q;

  task automatic align(input logic [1:0] dtype);
    int unsigned i;
    logic [31:0] x, sign;
    if (dtype == S8) begin
      term_q <= word_8_q;
    end else begin
      for (i = 0; i < Tile; i++) begin
        sign = {32{word_8_q[i*32+31]}};
        x = {1'b0, word_8_q[i*32 +: 31]} >> (early_exp_i[i*32 +: 32] - exp_8_q[i*32 +: 32]);
        term_q[i*32 +: 32] <= (x ^ sign) - sign;
      end
    end
  endtask

  always_ff @(posedge clk_i) if (acc_valid_q[1]) align(acc_dtype_q[3:2]);

  // Stage 9: all lanes and the accumulator to one (carry-save). fp32 has half as many lanes.
  function automatic logic [31:0] lanes(input logic [1:0] dtype, input int unsigned m,
                                        input int unsigned n);
    int unsigned k;
    lanes = 32'b0;
    for (k = 0; k < K0 / 2; k++) lanes = lanes + in_term_i[(m*Row+k*N0+n)*32 +: 32];
    if (dtype != F32) begin
      for (k = K0 / 2; k < K0; k++) lanes = lanes + in_term_i[(m*Row+k*N0+n)*32 +: 32];
    end
  endfunction

  task automatic sum(input logic [1:0] dtype);
    int unsigned m, n;
    logic [31:0] products [0:Tile-1];
    logic [31:0] acc, total;
    logic over;
    for (m = 0; m < M0; m++) begin
      for (n = 0; n < N0; n++) products[m*N0+n] = lanes(dtype, m, n);
    end
    if (dtype == S8) begin
      for (n = 0; n < Tile; n++) begin
        acc = term_q[n*32 +: 32];
        total = products[n] + acc;
        over = (total[31] ^ acc[31]) & (total[31] ^ products[n][31]);
        out_sum_o[n*32 +: 32] <= total;
        out_exp_o[n*32 +: 32] <= {30'b0, over & acc[31], over & ~acc[31]};
      end
    end else begin
      for (n = 0; n < Tile; n++) out_sum_o[n*32 +: 32] <= products[n] + term_q[n*32 +: 32];
      out_exp_o <= in_exp_i;
    end
  endtask

  always_ff @(posedge clk_i) if (in_last_i) sum(in_dtype_i);

endmodule
