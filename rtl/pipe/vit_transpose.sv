// SPDX-License-Identifier: Apache-2.0
//
// Turns a beat over: eight columns of a block become eight rows of 32 B. The block's rows come gathered
// (vit_mte1_buffer): 16 rows of eight 16-bit elements, 32 of eight bytes, 64 of eight nibbles, or eight of
// eight words. Latency 1, one beat a cycle; out_* moves only when a beat does. Golden twin: models/pipe/transpose.h.
module vit_transpose (
  input  logic             clk_i,
  // gathered
  input  logic             in_valid_i,
  input  logic [2:0]       in_turn_i,   // 0 as it is, 1 16-bit, 2 s8, 3 f32, 4 s4
  input  logic             in_upper_i,  // the upper half is wanted in the lower
  input  logic [8*256-1:0] in_data_i,
  // turned: row r in bits [256*r +: 256]
  output logic [8*256-1:0] out_data_o
);

  function automatic logic [8*256-1:0] halves(input logic [8*256-1:0] data);
    int unsigned r, q;
    logic [15:0] a, b;
    for (r = 0; r < 8; r++) begin
      for (q = 0; q < 8; q++) begin
        a = 16'(data[(8*q + r/2)*32 +: 32] >> (16 * (r % 2)));
        b = 16'(data[(8*q + 4 + r/2)*32 +: 32] >> (16 * (r % 2)));
        halves[(8*r + q)*32 +: 32] = {b, a};
      end
    end
  endfunction

  function automatic logic [8*256-1:0] bytes(input logic [8*256-1:0] data);
    int unsigned r, q, k;
    logic [31:0] word;
    for (r = 0; r < 8; r++) begin
      for (q = 0; q < 8; q++) begin
        word = 32'd0;
        for (k = 0; k < 4; k++) word = word | (((data[(8*q + 2*k + r/4)*32 +: 32] >> (8 * (r % 4))) & 32'hff) << (8*k));
        bytes[(8*r + q)*32 +: 32] = word;
      end
    end
  endfunction

  function automatic logic [8*256-1:0] nibbles(input logic [8*256-1:0] data);
    int unsigned r, q, k;
    logic [31:0] word;
    for (r = 0; r < 8; r++) begin
      for (q = 0; q < 8; q++) begin
        word = 32'd0;
        for (k = 0; k < 8; k++) word = word | (((data[(8*q + k)*32 +: 32] >> (4*r)) & 32'hf) << (4*k));
        nibbles[(8*r + q)*32 +: 32] = word;
      end
    end
  endfunction

  function automatic logic [8*256-1:0] words(input logic [8*256-1:0] data);
    int unsigned r, q;
    for (r = 0; r < 8; r++) begin
      for (q = 0; q < 8; q++) words[(8*r + q)*32 +: 32] = data[(8*q + r)*32 +: 32];
    end
  endfunction

  function automatic logic [8*256-1:0] turned(input logic [8*256-1:0] data, input logic [2:0] turn, input logic upper);
    case (turn)
      3'd1: turned = halves(data);
      3'd2: turned = bytes(data);
      3'd3: turned = words(data);
      default: turned = nibbles(data);
    endcase
    if (upper) turned[4*256-1:0] = turned[8*256-1:4*256];
  endfunction

  always_ff @(posedge clk_i) begin
    if (in_valid_i) out_data_o <= in_turn_i == 3'd0 ? in_data_i : turned(in_data_i, in_turn_i, in_upper_i);
  end

endmodule
