// SPDX-License-Identifier: Apache-2.0
//
// Operand side of the cube: raw SRAM rows in, normalised operands out. Two of them, for A and B.
// Latency 4 (stages 2 to 5 of docs/pipe/cube.md), one tile a cycle. Golden twin: models/pipe/cube.h.
//
// An operand leaves as two words, at index k * Rows + row:
//   sig  float: {sign, nan, inf, 5'b0, significand in 1.23}; 0 significand for zero. All but fp32
//               leave its low twelve bits zero.
//        s8:    two neighbours in k, sign-extended to 16 bits each, the lower k in the lower half.
//        s4:    four neighbours in k, 4 bits each from the lowest bit on.
//   exp  float: exponent + 512; 0 for zero, which stays below every sum of two of others. s8, s4: no
//        meaning.
// fp32 and hf32 fill the lower half of the K0 lanes; the others hold zero.
module vit_cube_operand #(
  parameter int Rows = 16,  // rows of A or columns of B
  parameter int K0   = 16   // lanes of 16 bits in a raw row
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,
  // raw rows: lane k of row r in bits [(r*K0+k)*16 +: 16]
  input  logic                   in_valid_i,
  input  logic [2:0]             in_dtype_i,
  input  logic [1:0]             in_hf32_i,   // fp32 becomes hf32
  input  logic [7:0]             in_depth_i,  // elements of a row that count
  input  logic [Rows*K0*16-1:0]  in_data_i,
  // normalised operands
  output logic [K0*Rows*32-1:0]  out_sig_o,
  output logic [K0*Rows*32-1:0]  out_exp_o,
  output logic                   out_special_o  // a NaN or an infinity is among them
);

  localparam int Count = K0 * Rows;
  localparam logic [2:0] F16 = vit_pkg::DATATYPE_F16;
  localparam logic [2:0] BF16 = vit_pkg::DATATYPE_BF16;
  localparam logic [2:0] F32 = vit_pkg::DATATYPE_F32;
  localparam logic [2:0] S8 = vit_pkg::DATATYPE_S8;
  localparam logic [2:0] S4 = vit_pkg::DATATYPE_S4;
  localparam int Dropped = 12;  // fraction bits of fp32 that hf32 lacks (docs/numerics.md, "hf32")

  // Control of stages 3, 4 and 5.
  logic [2:0] valid_q;
  logic [8:0] dtype_q;
  logic [1:0] hf32_q;
  logic [7:0] depth_q;
  logic [2:0] dtype_3, dtype_4, dtype_5;
  assign {dtype_5, dtype_4, dtype_3} = dtype_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid_q <= '0;
      dtype_q <= '0;
      hf32_q  <= '0;
      depth_q <= '0;
    end else begin
      valid_q <= {valid_q[1:0], in_valid_i};
      dtype_q <= {dtype_q[5:0], in_dtype_i};
      hf32_q  <= in_hf32_i;
      depth_q <= in_depth_i;
    end
  end

  // Stage 2: the SRAM's data.
  logic [Count*16-1:0] raw_q;
  always_ff @(posedge clk_i) if (in_valid_i) raw_q <= in_data_i;

  // Stage 3: floats take fp32's places {sign, exponent, fraction}, each with its own exponent range.
  // fp32 is shortened here.
  logic [Count*32-1:0] word_4_q;

  // The 16 bits of a lane, in a word by itself.
  function automatic logic [31:0] float_of(input logic is_bf16, input logic [15:0] x);
    float_of = is_bf16 ? {x, 16'b0} : {x[15], 3'b0, x[14:0], 13'b0};
  endfunction
  function automatic logic [31:0] integers_of(input logic is_s4, input logic [15:0] x);
    integers_of = is_s4 ? {16'b0, x} : {{8{x[15]}}, x[15:8], {8{x[7]}}, x[7:0]};
  endfunction

  // Bits of lane k that count. A float lane holds one element, s8 two, s4 four.
  function automatic logic [31:0] live(input logic [31:0] k, input logic [31:0] depth);
    live = {32{k < depth}};
  endfunction
  function automatic logic [31:0] live_integers(input logic is_s4, input logic [31:0] k,
                                                input logic [31:0] depth);
    live_integers = is_s4 ? {16'b0, {4{4 * k + 3 < depth}}, {4{4 * k + 2 < depth}},
                             {4{4 * k + 1 < depth}}, {4{4 * k < depth}}}
                          : {{16{2 * k + 1 < depth}}, {16{2 * k < depth}}};
  endfunction

  // An fp32 word with its fraction shortened to the nearest. Just below half a unit is added, and
  // where ties go to the even number one more if the last bit that stays is one; a carry goes on into
  // the exponent, up to infinity.
  function automatic logic [31:0] shortened(input logic [31:0] x, input logic [1:0] hf32);
    logic [31:0] odd, sum;
    odd = {31'b0, x[Dropped] & (hf32 == vit_pkg::HF32_NEAREST_EVEN)};
    sum = {1'b0, x[30:0]} + 32'((1 << (Dropped - 1)) - 1) + odd;
    sum = (sum & {{(32 - Dropped){1'b1}}, {Dropped{1'b0}}}) | {x[31], 31'b0};
    shortened = x[30:23] == 8'hff || hf32 == vit_pkg::HF32_OFF ? x : sum;
  endfunction

  // Lanes 2 k and 2 k + 1 are word k of a raw row.
  task automatic unpack_floats(input logic is_bf16, input logic [31:0] depth);
    int unsigned k, r;
    logic [31:0] pair, mask_low, mask_high;
    logic [31:0] low [0:Rows-1];
    logic [31:0] high [0:Rows-1];
    for (k = 0; k < K0 / 2; k++) begin
      mask_low = live(2 * k, depth);
      mask_high = live(2 * k + 1, depth);
      for (r = 0; r < Rows; r++) begin
        pair = raw_q[(r*(K0/2)+k)*32 +: 32];
        low[r] = float_of(is_bf16, pair[15:0]) & mask_low;
        high[r] = float_of(is_bf16, pair[31:16]) & mask_high;
      end
      for (r = 0; r < Rows; r++) word_4_q[(2*k*Rows+r)*32 +: 32] <= low[r];
      for (r = 0; r < Rows; r++) word_4_q[((2*k+1)*Rows+r)*32 +: 32] <= high[r];
    end
  endtask

  task automatic unpack_integers(input logic is_s4, input logic [31:0] depth);
    int unsigned k, r;
    logic [31:0] pair, mask_low, mask_high;
    logic [31:0] low [0:Rows-1];
    logic [31:0] high [0:Rows-1];
    for (k = 0; k < K0 / 2; k++) begin
      mask_low = live_integers(is_s4, 2 * k, depth);
      mask_high = live_integers(is_s4, 2 * k + 1, depth);
      for (r = 0; r < Rows; r++) begin
        pair = raw_q[(r*(K0/2)+k)*32 +: 32];
        low[r] = integers_of(is_s4, pair[15:0]) & mask_low;
        high[r] = integers_of(is_s4, pair[31:16]) & mask_high;
      end
      for (r = 0; r < Rows; r++) word_4_q[(2*k*Rows+r)*32 +: 32] <= low[r];
      for (r = 0; r < Rows; r++) word_4_q[((2*k+1)*Rows+r)*32 +: 32] <= high[r];
    end
  endtask

  task automatic unpack_f32(input logic [1:0] hf32, input logic [31:0] depth);
    int unsigned k, r;
    logic [31:0] mask;
    logic [31:0] word [0:Rows-1];
    for (k = 0; k < K0 / 2; k++) begin
      mask = live(k, depth);
      for (r = 0; r < Rows; r++) word[r] = shortened(raw_q[(r*(K0/2)+k)*32 +: 32], hf32) & mask;
      for (r = 0; r < Rows; r++) word_4_q[(k*Rows+r)*32 +: 32] <= word[r];
      for (r = 0; r < Rows; r++) word_4_q[((K0/2+k)*Rows+r)*32 +: 32] <= 32'b0;
    end
  endtask

  task automatic unpack(input logic [2:0] dtype, input logic [1:0] hf32, input logic [31:0] depth);
    if (dtype == F32) unpack_f32(hf32, depth);
    else if (dtype == S8 || dtype == S4) unpack_integers(dtype == S4, depth);
    else unpack_floats(dtype == BF16, depth);
  endtask

  always_ff @(posedge clk_i) if (valid_q[0]) unpack(dtype_3, hf32_q, {24'b0, depth_q});

  // Stage 4: how far a subnormal must be raised. Most tiles hold none.
  logic [Count*32-1:0] word_5_q, shift_q;

  function automatic logic any_subnormal(input logic [2:0] dtype);
    int unsigned i;
    logic [31:0] any;
    any = 32'b0;
    for (i = 0; i < Count; i++) begin
      any = any | (word_4_q[i*32+23 +: 8] == 8'b0 ? {9'b0, word_4_q[i*32 +: 23]} : 32'b0);
    end
    any_subnormal = any != 32'b0 && dtype != S8 && dtype != S4;
  endfunction

  task automatic count(input logic [2:0] dtype);
    int unsigned i;
    word_5_q <= word_4_q;
    if (any_subnormal(dtype)) begin
      for (i = 0; i < Count; i++) begin
        shift_q[i*32 +: 32] <= vit_fp_pkg::leading_zeros(
            {word_4_q[i*32+23 +: 8] != 8'b0, word_4_q[i*32 +: 23], 8'b0});
      end
    end else begin
      for (i = 0; i < Count; i++) shift_q[i*32 +: 32] <= 32'b0;
    end
  endtask

  always_ff @(posedge clk_i) if (valid_q[1]) count(dtype_4);

  // Stage 5: raise, and note special values.
  task automatic normalise(input logic [2:0] dtype);
    int unsigned i;
    logic [31:0] x, shift, exponent, top, bias, any;
    logic [23:0] sig;
    logic special;
    top = dtype == F16 ? 32'd31 : 32'd255;
    bias = dtype == F16 ? 32'd512 - 32'd15 : 32'd512 - 32'd127;
    any = 32'b0;
    if (dtype == S8 || dtype == S4) begin
      out_sig_o <= word_5_q;
    end else begin
      for (i = 0; i < Count; i++) begin
        x = word_5_q[i*32 +: 32];
        shift = shift_q[i*32 +: 32];
        exponent = {24'b0, x[30:23]};
        special = exponent == top;
        any = any | {31'b0, special};
        sig = {x[30:23] != 8'b0, x[22:0]} << shift[4:0];
        out_sig_o[i*32 +: 32] <=
            {x[31], special & (x[22:0] != 23'b0), special & (x[22:0] == 23'b0), 5'b0, sig};
        exponent = (exponent == 32'b0 ? 32'd1 : exponent) - shift + bias;
        out_exp_o[i*32 +: 32] <= x[30:0] == 31'b0 ? 32'd0 : exponent;
      end
    end
    out_special_o <= any[0];
  endtask

  always_ff @(posedge clk_i) if (valid_q[2]) normalise(dtype_5);

endmodule
