// SPDX-License-Identifier: Apache-2.0
//
// Runs vit_cube_array at 4x4x4 on the tiles array_vectors.cpp prints, two cycles each, and compares
// every result. For simulators other than Verilator: four-valued, so that an unset register shows.
module vit_cube_array_tb #(
  parameter int NUMERICS = 0,
  parameter int Count    = 200
);

  localparam int Size = 4;
  localparam int RawW = Size * Size * 16;
  localparam int AccW = Size * Size * 32;
  // Cycles from a tile's first slot to its accumulators.
  localparam int Lag = NUMERICS == 0 ? 11 : NUMERICS == 1 ? 3 : 9;
  localparam logic [7:0] F32 = {6'b0, vit_pkg::DATATYPE_F32[1:0]};  // not hf32

  logic clk = 1'b0, rst_n = 1'b0;
  always #1 clk = !clk;

  logic [16+2*RawW+2*AccW-1:0] tile [0:Count-1];
  logic [7:0] kind;  // hf32, dtype
  logic [7:0] depth;
  logic [RawW-1:0] a, b;
  logic [AccW-1:0] acc, acc_now, acc_unused, wanted, result;
  logic [16+2*RawW-1:0] unused;
  logic first, last, acc_valid, out_valid;

  vit_cube_array #(
    .M0      (Size),
    .K0      (Size),
    .N0      (Size),
    .NUMERICS(NUMERICS)
  ) i_array (
    .clk_i          (clk),
    .rst_ni         (rst_n),
    .in_first_i     (first),
    .in_last_i      (last),
    .in_dtype_i     (kind[2:0]),
    .in_hf32_i      (kind[5:4]),
    .in_depth_i     (depth),
    .in_a_i         (a),
    .in_b_i         (b),
    .acc_valid_i    (acc_valid),
    .acc_from_l0c_i (1'b1),
    .acc_from_bias_i(1'b0),
    .acc_l0c_i      (acc_now),
    .acc_bias_i     ({Size*32{1'b0}}),
    .out_valid_o    (out_valid),
    .out_word_o     (result)
  );

  int cycle, sent, seen, wrong;
  // fused24 takes an fp32 tile's accumulators with its second slot.
  logic late;
  initial begin
    string file;
    if (!$value$plusargs("tiles=%s", file)) $finish;
    $readmemh(file, tile);
    first = 1'b0;
    last = 1'b0;
    acc_valid = 1'b0;
    seen = 0;
    wrong = 0;
    repeat (4) @(negedge clk);
    rst_n = 1'b1;
    for (cycle = 0; cycle < 2 * Count + 40; cycle++) begin
      sent = cycle / 2;
      first = cycle % 2 == 0 && sent < Count;
      if (first) {kind, depth, a, b, acc, acc_unused} = tile[sent];
      last = sent < Count && (kind == F32 ? cycle % 2 == 1 : first);
      sent = (cycle - Lag) / 2;
      late = 1'b0;
      if (cycle >= Lag && sent < Count) begin
        {unused, acc_now, acc_unused} = tile[sent];
        late = NUMERICS == 1 && unused[2*RawW+8 +: 8] == F32;
      end
      acc_valid = cycle >= Lag && sent < Count && ((cycle - Lag) % 2 == (late ? 1 : 0));
      @(posedge clk);
      @(negedge clk);
      if (out_valid) begin
        wanted = tile[seen][AccW-1:0];
        if (result !== wanted) begin
          wrong = wrong + 1;
          if (wrong < 5) $display("tile %0d: %h, should be %h", seen, result, wanted);
        end
        seen = seen + 1;
      end
    end
    $display("%0d tiles, %0d wrong", seen, wrong);
    $finish;
  end

endmodule
