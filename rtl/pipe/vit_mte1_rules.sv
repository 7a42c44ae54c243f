// SPDX-License-Identifier: Apache-2.0
//
// What a program must keep to where MTE1 is concerned (docs/isa.md), as assertions on an instruction that starts:
// kinds, alignment, and that it stays inside the memories it reads and writes. load3d: vit_load3d_rules. No hardware.
`include "vit_assert.svh"
module vit_mte1_rules #(
  parameter int L1_BYTES  = 524288,
  parameter int L0A_BYTES = 65536,
  parameter int L0B_BYTES = 65536,
  parameter int BT_BYTES  = 1024
) (
  input logic                        clk_i,
  input logic                        rst_ni,
  input logic                        start_i,
  input logic [vit_pkg::INSTR_W-1:0] instr_i
);

  localparam logic [2:0] S4 = vit_pkg::DATATYPE_S4, S8 = vit_pkg::DATATYPE_S8, S32 = vit_pkg::DATATYPE_S32, F32 = vit_pkg::DATATYPE_F32;
  logic [7:0] opcode;
  logic plain, blocks, biases, maps, fills;
  assign opcode = instr_i[vit_pkg::OPCODE_W-1:0];
  assign plain  = start_i && opcode == vit_pkg::OP_LOAD2D;
  assign blocks = start_i && opcode == vit_pkg::OP_LOAD2D_TRANSPOSE;
  assign biases = start_i && opcode == vit_pkg::OP_COPY_L1_BT;
  assign maps   = start_i && opcode == vit_pkg::OP_LOAD3D;
  assign fills  = start_i && opcode == vit_pkg::OP_FILL_L0;

  // One past the last byte of `count` pieces of `size`, each `step` behind the one before.
  function automatic logic [63:0] past(input logic [63:0] start, input logic [63:0] count, input logic [63:0] step, input logic [63:0] size);
    past = start + (count - 64'd1) * step + size;
  endfunction

  logic [63:0] l0_bytes;  // of the destination
  logic [8:0]  dst_low;   // at the same place in each that has it
  assign l0_bytes = instr_i[vit_pkg::LOAD2D_TO_LSB] == vit_pkg::L0BUFFER_L0A ? 64'(L0A_BYTES) : 64'(L0B_BYTES);
  assign dst_low  = instr_i[vit_pkg::LOAD2D_DST_LSB +: 9];

  logic [2:0]  plain_dtype;
  logic [63:0] plain_repeat, plain_src_past, plain_dst_past;
  assign plain_dtype    = instr_i[vit_pkg::LOAD2D_DTYPE_LSB +: 3];
  assign plain_repeat   = 64'(instr_i[vit_pkg::LOAD2D_REPEAT_LSB +: 8]);
  assign plain_src_past = past(64'(instr_i[vit_pkg::LOAD2D_SRC_LSB +: 24]), plain_repeat,
                               64'({instr_i[vit_pkg::LOAD2D_SRC_STRIDE_LSB +: 16], 9'b0}), 64'd512);
  assign plain_dst_past = past(64'(instr_i[vit_pkg::LOAD2D_DST_LSB +: 20]), plain_repeat,
                               64'({instr_i[vit_pkg::LOAD2D_DST_GAP_LSB +: 16], 9'b0}) + 64'd512, 64'd512);

  logic [2:0]  block_dtype;
  logic [1:0]  log_block;  // of the fractals of a block
  logic [63:0] block_repeat, block_bytes, block_dst_span, block_src_past, block_dst_past;
  assign block_dtype    = instr_i[vit_pkg::LOAD2D_TRANSPOSE_DTYPE_LSB +: 3];
  assign log_block      = block_dtype == S4 ? 2'd2 : block_dtype == S8 || block_dtype == F32 ? 2'd1 : 2'd0;
  assign block_repeat   = 64'(instr_i[vit_pkg::LOAD2D_TRANSPOSE_REPEAT_LSB +: 8]);
  assign block_bytes    = 64'd512 << log_block;
  assign block_dst_span = past(64'd0, 64'd1 << log_block, 64'({instr_i[vit_pkg::LOAD2D_TRANSPOSE_DST_FRAC_GAP_LSB +: 16], 9'b0}) + 64'd512, 64'd512);
  assign block_src_past = past(64'(instr_i[vit_pkg::LOAD2D_TRANSPOSE_SRC_LSB +: 24]), block_repeat,
                               64'(instr_i[vit_pkg::LOAD2D_TRANSPOSE_SRC_STRIDE_LSB +: 16]) * block_bytes, block_bytes);
  assign block_dst_past = past(64'(instr_i[vit_pkg::LOAD2D_TRANSPOSE_DST_LSB +: 20]), block_repeat,
                               64'({instr_i[vit_pkg::LOAD2D_TRANSPOSE_DST_GAP_LSB +: 16], 9'b0}) + 64'd512, block_dst_span);

  logic [63:0] bias_bytes;
  assign bias_bytes = 64'({instr_i[vit_pkg::COPY_L1_BT_LENGTH_LSB +: 16], 6'b0});

  logic [63:0] fill_repeat, fill_bytes, fill_past;
  assign fill_repeat = 64'(instr_i[vit_pkg::FILL_L0_REPEAT_LSB +: 15]);
  assign fill_bytes  = 64'({instr_i[vit_pkg::FILL_L0_BLOCK_LENGTH_LSB +: 15], 9'b0});
  assign fill_past   = past(64'(instr_i[vit_pkg::FILL_L0_DST_LSB +: 20]), fill_repeat,
                            fill_bytes + 64'({instr_i[vit_pkg::FILL_L0_DST_GAP_LSB +: 15], 9'b0}), fill_bytes);

  `ASSERT(InstructionIsOfThisPipe_A, start_i |-> plain || blocks || biases || maps || fills)
  `ASSERT(DestinationIsAligned_A, plain || blocks || maps || fills |-> dst_low == '0)
  `ASSERT(LoadIsAligned_A, plain |-> instr_i[vit_pkg::LOAD2D_SRC_LSB +: 5] == '0)
  `ASSERT(LoadKnowsTheType_A, plain |-> plain_dtype != S32)
  `ASSERT(LoadTurnsSixteenBits_A, plain && instr_i[vit_pkg::LOAD2D_TRANSPOSE_LSB] |-> plain_dtype < F32)
  `ASSERT(LoadMovesSomething_A, plain |-> plain_repeat != '0)
  `ASSERT(LoadStaysInside_A, plain |-> plain_src_past <= 64'(L1_BYTES) && plain_dst_past <= l0_bytes)
  `ASSERT(BlockIsAligned_A, blocks |-> instr_i[vit_pkg::LOAD2D_TRANSPOSE_SRC_LSB +: 5] == '0)
  `ASSERT(BlockKnowsTheType_A, blocks |-> block_dtype != S32)
  `ASSERT(BlockMovesSomething_A, blocks |-> block_repeat != '0)
  `ASSERT(BlockStaysInside_A, blocks |-> block_src_past <= 64'(L1_BYTES) && block_dst_past <= l0_bytes)
  `ASSERT(BiasIsAligned_A, biases |-> instr_i[vit_pkg::COPY_L1_BT_DST_LSB +: 6] == '0 && instr_i[vit_pkg::COPY_L1_BT_SRC_LSB +: 5] == '0)
  `ASSERT(BiasMovesSomething_A, biases |-> bias_bytes != '0)
  `ASSERT(BiasStaysInside_A, biases |-> 64'(instr_i[vit_pkg::COPY_L1_BT_SRC_LSB +: 24]) + bias_bytes <= 64'(L1_BYTES) &&
                                        64'(instr_i[vit_pkg::COPY_L1_BT_DST_LSB +: 14]) + bias_bytes <= 64'(BT_BYTES))
  `ASSERT(FillMovesSomething_A, fills |-> fill_repeat != '0 && fill_bytes != '0)
  `ASSERT(FillStaysInside_A, fills |-> fill_past <= l0_bytes)

  vit_load3d_rules #(.L1_BYTES(L1_BYTES)) i_load3d (.clk_i, .rst_ni, .start_i(maps), .l0_bytes_i(l0_bytes), .instr_i);

endmodule
