// SPDX-License-Identifier: Apache-2.0
//
// What FIX makes of a word of L0C on its way out, Rows x Columns of them at once; those of a column share
// a quantisation word. Latency 5 cycles in which `go_i` is high, one set of words a cycle. Stages: 1
// prepare, 2 multiply, 3 count leading zeros, 4 shift, 5 round. Golden twin: models/pipe/quantise.h.
module vit_fixpipe_lane #(
  parameter int Rows    = 2,
  parameter int Columns = 16
) (
  input  logic                          clk_i,
  input  logic                          rst_ni,
  input  logic                          go_i,        // low: nothing moves
  // words of L0C, fp32 or s32
  input  logic                          in_valid_i,
  input  logic [Rows*Columns*32-1:0]    in_word_i,   // row-major
  input  logic                          in_float_i,  // they are fp32
  input  logic [4:0]                    in_quant_i,  // vit_pkg::QUANT_*
  input  logic                          in_relu_i,
  input  logic [Columns*47-1:0]         in_scale_i,  // quantisation words (docs/numerics.md)
  // results, in the low 32, 16 or 8 bits; zeros above
  output logic                          out_valid_o,
  output logic [Rows*Columns*32-1:0]    out_word_o
);

  localparam int Lanes = Rows * Columns;

  // What the result is.
  localparam logic [1:0] Pass = 2'd0, F16 = 2'd1, Bf16 = 2'd2, B8 = 2'd3;

  logic       scaled;
  logic [1:0] kind;
  always_comb begin
    scaled = 1'b1;
    kind = B8;
    case (in_quant_i)
      vit_pkg::QUANT_NONE:     begin scaled = 1'b0; kind = Pass; end
      vit_pkg::QUANT_F322F16:  begin scaled = 1'b0; kind = F16;  end
      vit_pkg::QUANT_F322BF16: begin scaled = 1'b0; kind = Bf16; end
      vit_pkg::QUANT_DEQF16,
      vit_pkg::QUANT_VDEQF16:  kind = F16;
      default:                 kind = B8;
    endcase
  end

  // Control of stages 2 to 5, and of the result.
  logic [4:0] valid_q;
  logic [7:0] kind_q;
  logic [1:0] kind_2, kind_3, kind_4, kind_5;
  assign {kind_5, kind_4, kind_3, kind_2} = kind_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid_q <= '0;
      kind_q  <= '0;
    end else if (go_i) begin
      valid_q <= {valid_q[3:0], in_valid_i};
      kind_q  <= {kind_q[5:0], kind};
    end
  end
  assign out_valid_o = valid_q[4];

  // ---------------------------------------------------------------- stage 1: prepare
  // ReLU; sign and magnitude of the word; the scale's significand; the exponent X of their product,
  // magnitude * significand * 2^X; what is not a finite number. A conversion without scale has the
  // scale 1. Pass: the word.
  // meta: {NaN, infinite, sign, 7'b0, significand of the scale, X}
  logic [Lanes*32-1:0]   magnitude_q, meta_2_q;
  logic [Columns*10-1:0] offset_2_q;  // {result is signed, offset}

  // Below +0: becomes +0 under ReLU. NaN stays.
  function automatic logic drops(input logic [31:0] word, input logic float, input logic relu);
    drops = relu && word[31] && !(float && word[30:0] > vit_fp_pkg::INFINITY[30:0]);
  endfunction

  // Shift mode {on, N - 1}: right by N, rounding down, then saturated to 16 bits.
  function automatic logic [31:0] shifted(input logic [31:0] word, input logic [4:0] mode);
    logic [31:0] down;
    logic [4:0]  places;
    places = {1'b0, mode[3:0]} + 5'd1;
    down = (word >> places) | (word[31] ? ~(32'hffff_ffff >> places) : 32'b0);
    if (down[31:15] != {17{word[31]}}) down = word[31] ? 32'hffff_8000 : 32'h0000_7fff;
    shifted = mode[4] ? down : word;
  endfunction

  // Of the scale, sign, exponent and the upper 10 fraction bits count.
  function automatic logic [31:0] prepared_meta(input logic [31:0] word, input logic float,
                                                input logic [18:0] scale, input logic has_scale);
    logic        word_zero, word_infinite, word_nan, zero, infinite, nan, sign;
    logic        scale_zero, scale_infinite, scale_nan;
    logic [10:0] significand;
    logic [31:0] x;
    word_zero      = float ? word[30:0] == 31'b0 : word == 32'b0;
    word_infinite  = float && word[30:0] == vit_fp_pkg::INFINITY[30:0];
    word_nan       = float && word[30:0] > vit_fp_pkg::INFINITY[30:0];
    scale_zero     = has_scale && scale[17:0] == 18'b0;
    scale_infinite = has_scale && scale[17:0] == {8'hff, 10'b0};
    scale_nan      = has_scale && scale[17:10] == 8'hff && scale[9:0] != 10'b0;
    zero     = word_zero || scale_zero;
    nan      = word_nan || scale_nan || (word_infinite && scale_zero) || (word_zero && scale_infinite);
    infinite = (word_infinite || scale_infinite) && !nan;
    // A product that is exactly zero has no sign; a number that is only narrowed keeps it.
    sign = !nan && !(has_scale && zero) && (word[31] ^ (has_scale && scale[18]));
    significand = has_scale ? {scale[17:10] != 8'b0, scale[9:0]} : 11'h400;
    x = float ? vit_fp_pkg::effective_exponent(word[30:23]) - 32'd150 : 32'd0;
    x = x + (has_scale ? vit_fp_pkg::effective_exponent(scale[17:10]) : 32'd127) - 32'd137;
    prepared_meta = {nan, infinite, sign, 7'b0, significand, x[10:0]};
  endfunction

  task automatic prepare(input logic [1:0] result, input logic has_scale);
    int unsigned r, c, i;
    logic [31:0] word;
    logic [18:0] scale;
    for (c = 0; c < Columns; c++) begin
      scale = in_scale_i[c*47+13 +: 19];
      offset_2_q[c*10 +: 10] <= in_scale_i[c*47+37 +: 10];
      for (r = 0; r < Rows; r++) begin
        i = r * Columns + c;
        word = in_word_i[i*32 +: 32];
        if (has_scale && !in_float_i) word = shifted(word, in_scale_i[c*47+32 +: 5]);
        if (drops(word, in_float_i, in_relu_i)) word = 32'b0;
        meta_2_q[i*32 +: 32] <= prepared_meta(word, in_float_i, scale, has_scale);
        if (result != Pass) begin
          if (in_float_i) word = {8'b0, word[30:23] != 8'b0, word[22:0]};
          else word = word[31] ? -word : word;
        end
        magnitude_q[i*32 +: 32] <= word;
      end
    end
  endtask

  always_ff @(posedge clk_i) if (go_i && in_valid_i) prepare(kind, scaled);

  // ---------------------------------------------------------------- stage 2: multiply
  // product: 43 bits, the upper 11 in meta.
  // meta: {NaN, infinite, sign, 7'b0, product[42:32], X}
  logic [Lanes*32-1:0]   product_q, meta_3_q;
  logic [Columns*10-1:0] offset_3_q;

  task automatic multiply(input logic [1:0] result);
    int unsigned i;
    logic [31:0] meta;
    logic [42:0] product;
    offset_3_q <= offset_2_q;
    if (result == Pass) begin
      product_q <= magnitude_q;
    end else begin
      for (i = 0; i < Lanes; i++) begin
        meta = meta_2_q[i*32 +: 32];
        product = {11'b0, magnitude_q[i*32 +: 32]} * {32'b0, meta[21:11]};
        product_q[i*32 +: 32] <= product[31:0];
        meta_3_q[i*32 +: 32] <= {meta[31:22], product[42:32], meta[10:0]};
      end
    end
  endtask

  always_ff @(posedge clk_i) if (go_i && valid_q[0]) multiply(kind_2);

  // ---------------------------------------------------------------- stage 3: count leading zeros
  // Of the 43 bits; a zero product's do not matter.
  // meta: {NaN, infinite, sign, zeros (7 bits), product[42:32], X}
  logic [Lanes*32-1:0]   product_4_q, meta_4_q;
  logic [Columns*10-1:0] offset_4_q;

  task automatic count(input logic [1:0] result);
    int unsigned i;
    logic [31:0] meta, zeros;
    logic [10:0] high;
    product_4_q <= product_q;
    offset_4_q <= offset_3_q;
    if (result != Pass) begin
      for (i = 0; i < Lanes; i++) begin
        meta = meta_3_q[i*32 +: 32];
        high = meta[21:11];
        zeros = high != 11'b0 ? vit_fp_pkg::leading_zeros({high, 21'b0})
                              : vit_fp_pkg::leading_zeros(product_q[i*32 +: 32]) + 32'd11;
        meta_4_q[i*32 +: 32] <= meta | (zeros << 22);
      end
    end
  endtask

  always_ff @(posedge clk_i) if (go_i && valid_q[1]) count(kind_3);

  // ---------------------------------------------------------------- stage 4: shift
  // The leading one, of weight 2^e, goes to bit 31, and further down where e is below `least`: the
  // exponent of the smallest normal number; for integers 7, so that ones stand in bit 24.
  // meta: {NaN, sign, 22'b0, base}, base = what e is above `least`: beyond the type's range for infinity.
  logic [Lanes*32-1:0]   raised_q, meta_5_q;
  logic [Columns*10-1:0] offset_5_q;

  task automatic shift(input logic [1:0] result, input logic [31:0] least);
    int unsigned i;
    logic [31:0] meta, zeros, above, below, raised;
    logic [7:0]  base;
    logic [42:0] product;
    offset_5_q <= offset_4_q;
    if (result == Pass) begin
      raised_q <= product_4_q;
    end else begin
      for (i = 0; i < Lanes; i++) begin
        meta = meta_4_q[i*32 +: 32];
        zeros = {25'b0, meta[28:22]};
        product = {meta[21:11], product_4_q[i*32 +: 32]} << zeros[5:0];
        raised = {product[42:12], product[11] || product[10:0] != 11'b0};
        above = {{21{meta[10]}}, meta[10:0]} + 32'd42 - zeros - least;  // e - least
        below = above[31] ? -above : 32'd0;
        raised = vit_fp_pkg::shift_right_sticky(raised, below > 32'd33 ? 32'd33 : below);
        base = above[31] ? 8'd0 : above > 32'd255 ? 8'd255 : above[7:0];
        if (meta[31] || !product[42]) begin  // NaN, zero
          raised = 32'b0;
          base = 8'd0;
        end
        if (meta[30]) base = 8'd255;
        raised_q[i*32 +: 32] <= raised;
        meta_5_q[i*32 +: 32] <= {meta[31], meta[29], 22'b0, base};
      end
    end
  endtask

  always_ff @(posedge clk_i) begin
    if (go_i && valid_q[2]) shift(kind_4, kind_4 == F16 ? -32'd14 : kind_4 == Bf16 ? -32'd126 : 32'd7);
  end

  // ---------------------------------------------------------------- stage 5: round
  function automatic logic [31:0] round_f16(input logic [31:0] raised, input logic [7:0] base,
                                           input logic sign, input logic nan);
    logic        increment;
    logic [31:0] packed_up;
    increment = raised[20] && (raised[19:0] != 20'b0 || raised[21]);
    packed_up = {14'b0, base, 10'b0} + {21'b0, raised[31:21]} + {31'b0, increment};
    if (packed_up > 32'h7c00) packed_up = 32'h7c00;
    round_f16 = nan ? 32'h7e00 : {16'b0, sign, packed_up[14:0]};
  endfunction

  function automatic logic [31:0] round_bf16(input logic [31:0] raised, input logic [7:0] base,
                                            input logic sign, input logic nan);
    logic        increment;
    logic [31:0] packed_up;
    increment = raised[23] && (raised[22:0] != 23'b0 || raised[24]);
    packed_up = {17'b0, base, 7'b0} + {24'b0, raised[31:24]} + {31'b0, increment};
    if (packed_up > 32'h7f80) packed_up = 32'h7f80;
    round_bf16 = nan ? {16'b0, vit_fp_pkg::NAN[31:16]} : {16'b0, sign, packed_up[14:0]};
  endfunction

  // To an integer, saturated to [-256, 255]; the offset; saturated to s8 or u8.
  function automatic logic [31:0] round_b8(input logic [31:0] raised, input logic [7:0] base,
                                           input logic sign, input logic [9:0] offset);
    logic        increment;
    logic [31:0] whole, sum;
    increment = raised[23] && (raised[22:0] != 23'b0 || raised[24]);
    whole = {24'b0, raised[31:24]} + {31'b0, increment};
    if (base != 8'b0) whole = 32'd256;
    if (sign) whole = -whole;
    else if (whole[8]) whole = 32'd255;
    sum = whole + {{23{offset[8]}}, offset[8:0]};
    if (offset[9]) begin
      if (sum[31] && sum[30:7] != 24'hff_ffff) sum = 32'h80;
      else if (!sum[31] && sum[30:7] != 24'b0) sum = 32'h7f;
    end else begin
      if (sum[31]) sum = 32'h0;
      else if (sum[30:8] != 23'b0) sum = 32'hff;
    end
    round_b8 = {24'b0, sum[7:0]};
  endfunction

  task automatic round(input logic [1:0] result);
    int unsigned r, c, i;
    logic [31:0] raised;
    logic [7:0]  base;
    logic        sign, nan;
    if (result == Pass) begin
      out_word_o <= raised_q;
    end else begin
      for (r = 0; r < Rows; r++) begin
        for (c = 0; c < Columns; c++) begin
          i = r * Columns + c;
          raised = raised_q[i*32 +: 32];
          base = meta_5_q[i*32 +: 8];
          sign = meta_5_q[i*32+30];
          nan = meta_5_q[i*32+31];
          out_word_o[i*32 +: 32] <=
              result == F16  ? round_f16(raised, base, sign, nan) :
              result == Bf16 ? round_bf16(raised, base, sign, nan) :
                               round_b8(raised, base, sign, offset_5_q[c*10 +: 10]);
        end
      end
    end
  endtask

  always_ff @(posedge clk_i) if (go_i && valid_q[3]) round(kind_5);

endmodule
