// SPDX-License-Identifier: Apache-2.0
//
// A table beside a unit, in rows of 32 B: BT (bias words for M) or FB (scale words for FIX). One row written and
// ReadRows contiguous rows read a cycle. A read is answered in the next cycle and does not see a write of
// its own cycle. Golden twin: models/buffer/buffer.h.
`include "vit_assert.svh"
module vit_table #(
  parameter int Bytes    = 1024,
  parameter int ReadRows = 2,
  parameter int AddrW    = $clog2(Bytes / 32)
) (
  input  logic                     clk_i,
  input  logic                     rst_ni,
  input  logic                     we_i,
  input  logic [AddrW-1:0]         waddr_i,
  input  logic [255:0]             wdata_i,
  input  logic                     ren_i,
  input  logic [AddrW-1:0]         raddr_i,
  output logic [256*ReadRows-1:0]  rdata_o
);

  localparam int Rows = Bytes / 32;
  logic [255:0] row_q [0:Rows-1] /* verilator public_flat_rw */;

  // Rows run on over the edge of a partial tile or fractal; what is beyond is not used.
  logic [256*ReadRows-1:0] rdata_q;
  assign rdata_o = rdata_q;
  function automatic logic [256*ReadRows-1:0] rows(input logic [AddrW-1:0] first);
    int unsigned r;
    logic [AddrW-1:0] at;
    for (r = 0; r < ReadRows; r++) begin
      at = first + AddrW'(r);
      rows[256*r +: 256] = row_q[at];
    end
  endfunction
  always_ff @(posedge clk_i) if (ren_i) rdata_q <= rows(raddr_i);
  always_ff @(posedge clk_i) if (we_i) row_q[waddr_i] <= wdata_i;

  `ASSERT(WriteInside_A, we_i |-> 32'(waddr_i) < 32'(Rows))

endmodule
