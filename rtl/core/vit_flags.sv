// SPDX-License-Identifier: Apache-2.0
//
// The event flags of a core: eight for each ordered pair of its six queues (docs/timing.md, F2 and F3).
// A queue raises at most one event a cycle and waits for at most one; an event raised in a cycle can be
// taken in it, and taking clears it. Golden twin: systemc/pipe/flags.h.
//
// Queues are numbered S 0, M 1, MTE1 2, MTE2 3, MTE3 4, FIX 5 here and in every vector of one bit a queue;
// to_i and from_i hold the numbers of vit_pkg::PIPE_*.
`include "vit_assert.svh"
module vit_flags (
  input  logic        clk_i,
  input  logic        rst_ni,
  // each queue raises an event
  input  logic [5:0]  raise_i,
  input  logic [17:0] raise_to_i,
  input  logic [17:0] raise_id_i,
  output logic [5:0]  error_o,      // that is up
  // each queue waits for an event, which is cleared in the cycle it is up
  input  logic [5:0]  wait_i,
  input  logic [17:0] wait_from_i,
  input  logic [17:0] wait_id_i,
  output logic [5:0]  up_o
);

  // vit_pkg::PIPE_* of a queue, three bits each. A net: Yosys 0.23 takes no such parameter as an argument.
  logic [17:0] pipe;
  assign pipe = {vit_pkg::PIPE_FIX, vit_pkg::PIPE_MTE3, vit_pkg::PIPE_MTE2, vit_pkg::PIPE_MTE1,
                 vit_pkg::PIPE_M, vit_pkg::PIPE_S};

  // Bit {from, to, id}; those of queues the core lacks stay down.
  logic [511:0] up_q;

  function automatic logic [511:0] events(input logic [5:0] valid, input logic [17:0] from,
                                          input logic [17:0] to, input logic [17:0] id);
    int unsigned p;
    events = '0;
    for (p = 0; p < 6; p++) begin
      if (valid[p]) events[{from[3*p +: 3], to[3*p +: 3], id[3*p +: 3]}] = 1'b1;
    end
  endfunction

  // Events that are up at the start of the cycle.
  function automatic logic [5:0] standing(input logic [511:0] up, input logic [17:0] from,
                                          input logic [17:0] to, input logic [17:0] id);
    int unsigned p;
    for (p = 0; p < 6; p++) standing[p] = up[{from[3*p +: 3], to[3*p +: 3], id[3*p +: 3]}];
  endfunction

  // Which queue's wait is for what another raises in this very cycle.
  function automatic logic [5:0] rising(input logic [5:0] raise, input logic [17:0] to,
                                        input logic [17:0] id, input logic [17:0] wait_from,
                                        input logic [17:0] wait_id, input logic [17:0] queue);
    int unsigned p, f;
    rising = '0;
    for (p = 0; p < 6; p++) begin
      for (f = 0; f < 6; f++) begin
        if (raise[f] && wait_from[3*p +: 3] == queue[3*f +: 3] && to[3*f +: 3] == queue[3*p +: 3] &&
            id[3*f +: 3] == wait_id[3*p +: 3]) rising[p] = 1'b1;
      end
    end
  endfunction

  logic [5:0] taken;
  always_comb begin
    error_o = '0;
    up_o    = '0;
    if (raise_i != '0) error_o = raise_i & standing(up_q, pipe, raise_to_i, raise_id_i);
    if (wait_i != '0) up_o = standing(up_q, wait_from_i, pipe, wait_id_i);
    if (wait_i != '0 && raise_i != '0) begin
      up_o = up_o | rising(raise_i, raise_to_i, raise_id_i, wait_from_i, wait_id_i, pipe);
    end
  end
  assign taken = wait_i & up_o;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) up_q <= '0;
    else if (raise_i != '0 || taken != '0) begin
      up_q <= (up_q | events(raise_i, pipe, raise_to_i, raise_id_i)) &
              ~events(taken, wait_from_i, pipe, wait_id_i);
    end
  end

  `ASSERT(NoEventIsRaisedTwice_A, error_o == '0)

endmodule
