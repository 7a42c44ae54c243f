// SPDX-License-Identifier: Apache-2.0
//
// Somebody's own design: a 16 x 16 array of int8 multiply-accumulators, one column of A and one row of B a cycle.
module mac_array (
  input  logic             clk_i,
  input  logic             clear_i,
  input  logic             valid_i,
  input  logic [16*8-1:0]  a_i,       // A[i, k] of this k
  input  logic [16*8-1:0]  b_i,       // B[k, j]
  output logic [256*32-1:0] sum_o     // C[i, j] at word 16 i + j
);
  always_ff @(posedge clk_i) begin
    for (int unsigned i = 0; i < 16; i++) begin
      for (int unsigned j = 0; j < 16; j++) begin
        if (clear_i) sum_o[(16*i+j)*32 +: 32] <= '0;
        else if (valid_i) begin
          sum_o[(16*i+j)*32 +: 32] <= sum_o[(16*i+j)*32 +: 32] + 32'($signed(a_i[i*8 +: 8]) * $signed(b_i[j*8 +: 8]));
        end
      end
    end
  end
endmodule
