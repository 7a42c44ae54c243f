// SPDX-License-Identifier: Apache-2.0
//
// What MTE2 reads: walks the pieces of a copy from GM (blocks, rows of a matrix, fractals), cuts them at
// lines of 512 B and gives one burst a cycle, with a tag that says where its bytes go. The first stands at
// `burst_*` `request` cycles after the start.
// Order of the pieces: models/pipe/mte2.h.
//
// A piece's bytes fall into blocks of 32 B of its own, each to its own row of the destination, `step` rows
// behind the one before: in a copy the next row, in nd2nz the same row of the next column.
`include "vit_assert.svh"
module vit_mte2_walk #(
  parameter int AW   = 14,          // bits of a destination row's address
  parameter int TagW = 2 * AW + 9   // {space, last of the instruction, last of its piece, phase, step, row}
) (
  input  logic                        clk_i,
  input  logic                        rst_ni,
  input  logic [12:0]                 cfg_request_i,
  // a copy starts
  input  logic                        start_i,
  input  logic [vit_pkg::INSTR_W-1:0] instr_i,
  // bursts
  output logic                        burst_valid_o,
  input  logic                        burst_ready_i,
  output logic                        burst_first_o,
  output logic [47:0]                 burst_addr_o,
  output logic [9:0]                  burst_size_o,
  output logic [TagW-1:0]             burst_tag_o
);

  // ---------------------------------------------------------------- decode
  logic is_nd2nz, is_load2d;
  logic [1:0] log_size;  // of an element
  logic [2:0] dtype;
  assign is_nd2nz  = instr_i[7:0] == vit_pkg::OP_COPY_GM_L1_ND2NZ;
  assign is_load2d = instr_i[7:0] == vit_pkg::OP_LOAD2D_GM;
  assign dtype     = instr_i[vit_pkg::COPY_GM_L1_ND2NZ_DTYPE_LSB +: 3];
  assign log_size  = dtype == vit_pkg::DATATYPE_S8 ? 2'd0
                   : dtype == vit_pkg::DATATYPE_F32 || dtype == vit_pkg::DATATYPE_S32 ? 2'd2 : 2'd1;

  // Sizes and steps of GM in bytes, of the destination in rows of 32 B.
  logic [47:0]   src;
  logic [20:0]   piece;
  logic [24:0]   src_step;
  logic [17:0]   src_matrix_step;
  logic [14:0]   pieces;
  logic [11:0]   matrices;
  logic [1:0]    space;
  logic [AW-1:0] dst, step, dst_step, dst_matrix_step;
  localparam int StrideW = AW + 2;
  logic [15:0]        block_length;
  logic [StrideW-1:0] dst_matrix_stride;  // in units of 8 elements
  assign block_length      = instr_i[vit_pkg::COPY_GM_L1_BLOCK_LENGTH_LSB +: 16];
  assign dst_matrix_stride = StrideW'(instr_i[vit_pkg::COPY_GM_L1_ND2NZ_DST_ND_STRIDE_LSB + 3 +: 13]);

  assign src             = is_nd2nz  ? instr_i[vit_pkg::COPY_GM_L1_ND2NZ_SRC_LSB +: 48]
                         : is_load2d ? instr_i[vit_pkg::LOAD2D_GM_SRC_LSB +: 48]
                                     : instr_i[vit_pkg::COPY_GM_L1_SRC_LSB +: 48];
  assign piece           = is_nd2nz  ? 21'(instr_i[vit_pkg::COPY_GM_L1_ND2NZ_D_VALUE_LSB +: 16]) << log_size
                         : is_load2d ? 21'd512
                                     : {block_length, 5'b0};
  assign src_step        = is_nd2nz  ? 25'(instr_i[vit_pkg::COPY_GM_L1_ND2NZ_SRC_D_VALUE_LSB +: 16]) << log_size
                         : is_load2d ? {instr_i[vit_pkg::LOAD2D_GM_SRC_STRIDE_LSB +: 16], 9'b0}
                                     : (25'(block_length) + 25'(instr_i[vit_pkg::COPY_GM_L1_SRC_GAP_LSB +: 16])) << 5;
  assign src_matrix_step = 18'(instr_i[vit_pkg::COPY_GM_L1_ND2NZ_SRC_ND_STRIDE_LSB +: 16]) << log_size;
  assign pieces          = is_nd2nz  ? instr_i[vit_pkg::COPY_GM_L1_ND2NZ_N_VALUE_LSB +: 15]
                         : is_load2d ? 15'(instr_i[vit_pkg::LOAD2D_GM_REPEAT_LSB +: 8])
                                     : 15'(instr_i[vit_pkg::COPY_GM_L1_BLOCK_COUNT_LSB +: 12]);
  assign matrices        = is_nd2nz  ? instr_i[vit_pkg::COPY_GM_L1_ND2NZ_ND_NUM_LSB +: 12] : 12'd1;
  assign space           = !is_load2d ? 2'd0
                         : instr_i[vit_pkg::LOAD2D_GM_TO_LSB] == vit_pkg::L0BUFFER_L0A ? 2'd1 : 2'd2;
  assign dst             = is_nd2nz  ? AW'(instr_i[vit_pkg::COPY_GM_L1_ND2NZ_DST_LSB + 5 +: 19])
                         : is_load2d ? AW'(instr_i[vit_pkg::LOAD2D_GM_DST_LSB + 5 +: 15])
                                     : AW'(instr_i[vit_pkg::COPY_GM_L1_DST_LSB + 5 +: 19]);
  assign step            = is_nd2nz  ? AW'(instr_i[vit_pkg::COPY_GM_L1_ND2NZ_DST_C0_STRIDE_LSB +: 15]) : AW'(1);
  assign dst_step        = is_nd2nz  ? AW'(instr_i[vit_pkg::COPY_GM_L1_ND2NZ_DST_N_STRIDE_LSB +: 15])
                         : is_load2d ? AW'({17'(instr_i[vit_pkg::LOAD2D_GM_DST_GAP_LSB +: 16]) + 17'd1, 4'b0})
                                     : AW'(block_length) + AW'(instr_i[vit_pkg::COPY_GM_L1_DST_GAP_LSB +: 16]);
  assign dst_matrix_step = AW'(dst_matrix_stride >> (2'd2 - log_size));

  // ---------------------------------------------------------------- the instruction at work
  logic [20:0]   piece_q;
  logic [24:0]   src_step_q;
  logic [17:0]   src_matrix_step_q;
  logic [14:0]   pieces_q;
  logic [1:0]    space_q;
  logic [AW-1:0] step_q, dst_step_q, dst_matrix_step_q;
  always_ff @(posedge clk_i) begin
    if (start_i) begin
      piece_q           <= piece;
      src_step_q        <= src_step;
      src_matrix_step_q <= src_matrix_step;
      pieces_q          <= pieces;
      space_q           <= space;
      step_q            <= step;
      dst_step_q        <= dst_step;
      dst_matrix_step_q <= dst_matrix_step;
    end
  end

  // ---------------------------------------------------------------- where the walk stands
  logic          active_q, first_q;
  logic [12:0]   wait_q;
  logic [47:0]   at_q, piece_at_q, matrix_at_q;  // in GM: the burst, its piece, its matrix
  logic [AW-1:0] to_q, piece_to_q, matrix_to_q;  // the same in the destination
  logic [4:0]    phase_q;                        // of the burst's first byte in its block
  logic [20:0]   left_q;                         // of the piece
  logic [14:0]   pieces_left_q;                  // of the matrix, the one at hand included
  logic [11:0]   matrices_left_q;

  logic [9:0]    room;                           // to the end of the line
  logic [9:0]    past;                           // where the burst ends, from its first block on
  logic          ends_piece, ends_matrix, last, advance;
  assign room        = 10'd512 - {1'b0, at_q[8:0]};
  assign ends_piece  = left_q <= 21'(room);
  assign ends_matrix = ends_piece && pieces_left_q == 15'd1;
  assign last        = ends_matrix && matrices_left_q == 12'd1;
  assign past        = {5'b0, phase_q} + burst_size_o;

  assign burst_valid_o = active_q && wait_q == '0;
  assign burst_first_o = first_q;
  assign burst_addr_o  = at_q;
  assign burst_size_o  = ends_piece ? left_q[9:0] : room;
  assign burst_tag_o   = {space_q, last, ends_piece, phase_q, step_q, to_q};
  assign advance       = burst_valid_o && burst_ready_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      active_q <= 1'b0;
      first_q  <= 1'b0;
      wait_q   <= '0;
    end else if (start_i) begin
      active_q <= 1'b1;
      first_q  <= 1'b1;
      wait_q   <= cfg_request_i - 13'd1;
    end else begin
      if (wait_q != '0) wait_q <= wait_q - 13'd1;
      if (advance) begin
        first_q  <= 1'b0;
        active_q <= !last;
      end
    end
  end

  logic [47:0]   next_piece_at, next_matrix_at;
  logic [AW-1:0] next_piece_to, next_matrix_to;
  assign next_piece_at  = piece_at_q + 48'(src_step_q);
  assign next_piece_to  = piece_to_q + dst_step_q;
  assign next_matrix_at = matrix_at_q + 48'(src_matrix_step_q);
  assign next_matrix_to = matrix_to_q + dst_matrix_step_q;

  always_ff @(posedge clk_i) begin
    if (start_i) begin
      at_q            <= src;
      piece_at_q      <= src;
      matrix_at_q     <= src;
      to_q            <= dst;
      piece_to_q      <= dst;
      matrix_to_q     <= dst;
      phase_q         <= '0;
      left_q          <= piece;
      pieces_left_q   <= pieces;
      matrices_left_q <= matrices;
    end else if (advance) begin
      if (ends_matrix) begin
        at_q            <= next_matrix_at;
        piece_at_q      <= next_matrix_at;
        matrix_at_q     <= next_matrix_at;
        to_q            <= next_matrix_to;
        piece_to_q      <= next_matrix_to;
        matrix_to_q     <= next_matrix_to;
        phase_q         <= '0;
        left_q          <= piece_q;
        pieces_left_q   <= pieces_q;
        matrices_left_q <= matrices_left_q - 12'd1;
      end else if (ends_piece) begin
        at_q          <= next_piece_at;
        piece_at_q    <= next_piece_at;
        to_q          <= next_piece_to;
        piece_to_q    <= next_piece_to;
        phase_q       <= '0;
        left_q        <= piece_q;
        pieces_left_q <= pieces_left_q - 15'd1;
      end else begin
        at_q    <= at_q + 48'(room);
        to_q    <= to_q + AW'(AW'(past[9:5]) * step_q);
        phase_q <= past[4:0];
        left_q  <= left_q - 21'(room);
      end
    end
  end

  `ASSERT(OneCopyAtATime_A, start_i |-> !active_q)
  `ASSERT(BurstStaysUntilTaken_A,
          burst_valid_o && !burst_ready_i |=> burst_valid_o && $stable(burst_addr_o) && $stable(burst_tag_o))
  `ASSERT(BurstHasBytes_A, burst_valid_o |-> burst_size_o != '0 && burst_size_o <= room)

endmodule
