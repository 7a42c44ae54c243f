// SPDX-License-Identifier: Apache-2.0
//
// Instructions of MTE1 between their start and their first beat. Each leaves a fixed time after it came:
// it is shown for preparation (`early`) 33 cycles before the first beat is written, and again, for good
// (`load`), ten cycles later. What enters in a cycle can be shown in the next, so latency is at least 34.
`include "vit_assert.svh"
module vit_mte1_queue #(
  parameter int Depth = 64  // a power of two
) (
  input  logic                        clk_i,
  input  logic                        rst_ni,
  // static
  input  logic [7:0]                  cfg_latency_i,
  // an instruction starts
  output logic                        room_o,
  input  logic                        start_i,
  input  logic [vit_pkg::INSTR_W-1:0] instr_i,
  // shown
  output logic                        early_o,
  output logic [vit_pkg::INSTR_W-1:0] early_instr_o,
  output logic                        load_o,
  output logic [vit_pkg::INSTR_W-1:0] load_instr_o
);

  localparam int PlaceW    = $clog2(Depth);
  localparam int EarlyLead = 33;  // of the first write
  localparam int LoadLead  = 23;

  logic [vit_pkg::INSTR_W-1:0] instr_q [0:Depth-1];
  logic [7:0]                  due_q   [0:Depth-1];  // when it is shown early
  logic [PlaceW:0]             tail_q, early_q, load_q;  // one bit more than a place: full is not empty
  logic [7:0]                  now_q;                // counts cycles, and on from 255 to 0
  logic [EarlyLead-LoadLead-1:0] shown_q;            // the cycles since the last ones were shown early

  assign early_o       = tail_q != early_q && due_q[early_q[PlaceW-1:0]] == now_q;
  assign early_instr_o = instr_q[early_q[PlaceW-1:0]];
  assign load_o        = shown_q[EarlyLead-LoadLead-1];
  assign load_instr_o  = instr_q[load_q[PlaceW-1:0]];
  assign room_o        = tail_q - load_q != (PlaceW+1)'(Depth);

  always_ff @(posedge clk_i) begin
    if (start_i) begin
      instr_q[tail_q[PlaceW-1:0]] <= instr_i;
      due_q[tail_q[PlaceW-1:0]]   <= now_q + cfg_latency_i - 8'(EarlyLead);
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      tail_q  <= '0;
      early_q <= '0;
      load_q  <= '0;
      now_q   <= '0;
      shown_q <= '0;
    end else begin
      now_q   <= now_q + 8'd1;
      shown_q <= {shown_q[EarlyLead-LoadLead-2:0], early_o};
      if (start_i) tail_q <= tail_q + (PlaceW+1)'(1);
      if (early_o) early_q <= early_q + (PlaceW+1)'(1);
      if (load_o) load_q <= load_q + (PlaceW+1)'(1);
    end
  end

  `ASSERT(LatencyIsInRange_A, start_i |-> cfg_latency_i >= 8'd34 && cfg_latency_i <= 8'd128)
  `ASSERT(StartsOnlyWithRoom_A, start_i |-> room_o)
  `ASSERT(LoadsOnlyWhatIsThere_A, load_o |-> load_q != early_q)

endmodule
