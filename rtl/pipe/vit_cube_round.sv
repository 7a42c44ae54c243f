// SPDX-License-Identifier: Apache-2.0
//
// Sums of products to fp32, one rounding. s8 sums pass, saturated where vit_cube_dot says so.
// Latency 3 (stages 11 to 13 of docs/pipe/cube.md), one tile a cycle.
// Golden twin: models/pipe/cube_dot.h.
module vit_cube_round #(
  parameter int Tile = 256  // sums at once
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  // sum * 2^(exp - 1024 - 24)
  input  logic                in_valid_i,
  input  logic [1:0]          in_dtype_i,
  input  logic [Tile*32-1:0]  in_sum_i,
  input  logic [Tile*32-1:0]  in_exp_i,
  // two cycles later: values that are no finite numbers, else 0
  input  logic                special_i,
  input  logic [Tile*32-1:0]  special_value_i,
  // fp32 or s32
  output logic                out_valid_o,
  output logic [1:0]          out_dtype_o,
  output logic [Tile*32-1:0]  out_word_o
);

  localparam logic [1:0] S8 = vit_pkg::DATATYPE_S8[1:0];

  // Control of stages 12 to 14.
  logic [2:0] valid_q;
  logic [5:0] dtype_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid_q <= '0;
      dtype_q <= '0;
    end else begin
      valid_q <= {valid_q[1:0], in_valid_i};
      dtype_q <= {dtype_q[3:0], in_dtype_i};
    end
  end
  assign out_valid_o = valid_q[2];
  assign out_dtype_o = dtype_q[5:4];

  // Stage 11: sign and magnitude, and how far its leading one is from bit 31. s8: the word.
  logic [Tile*32-1:0] magnitude_q, zeros_q, exp_q;

  task automatic measure(input logic [1:0] dtype);
    int unsigned i;
    logic [31:0] sum, magnitude;
    exp_q <= in_exp_i;
    if (dtype == S8) begin
      magnitude_q <= in_sum_i;
    end else begin
      for (i = 0; i < Tile; i++) begin
        sum = in_sum_i[i*32 +: 32];
        magnitude = sum[31] ? -sum : sum;
        magnitude_q[i*32 +: 32] <= {sum[31], magnitude[30:0]};
        zeros_q[i*32 +: 32] <= vit_fp_pkg::leading_zeros(magnitude);
      end
    end
  endtask

  always_ff @(posedge clk_i) if (in_valid_i) measure(in_dtype_i);

  // Stage 12: leading one to bit 31, and down again for a subnormal result. s8: the word.
  // meta: {sign, base exponent}; s8: the exponent as it came
  logic [Tile*32-1:0] raised_q, meta_q;

  task automatic normalise(input logic [1:0] dtype);
    int unsigned i;
    logic [31:0] magnitude, zeros, base, below, raised;
    if (dtype == S8) begin
      raised_q <= magnitude_q;
      meta_q <= exp_q;
    end else begin
      for (i = 0; i < Tile; i++) begin
        magnitude = magnitude_q[i*32 +: 32];
        zeros = zeros_q[i*32 +: 32];
        base = exp_q[i*32 +: 32] - 32'd891 - zeros;
        below = base[31] ? -base : 32'd0;
        raised = {1'b0, magnitude[30:0]} << zeros[4:0];
        raised_q[i*32 +: 32] <=
            vit_fp_pkg::shift_right_sticky(raised, below);
        base = base[31] | (magnitude[30:0] == 31'b0) ? 32'd0 : base;
        meta_q[i*32 +: 32] <= {magnitude[31], base[30:0]};
      end
    end
  endtask

  always_ff @(posedge clk_i) if (valid_q[0]) normalise(dtype_q[1:0]);

  // Stage 13: round and pack; special values; saturate.
  task automatic round(input logic [1:0] dtype, input logic special);
    int unsigned i;
    logic [31:0] word, meta, value;
    if (dtype == S8) begin
      for (i = 0; i < Tile; i++) begin
        meta = meta_q[i*32 +: 32];
        out_word_o[i*32 +: 32] <= meta == 32'd1 ? 32'h7fff_ffff :
                                  meta == 32'd2 ? 32'h8000_0000 : raised_q[i*32 +: 32];
      end
    end else begin
      for (i = 0; i < Tile; i++) begin
        meta = meta_q[i*32 +: 32];
        word = vit_fp_pkg::round_pack(raised_q[i*32 +: 32], {1'b0, meta[30:0]});
        word = vit_fp_pkg::clamp_infinity(word);
        word[31] = meta[31] & (word != 32'b0);
        value = special_value_i[i*32 +: 32];
        out_word_o[i*32 +: 32] <= special & (value != 32'b0) ? value : word;
      end
    end
  endtask

  always_ff @(posedge clk_i) if (valid_q[1]) round(dtype_q[3:2], special_i);

endmodule
