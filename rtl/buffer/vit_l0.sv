// SPDX-License-Identifier: Apache-2.0
//
// L0A or L0B: rows of 32 B, a fractal every 16 of them. MTE1 writes a beat, MTE2 up to nine rows, and M reads
// a tile, all in one cycle. A read is answered in the next cycle and does not see a write of its own cycle.
// Golden twin: models/buffer/buffer.h.
`include "vit_assert.svh"
module vit_l0 #(
  parameter int Bytes     = 65536,
  parameter int BeatBytes = 256,  // of MTE1
  parameter int Parts     = 1,    // a tile's addresses,
  parameter int PartRows  = 16,   // the rows behind each,
  parameter int RowBytes  = 32,   // and how much of a row it takes: 16 or 32
  parameter int ByteW     = 20,   // bits of a byte address
  parameter int AddrW     = $clog2(Bytes / 32)
) (
  input  logic                                clk_i,
  input  logic                                rst_ni,
  // MTE1 writes
  input  logic                                mte1_we_i,
  input  logic [AddrW-1:0]                    mte1_waddr_i,
  input  logic [8*BeatBytes-1:0]              mte1_wdata_i,
  // MTE2 writes bytes of nine different rows
  input  logic [8:0]                          mte2_we_i,
  input  logic [9*AddrW-1:0]                  mte2_waddr_i,
  input  logic [9*32-1:0]                     mte2_wbe_i,
  input  logic [9*256-1:0]                    mte2_wdata_i,
  // M reads: byte addresses
  input  logic                                ren_i,
  input  logic [Parts*ByteW-1:0]              raddr_i,
  output logic [8*Parts*PartRows*RowBytes-1:0] rdata_o
);

  localparam int Rows  = Bytes / 32;
  localparam int DataW = 8 * Parts * PartRows * RowBytes;
  localparam int RowW  = 8 * RowBytes;
  logic [255:0] row_q [0:Rows-1] /* verilator public_flat_rw */;

  // ---------------------------------------------------------------- read
  // Rows run on over the edge of a partial tile; what is beyond is not used.
  logic [DataW-1:0] rdata_q;
  assign rdata_o = rdata_q;
  function automatic logic [DataW-1:0] tile(input logic [Parts*ByteW-1:0] addr);
    int unsigned p, r;
    logic [ByteW-1:0] first;
    logic [AddrW-1:0] at;
    logic [255:0] whole;
    for (p = 0; p < Parts; p++) begin
      first = addr[ByteW*p +: ByteW];
      for (r = 0; r < PartRows; r++) begin
        at    = AddrW'(first >> 5) + AddrW'(r);
        whole = row_q[at];
        if (RowBytes == 16 && first[4]) whole = whole >> 128;
        tile[RowW*(PartRows*p+r) +: RowW] = whole[RowW-1:0];
      end
    end
  endfunction
  always_ff @(posedge clk_i) if (ren_i) rdata_q <= tile(raddr_i);

  // ---------------------------------------------------------------- writes
  localparam int BeatRows = BeatBytes / 32;
  localparam int BeatW    = $clog2(BeatRows);
  for (genvar r = 0; r < BeatRows; r++) begin : gen_mte1
    always_ff @(posedge clk_i) begin
      if (mte1_we_i) row_q[{mte1_waddr_i[AddrW-1:BeatW], BeatW'(r)}] <= mte1_wdata_i[256*r +: 256];
    end
  end

  function automatic logic [255:0] merged(input logic [255:0] old, input logic [31:0] be,
                                          input logic [255:0] data);
    int unsigned b;
    merged = data;
    if (be != '1) for (b = 0; b < 32; b++) if (!be[b]) merged[8*b +: 8] = old[8*b +: 8];
  endfunction
  for (genvar w = 0; w < 9; w++) begin : gen_mte2
    logic [AddrW-1:0] at;
    assign at = mte2_waddr_i[AddrW*w +: AddrW];
    always_ff @(posedge clk_i) begin
      if (mte2_we_i[w]) begin
        row_q[at] <= merged(row_q[at], mte2_wbe_i[32*w +: 32], mte2_wdata_i[256*w +: 256]);
      end
    end
  end

  `ASSERT(BeatIsAligned_A, mte1_we_i |-> mte1_waddr_i[BeatW-1:0] == '0)
  for (genvar w = 0; w < 9; w++) begin : gen_check
    `ASSERT(Mte2WritesInside_A, mte2_we_i[w] |-> 32'(mte2_waddr_i[AddrW*w +: AddrW]) < 32'(Rows))
  end

endmodule
