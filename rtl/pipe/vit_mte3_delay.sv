// SPDX-License-Identifier: Apache-2.0
//
// Holds words for `cycles` cycles, 0 to 4093, frozen ones not counted: a ring of as many places. Idle
// places cost nothing.
module vit_mte3_delay #(
  parameter int Width = 8
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic [11:0]      cycles_i,  // static
  input  logic             freeze_i,
  input  logic             in_valid_i,
  input  logic [Width-1:0] in_data_i,
  output logic             out_valid_o,
  output logic [Width-1:0] out_data_o
);

  // A place holds something only once the ring has been round since reset.
  logic [Width:0] place_q [0:4095];
  logic [11:0]    at_q;
  logic           round_q;
  logic [Width:0] here;
  logic           turns, holds;
  assign here        = place_q[at_q];
  assign holds       = round_q && here[Width];
  assign turns       = at_q + 12'd1 >= cycles_i;
  assign out_valid_o = cycles_i == '0 ? in_valid_i : holds;
  assign out_data_o  = cycles_i == '0 ? in_data_i : here[Width-1:0];

  always_ff @(posedge clk_i) begin
    if (!freeze_i && (in_valid_i || holds || !round_q)) place_q[at_q] <= {in_valid_i, in_data_i};
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      at_q    <= '0;
      round_q <= 1'b0;
    end else if (!freeze_i) begin
      at_q <= turns ? '0 : at_q + 12'd1;
      if (turns) round_q <= 1'b1;
    end
  end

endmodule
