// SPDX-License-Identifier: Apache-2.0
//
// Holds the beats of MTE1 between their read and their write, in a ring of 32 beats of 256 B: up to 17 whose data
// are there ahead of the one that leaves, and up to 15 of its block behind it. A beat leaves 19 cycles after it was
// described, one a cycle: as it came, or gathered for vit_transpose: of each row of its block the words that hold
// its eight columns.
`include "vit_assert.svh"
module vit_mte1_buffer #(
  parameter int DW      = 11,   // bits of a destination row's number
  parameter int L0aRate = 256,  // bytes a cycle
  parameter int L0bRate = 128
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  // a beat is described,
  input  logic             beat_i,
  input  logic [1:0]       space_i,
  input  logic [DW-1:0]    dst_i,
  input  logic [2:0]       turn_i,
  input  logic [3:0]       place_i,  // in its block, in beats
  input  logic             last_i,
  // its data come two cycles later,
  input  logic             data_valid_i,
  input  logic [8*256-1:0] data_i,
  input  logic [7:0]       data_rows_i,  // rows that were read
  input  logic [31:0]      data_fill_i,  // what the others hold
  // and it leaves
  output logic             out_valid_o,
  output logic [1:0]       out_space_o,
  output logic [DW-1:0]    out_dst_o,
  output logic [2:0]       out_turn_o,
  output logic             out_upper_o,  // a beat of 128 B: the upper half of what is turned
  output logic             out_last_o,
  output logic [8*256-1:0] out_data_o
);

  localparam int Hold = 19;  // cycles from the description to the gathering's

  // ---------------------------------------------------------------- descriptions
  logic [DW+9:0]   beat_q [0:31];
  logic [Hold-1:0] valid_q;
  logic [4:0]      beat_tail_q, data_tail_q, head_q;
  logic [1:0]      space;
  logic [DW-1:0]   dst;
  logic [2:0]      turn;
  logic [3:0]      place;
  logic            last, leaves;
  assign leaves = valid_q[Hold-1];
  assign {space, dst, turn, place, last} = beat_q[head_q];

  always_ff @(posedge clk_i) if (beat_i) beat_q[beat_tail_q] <= {space_i, dst_i, turn_i, place_i, last_i};

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid_q     <= '0;
      beat_tail_q <= '0;
      data_tail_q <= '0;
      head_q      <= '0;
      out_valid_o <= 1'b0;
    end else begin
      valid_q     <= {valid_q[Hold-2:0], beat_i};
      out_valid_o <= leaves;
      if (beat_i) beat_tail_q <= beat_tail_q + 5'd1;
      if (data_valid_i) data_tail_q <= data_tail_q + 5'd1;
      if (leaves) head_q <= head_q + 5'd1;
    end
  end

  // ---------------------------------------------------------------- data
  function automatic logic [8*256-1:0] filled(input logic [8*256-1:0] data, input logic [7:0] rows, input logic [31:0] fill);
    int unsigned i;
    for (i = 0; i < 64; i++) filled[i*32 +: 32] = rows[i/8] ? data[i*32 +: 32] : fill;
  endfunction

  logic [8*256-1:0] data_q [0:31];
  always_ff @(posedge clk_i) begin
    if (data_valid_i) data_q[data_tail_q] <= &data_rows_i ? data_i : filled(data_i, data_rows_i, data_fill_i);
  end

  logic four_rows;  // a beat is 128 B
  assign four_rows = space == 2'd0 ? L0aRate == 128 : L0bRate == 128;

  // Word i of 64 is word i mod n of what row i / n of the block holds of this beat's columns: n words, eight
  // elements. f32: the eight columns stand in eight rows of one half of a fractal, whole.
  task automatic gather(input logic [2:0] how);
    int unsigned i;
    logic [1:0] log_words;
    logic [2:0] group, word;  // eight rows of the destination
    logic [4:0] first;
    logic [5:0] row;
    logic [4:0] slot;
    logic [8*256-1:0] gathered;
    log_words = how == 3'd1 ? 2'd2 : how == 3'd2 ? 2'd1 : how == 3'd3 ? 2'd3 : 2'd0;
    group     = four_rows ? place[3:1] : place[2:0];
    first     = head_q - 5'(place);
    for (i = 0; i < 64; i++) begin
      row  = 6'(i >> log_words) + (how == 3'd3 ? {1'b0, group[0], group[1], 3'b0} : 6'd0);
      word = (3'(i) & 3'((32'd1 << log_words) - 32'd1)) + (how == 3'd3 ? 3'd0 : 3'(group << log_words));
      slot = first + (four_rows ? {1'b0, row[5:2]} : {2'b0, row[5:3]});
      gathered[i*32 +: 32] = data_q[slot][{row[2] && !four_rows, row[1:0], word, 5'b0} +: 32];
    end
    out_data_o <= gathered;
  endtask

  always_ff @(posedge clk_i) begin
    if (leaves) begin
      out_space_o <= space;
      out_dst_o   <= dst;
      out_turn_o  <= turn;
      out_upper_o <= four_rows && turn != 3'd0 && place[0];
      out_last_o  <= last;
      if (turn == 3'd0) out_data_o <= data_q[head_q];
      else gather(turn);
    end
  end

  `ASSERT(DataComeInTime_A, leaves |-> data_tail_q - head_q <= 5'd17 && data_tail_q != head_q)

endmodule
