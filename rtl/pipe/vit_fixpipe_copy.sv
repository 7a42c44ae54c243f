// SPDX-License-Identifier: Apache-2.0
//
// copy_l1_fb: rows of 32 B from L1 to FB, one a cycle. A row is read two cycles of `go_i` before it is written
// (docs/timing.md, M4). Golden twin: models/pipe/fixpipe.h.
`include "vit_assert.svh"
module vit_fixpipe_copy #(
  parameter int InFlight = 16,  // instructions, a power of two
  parameter int LW       = 14,  // bits of an L1 row
  parameter int FW       = 8,   // of an FB row
  parameter int TW       = 14,  // of a time
  parameter int IdW      = $clog2(InFlight)
) (
  input  logic                        clk_i,
  input  logic                        rst_ni,
  input  logic [TW-1:0]               time_i,
  input  logic                        go_i,
  // an instruction starts
  input  logic                        start_i,
  input  logic [FW-1:0]               dst_i,    // first FB row
  input  logic [LW-1:0]               src_i,    // first L1 row
  input  logic [15:0]                 length_i, // in 64 B
  input  logic [IdW-1:0]              id_i,
  input  logic [TW-1:0]               first_i,  // time of its first L1 read
  // L1
  output logic                        l1_ren_o,
  output logic [LW-1:0]               l1_raddr_o,
  input  logic [255:0]                l1_rdata_i,
  // FB
  output logic                        fb_we_o,
  output logic [FW-1:0]               fb_waddr_o,
  output logic [255:0]                fb_wdata_o,
  // an instruction's last row is written
  output logic                        done_o,
  output logic [IdW-1:0]              done_id_o
);

  localparam int JobW = TW + IdW + FW + LW + 17;

  // ---------------------------------------------------------------- L1 read
  logic            valid, queue_ready, pop, reading_q, at_hand, last;
  logic [TW-1:0]   first;
  logic [IdW-1:0]  id;
  logic [FW-1:0]   dst;
  logic [LW-1:0]   src;
  logic [16:0]     last_row;  // rows less one
  logic [16:0]     row_q;
  logic [IdW:0]    count_unused;
  vit_fifo #(
    .Width(JobW),
    .Depth(InFlight)
  ) i_jobs (
    .clk_i,
    .rst_ni,
    .in_valid_i (start_i),
    .in_ready_o (queue_ready),
    .in_data_i  ({first_i, id_i, dst_i, src_i, {length_i, 1'b0} - 17'd1}),
    .out_valid_o(valid),
    .out_ready_i(pop),
    .out_data_o ({first, id, dst, src, last_row}),
    .count_o    (count_unused)
  );

  assign at_hand    = valid && (reading_q || time_i == first);
  assign last       = row_q == last_row;
  assign pop        = l1_ren_o && last;
  assign l1_ren_o   = at_hand && go_i;
  assign l1_raddr_o = src + LW'(row_q);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      reading_q <= 1'b0;
      row_q     <= '0;
    end else if (l1_ren_o) begin
      reading_q <= !last;
      row_q     <= last ? 17'd0 : row_q + 17'd1;
    end
  end

  // ---------------------------------------------------------------- L1 answers, FB write
  // What L1 answers in a cycle in which nothing moves is kept aside.
  logic           read_q, answered_q, write_q, answered_last_q, write_last_q;
  logic [FW-1:0]  answered_row_q;
  logic [IdW-1:0] answered_id_q;
  logic [255:0]   kept_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      read_q     <= 1'b0;
      answered_q <= 1'b0;
      write_q    <= 1'b0;
    end else begin
      read_q <= l1_ren_o;
      if (go_i) begin
        answered_q <= at_hand;
        write_q    <= answered_q;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (l1_ren_o) begin
      answered_row_q  <= dst + FW'(row_q);
      answered_id_q   <= id;
      answered_last_q <= last;
    end
    if (go_i && answered_q) begin
      fb_waddr_o   <= answered_row_q;
      fb_wdata_o   <= read_q ? l1_rdata_i : kept_q;
      done_id_o    <= answered_id_q;
      write_last_q <= answered_last_q;
    end
  end
  always_ff @(posedge clk_i) if (read_q && !go_i) kept_q <= l1_rdata_i;

  assign fb_we_o = write_q && go_i;
  assign done_o  = fb_we_o && write_last_q;

  `ASSERT(StartedFitsTheQueue_A, start_i |-> queue_ready)

endmodule
