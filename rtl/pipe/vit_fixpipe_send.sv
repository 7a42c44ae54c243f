// SPDX-License-Identifier: Apache-2.0
//
// FIX's way out: two converted rows a cycle, to GM as a beat of two pieces, or to L1 as rows of 32 B. A beat
// that GM does not take holds all of FIX (`go_o` low; docs/timing.md, M3 and G4).
`include "vit_assert.svh"
module vit_fixpipe_send #(
  parameter int LW  = 14,  // bits of an L1 row
  parameter int IdW = 4    // of an instruction's number
) (
  input  logic              clk_i,
  input  logic              rst_ni,
  output logic              go_o,
  // the first rows of a fractal come with the next cycle, and this is the fractal
  input  logic              next_first_i,
  input  logic              to_gm_i,
  input  logic [47:0]       address_i,
  input  logic [36:0]       pitch_i,
  input  logic [4:0]        rows_i,
  input  logic [4:0]        columns_i,
  input  logic [1:0]        log_size_i,
  input  logic              split_i,
  input  logic              alone_i,
  input  logic              last_i,
  input  logic [IdW-1:0]    id_i,
  // rows
  input  logic              in_valid_i,
  input  logic [1023:0]     in_word_i,
  // GM
  output logic              gm_valid_o,
  input  logic              gm_ready_i,
  output logic              gm_last_o,
  output logic [95:0]       gm_addr_o,
  output logic [13:0]       gm_size_o,
  output logic [1023:0]     gm_data_o,
  // L1
  output logic [3:0]        l1_wen_o,
  output logic [4*LW-1:0]   l1_waddr_o,
  output logic [4*32-1:0]   l1_wbe_o,
  output logic [4*256-1:0]  l1_wdata_o,
  // the last output cycle of a fractal, of an instruction
  output logic              fractal_o,
  output logic              last_o,
  output logic              to_gm_o,
  output logic [IdW-1:0]    id_o
);

  // ---------------------------------------------------------------- the fractal that leaves
  logic [47:0] address_q [0:1];  // of the two pieces
  logic [47:0] step_q;           // to those of the next output cycle
  logic [4:0]  rows_q;           // left
  logic [6:0]  row_bytes_q;      // of a piece's row
  logic        right_q;          // split: the right half is wanted
  logic [1:0]  log_size_q;
  logic        split_q, alone_q, last_q;
  logic [2:0]  pair_q;

  always_ff @(posedge clk_i) begin
    if (go_o && next_first_i) begin
      address_q[0] <= address_i;
      address_q[1] <= address_i + 48'(pitch_i);
      step_q       <= split_i ? 48'd64 : 48'({pitch_i, 1'b0});
      rows_q       <= rows_i;
      row_bytes_q  <= split_i ? 7'd32 : 7'({2'b0, columns_i} << log_size_i);
      right_q      <= columns_i > 5'd8;
      log_size_q   <= log_size_i;
      split_q      <= split_i;
      alone_q      <= alone_i;
      to_gm_o      <= to_gm_i;
      last_q       <= last_i;
      id_o         <= id_i;
      pair_q       <= '0;
    end else if (go_o && in_valid_i) begin
      address_q[0] <= address_q[0] + step_q;
      address_q[1] <= address_q[1] + step_q;
      rows_q       <= rows_q > 5'd2 ? rows_q - 5'd2 : 5'd0;
      pair_q       <= pair_q + 3'd1;
    end
  end

  // ---------------------------------------------------------------- pieces
  logic [6:0] size [0:1];
  always_comb begin
    size[0] = rows_q != 5'd0 ? row_bytes_q : 7'd0;
    size[1] = rows_q > 5'd1 ? row_bytes_q : 7'd0;
    if (split_q) begin
      size[0] = rows_q > 5'd1 ? 7'd64 : rows_q != 5'd0 ? 7'd32 : 7'd0;
      size[1] = right_q ? size[0] : 7'd0;
    end
  end

  // Results packed by their size. Split: piece 0 is the left halves of both rows, piece 1 the right ones.
  function automatic logic [1023:0] packed_pieces(input logic [1023:0] word, input logic [1:0] log_size,
                                                  input logic split);
    int unsigned r, c;
    packed_pieces = split ? {word[1023:768], word[511:256], word[767:512], word[255:0]} : word;
    if (log_size != 2'd2) begin
      packed_pieces = '0;
      for (r = 0; r < 2; r++) begin
        for (c = 0; c < 16; c++) begin
          if (log_size == 2'd1) packed_pieces[r*512+c*16 +: 16] = word[r*512+c*32 +: 16];
          else packed_pieces[r*512+c*8 +: 8] = word[r*512+c*32 +: 8];
        end
      end
    end
  endfunction

  logic [1023:0] pieces;
  assign pieces = packed_pieces(in_word_i, log_size_q, split_q);

  assign gm_last_o  = pair_q == 3'd7;
  assign gm_valid_o = in_valid_i && to_gm_o && (size[0] != '0 || size[1] != '0 || gm_last_o);
  assign gm_addr_o  = {address_q[1], address_q[0]};
  assign gm_size_o  = {size[1], size[0]};
  assign gm_data_o  = pieces;
  assign go_o       = !(gm_valid_o && !gm_ready_i);

  assign fractal_o = in_valid_i && go_o && gm_last_o;
  assign last_o    = fractal_o && last_q;

  // ---------------------------------------------------------------- L1
  // Slots 0 and 1 are piece 0, 2 and 3 piece 1. Rows of 8-bit columns are halves of a row of L1: both the
  // same where the column stands alone, and then slot 0 writes both.
  logic [127:0] narrow [0:1];
  assign narrow[0] = pieces[127:0];
  assign narrow[1] = pieces[639:512];

  for (genvar p = 0; p < 2; p++) begin : gen_l1
    assign l1_waddr_o[2*p*LW +: LW]     = address_q[p][5 +: LW];
    assign l1_waddr_o[(2*p+1)*LW +: LW] = address_q[p][5 +: LW] + LW'(1);
    assign l1_wbe_o[(2*p+1)*32 +: 32]   = '1;
    assign l1_wdata_o[(2*p+1)*256 +: 256] = pieces[p*512+256 +: 256];
    assign l1_wen_o[2*p+1] = in_valid_i && !to_gm_o && size[p] > 7'd32;
    assign l1_wen_o[2*p]   = in_valid_i && !to_gm_o && size[p] != '0 && !(alone_q && p == 1);
    assign l1_wdata_o[2*p*256 +: 256] = log_size_q != 2'd0 ? pieces[p*512 +: 256]
                                      : alone_q ? {narrow[1], narrow[0]} : {narrow[p], narrow[p]};
    assign l1_wbe_o[2*p*32 +: 32] = log_size_q != 2'd0 ? '1
                                  : alone_q ? {{16{size[1] != '0}}, 16'hffff}
                                  : address_q[p][4] ? 32'hffff_0000 : 32'h0000_ffff;
  end

  `ASSERT(BeatHeldUntilTaken_A, gm_valid_o && !gm_ready_i |=> gm_valid_o && $stable(gm_addr_o) && $stable(gm_size_o) &&
                                                              $stable(gm_last_o) && $stable(gm_data_o))
  `ASSERT(FractalsFollowInOrder_A, next_first_i && go_o |-> !in_valid_i || fractal_o)

endmodule
