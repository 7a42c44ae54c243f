// SPDX-License-Identifier: Apache-2.0
//
// Reads the rows of a beat from L1, each at its own address: eight rows a cycle, latency 1 from the beat's
// description to the read. Its data come in the cycle after; out_* says then which of the rows were read.
module vit_mte1_read #(
  parameter int LW = 14  // bits of an L1 row address
) (
  input  logic              clk_i,
  input  logic              rst_ni,
  // the beat
  input  logic              beat_i,
  input  logic              map_i,    // of a feature map (load3d)
  input  logic [7:0]        rows_i,
  input  logic [LW-1:0]     base_i,
  input  logic [31:0]       fill_i,
  // its rows in the map
  input  logic [7:0]        inside_i,
  input  logic [8*LW-1:0]   h_i,
  input  logic [8*LW-1:0]   w_i,
  input  logic [LW-1:0]     plane_i,
  input  logic [LW-1:0]     pitch_i,
  // L1
  output logic [7:0]        l1_ren_o,
  output logic [8*LW-1:0]   l1_raddr_o,
  // data come from L1, two cycles after the beat
  output logic              data_valid_o,
  output logic [7:0]        data_rows_o,  // those that were read
  output logic [31:0]       data_fill_o   // what the others hold
);

  function automatic logic [8*LW-1:0] map_rows(input logic [LW-1:0] first, input logic [8*LW-1:0] h, input logic [8*LW-1:0] w, input logic [LW-1:0] pitch);
    int unsigned i;
    for (i = 0; i < 8; i++) map_rows[i*LW +: LW] = first + h[i*LW +: LW] * pitch + w[i*LW +: LW];
  endfunction

  function automatic logic [8*LW-1:0] plain_rows(input logic [LW-1:0] first);
    int unsigned i;
    for (i = 0; i < 8; i++) plain_rows[i*LW +: LW] = first + LW'(i);
  endfunction

  logic        read_q;
  logic [7:0]  rows_q;
  logic [31:0] fill_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      read_q       <= 1'b0;
      data_valid_o <= 1'b0;
    end else begin
      read_q       <= beat_i;
      data_valid_o <= read_q;
    end
  end
  always_ff @(posedge clk_i) begin
    if (beat_i) begin
      rows_q     <= map_i ? rows_i & inside_i : rows_i;
      l1_raddr_o <= map_i ? map_rows(base_i + plane_i, h_i, w_i, pitch_i) : plain_rows(base_i);
      fill_q     <= fill_i;
    end
    if (read_q) begin
      data_rows_o <= rows_q;
      data_fill_o <= fill_q;
    end
  end
  assign l1_ren_o = rows_q & {8{read_q}};

endmodule
