// SPDX-License-Identifier: Apache-2.0
//
// Scalar pieces of fp32 arithmetic, shared by all datapaths. A word is 32 bits; a "raised" significand
// has its leading one in bit 31, 24 bits that stay, one guard bit and sticky bits below.
// Golden twin: docs/numerics.md, "Words".
package vit_fp_pkg;

  localparam logic [31:0] NAN = 32'h7fc0_0000;
  localparam logic [31:0] INFINITY = 32'h7f80_0000;

  // Leading zeros of a word; 31 for one and for zero.
  function automatic logic [31:0] leading_zeros(input logic [31:0] word);
    logic [31:0] x, n;
    n = word < 32'h0001_0000 ? 32'd16 : 32'd0;
    x = word < 32'h0001_0000 ? word << 16 : word;
    n = x < 32'h0100_0000 ? n | 32'd8 : n;
    x = x < 32'h0100_0000 ? x << 8 : x;
    n = x < 32'h1000_0000 ? n | 32'd4 : n;
    x = x < 32'h1000_0000 ? x << 4 : x;
    n = x < 32'h4000_0000 ? n | 32'd2 : n;
    x = x < 32'h4000_0000 ? x << 2 : x;
    leading_zeros = x < 32'h8000_0000 ? n | 32'd1 : n;
  endfunction

  // Shift right; what falls out leaves a one in the lowest bit (sticky).
  function automatic logic [31:0] shift_right_sticky(input logic [31:0] x,
                                                     input logic [31:0] amount);
    logic [31:0] shifted;
    shifted = x >> amount;
    shift_right_sticky = shifted | {31'b0, (shifted << amount) != x};
  endfunction

  // Exponent of an fp32 number from its biased field: subnormals have that of the smallest normal.
  function automatic logic [31:0] effective_exponent(input logic [7:0] biased);
    effective_exponent = biased == 8'b0 ? 32'd1 : {24'b0, biased};
  endfunction

  // Addends as the adders align them: significand with guard, round and sticky bit. One that is no
  // finite number (biased 255) is an infinity here, or NaN where `invalid`.
  function automatic logic [31:0] addend(input logic [30:0] word);
    addend = {5'b0, word[30:23] != 8'b0, word[22:0], 3'b0};
  endfunction
  function automatic logic [31:0] special_addend(input logic invalid);
    special_addend = {5'b0, 1'b1, invalid, 25'b0};
  endfunction

  // x of the larger magnitude, y of the smaller (its sign and exponent): is x + y not a number?
  function automatic logic invalid_sum(input logic [31:0] x, input logic [8:0] y);
    invalid_sum = (x[30:23] == 8'hff) & ((x[22:0] != 23'b0) | ((y[7:0] == 8'hff) & (x[31] != y[8])));
  endfunction

  // Magnitude of the fp32 value `raised`, rounded to nearest even. `base` is the biased exponent
  // minus one for a normal number, and 0 for a subnormal one, whose leading bit is below bit 31.
  // A carry out of the fraction goes on into the exponent; the caller clamps at infinity.
  function automatic logic [31:0] round_pack(input logic [31:0] raised, input logic [31:0] base);
    logic increment;
    increment = raised[7] & ((raised[6:0] != 7'b0) | raised[8]);
    round_pack = (base << 23) + {8'b0, raised[31:8]} + {31'b0, increment};
  endfunction

  function automatic logic [31:0] clamp_infinity(input logic [31:0] magnitude);
    clamp_infinity = magnitude > INFINITY ? INFINITY : magnitude;
  endfunction

endpackage
