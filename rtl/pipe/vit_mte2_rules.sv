// SPDX-License-Identifier: Apache-2.0
//
// What a program must keep to where MTE2 is concerned (docs/isa.md), as assertions on an instruction that
// starts: kinds, alignment, and that it stays inside the memory it writes. No hardware.
`include "vit_assert.svh"
module vit_mte2_rules #(
  parameter int L1_BYTES  = 524288,
  parameter int L0A_BYTES = 65536,
  parameter int L0B_BYTES = 65536
) (
  input logic                        clk_i,
  input logic                        rst_ni,
  input logic                        start_i,
  input logic [vit_pkg::INSTR_W-1:0] instr_i
);

  localparam logic [2:0] S4 = vit_pkg::DATATYPE_S4;
  logic [7:0] opcode;
  logic copies, reshapes, loads, fills;
  assign opcode   = instr_i[vit_pkg::OPCODE_W-1:0];
  assign copies   = start_i && opcode == vit_pkg::OP_COPY_GM_L1;
  assign reshapes = start_i && opcode == vit_pkg::OP_COPY_GM_L1_ND2NZ;
  assign loads    = start_i && opcode == vit_pkg::OP_LOAD2D_GM;
  assign fills    = start_i && opcode == vit_pkg::OP_FILL_L1;

  // One past the last unit written: `count` blocks of `length`, `gap` between them.
  function automatic logic [63:0] past(input logic [63:0] start, input logic [63:0] count,
                                       input logic [63:0] length, input logic [63:0] gap);
    past = start + count * length + (count - 64'd1) * gap;
  endfunction

  logic [63:0] copy_past, load_past, fill_past, reshape_past;  // in bytes
  assign copy_past = past(64'(instr_i[vit_pkg::COPY_GM_L1_DST_LSB +: 24]), 64'(instr_i[vit_pkg::COPY_GM_L1_BLOCK_COUNT_LSB +: 12]),
                          64'({instr_i[vit_pkg::COPY_GM_L1_BLOCK_LENGTH_LSB +: 16], 5'b0}),
                          64'({instr_i[vit_pkg::COPY_GM_L1_DST_GAP_LSB +: 16], 5'b0}));
  assign load_past = past(64'(instr_i[vit_pkg::LOAD2D_GM_DST_LSB +: 20]), 64'(instr_i[vit_pkg::LOAD2D_GM_REPEAT_LSB +: 8]), 64'd512,
                          64'({instr_i[vit_pkg::LOAD2D_GM_DST_GAP_LSB +: 16], 9'b0}));
  assign fill_past = past(64'(instr_i[vit_pkg::FILL_L1_DST_LSB +: 24]), 64'(instr_i[vit_pkg::FILL_L1_REPEAT_LSB +: 15]),
                          64'({instr_i[vit_pkg::FILL_L1_BLOCK_LENGTH_LSB +: 15], 5'b0}),
                          64'({instr_i[vit_pkg::FILL_L1_DST_GAP_LSB +: 15], 5'b0}));

  // Matrices, columns and rows of nd2nz: each count less one, times its step.
  logic [2:0] dtype;
  logic [1:0] log_size;
  logic [63:0] matrices, columns, rows, matrix_step;
  assign dtype       = instr_i[vit_pkg::COPY_GM_L1_ND2NZ_DTYPE_LSB +: 3];
  assign log_size    = dtype == vit_pkg::DATATYPE_S8 ? 2'd0
                     : dtype == vit_pkg::DATATYPE_F32 || dtype == vit_pkg::DATATYPE_S32 ? 2'd2 : 2'd1;
  assign matrices    = 64'(instr_i[vit_pkg::COPY_GM_L1_ND2NZ_ND_NUM_LSB +: 12]);
  assign columns     = ((64'(instr_i[vit_pkg::COPY_GM_L1_ND2NZ_D_VALUE_LSB +: 16]) << log_size) + 64'd31) >> 5;
  assign rows        = 64'(instr_i[vit_pkg::COPY_GM_L1_ND2NZ_N_VALUE_LSB +: 15]);
  assign matrix_step = 64'(instr_i[vit_pkg::COPY_GM_L1_ND2NZ_DST_ND_STRIDE_LSB +: 16]) << log_size;
  assign reshape_past =
      64'(instr_i[vit_pkg::COPY_GM_L1_ND2NZ_DST_LSB +: 24]) + (matrices - 64'd1) * matrix_step +
      (((columns - 64'd1) * 64'(instr_i[vit_pkg::COPY_GM_L1_ND2NZ_DST_C0_STRIDE_LSB +: 15]) +
        (rows - 64'd1) * 64'(instr_i[vit_pkg::COPY_GM_L1_ND2NZ_DST_N_STRIDE_LSB +: 15]) + 64'd1) << 5);

  `ASSERT(InstructionIsOfThisPipe_A, start_i |-> copies || reshapes || loads || fills)
  `ASSERT(CopyIsAligned_A, copies |-> instr_i[vit_pkg::COPY_GM_L1_DST_LSB +: 5] == '0 &&
                                      instr_i[vit_pkg::COPY_GM_L1_SRC_LSB +: 5] == '0)
  `ASSERT(CopyStaysInside_A, copies |-> copy_past <= 64'(L1_BYTES))
  `ASSERT(LoadIsAligned_A, loads |-> instr_i[vit_pkg::LOAD2D_GM_DST_LSB +: 9] == '0 &&
                                     instr_i[vit_pkg::LOAD2D_GM_SRC_LSB +: 5] == '0)
  `ASSERT(LoadStaysInside_A,
          loads |-> load_past <= (instr_i[vit_pkg::LOAD2D_GM_TO_LSB] == vit_pkg::L0BUFFER_L0A ? 64'(L0A_BYTES) : 64'(L0B_BYTES)))
  `ASSERT(FillIsAligned_A, fills |-> instr_i[vit_pkg::FILL_L1_DST_LSB +: 5] == '0)
  `ASSERT(FillStaysInside_A, fills |-> fill_past <= 64'(L1_BYTES))
  `ASSERT(ReshapeIsAligned_A, reshapes |-> instr_i[vit_pkg::COPY_GM_L1_ND2NZ_DST_LSB +: 5] == '0 &&
                                           (matrices == 64'd1 || matrix_step[4:0] == '0))
  `ASSERT(ReshapeKnowsTheType_A, reshapes |-> dtype < S4)
  `ASSERT(ReshapeStaysInside_A, reshapes |-> reshape_past <= 64'(L1_BYTES))

endmodule
