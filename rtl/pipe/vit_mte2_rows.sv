// SPDX-License-Identifier: Apache-2.0
//
// One beat of GM into rows: bytes [offset, offset + size) of an aligned 256 B go to up to nine blocks of 32 B, each with
// an address of its own; where the piece ends with the beat, its last block is filled up with zero.
// Combinational. Golden twin: models/pipe/mte2.h.
//
// The beat stays where it is but for the 0 to 31 bytes that bring its blocks onto rows: slot 0 of the write
// need not be the first that is used.
//
//   beat        |........|..ABCDEF|GHIJKLMN|OP......|       offset 10, phase 5 of its block (8 B drawn for 32)
//   slots       |........|.....ABC|DEFGHIJK|LMNOP000|       moved by (phase - offset) mod 32
//   address                  row    +step    +2 step
module vit_mte2_rows #(
  parameter int AW = 14
) (
  input  logic              valid_i,
  input  logic [2047:0]     data_i,
  input  logic [7:0]        offset_i,
  input  logic [8:0]        size_i,   // 1 to 256
  input  logic [8:0]        skip_i,   // bytes of the burst that came before
  // of the burst
  input  logic [AW-1:0]     row_i,    // where its first block goes
  input  logic [AW-1:0]     step_i,   // from block to block
  input  logic [4:0]        phase_i,  // of its first byte in that block
  input  logic              ends_i,   // the beat ends the piece
  // write
  output logic [8:0]        en_o,
  output logic [9*AW-1:0]   addr_o,
  output logic [9*32-1:0]   be_o,
  output logic [9*256-1:0]  data_o
);

  logic [8:0] stands;       // where the beat's first byte stands, from the burst's first block on: 0 to 287
  logic [4:0] shift;
  logic [8:0] first, past;  // bytes in the slots: 0 to 287, 1 to 287
  logic [3:0] slot, last_slot;
  assign stands    = {4'b0, phase_i} + skip_i;
  assign shift     = stands[4:0] - offset_i[4:0];
  assign first     = {1'b0, offset_i} + {4'b0, shift};
  assign past      = first + size_i;
  assign slot      = first[8:5];
  assign last_slot = past[4:0] == '0 ? past[8:5] - 4'd1 : past[8:5];

  // Bytes of the last slot that come from GM.
  function automatic logic [255:0] kept(input logic [4:0] bytes);
    kept = bytes == '0 ? '1 : ~({256{1'b1}} << {bytes, 3'b0});
  endfunction

  function automatic logic [9*256-1:0] moved(input logic valid, input logic [2047:0] beat,
                                             input logic [4:0] bytes, input logic [3:0] last,
                                             input logic [255:0] mask);
    int unsigned s;
    moved = '0;
    if (valid) begin
      moved = {256'b0, beat} << {bytes, 3'b0};
      for (s = 0; s < 9; s++) if (s == {28'b0, last}) moved[s*256 +: 256] = moved[s*256 +: 256] & mask;
    end
  endfunction

  function automatic logic [9*AW-1:0] addresses(input logic [AW-1:0] at_slot_0, input logic [AW-1:0] step);
    int unsigned s;
    logic [AW-1:0] at;
    at = at_slot_0;
    addresses = '0;
    for (s = 0; s < 9; s++) begin
      addresses[s*AW +: AW] = at;
      at = at + step;
    end
  endfunction

  logic [8:0] slots_past;
  logic [AW-1:0] slot_0;  // where slot 0 would go
  logic [9*32-1:0] bytes_past;
  assign slots_past = ~(9'h1fe << last_slot);
  assign bytes_past = ~({9*32{1'b1}} << (ends_i ? {last_slot, 5'b0} + 9'd32 : past));

  assign slot_0 = row_i + AW'((AW'(stands[8:5]) - AW'(slot)) * step_i);
  assign en_o   = valid_i ? (9'h1ff << slot) & slots_past : '0;
  assign addr_o = addresses(slot_0, step_i);
  assign be_o   = ({9*32{1'b1}} << first) & bytes_past;
  assign data_o = moved(valid_i, data_i, shift, last_slot, kept(past[4:0]));

endmodule
