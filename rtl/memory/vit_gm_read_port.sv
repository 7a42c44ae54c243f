// SPDX-License-Identifier: Apache-2.0
//
// A mover's read port to GM (docs/timing.md, G1 and G2): takes bursts in order, offers each when the port
// has had the time its grains cost, and says of every beat of data which burst it belongs to. Time is
// kept in exact fractions of a cycle. A burst taken in can be offered in the next cycle; one a cycle.
// Timing twin: systemc/memory/gm_port.h.
//
// The first burst of an instruction begins to occupy the port in the cycle it is taken in; the others when
// the one before has had its time, and each of them must stand at `in_*` when the one before is taken.
`include "vit_assert.svh"
module vit_gm_read_port #(
  parameter int Outstanding = 256,  // most bursts in flight, a power of two
  parameter int TagW        = 1     // of what the mover wants to know of a burst when its data come
) (
  input  logic            clk_i,
  input  logic            rst_ni,
  // static
  input  logic [8:0]      cfg_rate_i,         // bytes a cycle, 1 to 256
  input  logic [3:0]      cfg_grain_log2_i,   // a burst costs whole grains of 2^5 to 2^9 bytes
  input  logic [8:0]      cfg_outstanding_i,  // bursts in flight, 2 to Outstanding
  // bursts: inside a line of 512 B
  input  logic            in_valid_i,
  output logic            in_ready_o,
  input  logic            in_first_i,         // of its instruction
  input  logic [47:0]     in_addr_i,
  input  logic [9:0]      in_size_i,          // bytes, 1 to 512
  input  logic [TagW-1:0] in_tag_i,
  // requests
  output logic            gm_valid_o,
  input  logic            gm_ready_i,
  output logic [47:0]     gm_addr_o,
  output logic [9:0]      gm_size_o,
  output logic [TagW-1:0] gm_tag_o,
  // a beat of data comes: bytes [offset, offset + size) of it are the burst's, from its byte `skip` on
  input  logic            resp_valid_i,
  output logic [7:0]      beat_offset_o,
  output logic [8:0]      beat_size_o,
  output logic [8:0]      beat_skip_o,
  output logic            beat_last_o,
  output logic [TagW-1:0] beat_tag_o
);

  localparam int CountW = $clog2(Outstanding) + 1;

  // ---------------------------------------------------------------- the burst at hand
  logic            held_q;
  logic [47:0]     addr_q;
  logic [9:0]      size_q;
  logic [TagW-1:0] tag_q;
  logic take_in, taken;
  assign taken      = gm_valid_o && gm_ready_i;
  assign in_ready_o = !held_q || taken;
  assign take_in    = in_valid_i && in_ready_o;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) held_q <= 1'b0;
    else if (in_ready_o) held_q <= in_valid_i;
  end
  always_ff @(posedge clk_i) begin
    if (take_in) begin
      addr_q <= in_addr_i;
      size_q <= in_size_i;
      tag_q  <= in_tag_i;
    end
  end

  // ---------------------------------------------------------------- its time
  // (time it has its turn - now) * rate. The first cycle in which that is not positive is its time, and
  // what it is then the next burst starts with. Taken later, the next starts with the cycle.
  logic signed [11:0] left_q, rate, cost;
  logic due, on_time;
  assign rate    = $signed({3'b0, cfg_rate_i});
  assign due     = left_q <= 0;
  assign on_time = due && left_q > -rate;

  // The bytes of the grains that `size` bytes from byte `start` of a line on touch. `low`: the bits of an
  // address that lie inside a grain.
  function automatic logic [9:0] paid(input logic [8:0] start, input logic [9:0] size,
                                      input logic [8:0] low);
    paid = ({1'b0, start & low} + size + {1'b0, low}) & ~{1'b0, low};
  endfunction
  logic [8:0] mask;
  assign mask   = ~(9'h1ff << cfg_grain_log2_i);
  assign cost   = $signed({2'b0, paid(in_addr_i[8:0], in_size_i, mask)});

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) left_q <= '0;
    else if (take_in) left_q <= (on_time && !in_first_i ? left_q : 12'sd0) + cost - rate;
    else if (held_q) left_q <= due ? -rate : left_q - rate;
  end

  // ---------------------------------------------------------------- bursts in flight
  localparam int EntryW = TagW + 10 + 8;
  logic [EntryW-1:0] entry;
  logic [CountW-1:0] in_flight;
  logic queue_ready, queue_valid;
  assign gm_valid_o = held_q && due && 9'(in_flight) < cfg_outstanding_i;
  assign gm_addr_o  = addr_q;
  assign gm_size_o  = size_q;
  assign gm_tag_o   = tag_q;

  vit_fifo #(
    .Width(EntryW),
    .Depth(Outstanding)
  ) i_in_flight (
    .clk_i,
    .rst_ni,
    .in_valid_i (taken),
    .in_ready_o (queue_ready),
    .in_data_i  ({tag_q, size_q, addr_q[7:0]}),
    .out_valid_o(queue_valid),
    .out_ready_i(resp_valid_i && beat_last_o),
    .out_data_o (entry),
    .count_o    (in_flight)
  );

  // A beat is 256 B of GM: a burst has one or two.
  logic [7:0]  start;
  logic [9:0]  size;
  logic [9:0]  past;  // where it ends, from the start of its first beat on: up to 512
  logic second_q, two;
  assign {beat_tag_o, size, start} = entry;
  assign past          = {2'b0, start} + size;
  assign two           = past > 10'd256;
  assign beat_offset_o = second_q ? 8'd0 : start;
  assign beat_skip_o   = second_q ? 9'd256 - {1'b0, start} : 9'd0;
  assign beat_size_o   = second_q ? past[8:0] - 9'd256 : two ? 9'd256 - {1'b0, start} : size[8:0];
  assign beat_last_o   = second_q || !two;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) second_q <= 1'b0;
    else if (resp_valid_i) second_q <= !beat_last_o;
  end

  `ASSERT(GrainIsPossible_A, in_valid_i |-> cfg_grain_log2_i >= 4'd5 && cfg_grain_log2_i <= 4'd9)
  `ASSERT(BurstHasBytes_A, in_valid_i |-> in_size_i != '0)
  `ASSERT(BurstInsideALine_A, in_valid_i |-> {1'b0, in_addr_i[8:0]} + in_size_i <= 10'd512)
  `ASSERT(BurstsFollowEachOther_A, take_in && !in_first_i |-> taken)
  `ASSERT(RequestHeldUntilTaken_A,
          gm_valid_o && !gm_ready_i |=> gm_valid_o && $stable(gm_addr_o) && $stable(gm_size_o))
  `ASSERT(RoomForEveryBurst_A, taken |-> queue_ready)
  `ASSERT(DataOnlyForABurst_A, resp_valid_i |-> queue_valid)

endmodule
