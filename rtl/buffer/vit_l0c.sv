// SPDX-License-Identifier: Apache-2.0
//
// L0C: rows of 16 words, a fractal every 16 of them, in 16 banks by row. M reads and writes a tile, FIX reads a
// fractal; of the two readers one has the port in a cycle (vit_l0c_arbiter). A read is answered in the next
// cycle and does not see a write of its own cycle. Golden twin: models/buffer/buffer.h.
`include "vit_assert.svh"
module vit_l0c #(
  parameter int Bytes = 131072,
  parameter int M0    = 16,  // a tile
  parameter int N0    = 16,
  parameter int ByteW = 22,  // bits of a byte address
  parameter int AddrW = $clog2(Bytes / 64)
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  // M: byte addresses of a tile's first word
  input  logic                m_ren_i,
  input  logic [ByteW-1:0]    m_raddr_i,
  output logic [M0*N0*32-1:0] m_rdata_o,
  input  logic                m_we_i,
  input  logic [ByteW-1:0]    m_waddr_i,
  input  logic [M0-1:0]       m_row_mask_i,
  input  logic [N0-1:0]       m_column_mask_i,
  input  logic [M0*N0*32-1:0] m_wdata_i,
  // FIX reads 16 rows
  input  logic                fix_ren_i,
  input  logic [AddrW-1:0]    fix_raddr_i,
  output logic [8191:0]       fix_rdata_o
);

  localparam int Rows = Bytes / 64;
  localparam int RowW = 32 * N0;  // what a tile has of a row
  logic [511:0] row_q [0:Rows-1] /* verilator public_flat_rw */;

  // ---------------------------------------------------------------- reads
  // Rows run on over the edge of a partial tile; what is beyond is not used.
  logic [M0*RowW-1:0] m_q;
  logic [8191:0] fix_q;
  assign m_rdata_o   = m_q;
  assign fix_rdata_o = fix_q;
  function automatic logic [M0*RowW-1:0] tile(input logic [ByteW-1:0] first);
    int unsigned r;
    logic [AddrW-1:0] at;
    logic [511:0] whole;
    for (r = 0; r < M0; r++) begin
      at    = AddrW'(first >> 6) + AddrW'(r);
      whole = row_q[at];
      if (N0 == 8 && first[5]) whole = whole >> 256;
      tile[RowW*r +: RowW] = whole[RowW-1:0];
    end
  endfunction
  function automatic logic [8191:0] fractal(input logic [AddrW-1:0] first);
    int unsigned r;
    logic [AddrW-1:0] at;
    for (r = 0; r < 16; r++) begin
      at = first + AddrW'(r);
      fractal[512*r +: 512] = row_q[at];
    end
  endfunction
  always_ff @(posedge clk_i) if (m_ren_i) m_q <= tile(m_raddr_i);
  always_ff @(posedge clk_i) if (fix_ren_i) fix_q <= fractal(fix_raddr_i);

  // ---------------------------------------------------------------- write
  // The row with the tile's part in it, where `mask` says.
  function automatic logic [511:0] merged(input logic [511:0] old, input logic right,
                                          input logic [N0-1:0] mask, input logic [RowW-1:0] data);
    int unsigned c;
    merged = old;
    if (N0 == 16 && mask == '1) merged[RowW-1:0] = data;
    else begin
      for (c = 0; c < N0; c++) begin
        if (mask[c]) merged[32*(c + (right ? 8 : 0)) +: 32] = data[32*c +: 32];
      end
    end
  endfunction
  for (genvar r = 0; r < M0; r++) begin : gen_write
    logic [AddrW-1:0] at;
    assign at = AddrW'(m_waddr_i >> 6) + AddrW'(r);
    always_ff @(posedge clk_i) begin
      if (m_we_i && m_row_mask_i[r]) begin
        row_q[at] <= merged(row_q[at], N0 == 8 && m_waddr_i[5], m_column_mask_i,
                            m_wdata_i[RowW*r +: RowW]);
      end
    end
    `ASSERT(WriteInside_A, m_we_i && m_row_mask_i[r] |-> 32'(at) < 32'(Rows))
  end

  `ASSERT(FixReadsInside_A, fix_ren_i |-> 32'(fix_raddr_i) < 32'(Rows))

endmodule
