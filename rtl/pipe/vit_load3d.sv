// SPDX-License-Identifier: Apache-2.0
//
// Where the rows of load3d's fractals stand in the feature map (img2col): 16 output pixels by one (c1, kh, kw)
// a fractal. It holds the pixels of the fractal at hand and walks k inside m. Of rows row_i .. row_i + 7 of that
// fractal the outputs say it one cycle later; eight rows a cycle. Golden twin: models/pipe/load3d.h.
module vit_load3d #(
  parameter int LW = 14  // bits of an L1 row address
) (
  input  logic                        clk_i,
  // an instruction begins in the next cycle: as vit_load3d_setup prepared it
  input  logic                        load_i,
  input  logic [vit_pkg::INSTR_W-1:0] instr_i,
  input  logic [15:0]                 width_i,
  input  logic [15:0]                 height_i,
  input  logic [4*33-1:0]             pixels_i,
  input  logic [8:0]                  kh_i,
  input  logic [8:0]                  kw_i,
  input  logic [17:0]                 h_offset_i,
  input  logic [17:0]                 w_offset_i,
  input  logic [LW-1:0]               plane_i,
  input  logic [LW-1:0]               map_i,
  // the fractal is done: the next k, or k from its start and the next 16 pixels
  input  logic                        step_k_i,
  input  logic                        step_m_i,
  // rows of the fractal
  input  logic                        beat_i,
  input  logic [3:0]                  row_i,
  // one cycle later
  output logic [7:0]                  inside_o,  // of the map, and of the output
  output logic [8*LW-1:0]             h_o,       // row and column of the map
  output logic [8*LW-1:0]             w_o,
  output logic [LW-1:0]               plane_o,   // rows from the map's first to the plane's first
  output logic [LW-1:0]               pitch_o    // l1_w
);

  logic instr_unused;  // the other fields
  assign instr_unused = ^instr_i;

  // ---------------------------------------------------------------- constant through an instruction
  logic [14:0]   l1_h_q, l1_w_q;
  logic [15:0]   width_q, height_q;
  logic [5:0]    stride_h_q, stride_w_q;
  logic [8:0]    last_kh_q, last_kw_q;
  logic [7:0]    dilation_h_q, dilation_w_q, pad_top_q, pad_left_q;
  logic [LW-1:0] map_q;
  // where k starts
  logic [8:0]    first_kh_q, first_kw_q;
  logic [17:0]   first_h_offset_q, first_w_offset_q;
  logic [LW-1:0] first_plane_q;

  always_ff @(posedge clk_i) begin
    if (load_i) begin
      l1_h_q           <= instr_i[vit_pkg::LOAD3D_L1_H_LSB +: 15];
      l1_w_q           <= instr_i[vit_pkg::LOAD3D_L1_W_LSB +: 15];
      width_q          <= width_i;
      height_q         <= height_i;
      stride_h_q       <= instr_i[vit_pkg::LOAD3D_STRIDE_H_LSB +: 6];
      stride_w_q       <= instr_i[vit_pkg::LOAD3D_STRIDE_W_LSB +: 6];
      last_kh_q        <= instr_i[vit_pkg::LOAD3D_FILTER_H_LSB +: 9] - 9'd1;
      last_kw_q        <= instr_i[vit_pkg::LOAD3D_FILTER_W_LSB +: 9] - 9'd1;
      dilation_h_q     <= instr_i[vit_pkg::LOAD3D_DILATION_H_LSB +: 8];
      dilation_w_q     <= instr_i[vit_pkg::LOAD3D_DILATION_W_LSB +: 8];
      pad_top_q        <= instr_i[vit_pkg::LOAD3D_PAD_TOP_LSB +: 8];
      pad_left_q       <= instr_i[vit_pkg::LOAD3D_PAD_LEFT_LSB +: 8];
      map_q            <= map_i;
      first_kh_q       <= kh_i;
      first_kw_q       <= kw_i;
      first_h_offset_q <= h_offset_i;
      first_w_offset_q <= w_offset_i;
      first_plane_q    <= plane_i;
    end
  end

  // ---------------------------------------------------------------- k: c1 outer, kh, kw inner
  logic [8:0]    kh_q, kw_q;
  logic [17:0]   h_offset_q, w_offset_q;  // kh * dilation_h - pad_top, kw * dilation_w - pad_left
  logic [LW-1:0] plane_q;                 // c1 * map
  logic kw_wraps, kh_wraps;
  assign kw_wraps = kw_q == last_kw_q;
  assign kh_wraps = kh_q == last_kh_q;

  always_ff @(posedge clk_i) begin
    if (load_i) begin
      kh_q       <= kh_i;
      kw_q       <= kw_i;
      h_offset_q <= h_offset_i;
      w_offset_q <= w_offset_i;
      plane_q    <= plane_i;
    end else if (step_m_i) begin
      kh_q       <= first_kh_q;
      kw_q       <= first_kw_q;
      h_offset_q <= first_h_offset_q;
      w_offset_q <= first_w_offset_q;
      plane_q    <= first_plane_q;
    end else if (step_k_i) begin
      kw_q       <= kw_wraps ? 9'd0 : kw_q + 9'd1;
      w_offset_q <= kw_wraps ? 18'd0 - 18'(pad_left_q) : w_offset_q + 18'(dilation_w_q);
      if (kw_wraps) begin
        kh_q       <= kh_wraps ? 9'd0 : kh_q + 9'd1;
        h_offset_q <= kh_wraps ? 18'd0 - 18'(pad_top_q) : h_offset_q + 18'(dilation_h_q);
        if (kh_wraps) plane_q <= plane_q + map_q;
      end
    end
  end

  // ---------------------------------------------------------------- m: 16 pixels
  logic [16*33-1:0] pixels_q;

  // The pixels behind the first four.
  function automatic logic [16*33-1:0] sixteen(input logic [4*33-1:0] first, input logic [15:0] width);
    int unsigned i;
    logic [9:0] four, eight;
    four  = vit_load3d_pkg::split(width, 5'd4);
    eight = vit_load3d_pkg::split(width, 5'd8);
    sixteen = {{(12*33){1'b0}}, first};
    for (i = 0; i < 4; i++) sixteen[(4 + i)*33 +: 33] = vit_load3d_pkg::advance(sixteen[i*33 +: 33], width, four);
    for (i = 0; i < 8; i++) sixteen[(8 + i)*33 +: 33] = vit_load3d_pkg::advance(sixteen[i*33 +: 33], width, eight);
  endfunction

  function automatic logic [16*33-1:0] next_sixteen(input logic [16*33-1:0] pixels, input logic [15:0] width);
    int unsigned i;
    logic [9:0] step;
    step = vit_load3d_pkg::split(width, 5'd16);
    for (i = 0; i < 16; i++) next_sixteen[i*33 +: 33] = vit_load3d_pkg::advance(pixels[i*33 +: 33], width, step);
  endfunction

  always_ff @(posedge clk_i) begin
    if (load_i) pixels_q <= sixteen(pixels_i, width_i);
    else if (step_m_i) pixels_q <= next_sixteen(pixels_q, width_q);
  end

  // ---------------------------------------------------------------- rows
  // {inside, h, w}. Only the low bits of h and w count where a row is inside.
  function automatic logic [8*(2*LW+1)-1:0] place(input logic [16*33-1:0] pixels, input logic [3:0] row, input logic [15:0] height, input logic [14:0] l1_h, input logic [14:0] l1_w,
                                                  input logic [5:0] stride_h, input logic [5:0] stride_w, input logic [17:0] h_offset, input logic [17:0] w_offset);
    int unsigned i;
    logic [3:0]  pixel;
    logic [16:0] ho;
    logic [15:0] wo;
    logic [23:0] h, w;
    logic [7:0]      valid;
    logic [8*LW-1:0] hs, ws;
    for (i = 0; i < 8; i++) begin
      pixel = row + 4'(i);  // past the last: rows nobody asks for
      {ho, wo} = pixels[10'(pixel)*10'd33 +: 33];
      h = 24'(ho) * 24'(stride_h) + {{6{h_offset[17]}}, h_offset};
      w = 24'(wo) * 24'(stride_w) + {{6{w_offset[17]}}, w_offset};
      valid[i] = ho < 17'(height) && h < 24'(l1_h) && w < 24'(l1_w);  // below zero: far above
      hs[i*LW +: LW] = LW'(h);
      ws[i*LW +: LW] = LW'(w);
    end
    place = {valid, hs, ws};
  endfunction

  always_ff @(posedge clk_i) begin
    if (beat_i) begin
      {inside_o, h_o, w_o} <= place(pixels_q, row_i, height_q, l1_h_q, l1_w_q, stride_h_q, stride_w_q, h_offset_q, w_offset_q);
      plane_o <= plane_q;
      pitch_o <= LW'(l1_w_q);
    end
  end

endmodule
