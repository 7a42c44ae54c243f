// SPDX-License-Identifier: Apache-2.0
//
// How an instruction of MTE1 walks its destination: `outer` times `inner` fractals of 512 B (copy_l1_bt:
// units of 64 B). Combinational.
module vit_mte1_count #(
  parameter int CountW = 8
) (
  input  logic [vit_pkg::INSTR_W-1:0] instr_i,
  output logic [CountW-1:0]           inner_o,
  output logic [CountW-1:0]           outer_o
);

  logic instr_unused;  // the other fields
  assign instr_unused = ^instr_i;

  // log2 of the elements in 32 B.
  function automatic logic [2:0] log_c0(input logic [2:0] dtype);
    log_c0 = dtype == vit_pkg::DATATYPE_F32 ? 3'd3 : dtype == vit_pkg::DATATYPE_S8 ? 3'd5 : dtype == vit_pkg::DATATYPE_S4 ? 3'd6 : 3'd4;
  endfunction

  // Fractals of a block that is turned over as one.
  function automatic logic [2:0] block_fractals(input logic [2:0] dtype);
    block_fractals = dtype == vit_pkg::DATATYPE_S4 ? 3'd4 : dtype == vit_pkg::DATATYPE_S8 || dtype == vit_pkg::DATATYPE_F32 ? 3'd2 : 3'd1;
  endfunction

  logic [2:0]        block_dtype, map_dtype;
  logic [15:0]       k_extension;
  logic [CountW-1:0] fractals, blocks, m_fractals, fill_length, fill_blocks, units;
  assign fractals    = CountW'(instr_i[vit_pkg::LOAD2D_REPEAT_LSB +: vit_pkg::LOAD2D_REPEAT_W]);
  assign blocks      = CountW'(instr_i[vit_pkg::LOAD2D_TRANSPOSE_REPEAT_LSB +: vit_pkg::LOAD2D_TRANSPOSE_REPEAT_W]);
  assign block_dtype = instr_i[vit_pkg::LOAD2D_TRANSPOSE_DTYPE_LSB +: 3];
  assign k_extension = instr_i[vit_pkg::LOAD3D_K_EXTENSION_LSB +: 16];
  assign m_fractals  = CountW'(instr_i[vit_pkg::LOAD3D_M_EXTENSION_LSB+4 +: 12]);
  assign map_dtype   = instr_i[vit_pkg::LOAD3D_DTYPE_LSB +: 3];
  assign fill_length = CountW'(instr_i[vit_pkg::FILL_L0_BLOCK_LENGTH_LSB +: vit_pkg::FILL_L0_BLOCK_LENGTH_W]);
  assign fill_blocks = CountW'(instr_i[vit_pkg::FILL_L0_REPEAT_LSB +: vit_pkg::FILL_L0_REPEAT_W]);
  assign units       = CountW'(instr_i[vit_pkg::COPY_L1_BT_LENGTH_LSB +: vit_pkg::COPY_L1_BT_LENGTH_W]);

  logic [vit_pkg::OPCODE_W-1:0] opcode;
  assign opcode = instr_i[vit_pkg::OPCODE_W-1:0];
  always_comb begin
    inner_o = CountW'(1);
    outer_o = CountW'(1);
    case (opcode)
      vit_pkg::OP_LOAD2D: inner_o = fractals;
      vit_pkg::OP_LOAD2D_TRANSPOSE: begin
        inner_o = CountW'(block_fractals(block_dtype));
        outer_o = blocks;
      end
      vit_pkg::OP_LOAD3D: begin
        inner_o = CountW'(k_extension >> log_c0(map_dtype));
        outer_o = m_fractals;
      end
      vit_pkg::OP_FILL_L0: begin
        inner_o = fill_length;
        outer_o = fill_blocks;
      end
      vit_pkg::OP_COPY_L1_BT: inner_o = units;
      default: inner_o = CountW'(1);
    endcase
  end

endmodule
