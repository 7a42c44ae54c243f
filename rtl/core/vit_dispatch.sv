// SPDX-License-Identifier: Apache-2.0
//
// The core's instruction port and pipe S (docs/timing.md, D1 to D6): takes instructions in order, at most
// one a cycle, does those of S and deals the others to their queues. Values a program asked for leave
// through the response port. Timing twin: systemc/core/dispatch.h.
//
// Queues are numbered M 0, MTE1 1, MTE2 2, MTE3 3, FIX 4.
`include "vit_assert.svh"
module vit_dispatch (
  input  logic                        clk_i,
  input  logic                        rst_ni,
  // static
  input  logic [8:0]                  cfg_rate_i,        // GM, bytes a cycle
  input  logic [3:0]                  cfg_grain_log2_i,  // GM, the grain of a read
  // instructions
  input  logic                        in_valid_i,
  output logic                        in_ready_o,
  input  logic [vit_pkg::INSTR_W-1:0] in_instr_i,
  // response: the value of a load_scalar
  output logic                        resp_valid_o,
  output logic [63:0]                 resp_data_o,
  // queues
  output logic [4:0]                  push_o,
  input  logic [4:0]                  full_i,
  input  logic [4:0]                  drained_i,
  // event flags of S itself
  output logic                        raise_o,
  output logic [2:0]                  raise_to_o,
  output logic [2:0]                  raise_id_o,
  output logic                        wait_o,
  output logic [2:0]                  wait_from_o,
  output logic [2:0]                  wait_id_o,
  input  logic                        up_i,
  // GM
  output logic                        gm_valid_o,
  input  logic                        gm_ready_i,
  output logic [47:0]                 gm_addr_o,
  output logic [9:0]                  gm_size_o,
  input  logic                        gm_resp_valid_i,
  input  logic [2047:0]               gm_resp_data_i,
  // what happens in this cycle
  output logic                        obs_issue_o,  // an instruction is accepted
  output logic                        obs_start_o,  // an instruction of S starts
  output logic                        obs_end_o,    // one that is no set_flag ends
  output logic [2:0]                  obs_state_o
);

  localparam logic [2:0] Busy = 3'd2, Memory = 3'd3, Flag = 3'd4, Barrier = 3'd5, QueueFull = 3'd6,
                         Idle = 3'd7;

  // What S is at: nothing, scalar work, a wait_flag, a pipe_barrier ALL, a load_scalar.
  localparam logic [2:0] Free = 3'd0, Working = 3'd1, Waiting = 3'd2, Draining = 3'd3, Loading = 3'd4;
  logic [2:0]  at_q, at_d;
  logic [15:0] left_q;  // cycles of scalar work
  logic [2:0]  from_q, id_q;

  // ---------------------------------------------------------------- the instruction at the port
  logic [7:0] opcode;
  logic [2:0] pipe;
  logic [4:0] queue;  // it goes to
  logic for_s;
  assign opcode = in_instr_i[vit_pkg::OPCODE_W-1:0];
  assign pipe   = vit_pkg::pipe_of(in_instr_i[13:0]);
  assign queue  = {pipe == vit_pkg::PIPE_FIX, pipe == vit_pkg::PIPE_MTE3, pipe == vit_pkg::PIPE_MTE2,
                   pipe == vit_pkg::PIPE_MTE1, pipe == vit_pkg::PIPE_M};
  assign for_s  = queue == '0;

  logic room;
  assign room        = (queue & full_i) == '0;
  assign in_ready_o  = at_q == Free && room;
  assign obs_issue_o = in_valid_i && in_ready_o;
  assign push_o      = obs_issue_o ? queue : 5'b0;

  // ---------------------------------------------------------------- S's own
  logic takes, is_scalar, is_set, is_wait, is_load, is_all;
  assign takes     = obs_issue_o && for_s;
  assign is_scalar = takes && opcode == vit_pkg::OP_SCALAR;
  assign is_set    = takes && opcode == vit_pkg::OP_SET_FLAG;
  assign is_wait   = takes && opcode == vit_pkg::OP_WAIT_FLAG;
  assign is_load   = takes && opcode == vit_pkg::OP_LOAD_SCALAR;
  assign is_all    = takes && opcode == vit_pkg::OP_PIPE_BARRIER;

  // A set_flag raises in the cycle after its start, and has ended the cycle after that.
  logic set_q;
  logic [2:0] set_to_q, set_id_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) set_q <= 1'b0;
    else set_q <= is_set;
  end
  always_ff @(posedge clk_i) begin
    if (is_set) begin
      set_to_q <= in_instr_i[vit_pkg::SET_FLAG_TO_LSB +: 3];
      set_id_q <= in_instr_i[vit_pkg::SET_FLAG_ID_LSB +: 3];
    end
  end
  assign raise_o    = set_q;
  assign raise_to_o = set_to_q;
  assign raise_id_o = set_id_q;

  assign wait_o      = is_wait || at_q == Waiting;
  assign wait_from_o = at_q == Waiting ? from_q : in_instr_i[vit_pkg::WAIT_FLAG_FROM_LSB +: 3];
  assign wait_id_o   = at_q == Waiting ? id_q : in_instr_i[vit_pkg::WAIT_FLAG_ID_LSB +: 3];

  logic drains, drained;
  assign drains  = is_all || at_q == Draining;
  assign drained = drained_i == '1 && !set_q;

  always_comb begin
    at_d = at_q;
    case (at_q)
      Free: begin
        if (is_scalar && cost != 16'd1) at_d = Working;
        if (is_wait && !up_i) at_d = Waiting;
        if (is_all && !drained) at_d = Draining;
        if (is_load) at_d = Loading;
      end
      Working:  if (left_q == 16'd1) at_d = Free;
      Waiting:  if (up_i) at_d = Free;
      Draining: if (drained) at_d = Free;
      Loading:  if (gm_resp_valid_i) at_d = Free;
      default:  at_d = Free;
    endcase
  end

  logic [15:0] cost;
  assign cost = in_instr_i[vit_pkg::SCALAR_COST_LSB +: 16];
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) at_q <= Free;
    else at_q <= at_d;
  end
  always_ff @(posedge clk_i) begin
    if (is_scalar) left_q <= cost - 16'd1;
    else if (at_q == Working) left_q <= left_q - 16'd1;
    if (is_wait) begin
      from_q <= wait_from_o;
      id_q   <= wait_id_o;
    end
  end

  // ---------------------------------------------------------------- load_scalar
  logic        load_q, load_ready;
  logic [47:0] src_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) load_q <= 1'b0;
    else load_q <= is_load;
  end
  always_ff @(posedge clk_i) if (is_load) src_q <= in_instr_i[vit_pkg::LOAD_SCALAR_SRC_LSB +: 48];

  logic       tag_unused, last_unused, beat_tag_unused;
  logic [8:0] size_unused;
  logic [7:0] offset_unused;
  logic [8:0] skip_unused;
  vit_gm_read_port #(
    .Outstanding(2)
  ) i_gm (
    .clk_i,
    .rst_ni,
    .cfg_rate_i,
    .cfg_grain_log2_i,
    .cfg_outstanding_i(9'd2),
    .in_valid_i       (load_q),
    .in_ready_o       (load_ready),
    .in_first_i       (1'b1),
    .in_addr_i        (src_q),
    .in_size_i        (10'd8),
    .in_tag_i         (1'b0),
    .gm_valid_o,
    .gm_ready_i,
    .gm_addr_o,
    .gm_size_o,
    .gm_tag_o         (tag_unused),
    .resp_valid_i     (gm_resp_valid_i),
    .beat_offset_o    (offset_unused),
    .beat_size_o      (size_unused),
    .beat_skip_o      (skip_unused),
    .beat_last_o      (last_unused),
    .beat_tag_o       (beat_tag_unused)
  );
  assign resp_valid_o = gm_resp_valid_i;
  assign resp_data_o  = gm_resp_data_i[{src_q[7:3], 6'b0} +: 64];

  // ---------------------------------------------------------------- what is seen of it
  logic waited, drains_now;
  assign waited      = wait_o && up_i;
  assign drains_now  = drains && drained;
  assign obs_start_o = (takes && !is_wait) || waited;
  assign obs_end_o   = waited || drains_now || (is_scalar && cost == 16'd1) ||
                       (at_q == Working && left_q == 16'd1) || gm_resp_valid_i;
  always_comb begin
    obs_state_o = Idle;
    if (at_q == Loading) obs_state_o = Memory;
    if (wait_o) obs_state_o = Flag;
    if (drains) obs_state_o = Barrier;
    if (in_valid_i && at_q == Free && !room) obs_state_o = QueueFull;
    if ((obs_issue_o && !wait_o && !drains) || at_q == Working || waited || drains_now) begin
      obs_state_o = Busy;
    end
  end

  `ASSERT(InstructionHeldUntilTaken_A,
          in_valid_i && !in_ready_o |=> in_valid_i && $stable(in_instr_i))
  `ASSERT(OnlyKnownInstructions_A,
          takes |-> is_scalar || is_set || is_wait || is_load || is_all)
  `ASSERT(DataOnlyForALoad_A, gm_resp_valid_i |-> at_q == Loading)
  `ASSERT(PortIsFreeForALoad_A, load_q |-> load_ready)
  `ASSERT(ScalarWorkTakesTime_A, is_scalar |-> cost != '0)

endmodule
