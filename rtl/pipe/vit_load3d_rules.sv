// SPDX-License-Identifier: Apache-2.0
//
// What a program must keep to in a load3d (docs/isa.md), as assertions on one that starts. No hardware.
`include "vit_assert.svh"
module vit_load3d_rules #(
  parameter int L1_BYTES = 524288
) (
  input logic                        clk_i,
  input logic                        rst_ni,
  input logic                        start_i,
  input logic [63:0]                 l0_bytes_i,  // of its destination
  input logic [vit_pkg::INSTR_W-1:0] instr_i
);

  logic instr_unused;  // the pad's value may be any
  assign instr_unused = ^instr_i;

  logic [2:0]  dtype, log_c0;
  logic [15:0] channel_size, m_extension, k_start, k_extension;
  logic [3:0]  m_start_low;
  logic [5:0]  low;  // bits that are zero in a multiple of C0
  assign dtype        = instr_i[vit_pkg::LOAD3D_DTYPE_LSB +: 3];
  assign log_c0       = dtype == vit_pkg::DATATYPE_F32 ? 3'd3 : dtype == vit_pkg::DATATYPE_S8 ? 3'd5 : dtype == vit_pkg::DATATYPE_S4 ? 3'd6 : 3'd4;
  assign low          = 6'((7'd1 << log_c0) - 7'd1);
  assign channel_size = instr_i[vit_pkg::LOAD3D_CHANNEL_SIZE_LSB +: 16];
  assign m_start_low  = instr_i[vit_pkg::LOAD3D_M_START_LSB +: 4];
  assign m_extension  = instr_i[vit_pkg::LOAD3D_M_EXTENSION_LSB +: 16];
  assign k_start      = instr_i[vit_pkg::LOAD3D_K_START_LSB +: 16];
  assign k_extension  = instr_i[vit_pkg::LOAD3D_K_EXTENSION_LSB +: 16];

  logic [63:0] l1_h, l1_w, filter_h, filter_w, padded_h, padded_w, dilated_h, dilated_w, map_bytes, window_bytes;
  assign l1_h      = 64'(instr_i[vit_pkg::LOAD3D_L1_H_LSB +: 15]);
  assign l1_w      = 64'(instr_i[vit_pkg::LOAD3D_L1_W_LSB +: 15]);
  assign filter_h  = 64'(instr_i[vit_pkg::LOAD3D_FILTER_H_LSB +: 9]);
  assign filter_w  = 64'(instr_i[vit_pkg::LOAD3D_FILTER_W_LSB +: 9]);
  assign padded_h  = l1_h + 64'(instr_i[vit_pkg::LOAD3D_PAD_TOP_LSB +: 8]) + 64'(instr_i[vit_pkg::LOAD3D_PAD_BOTTOM_LSB +: 8]);
  assign padded_w  = l1_w + 64'(instr_i[vit_pkg::LOAD3D_PAD_LEFT_LSB +: 8]) + 64'(instr_i[vit_pkg::LOAD3D_PAD_RIGHT_LSB +: 8]);
  assign dilated_h = (filter_h - 64'd1) * 64'(instr_i[vit_pkg::LOAD3D_DILATION_H_LSB +: 8]) + 64'd1;
  assign dilated_w = (filter_w - 64'd1) * 64'(instr_i[vit_pkg::LOAD3D_DILATION_W_LSB +: 8]) + 64'd1;
  assign map_bytes = ((64'(channel_size) >> log_c0) * l1_h * l1_w) << 5;
  assign window_bytes = (64'(m_extension) * (64'(k_extension) >> log_c0)) << 5;

  logic transpose;
  assign transpose = instr_i[vit_pkg::LOAD3D_TRANSPOSE_LSB];

  `ASSERT(MapKnowsTheType_A, start_i |-> dtype != vit_pkg::DATATYPE_S32)
  `ASSERT(MapIsAligned_A, start_i |-> instr_i[vit_pkg::LOAD3D_SRC_LSB +: 5] == '0 && (channel_size[5:0] & low) == '0)
  `ASSERT(MapIsThere_A, start_i |-> l1_h != '0 && l1_w != '0 && channel_size != '0)
  `ASSERT(StepsAreNotZero_A,
          start_i |-> instr_i[vit_pkg::LOAD3D_STRIDE_W_LSB +: 6] != '0 && instr_i[vit_pkg::LOAD3D_STRIDE_H_LSB +: 6] != '0 &&
                      instr_i[vit_pkg::LOAD3D_DILATION_W_LSB +: 8] != '0 && instr_i[vit_pkg::LOAD3D_DILATION_H_LSB +: 8] != '0)
  `ASSERT(FilterFitsTheMap_A, start_i |-> filter_h != '0 && filter_w != '0 && dilated_h <= padded_h && dilated_w <= padded_w)
  `ASSERT(WindowIsOfFractals_A, start_i |-> m_start_low == '0 && m_extension[3:0] == '0 && (k_start[5:0] & low) == '0 && (k_extension[5:0] & low) == '0)
  `ASSERT(WindowIsThere_A, start_i |-> m_extension != '0 && k_extension != '0)
  `ASSERT(WindowIsInsideX_A, start_i |-> 64'(k_start) + 64'(k_extension) <= 64'(channel_size) * filter_h * filter_w)
  `ASSERT(MapTurnsSixteenBitsForL0a_A,
          start_i && transpose |-> dtype < vit_pkg::DATATYPE_F32 && instr_i[vit_pkg::LOAD3D_TO_LSB] == vit_pkg::L0BUFFER_L0A)
  `ASSERT(MapStaysInside_A, start_i |-> 64'(instr_i[vit_pkg::LOAD3D_SRC_LSB +: 24]) + map_bytes <= 64'(L1_BYTES))
  `ASSERT(WindowStaysInside_A, start_i |-> 64'(instr_i[vit_pkg::LOAD3D_DST_LSB +: 20]) + window_bytes <= l0_bytes_i)

endmodule
