// SPDX-License-Identifier: Apache-2.0
//
// Sums of the aligned terms of vit_cube_dot: K0 to one, both slots of an fp32 tile to one. Latency 2
// (stages 9 and 10 of docs/pipe/cube.md), one slot a cycle.
// Golden twin: models/pipe/cube_dot.h, aligned_sum().
module vit_cube_sum #(
  parameter int M0 = 16,
  parameter int K0 = 16,
  parameter int N0 = 16
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,
  // terms as vit_cube_dot leaves them
  input  logic                    in_first_i,
  input  logic                    in_last_i,
  input  logic [1:0]              in_dtype_i,
  input  logic [M0*K0*N0*32-1:0]  in_term_i,
  input  logic [M0*N0*32-1:0]     in_exp_i,
  // sum * 2^(exp - 1024 - 24); s8: the sum
  output logic                    out_valid_o,
  output logic [1:0]              out_dtype_o,
  output logic [M0*N0*32-1:0]     out_sum_o,
  output logic [M0*N0*32-1:0]     out_exp_o
);

  localparam logic [1:0] F32 = vit_pkg::DATATYPE_F32[1:0];
  localparam int Groups    = K0 / 4;  // of four lanes; an fp32 slot is one, or less
  localparam int SlotLanes = K0 / 4;  // of fp32: 4, 2 or 1
  localparam int Row       = K0 * N0;
  localparam int Tile      = M0 * N0;

  // Control of stages 10 and 11.
  logic       first_q;
  logic [1:0] last_q;
  logic [3:0] dtype_q;
  assign out_valid_o = last_q[1];
  assign out_dtype_o = dtype_q[3:2];
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      first_q <= 1'b0;
      last_q  <= '0;
      dtype_q <= '0;
    end else begin
      first_q <= in_first_i;
      last_q  <= {last_q[0], in_last_i};
      dtype_q <= {dtype_q[1:0], in_dtype_i};
    end
  end

  // Stage 9: four lanes to one.
  logic [M0*Groups*N0*32-1:0] group_q;
  logic [Tile*32-1:0] exp_q;

  // A group's lanes stand N0 words apart, from word i on.
  function automatic logic [31:0] two_lanes(input int unsigned i);
    two_lanes = in_term_i[i*32 +: 32] + in_term_i[(i+N0)*32 +: 32];
  endfunction

  task automatic sum_lanes(input logic [1:0] dtype);
    int unsigned m, g, n, i;
    logic [31:0] sum [0:Groups*N0-1];
    if (dtype == F32) begin
      for (m = 0; m < M0; m++) begin
        for (n = 0; n < N0; n++) begin
          i = m * Row + n;
          sum[n] = SlotLanes == 4 ? two_lanes(i) + two_lanes(i + 2 * N0) :
                   SlotLanes == 2 ? two_lanes(i) : in_term_i[i*32 +: 32];
        end
        for (n = 0; n < N0; n++) group_q[(m*Groups*N0+n)*32 +: 32] <= sum[n];
      end
    end else begin
      for (m = 0; m < M0; m++) begin
        for (g = 0; g < Groups; g++) begin
          for (n = 0; n < N0; n++) begin
            i = m * Row + 4 * g * N0 + n;
            sum[g*N0+n] = two_lanes(i) + two_lanes(i + 2 * N0);
          end
        end
        for (n = 0; n < Groups * N0; n++) group_q[(m*Groups*N0+n)*32 +: 32] <= sum[n];
      end
    end
  endtask

  always_ff @(posedge clk_i) if (in_first_i || in_last_i) sum_lanes(in_dtype_i);
  always_ff @(posedge clk_i) if (in_first_i) exp_q <= in_exp_i;

  // Stage 10: groups to one. fp32 has one group a slot; its second slot is added to its first.
  task automatic sum_groups(input logic [1:0] dtype, input logic first);
    int unsigned m, g, n;
    logic [31:0] total;
    logic [31:0] sum [0:Tile-1];
    for (m = 0; m < M0; m++) begin
      for (n = 0; n < N0; n++) begin
        total = group_q[(m*Groups*N0+n)*32 +: 32];
        for (g = 1; g < Groups; g++) begin
          total = total + (dtype == F32 ? 32'b0 : group_q[((m*Groups+g)*N0+n)*32 +: 32]);
        end
        sum[m*N0+n] = total + (first ? 32'b0 : out_sum_o[(m*N0+n)*32 +: 32]);
      end
    end
    for (n = 0; n < Tile; n++) out_sum_o[n*32 +: 32] <= sum[n];
  endtask

  always_ff @(posedge clk_i) if (first_q || last_q[0]) sum_groups(dtype_q[1:0], first_q);
  always_ff @(posedge clk_i) if (first_q) out_exp_o <= exp_q;

endmodule
