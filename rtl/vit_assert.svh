// SPDX-License-Identifier: Apache-2.0
//
// The project's only macro. `ASSERT(Name_A, property) holds at every rising edge of clk_i outside
// reset (rst_ni); both must be visible where it stands. Verilator checks it when built with --assert;
// other tools do not read concurrent assertions and see nothing.
`ifdef VERILATOR
`define ASSERT(Name, Prop) \
  Name: assert property (@(posedge clk_i) disable iff (!rst_ni) (Prop)) else $error;
`else
`define ASSERT(Name, Prop)
`endif
