// SPDX-License-Identifier: Apache-2.0
//
// An instruction queue and the head that leaves it: what all pipes but S have in common (docs/timing.md,
// D4, F1, F2, F4 and "States"). Flags and barriers are done here, everything else goes to the unit. What
// enters in a cycle can start in the next; one start a cycle. Timing twin: systemc/pipe/pipe.h.
`include "vit_assert.svh"
module vit_pipe #(
  parameter int Depth = 64,  // most entries, a power of two
  parameter int Sets  = 64   // most pending set_flags, a power of two
) (
  input  logic                        clk_i,
  input  logic                        rst_ni,
  // static
  input  logic [$clog2(Depth):0]      cfg_depth_i,  // entries
  input  logic [$clog2(Sets):0]       cfg_sets_i,   // set_flags that have started and not raised
  // from the instruction port
  output logic                        full_o,
  input  logic                        in_valid_i,
  input  logic [vit_pkg::INSTR_W-1:0] in_instr_i,
  // unit (docs/core/aic.md)
  output logic                        unit_valid_o,
  input  logic                        unit_ready_i,
  output logic [vit_pkg::INSTR_W-1:0] unit_instr_o,
  input  logic                        unit_noop_i,
  input  logic                        unit_done_i,
  input  logic                        unit_busy_i,
  input  logic                        unit_memory_i,
  input  logic [1:0]                  unit_stall_i,
  input  logic                        unit_held_i,
  // event flags: raised in this cycle, waited for at the head
  output logic                        raise_o,
  output logic [2:0]                  raise_to_o,
  output logic [2:0]                  raise_id_o,
  output logic                        wait_o,
  output logic [2:0]                  wait_from_o,
  output logic [2:0]                  wait_id_o,
  input  logic                        up_i,
  // everything that came has ended in earlier cycles
  output logic                        drained_o,
  output logic                        open_o,       // the unit has work that started earlier
  // what happens in this cycle
  output logic                        obs_start_o,  // the head starts
  output logic                        obs_noop_o,   // and is work that ends with it
  output logic [2:0]                  obs_state_o   // docs/core/aic.md, "States"
);

  localparam int CountW = 14;  // of works: more than there can be under way
  localparam int SetW   = CountW + 6;

  // ---------------------------------------------------------------- queue and head
  logic head_valid, starts, queue_ready;
  logic [$clog2(Depth):0] entries;
  vit_fifo #(
    .Width(vit_pkg::INSTR_W),
    .Depth(Depth)
  ) i_queue (
    .clk_i,
    .rst_ni,
    .in_valid_i,
    .in_ready_o (queue_ready),
    .in_data_i  (in_instr_i),
    .out_valid_o(head_valid),
    .out_ready_i(starts),
    .out_data_o (unit_instr_o),
    .count_o    (entries)
  );
  assign full_o = entries >= cfg_depth_i;

  logic [7:0] opcode;
  logic is_set, is_wait, is_barrier, is_work;
  assign opcode     = unit_instr_o[vit_pkg::OPCODE_W-1:0];
  assign is_set     = head_valid && opcode == vit_pkg::OP_SET_FLAG;
  assign is_wait    = head_valid && opcode == vit_pkg::OP_WAIT_FLAG;
  assign is_barrier = head_valid && opcode == vit_pkg::OP_PIPE_BARRIER;
  assign is_work    = head_valid && !is_set && !is_wait && !is_barrier;

  // ---------------------------------------------------------------- works, counted round and round
  logic [CountW-1:0] opened_q, closed_q;
  logic opens;
  assign unit_valid_o = is_work;
  assign opens        = is_work && unit_ready_i && !unit_noop_i;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      opened_q <= '0;
      closed_q <= '0;
    end else begin
      if (opens) opened_q <= opened_q + CountW'(1);
      if (unit_done_i) closed_q <= closed_q + CountW'(1);
    end
  end

  // ---------------------------------------------------------------- pending set_flags
  // The first raises once every work that was open when it started has ended. The number of such works
  // lies a few behind the closed ones, or ahead of them: the sign of the distance says which.
  logic set_starts, set_ready, set_valid;
  logic [$clog2(Sets):0] pending;
  logic [CountW-1:0] behind, distance;
  assign set_starts = is_set && pending < cfg_sets_i;
  vit_fifo #(
    .Width(SetW),
    .Depth(Sets)
  ) i_sets (
    .clk_i,
    .rst_ni,
    .in_valid_i (set_starts),
    .in_ready_o (set_ready),
    .in_data_i  ({opened_q, unit_instr_o[vit_pkg::SET_FLAG_TO_LSB +: 3],
                  unit_instr_o[vit_pkg::SET_FLAG_ID_LSB +: 3]}),
    .out_valid_o(set_valid),
    .out_ready_i(raise_o),
    .out_data_o ({behind, raise_to_o, raise_id_o}),
    .count_o    (pending)
  );
  assign distance = closed_q - behind;
  assign raise_o  = set_valid && !distance[CountW-1];

  // ---------------------------------------------------------------- start
  logic idle;  // all that started has ended in earlier cycles
  assign idle        = !open_o && !set_valid;
  assign wait_o      = is_wait;
  assign wait_from_o = unit_instr_o[vit_pkg::WAIT_FLAG_FROM_LSB +: 3];
  assign wait_id_o   = unit_instr_o[vit_pkg::WAIT_FLAG_ID_LSB +: 3];
  assign starts      = set_starts || (is_wait && up_i) || (is_barrier && idle) ||
                       (is_work && unit_ready_i);
  assign open_o      = opened_q != closed_q;
  assign drained_o   = !head_valid && idle;
  assign obs_start_o = starts;
  assign obs_noop_o  = is_work && unit_ready_i && unit_noop_i;

  // ---------------------------------------------------------------- state
  localparam logic [2:0] UnitFlag = 3'd0, Bank = 3'd1, Busy = 3'd2, Memory = 3'd3, Flag = 3'd4,
                         Barrier = 3'd5, Idle = 3'd7;
  always_comb begin
    obs_state_o = is_wait ? Flag : is_set || is_barrier ? Barrier : Idle;
    if (unit_memory_i || (is_work && unit_held_i)) obs_state_o = Memory;
    if (unit_busy_i || starts || (is_work && !unit_held_i)) obs_state_o = Busy;
    case (unit_stall_i)
      2'd1: obs_state_o = UnitFlag;
      2'd2: obs_state_o = Bank;
      2'd3: obs_state_o = Memory;
      default: ;
    endcase
  end

  `ASSERT(NoEntryIsLost_A, in_valid_i |-> queue_ready && !full_o)
  `ASSERT(NoSetIsLost_A, set_starts |-> set_ready)
  `ASSERT(NoMoreEndsThanStarts_A, unit_done_i |-> opened_q != closed_q)
  `ASSERT(HeldOnlyIfNotReady_A, is_work && unit_held_i |-> !unit_ready_i)

endmodule
