// SPDX-License-Identifier: Apache-2.0
//
// Who reads L0C in a cycle, M or FIX (docs/timing.md, L2): M goes first, but FIX, refused often enough since
// it read last, goes before M in the next cycle in which it asks. Answers come in the cycle of the question.
// Golden twin: systemc/buffer/l0c.h.
`include "vit_assert.svh"
module vit_l0c_arbiter (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic [12:0] cfg_patience_i,  // static: refusals FIX takes, at least one
  // M: the tile at hand reads, and goes if it is granted
  input  logic        m_req_i,
  output logic        m_gnt_o,
  // FIX
  input  logic        fix_req_i,
  output logic        fix_gnt_o
);

  logic [12:0] refused_q;  // times since its last read
  logic first;             // FIX goes before M
  assign first     = refused_q == cfg_patience_i;
  assign m_gnt_o   = !(fix_req_i && first);
  assign fix_gnt_o = fix_req_i && (first || !m_req_i);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) refused_q <= '0;
    else if (fix_req_i) refused_q <= fix_gnt_o ? 13'd0 : refused_q + 13'd1;
  end

  `ASSERT(OneReader_A, !(m_req_i && m_gnt_o && fix_gnt_o))
  `ASSERT(PatienceHasAnEnd_A, refused_q <= cfg_patience_i)

endmodule
