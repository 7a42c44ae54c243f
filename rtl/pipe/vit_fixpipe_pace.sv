// SPDX-License-Identifier: Apache-2.0
//
// How long FIX's next instruction waits for the one that started last: max(setup, beats) + tail cycles after it
// (docs/timing.md, M1), in cycles in which `go_i` is high. The beats of a fixpipe are counted down fractal by
// fractal, so that nothing is multiplied.
module vit_fixpipe_pace (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic [12:0] cfg_setup_i,
  input  logic [12:0] cfg_fb_tail_i,
  input  logic        go_i,
  input  logic        start_i,
  input  logic        copy_i,    // copy_l1_fb,
  input  logic [15:0] length_i,  // of so many 64 B; else a fixpipe
  input  logic [11:0] rows_i,    // of so many fractals down,
  input  logic [7:0]  columns_i, // across
  input  logic [15:0] nd_less_i, // and matrices, each less one
  output logic        holds_o
);

  // What is left, less one: of the fractal, fractals of the line, lines, matrices. A copy is one line of
  // single cycles, two for each unit of 64 B.
  logic [3:0]  beat_q, beats_q;
  logic [16:0] fractal_q, line_length_q;
  logic [7:0]  line_q, lines_q;
  logic [15:0] matrix_q;
  logic [12:0] setup_q, tail_q;
  logic        moving, waiting;
  assign moving  = beat_q != '0 || fractal_q != '0 || line_q != '0 || matrix_q != '0;
  assign waiting = moving || setup_q != '0;
  assign holds_o = waiting || tail_q != '0;

  logic [16:0] line_length;
  assign line_length = copy_i ? {length_i, 1'b0} - 17'd1 : {5'b0, rows_i};

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      beat_q    <= '0;
      fractal_q <= '0;
      line_q    <= '0;
      matrix_q  <= '0;
      setup_q   <= '0;
      tail_q    <= '0;
    end else if (start_i) begin
      beat_q    <= copy_i ? 4'd0 : 4'd8;
      fractal_q <= line_length;
      line_q    <= copy_i ? 8'd0 : columns_i;
      matrix_q  <= copy_i ? 16'd0 : nd_less_i;
      setup_q   <= copy_i || cfg_setup_i == '0 ? '0 : cfg_setup_i - 13'd1;
      tail_q    <= copy_i ? cfg_fb_tail_i : '0;
    end else if (go_i) begin
      if (beat_q != '0) begin
        beat_q <= beat_q - 4'd1;
      end else if (moving) begin
        beat_q    <= beats_q;
        fractal_q <= fractal_q != '0 ? fractal_q - 17'd1 : line_length_q;
        if (fractal_q == '0) line_q <= line_q != '0 ? line_q - 8'd1 : lines_q;
        if (fractal_q == '0 && line_q == '0) matrix_q <= matrix_q - 16'd1;
      end
      if (setup_q != '0) setup_q <= setup_q - 13'd1;
      if (!waiting && tail_q != '0) tail_q <= tail_q - 13'd1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (start_i) begin
      beats_q       <= copy_i ? 4'd0 : 4'd8;
      line_length_q <= line_length;
      lines_q       <= copy_i ? 8'd0 : columns_i;
    end
  end

endmodule
