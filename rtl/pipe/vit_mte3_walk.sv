// SPDX-License-Identifier: Apache-2.0
//
// What MTE3 writes: walks the blocks of a copy_l1_gm and cuts them at multiples of W_RATE bytes of GM. One
// beat a cycle, from the cycle after the start on, as long as nothing freezes. Golden twin: models/pipe/mte3.h.
`include "vit_assert.svh"
module vit_mte3_walk #(
  parameter int W_RATE = 128,  // bytes of a beat, a power of two
  parameter int LW     = 14,   // bits of an L1 row's address
  parameter int Rows   = 16384 // of L1
) (
  input  logic          clk_i,
  input  logic          rst_ni,
  input  logic          freeze_i,
  // a copy starts, not in a frozen cycle
  input  logic          start_i,
  input  logic [139:0]  instr_i,  // as far as its fields go
  // beats
  output logic          valid_o,
  output logic          last_o,   // of the instruction
  output logic [47:0]   addr_o,   // in GM
  output logic [8:0]    size_o,   // bytes
  output logic [LW-1:0] row_o     // of L1
);

  // Rows of 32 B.
  localparam int PerBeat = W_RATE / 32;
  localparam int PlaceW  = $clog2(PerBeat);

  logic [16:0]   start_step, gm_step_q;  // from block to block, in GM
  logic [LW-1:0] row_step_q;             // and in L1
  logic [15:0]   length_q, left_q;       // rows of a block; of the block at hand
  logic [11:0]   blocks_left_q;
  logic [42:0]   at_q, block_at_q;       // row of GM: the beat, its block
  logic [LW-1:0] row_q, block_row_q;
  assign start_step = 17'(instr_i[vit_pkg::COPY_L1_GM_BLOCK_LENGTH_LSB +: 16]) +
                      17'(instr_i[vit_pkg::COPY_L1_GM_DST_GAP_LSB +: 16]);

  logic [3:0] room;  // rows to the next multiple of W_RATE
  logic ends_block;
  assign room       = 4'(PerBeat) - 4'(at_q[PlaceW-1:0]);
  assign ends_block = left_q <= 16'(room);
  assign last_o     = ends_block && blocks_left_q == 12'd1;
  assign addr_o     = {at_q, 5'b0};
  assign size_o     = {ends_block ? left_q[3:0] : room, 5'b0};
  assign row_o      = row_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) valid_o <= 1'b0;
    else if (!freeze_i) valid_o <= start_i || (valid_o && !last_o);
  end

  logic [42:0] next_at;
  logic [LW-1:0] next_row;
  assign next_at  = block_at_q + 43'(gm_step_q);
  assign next_row = block_row_q + row_step_q;

  always_ff @(posedge clk_i) begin
    if (start_i) begin
      gm_step_q     <= start_step;
      row_step_q    <= LW'(instr_i[vit_pkg::COPY_L1_GM_BLOCK_LENGTH_LSB +: 16]) +
                       LW'(instr_i[vit_pkg::COPY_L1_GM_SRC_GAP_LSB +: 16]);
      length_q      <= instr_i[vit_pkg::COPY_L1_GM_BLOCK_LENGTH_LSB +: 16];
      left_q        <= instr_i[vit_pkg::COPY_L1_GM_BLOCK_LENGTH_LSB +: 16];
      blocks_left_q <= instr_i[vit_pkg::COPY_L1_GM_BLOCK_COUNT_LSB +: 12];
      at_q          <= instr_i[vit_pkg::COPY_L1_GM_DST_LSB + 5 +: 43];
      block_at_q    <= instr_i[vit_pkg::COPY_L1_GM_DST_LSB + 5 +: 43];
      row_q         <= LW'(instr_i[vit_pkg::COPY_L1_GM_SRC_LSB + 5 +: 19]);
      block_row_q   <= LW'(instr_i[vit_pkg::COPY_L1_GM_SRC_LSB + 5 +: 19]);
    end else if (valid_o && !freeze_i) begin
      if (ends_block) begin
        blocks_left_q <= blocks_left_q - 12'd1;
        left_q        <= length_q;
        at_q          <= next_at;
        block_at_q    <= next_at;
        row_q         <= next_row;
        block_row_q   <= next_row;
      end else begin
        left_q <= left_q - 16'(room);
        at_q   <= at_q + 43'(room);
        row_q  <= row_q + LW'(room);
      end
    end
  end

  `ASSERT(InstructionIsACopy_A, start_i |-> instr_i[7:0] == vit_pkg::OP_COPY_L1_GM)
  `ASSERT(AddressesAreRows_A, start_i |-> instr_i[vit_pkg::COPY_L1_GM_DST_LSB +: 5] == '0 &&
                                          instr_i[vit_pkg::COPY_L1_GM_SRC_LSB +: 5] == '0)
  // One past the last row read.
  function automatic logic [35:0] past(input logic [18:0] row, input logic [11:0] count, input logic [15:0] length,
                                       input logic [15:0] gap);
    past = 36'(row) + 36'(count) * 36'(length) + (36'(count) - 36'd1) * 36'(gap);
  endfunction
  `ASSERT(CopyStaysInside_A,
          start_i |-> past(instr_i[vit_pkg::COPY_L1_GM_SRC_LSB + 5 +: 19], instr_i[vit_pkg::COPY_L1_GM_BLOCK_COUNT_LSB +: 12],
                           instr_i[vit_pkg::COPY_L1_GM_BLOCK_LENGTH_LSB +: 16],
                           instr_i[vit_pkg::COPY_L1_GM_SRC_GAP_LSB +: 16]) <= 36'(Rows))
  `ASSERT(NoStartInAFrozenCycle_A, start_i |-> !freeze_i)
  `ASSERT(OneCopyAtATime_A, start_i && valid_o |-> last_o)

endmodule
