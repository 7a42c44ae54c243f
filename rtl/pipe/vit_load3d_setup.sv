// SPDX-License-Identifier: Apache-2.0
//
// What load3d must know before its first row: the output's size, where m_start and k_start stand in it, and the
// first four output pixels. Latency 10 (the results of an instruction given in cycle p are read in p + 10), one
// instruction a cycle. Golden twin: models/pipe/load3d.h.
//
//   p           padded map less dilated filter            h1 = k_start / C0
//   p+1 .. p+4  / strides: output width and height        / filter_w: kw
//   p+5 .. p+8  m_start / width: first pixel (ho, wo)     / filter_h: kh, c1
//   p+9         pixels 0 .. 3                             offsets of (c1, kh, kw) in the map
module vit_load3d_setup #(
  parameter int LW = 14  // bits of an L1 row address
) (
  input  logic                        clk_i,
  input  logic                        rst_ni,
  // the instruction
  input  logic                        in_valid_i,
  input  logic [vit_pkg::INSTR_W-1:0] in_instr_i,
  // ten cycles later
  output logic [15:0]                 width_o,    // of the output
  output logic [15:0]                 height_o,
  output logic [4*33-1:0]             pixels_o,   // the first four, {ho, wo} each
  output logic [8:0]                  kh_o,
  output logic [8:0]                  kw_o,
  output logic [17:0]                 h_offset_o, // kh * dilation_h - pad_top, two's complement
  output logic [17:0]                 w_offset_o,
  output logic [LW-1:0]               plane_o,    // rows from the map's first to that of c1
  output logic [LW-1:0]               map_o       // rows of a plane: l1_h * l1_w
);

  logic instr_unused;  // the other fields
  assign instr_unused = ^in_instr_i;

  // ---------------------------------------------------------------- p: numerators
  logic [14:0] l1_h, l1_w;
  logic [15:0] m_start, k_start;
  logic [5:0]  stride_w, stride_h;
  logic [8:0]  filter_w, filter_h;
  logic [7:0]  dilation_w, dilation_h, pad_left, pad_right, pad_top, pad_bottom;
  logic [2:0]  dtype;
  assign l1_h       = in_instr_i[vit_pkg::LOAD3D_L1_H_LSB +: 15];
  assign l1_w       = in_instr_i[vit_pkg::LOAD3D_L1_W_LSB +: 15];
  assign m_start    = in_instr_i[vit_pkg::LOAD3D_M_START_LSB +: 16];
  assign k_start    = in_instr_i[vit_pkg::LOAD3D_K_START_LSB +: 16];
  assign stride_w   = in_instr_i[vit_pkg::LOAD3D_STRIDE_W_LSB +: 6];
  assign stride_h   = in_instr_i[vit_pkg::LOAD3D_STRIDE_H_LSB +: 6];
  assign filter_w   = in_instr_i[vit_pkg::LOAD3D_FILTER_W_LSB +: 9];
  assign filter_h   = in_instr_i[vit_pkg::LOAD3D_FILTER_H_LSB +: 9];
  assign dilation_w = in_instr_i[vit_pkg::LOAD3D_DILATION_W_LSB +: 8];
  assign dilation_h = in_instr_i[vit_pkg::LOAD3D_DILATION_H_LSB +: 8];
  assign pad_left   = in_instr_i[vit_pkg::LOAD3D_PAD_LEFT_LSB +: 8];
  assign pad_right  = in_instr_i[vit_pkg::LOAD3D_PAD_RIGHT_LSB +: 8];
  assign pad_top    = in_instr_i[vit_pkg::LOAD3D_PAD_TOP_LSB +: 8];
  assign pad_bottom = in_instr_i[vit_pkg::LOAD3D_PAD_BOTTOM_LSB +: 8];
  assign dtype      = in_instr_i[vit_pkg::LOAD3D_DTYPE_LSB +: 3];

  // Padded size less that of the dilated filter. Legal programs have it at least zero.
  function automatic logic [15:0] room(input logic [14:0] size, input logic [7:0] pad_first, input logic [7:0] pad_last,
                                       input logic [8:0] filter, input logic [7:0] dilation);
    logic [17:0] filter_size;
    filter_size = (18'(filter) - 18'd1) * 18'(dilation) + 18'd1;
    room = 16'(18'(size) + 18'(pad_first) + 18'(pad_last) - filter_size);
  endfunction

  logic [15:0]   room_w_q, room_h_q, k1_q, m_start_q;
  logic [5:0]    stride_w_q, stride_h_q;
  logic [8:0]    filter_w_q, filter_h_q;
  logic [7:0]    dilation_w_q, dilation_h_q, pad_left_q, pad_top_q;
  logic [LW-1:0] map_q;
  logic          valid_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) valid_q <= 1'b0;
    else valid_q <= in_valid_i;
  end
  always_ff @(posedge clk_i) begin
    if (in_valid_i) begin
      room_w_q     <= room(l1_w, pad_left, pad_right, filter_w, dilation_w);
      room_h_q     <= room(l1_h, pad_top, pad_bottom, filter_h, dilation_h);
      k1_q         <= k_start >> (dtype == vit_pkg::DATATYPE_F32 ? 3 : dtype == vit_pkg::DATATYPE_S8 ? 5 : dtype == vit_pkg::DATATYPE_S4 ? 6 : 4);
      m_start_q    <= m_start;
      stride_w_q   <= stride_w;
      stride_h_q   <= stride_h;
      filter_w_q   <= filter_w;
      filter_h_q   <= filter_h;
      dilation_w_q <= dilation_w;
      dilation_h_q <= dilation_h;
      pad_left_q   <= pad_left;
      pad_top_q    <= pad_top;
      map_q        <= LW'(32'(l1_h) * 32'(l1_w));
    end
  end

  // ---------------------------------------------------------------- p+1 .. p+8: divisions
  localparam int SideW = LW + 32;
  logic [15:0]      width, height, m_start_5, k_rows;
  logic [12:0]      c1_9;
  logic [8:0]       filter_h_5, kw_5, kw_9, kh_9;
  logic [SideW-1:0] side_5, side_9;
  logic             valid_5, valid_9;
  logic [15:0]      quotient_w, quotient_h, height_9, width_9, ho_9, wo_9;

  logic [2:0]       valid_unused, c1_top_unused;
  logic [5:0]       rest_w_unused, rest_h_unused, by_w_unused, by_h_unused;
  logic [8:0]       by_kw_unused, by_kh_unused;

  vit_divide #(.Dividend(16), .Divisor(6), .TagW(16)) i_width (
    .clk_i, .rst_ni, .in_valid_i(valid_q), .in_dividend_i(room_w_q), .in_divisor_i(stride_w_q), .in_tag_i(m_start_q),
    .out_valid_o(valid_5), .out_quotient_o(quotient_w), .out_remainder_o(rest_w_unused), .out_divisor_o(by_w_unused), .out_tag_o(m_start_5)
  );
  vit_divide #(.Dividend(16), .Divisor(6), .TagW(SideW)) i_height (
    .clk_i, .rst_ni, .in_valid_i(valid_q), .in_dividend_i(room_h_q), .in_divisor_i(stride_h_q),
    .in_tag_i({map_q, dilation_h_q, dilation_w_q, pad_top_q, pad_left_q}),
    .out_valid_o(valid_unused[0]), .out_quotient_o(quotient_h), .out_remainder_o(rest_h_unused), .out_divisor_o(by_h_unused), .out_tag_o(side_5)
  );
  vit_divide #(.Dividend(16), .Divisor(9), .TagW(9)) i_kw (
    .clk_i, .rst_ni, .in_valid_i(valid_q), .in_dividend_i(k1_q), .in_divisor_i(filter_w_q), .in_tag_i(filter_h_q),
    .out_valid_o(valid_unused[1]), .out_quotient_o(k_rows), .out_remainder_o(kw_5), .out_divisor_o(by_kw_unused), .out_tag_o(filter_h_5)
  );
  assign width  = quotient_w + 16'd1;
  assign height = quotient_h + 16'd1;

  vit_divide #(.Dividend(16), .Divisor(16), .TagW(16)) i_pixel (
    .clk_i, .rst_ni, .in_valid_i(valid_5), .in_dividend_i(m_start_5), .in_divisor_i(width), .in_tag_i(height),
    .out_valid_o(valid_9), .out_quotient_o(ho_9), .out_remainder_o(wo_9), .out_divisor_o(width_9), .out_tag_o(height_9)
  );
  vit_divide #(.Dividend(16), .Divisor(9), .TagW(SideW + 9)) i_kh (
    .clk_i, .rst_ni, .in_valid_i(valid_5), .in_dividend_i(k_rows), .in_divisor_i(filter_h_5), .in_tag_i({side_5, kw_5}),
    .out_valid_o(valid_unused[2]), .out_quotient_o({c1_top_unused, c1_9}), .out_remainder_o(kh_9), .out_divisor_o(by_kh_unused), .out_tag_o({side_9, kw_9})
  );

  // ---------------------------------------------------------------- p+9: pixels and offsets
  logic [LW-1:0] map_9;
  logic [7:0]    dilation_h_9, dilation_w_9, pad_top_9, pad_left_9;
  assign {map_9, dilation_h_9, dilation_w_9, pad_top_9, pad_left_9} = side_9;

  function automatic logic [4*33-1:0] first_four(input logic [32:0] pixel, input logic [15:0] along);
    logic [9:0]  one, two;
    logic [32:0] second;
    one    = vit_load3d_pkg::split(along, 5'd1);
    two    = vit_load3d_pkg::split(along, 5'd2);
    second = vit_load3d_pkg::advance(pixel, along, one);
    first_four = {vit_load3d_pkg::advance(second, along, two), vit_load3d_pkg::advance(pixel, along, two), second, pixel};
  endfunction

  always_ff @(posedge clk_i) begin
    if (valid_9) begin
      pixels_o   <= first_four({1'b0, ho_9, wo_9}, width_9);
      width_o    <= width_9;
      height_o   <= height_9;
      kh_o       <= kh_9;
      kw_o       <= kw_9;
      h_offset_o <= 18'(kh_9) * 18'(dilation_h_9) - 18'(pad_top_9);
      w_offset_o <= 18'(kw_9) * 18'(dilation_w_9) - 18'(pad_left_9);
      plane_o    <= LW'(32'(c1_9) * 32'(map_9));
      map_o      <= map_9;
    end
  end

endmodule
