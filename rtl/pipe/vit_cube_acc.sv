// SPDX-License-Identifier: Apache-2.0
//
// Accumulate: acc + tile, element by element, one IEEE fp32 addition (nearest even), or s32 with
// saturation. Latency 6 (stages 14 to 19 of docs/pipe/cube.md), one tile a cycle.
// Golden twin: docs/numerics.md, add().
module vit_cube_acc #(
  parameter int Tile = 256  // sums at once
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  // addends, fp32 or s32
  input  logic                in_valid_i,
  input  logic [1:0]          in_dtype_i,
  input  logic [Tile*32-1:0]  in_tile_i,
  input  logic [Tile*32-1:0]  in_acc_i,
  // sum
  output logic                out_valid_o,
  output logic [Tile*32-1:0]  out_word_o
);

  localparam logic [1:0] S8 = vit_pkg::DATATYPE_S8[1:0];

  // Control of stages 15 to 20.
  logic [5:0] valid_q;
  logic [9:0] dtype_q;
  logic [1:0] dtype_15, dtype_16, dtype_17, dtype_18, dtype_19;
  assign {dtype_19, dtype_18, dtype_17, dtype_16, dtype_15} = dtype_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid_q <= '0;
      dtype_q <= '0;
    end else begin
      valid_q <= {valid_q[4:0], in_valid_i};
      dtype_q <= {dtype_q[7:0], in_dtype_i};
    end
  end
  assign out_valid_o = valid_q[5];

  // Stage 14: the addend of larger magnitude goes to x, and the distance of the exponents is taken.
  // s8: as they come.
  logic [Tile*32-1:0] x_15_q, y_15_q, distance_q;

  task automatic order(input logic [1:0] dtype);
    int unsigned i;
    logic [31:0] tile, acc, x, y;
    if (dtype == S8) begin
      x_15_q <= in_tile_i;
      y_15_q <= in_acc_i;
    end else begin
      for (i = 0; i < Tile; i++) begin
        tile = in_tile_i[i*32 +: 32];
        acc = in_acc_i[i*32 +: 32];
        x = tile[30:0] > acc[30:0] ? tile : acc;
        y = tile[30:0] > acc[30:0] ? acc : tile;
        x_15_q[i*32 +: 32] <= x;
        y_15_q[i*32 +: 32] <= y;
        distance_q[i*32 +: 32] <= vit_fp_pkg::effective_exponent(x[30:23])
                                 - vit_fp_pkg::effective_exponent(y[30:23]);
      end
    end
  endtask

  always_ff @(posedge clk_i) if (in_valid_i) order(in_dtype_i);

  // Stage 15: align, with guard, round and sticky bit below the significands. An infinity or NaN
  // stands alone: exponent 255 and the fraction of the result.
  // meta: {sign, subtract, 22'b0, exponent}
  logic [Tile*32-1:0] x_16_q, y_16_q, meta_16_q;

  task automatic align(input logic [1:0] dtype);
    int unsigned i;
    logic [31:0] x, y, minor;
    logic special, invalid;
    if (dtype == S8) begin
      x_16_q <= x_15_q;
      y_16_q <= y_15_q;
    end else begin
      for (i = 0; i < Tile; i++) begin
        x = x_15_q[i*32 +: 32];
        y = y_15_q[i*32 +: 32];
        special = x[30:23] == 8'hff;
        invalid = vit_fp_pkg::invalid_sum(x, y[31:23]);
        minor = vit_fp_pkg::shift_right_sticky(vit_fp_pkg::addend(y[30:0]),
                                               distance_q[i*32 +: 32]);
        x_16_q[i*32 +: 32] <= special ? vit_fp_pkg::special_addend(invalid)
                                      : vit_fp_pkg::addend(x[30:0]);
        y_16_q[i*32 +: 32] <= special ? 32'b0 : minor;
        meta_16_q[i*32 +: 32] <= {x[31] & ~invalid, x[31] ^ y[31], 22'b0,
                                  x[30:23] == 8'b0 ? 8'd1 : x[30:23]};
      end
    end
  endtask

  always_ff @(posedge clk_i) if (valid_q[0]) align(dtype_15);

  // Stage 16: add. s8 meta: {overflow upwards, downwards, 30'b0}
  logic [Tile*32-1:0] sum_17_q, meta_17_q;

  task automatic add(input logic [1:0] dtype);
    int unsigned i;
    logic [31:0] x, y, sum, meta;
    if (dtype == S8) begin
      for (i = 0; i < Tile; i++) begin
        x = x_16_q[i*32 +: 32];
        y = y_16_q[i*32 +: 32];
        sum = x + y;
        meta = (sum ^ x) & (sum ^ y);
        sum_17_q[i*32 +: 32] <= sum;
        meta_17_q[i*32 +: 32] <= {meta[31] & ~x[31], meta[31] & x[31], 30'b0};
      end
    end else begin
      for (i = 0; i < Tile; i++) begin
        x = x_16_q[i*32 +: 32];
        y = y_16_q[i*32 +: 32];
        meta = meta_16_q[i*32 +: 32];
        sum_17_q[i*32 +: 32] <= meta[30] ? x - y : x + y;
        meta_17_q[i*32 +: 32] <= meta;
      end
    end
  endtask

  always_ff @(posedge clk_i) if (valid_q[1]) add(dtype_16);

  // Stage 17: leading zeros, counted from the place of the carry.
  logic [Tile*32-1:0] sum_18_q, meta_18_q, zeros_q;

  task automatic count(input logic [1:0] dtype);
    int unsigned i;
    sum_18_q <= sum_17_q;
    meta_18_q <= meta_17_q;
    if (dtype != S8) begin
      for (i = 0; i < Tile; i++) begin
        zeros_q[i*32 +: 32] <= vit_fp_pkg::leading_zeros({sum_17_q[i*32 +: 28], 4'b0});
      end
    end
  endtask

  always_ff @(posedge clk_i) if (valid_q[2]) count(dtype_17);

  // Stage 18: leading one to bit 31, but no further than a subnormal allows.
  // meta: {sign, special, 22'b0, base exponent}
  logic [Tile*32-1:0] sum_19_q, meta_19_q;

  task automatic normalise(input logic [1:0] dtype);
    int unsigned i;
    logic [31:0] sum, shift, exponent;
    logic [7:0] biased;
    if (dtype == S8) begin
      sum_19_q <= sum_18_q;
      meta_19_q <= meta_18_q;
    end else begin
      for (i = 0; i < Tile; i++) begin
        sum = {sum_18_q[i*32 +: 28], 4'b0};
        biased = meta_18_q[i*32 +: 8];
        exponent = {24'b0, biased};
        shift = zeros_q[i*32 +: 32];
        shift = shift < exponent ? shift : exponent;
        sum_19_q[i*32 +: 32] <= sum << shift[4:0];
        exponent = sum == 32'b0 ? 32'b0 : exponent - shift;
        meta_19_q[i*32 +: 32] <=
            {meta_18_q[i*32+31] & (sum != 32'b0), biased == 8'hff, 22'b0, exponent[7:0]};
      end
    end
  endtask

  always_ff @(posedge clk_i) if (valid_q[3]) normalise(dtype_18);

  // Stage 19: round and pack; saturate.
  task automatic round(input logic [1:0] dtype);
    int unsigned i;
    logic [31:0] word;
    logic [1:0] meta;
    if (dtype == S8) begin
      for (i = 0; i < Tile; i++) begin
        meta = meta_19_q[i*32+30 +: 2];
        out_word_o[i*32 +: 32] <= meta[1] ? 32'h7fff_ffff :
                                  meta[0] ? 32'h8000_0000 : sum_19_q[i*32 +: 32];
      end
    end else begin
      for (i = 0; i < Tile; i++) begin
        meta = meta_19_q[i*32+30 +: 2];
        word = vit_fp_pkg::round_pack(sum_19_q[i*32 +: 32], {24'b0, meta_19_q[i*32 +: 8]});
        word = meta[0] ? word : vit_fp_pkg::clamp_infinity(word);
        out_word_o[i*32 +: 32] <= {meta[1], word[30:0]};
      end
    end
  endtask

  always_ff @(posedge clk_i) if (valid_q[4]) round(dtype_19);

endmodule
