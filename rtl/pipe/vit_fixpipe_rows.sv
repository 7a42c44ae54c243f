// SPDX-License-Identifier: Apache-2.0
//
// A fractal read from L0C, converted two rows a cycle. Rows 2 i and 2 i + 1 of the fractal read in cycle r stand
// at the output in cycle r + 7 + i, in cycles in which `go_i` is high: L0C answers in r + 1 and the fractal is
// captured, then come the five stages of vit_fixpipe_lane. The next read may be 9 cycles later.
module vit_fixpipe_rows (
  input  logic           clk_i,
  input  logic           rst_ni,
  input  logic           go_i,
  // a fractal is read; only with go_i
  input  logic           read_i,
  input  logic           float_i,
  input  logic [4:0]     quant_i,
  input  logic           relu_i,
  input  logic           vector_i,     // a quantisation word a column, from FB
  input  logic [46:0]    scale_i,      // else this one
  // in the cycle after
  input  logic [8191:0]  l0c_rdata_i,
  input  logic [1023:0]  fb_rdata_i,
  // rows, and that the first two of a fractal come with the next cycle
  output logic           next_first_o,
  output logic           out_valid_o,
  output logic [1023:0]  out_word_o
);

  // ---------------------------------------------------------------- capture
  // Memories answer whether anything moves or not; the fractal before has left by then.
  logic          answered_q;
  logic [8191:0] fractal_q;
  logic [751:0]  scale_q;    // one a column
  logic          float_q, relu_q, vector_q;
  logic [4:0]    quant_q;
  logic [46:0]   uniform_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) answered_q <= 1'b0;
    else answered_q <= read_i;
  end

  always_ff @(posedge clk_i) begin
    if (read_i) begin
      float_q   <= float_i;
      quant_q   <= quant_i;
      relu_q    <= relu_i;
      vector_q  <= vector_i;
      uniform_q <= scale_i;
    end
  end

  // The words in FB are 64 bits, of which 47 count.
  task automatic capture(input logic vector);
    int unsigned c;
    fractal_q <= l0c_rdata_i;
    for (c = 0; c < 16; c++) scale_q[c*47 +: 47] <= vector ? fb_rdata_i[c*64 +: 47] : uniform_q;
  endtask

  always_ff @(posedge clk_i) if (answered_q) capture(vector_q);

  // ---------------------------------------------------------------- two rows a cycle
  logic       captured_q, feeding_q;
  logic [2:0] pair_q;
  logic [3:0] first_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      captured_q <= 1'b0;
      feeding_q  <= 1'b0;
      pair_q     <= '0;
      first_q    <= '0;
    end else if (go_i) begin
      captured_q <= read_i;
      feeding_q  <= captured_q || (feeding_q && pair_q != 3'd7);
      pair_q     <= feeding_q ? pair_q + 3'd1 : 3'd0;
      first_q    <= {first_q[2:0], feeding_q && pair_q == 3'd0};
    end
  end
  assign next_first_o = first_q[3];

  vit_fixpipe_lane #(
    .Rows   (2),
    .Columns(16)
  ) i_lane (
    .clk_i,
    .rst_ni,
    .go_i,
    .in_valid_i (feeding_q),
    .in_word_i  (fractal_q[1024*pair_q +: 1024]),
    .in_float_i (float_q),
    .in_quant_i (quant_q),
    .in_relu_i  (relu_q),
    .in_scale_i (scale_q),
    .out_valid_o,
    .out_word_o
  );

endmodule
