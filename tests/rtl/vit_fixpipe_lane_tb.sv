// SPDX-License-Identifier: Apache-2.0
//
// Runs vit_fixpipe_lane, 2 rows of 4 columns, on the words lane_vectors.cpp prints, and compares every result.
// In every third cycle nothing moves. For simulators other than Verilator: four-valued, so that an unset
// register shows.
module vit_fixpipe_lane_tb #(
  parameter int Count = 2000
);

  localparam int Rows = 2, Columns = 4;
  localparam int WordW = Rows * Columns * 32, ScaleW = Columns * 48;

  logic clk = 1'b0, rst_n = 1'b0;
  always #1 clk = !clk;

  logic [16+ScaleW+2*WordW-1:0] set [0:Count-1];
  logic [3:0] is_float, relu;
  logic [7:0] quant;
  logic [ScaleW-1:0] scale;
  logic [Columns*47-1:0] scale_packed;
  logic [WordW-1:0] word, unused, result;
  logic go, in_valid, out_valid;

  vit_fixpipe_lane #(
    .Rows   (Rows),
    .Columns(Columns)
  ) i_lane (
    .clk_i      (clk),
    .rst_ni     (rst_n),
    .go_i       (go),
    .in_valid_i (in_valid),
    .in_word_i  (word),
    .in_float_i (is_float[0]),
    .in_quant_i (quant[4:0]),
    .in_relu_i  (relu[0]),
    .in_scale_i (scale_packed),
    .out_valid_o(out_valid),
    .out_word_o (result)
  );

  int cycle, sent, seen, wrong, c;
  initial begin
    string file;
    if (!$value$plusargs("words=%s", file)) $finish;
    $readmemh(file, set);
    go = 1'b0;
    in_valid = 1'b0;
    sent = 0;
    seen = 0;
    wrong = 0;
    repeat (4) @(negedge clk);
    rst_n = 1'b1;
    for (cycle = 0; seen < Count && cycle < 2 * Count + 40; cycle++) begin
      go = cycle % 3 != 2;
      in_valid = sent < Count && cycle % 7 != 0;
      if (in_valid) {is_float, quant, relu, scale, word, unused} = set[sent];
      for (c = 0; c < Columns; c++) scale_packed[c*47 +: 47] = scale[c*48 +: 47];
      if (in_valid && go) sent = sent + 1;
      @(posedge clk);
      @(negedge clk);
      if (go && out_valid) begin
        if (result !== set[seen][WordW-1:0]) begin
          wrong = wrong + 1;
          if (wrong < 5) $display("set %0d: %h, should be %h", seen, result, set[seen][WordW-1:0]);
        end
        seen = seen + 1;
      end
    end
    $display("%0d sets, %0d wrong", seen, wrong);
    $finish;
  end

endmodule
