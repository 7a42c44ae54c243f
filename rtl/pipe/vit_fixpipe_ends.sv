// SPDX-License-Identifier: Apache-2.0
//
// FIX's instructions in flight: numbers them round and round, waits for what each waits for, and reports their
// ends in order, one a cycle (docs/timing.md, M5). A fixpipe ends with the acknowledgement of its last fractal,
// others with their last data cycle.
`include "vit_assert.svh"
module vit_fixpipe_ends #(
  parameter int InFlight = 16,  // instructions, a power of two
  parameter int IdW      = $clog2(InFlight)
) (
  input  logic           clk_i,
  input  logic           rst_ni,
  // an instruction starts, with this number
  input  logic           start_i,
  output logic [IdW-1:0] start_id_o,
  output logic           full_o,
  // last data cycles: of a copy; of a fixpipe, to L1 or GM
  input  logic           copy_done_i,
  input  logic [IdW-1:0] copy_id_i,
  input  logic           sent_i,
  input  logic           sent_to_gm_i,
  input  logic [IdW-1:0] sent_id_i,
  // a beat that asks for an acknowledgement is taken; an acknowledgement comes
  input  logic           asked_i,
  input  logic           ack_i,
  // states
  output logic           done_o,
  output logic           busy_o,
  output logic           memory_o
);

  localparam int CountW = 32;  // of acknowledgements under way

  // ---------------------------------------------------------------- the acknowledgement a fixpipe ends with
  logic [CountW-1:0] asked_q, acked_q, wanted;
  logic [IdW-1:0]    waiting_id;
  logic              waiting, room, acknowledged;
  logic [IdW:0]      count_unused;
  vit_fifo #(
    .Width(CountW + IdW),
    .Depth(InFlight)
  ) i_wanted (
    .clk_i,
    .rst_ni,
    .in_valid_i (sent_i && sent_to_gm_i),
    .in_ready_o (room),
    .in_data_i  ({asked_q, sent_id_i}),
    .out_valid_o(waiting),
    .out_ready_i(acknowledged),
    .out_data_o ({wanted, waiting_id}),
    .count_o    (count_unused)
  );
  assign acknowledged = waiting && ack_i && acked_q == wanted;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      asked_q <= '0;
      acked_q <= '0;
    end else begin
      if (asked_i) asked_q <= asked_q + CountW'(1);
      if (ack_i) acked_q <= acked_q + CountW'(1);
    end
  end

  // ---------------------------------------------------------------- by number
  logic [InFlight-1:0] flying_q;    // started, not ended
  logic [InFlight-1:0] moved_q;     // past their last data cycle
  logic [InFlight-1:0] complete_q;  // wait only for the ones before
  logic [InFlight-1:0] started, moved, complete, ended;
  logic [IdW-1:0]      head_q, tail_q;

  function automatic logic [InFlight-1:0] one_hot(input logic valid, input logic [IdW-1:0] id);
    one_hot = InFlight'(valid) << id;
  endfunction

  assign started  = one_hot(start_i, tail_q);
  assign moved    = one_hot(copy_done_i, copy_id_i) | one_hot(sent_i, sent_id_i);
  assign complete = one_hot(copy_done_i, copy_id_i) | one_hot(sent_i && !sent_to_gm_i, sent_id_i) |
                    one_hot(acknowledged, waiting_id);
  assign done_o   = flying_q[head_q] && (complete_q[head_q] || complete[head_q]);
  assign ended    = one_hot(done_o, head_q);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      flying_q   <= '0;
      moved_q    <= '0;
      complete_q <= '0;
      head_q     <= '0;
      tail_q     <= '0;
    end else begin
      flying_q   <= (flying_q & ~ended) | started;
      moved_q    <= (moved_q | moved) & ~ended;
      complete_q <= (complete_q | complete) & ~ended;
      if (done_o) head_q <= head_q + IdW'(1);
      if (start_i) tail_q <= tail_q + IdW'(1);
    end
  end

  assign start_id_o = tail_q;
  assign full_o     = &flying_q;
  assign busy_o     = start_i || (flying_q & ~moved_q) != '0;
  assign memory_o   = (flying_q & moved_q) != '0;

  `ASSERT(AcknowledgementWasAskedFor_A, ack_i |-> acked_q != asked_q)
  `ASSERT(EveryFixpipeHasAPlace_A, sent_i && sent_to_gm_i |-> room)

endmodule
