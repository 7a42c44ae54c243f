// SPDX-License-Identifier: Apache-2.0
//
// L1: rows of 32 B. Four users at once, each at addresses of its own (docs/timing.md, "Movers": L1 has no
// bank conflicts). A read is answered in the next cycle and does not see a write of its own cycle.
// Golden twin: models/buffer/buffer.h.
`include "vit_assert.svh"
module vit_l1 #(
  parameter int Bytes     = 524288,
  parameter int Mte3Rows  = 4,  // contiguous rows MTE3 reads
  parameter int FixRows   = 4,  // rows FIX writes
  parameter int AddrW     = $clog2(Bytes / 32)
) (
  input  logic                     clk_i,
  input  logic                     rst_ni,
  // MTE1 reads eight rows
  input  logic [7:0]               mte1_ren_i,
  input  logic [8*AddrW-1:0]       mte1_raddr_i,
  output logic [2047:0]            mte1_rdata_o,
  // MTE3 and FIX read
  input  logic                     mte3_ren_i,
  input  logic [AddrW-1:0]         mte3_raddr_i,
  output logic [256*Mte3Rows-1:0]  mte3_rdata_o,
  input  logic                     fix_ren_i,
  input  logic [AddrW-1:0]         fix_raddr_i,
  output logic [255:0]             fix_rdata_o,
  // MTE2 and FIX write bytes of nine and FixRows different rows
  input  logic [8:0]               mte2_we_i,
  input  logic [9*AddrW-1:0]       mte2_waddr_i,
  input  logic [9*32-1:0]          mte2_wbe_i,
  input  logic [9*256-1:0]         mte2_wdata_i,
  input  logic [FixRows-1:0]       fix_we_i,
  input  logic [FixRows*AddrW-1:0] fix_waddr_i,
  input  logic [FixRows*32-1:0]    fix_wbe_i,
  input  logic [FixRows*256-1:0]   fix_wdata_i
);

  localparam int Rows = Bytes / 32;
  logic [255:0] row_q [0:Rows-1] /* verilator public_flat_rw */;

  // ---------------------------------------------------------------- reads
  logic [2047:0] mte1_q;
  logic [256*Mte3Rows-1:0] mte3_q;
  logic [255:0] fix_q;
  assign mte1_rdata_o = mte1_q;
  assign mte3_rdata_o = mte3_q;
  assign fix_rdata_o  = fix_q;

  function automatic logic [2047:0] eight_rows(input logic [7:0] ren,
                                               input logic [8*AddrW-1:0] addr);
    int unsigned r;
    logic [AddrW-1:0] at;
    eight_rows = '0;
    for (r = 0; r < 8; r++) begin
      at = addr[AddrW*r +: AddrW];
      if (ren[r]) eight_rows[256*r +: 256] = row_q[at];
    end
  endfunction
  function automatic logic [256*Mte3Rows-1:0] contiguous_rows(input logic [AddrW-1:0] first);
    int unsigned r;
    logic [AddrW-1:0] at;
    for (r = 0; r < Mte3Rows; r++) begin
      at = first + AddrW'(r);
      contiguous_rows[256*r +: 256] = row_q[at];
    end
  endfunction
  always_ff @(posedge clk_i) if (mte1_ren_i != '0) mte1_q <= eight_rows(mte1_ren_i, mte1_raddr_i);
  always_ff @(posedge clk_i) if (mte3_ren_i) mte3_q <= contiguous_rows(mte3_raddr_i);
  always_ff @(posedge clk_i) if (fix_ren_i) fix_q <= row_q[fix_raddr_i];

  // ---------------------------------------------------------------- writes
  function automatic logic [255:0] merged(input logic [255:0] old, input logic [31:0] be,
                                          input logic [255:0] data);
    int unsigned b;
    merged = data;
    if (be != '1) for (b = 0; b < 32; b++) if (!be[b]) merged[8*b +: 8] = old[8*b +: 8];
  endfunction

  // Does FIX write to that row too? Then it writes both: two writes to one row would lose bytes.
  function automatic logic fix_writes(input logic [FixRows-1:0] we,
                                      input logic [FixRows*AddrW-1:0] addr,
                                      input logic [AddrW-1:0] row);
    int unsigned f;
    fix_writes = 1'b0;
    for (f = 0; f < FixRows; f++) if (we[f] && addr[AddrW*f +: AddrW] == row) fix_writes = 1'b1;
  endfunction
  // The row as MTE2 leaves it in this cycle.
  function automatic logic [255:0] after_mte2(input logic [AddrW-1:0] row, input logic [8:0] we,
                                              input logic [9*AddrW-1:0] addr,
                                              input logic [9*32-1:0] be,
                                              input logic [9*256-1:0] data);
    int unsigned w;
    after_mte2 = row_q[row];
    if (we != '0) begin
      for (w = 0; w < 9; w++) begin
        if (we[w] && addr[AddrW*w +: AddrW] == row) begin
          after_mte2 = merged(after_mte2, be[32*w +: 32], data[256*w +: 256]);
        end
      end
    end
  endfunction

  for (genvar w = 0; w < 9; w++) begin : gen_mte2
    logic [AddrW-1:0] at;
    assign at = mte2_waddr_i[AddrW*w +: AddrW];
    always_ff @(posedge clk_i) begin
      if (mte2_we_i[w] && !fix_writes(fix_we_i, fix_waddr_i, at)) begin
        row_q[at] <= merged(row_q[at], mte2_wbe_i[32*w +: 32], mte2_wdata_i[256*w +: 256]);
      end
    end
  end
  for (genvar f = 0; f < FixRows; f++) begin : gen_fix
    logic [AddrW-1:0] at;
    assign at = fix_waddr_i[AddrW*f +: AddrW];
    always_ff @(posedge clk_i) begin
      if (fix_we_i[f]) begin
        row_q[at] <= merged(after_mte2(at, mte2_we_i, mte2_waddr_i, mte2_wbe_i, mte2_wdata_i),
                            fix_wbe_i[32*f +: 32], fix_wdata_i[256*f +: 256]);
      end
    end
  end

  // ---------------------------------------------------------------- what users keep to
  function automatic logic fits(input logic en, input logic [AddrW-1:0] row);
    fits = !en || 32'(row) < 32'(Rows);
  endfunction
  function automatic logic mte2_rows_differ(input logic [8:0] we, input logic [9*AddrW-1:0] addr);
    int unsigned w, v;
    mte2_rows_differ = 1'b1;
    for (w = 1; w < 9; w++) begin
      for (v = 0; v < w; v++) begin
        if (we[w] && we[v] && addr[AddrW*w +: AddrW] == addr[AddrW*v +: AddrW]) mte2_rows_differ = 1'b0;
      end
    end
  endfunction
  `ASSERT(Mte2RowsDiffer_A, mte2_rows_differ(mte2_we_i, mte2_waddr_i))
  `ASSERT(FixReadsInside_A, fits(fix_ren_i, fix_raddr_i))
  for (genvar w = 0; w < 9; w++) begin : gen_mte2_check
    `ASSERT(Mte2WritesInside_A, fits(mte2_we_i[w], mte2_waddr_i[AddrW*w +: AddrW]))
  end
  for (genvar f = 0; f < FixRows; f++) begin : gen_fix_check
    `ASSERT(FixWritesInside_A, fits(fix_we_i[f], fix_waddr_i[AddrW*f +: AddrW]))
  end

endmodule
