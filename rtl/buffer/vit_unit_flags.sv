// SPDX-License-Identifier: Apache-2.0
//
// The unit flags of L0C, one a granule of 512 B, in two views (docs/timing.md, L3). For M a flag is up from the
// cycle after the tile that will raise it was issued, for FIX from the cycle after the result was written.
// FIX clears both. Questions are answered in their cycle, changes are seen in the next.
// Golden twin: systemc/buffer/l0c.h.
`include "vit_assert.svh"
module vit_unit_flags #(
  parameter int Granules = 256,
  parameter int TileGranules = 2,   // a tile of M covers
  parameter int AddrW = $clog2(Granules)
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,
  // M, stage 0: are all in the mask down? The tile issued will raise them
  input  logic [AddrW-1:0]        m_addr_i,
  input  logic [TileGranules-1:0] m_mask_i,
  output logic                    m_down_o,
  input  logic                    m_claim_i,
  // M, last stage
  input  logic                    m_set_i,
  input  logic [AddrW-1:0]        m_set_addr_i,
  input  logic [TileGranules-1:0] m_set_mask_i,
  // FIX: are all in the mask up? Cleared with the read
  input  logic [AddrW-1:0]        fix_addr_i,
  input  logic [1:0]              fix_mask_i,
  output logic                    fix_up_o,
  input  logic                    fix_clear_i
);

  logic [Granules-1:0] ahead_q, up_q;

  function automatic logic [Granules-1:0] at(input logic [TileGranules-1:0] mask,
                                             input logic [AddrW-1:0] first);
    at = Granules'(mask) << first;
  endfunction
  function automatic logic [Granules-1:0] at_fix(input logic [1:0] mask,
                                                 input logic [AddrW-1:0] first);
    at_fix = Granules'(mask) << first;
  endfunction

  logic [TileGranules-1:0] asked;
  always_comb begin
    int unsigned g;
    for (g = 0; g < TileGranules; g++) asked[g] = ahead_q[m_addr_i + AddrW'(g)];
  end
  assign m_down_o = (asked & m_mask_i) == '0;
  assign fix_up_o = (up_q[fix_addr_i] || !fix_mask_i[0]) &&
                    (up_q[fix_addr_i + AddrW'(1)] || !fix_mask_i[1]);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) ahead_q <= '0;
    else if (m_claim_i || fix_clear_i) begin
      ahead_q <= (ahead_q & ~at_fix(fix_clear_i ? fix_mask_i : 2'b0, fix_addr_i)) |
                 at(m_claim_i ? m_mask_i : '0, m_addr_i);
    end
  end
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) up_q <= '0;
    else if (m_set_i || fix_clear_i) begin
      up_q <= (up_q & ~at_fix(fix_clear_i ? fix_mask_i : 2'b0, fix_addr_i)) |
              at(m_set_i ? m_set_mask_i : '0, m_set_addr_i);
    end
  end

  `ASSERT(OnlyRaisedFlagsAreCleared_A, fix_clear_i |-> fix_up_o)

endmodule
