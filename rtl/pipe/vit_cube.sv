// SPDX-License-Identifier: Apache-2.0
//
// The cube (pipe M): one mmad after the other on L0A, L0B, BT and L0C. One tile a cycle (fp32: two
// cycles), 20 stages from a tile's issue to its result in L0C; docs/pipe/cube.md has the stage list.
// Golden twin: models/pipe/cube.h (values), systemc/pipe/cube.h (cycles).
//
// Memories answer a read in the cycle after it. A tile's accumulators are addressed AccStage after its
// issue and its results written OutStage after it, so it may be revisited after D cycles.
`include "vit_assert.svh"
module vit_cube #(
  parameter int M0       = 16,
  parameter int K0       = 16,
  parameter int N0       = 16,
  parameter int NUMERICS = 0,   // 0 dot24, 1 fused24, 2 tree
  parameter int D        = 10,
  parameter int AW       = 20,  // bits of an L0A or L0B byte address
  parameter int CW       = 22,  // of an L0C byte address
  parameter int BW       = 14,  // of a BT byte address
  parameter int NA       = M0 > 16 ? M0 / 16 : 1,  // fractal rows of A a tile covers
  parameter int GR       = M0 > 8 ? M0 / 8 : 1     // unit-flag granules a tile covers
) (
  input  logic                        clk_i,
  input  logic                        rst_ni,
  // instruction: accepted = started
  input  logic                        in_valid_i,
  output logic                        in_ready_o,
  input  logic [vit_pkg::INSTR_W-1:0] in_instr_i,
  // L0A: M0 rows of K0 lanes of 16 bits; one address a fractal row
  output logic                        l0a_ren_o,
  output logic [NA*AW-1:0]            l0a_addr_o,
  input  logic [M0*K0*16-1:0]         l0a_data_i,
  // L0B: N0 rows (n) of K0 lanes
  output logic                        l0b_ren_o,
  output logic [AW-1:0]               l0b_addr_o,
  input  logic [N0*K0*16-1:0]         l0b_data_i,
  // BT: N0 words
  output logic                        bt_ren_o,
  output logic [BW-1:0]               bt_addr_o,
  input  logic [N0*32-1:0]            bt_data_i,
  // unit flags and L0C's read port, asked at stage 0, answered in the same cycle
  output logic                        uf_check_o,
  output logic [CW-10:0]              uf_addr_o,
  output logic [GR-1:0]               uf_mask_o,
  input  logic                        uf_ok_i,
  output logic                        uf_claim_o,  // the tile goes, and will raise those asked about
  output logic                        l0c_req_o,
  input  logic                        l0c_gnt_i,
  // L0C
  output logic                        l0c_ren_o,
  output logic [CW-1:0]               l0c_raddr_o,
  input  logic [M0*N0*32-1:0]         l0c_rdata_i,
  output logic                        l0c_we_o,
  output logic [CW-1:0]               l0c_waddr_o,
  output logic [M0-1:0]               l0c_row_mask_o,
  output logic [N0-1:0]               l0c_column_mask_o,
  output logic [M0*N0*32-1:0]         l0c_wdata_o,
  // stage 20: unit flags raised, and the instruction's last slot
  output logic                        uf_set_o,
  output logic [CW-10:0]              uf_set_addr_o,
  output logic [GR-1:0]               uf_set_mask_o,
  output logic                        done_o,
  // for waveforms
  output logic [1:0]                  dbg_state_o,
  output logic [11:0]                 dbg_tile_i_o,
  output logic [11:0]                 dbg_tile_j_o,
  output logic [11:0]                 dbg_tile_l_o,
  output logic                        dbg_fire_o,
  output logic                        dbg_busy_o
);

  // Stages: operands are addressed, accumulators are addressed, results are written. The operands of
  // fused24 and tree are fetched so late that their results come out at the same stage.
  localparam int OutStage   = 20;
  localparam int Levels     = $clog2(K0);
  localparam int FetchStage = NUMERICS == 0 ? 1 : NUMERICS == 1 ? 8 : 11 - 2 * Levels;
  localparam int AccStage   = NUMERICS == 0 ? 12 : NUMERICS == 1 ? 11 : 16;

  logic fire, ends, second, last, from_l0c, from_bias, uf_set;
  logic [2:0] dtype;
  logic [1:0] hf32;
  logic [7:0] depth;
  logic [NA*AW-1:0] a_addr;
  logic [AW-1:0] b_addr;
  logic [BW-1:0] bias_addr;
  logic [CW-1:0] c_addr;
  logic [M0-1:0] row_mask;
  logic [N0-1:0] column_mask;

  vit_cube_seq #(
    .M0(M0),
    .K0(K0),
    .N0(N0),
    .D (D),
    .AW(AW),
    .CW(CW),
    .BW(BW),
    .NA(NA),
    .GR(GR)
  ) i_seq (
    .clk_i,
    .rst_ni,
    .in_valid_i,
    .in_ready_o,
    .in_instr_i,
    .uf_check_o,
    .uf_addr_o,
    .uf_mask_o,
    .uf_ok_i,
    .l0c_req_o,
    .l0c_gnt_i,
    .fire_o       (fire),
    .ends_o       (ends),
    .second_o     (second),
    .last_o       (last),
    .dtype_o      (dtype),
    .hf32_o       (hf32),
    .depth_o      (depth),
    .a_addr_o     (a_addr),
    .b_addr_o     (b_addr),
    .bias_addr_o  (bias_addr),
    .c_addr_o     (c_addr),
    .row_mask_o   (row_mask),
    .column_mask_o(column_mask),
    .from_l0c_o   (from_l0c),
    .from_bias_o  (from_bias),
    .uf_set_o     (uf_set),
    .state_o      (dbg_state_o),
    .tile_i_o     (dbg_tile_i_o),
    .tile_j_o     (dbg_tile_j_o),
    .tile_l_o     (dbg_tile_l_o)
  );

  // ---------------------------------------------------------------- control
  // Bit s: a tile's first (or only) slot, its last (or only) slot, an instruction's last slot is at
  // stage s.
  logic [OutStage:1] first_q, ends_q, done_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      first_q <= '0;
      ends_q  <= '0;
      done_q  <= '0;
    end else begin
      first_q <= {first_q[OutStage-1:1], fire};
      ends_q  <= {ends_q[OutStage-1:1], ends};
      done_q  <= {done_q[OutStage-1:1], last};
    end
  end

  // What a slot's tile needs further down stands in rings, written at stage 0 and read when the slot
  // passes the stage that uses it.
  logic [4:0] place_q;  // of this cycle's slot
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) place_q <= '0;
    else place_q <= place_q + 5'd1;
  end
  logic issues;
  assign issues = fire || second;

  // ---------------------------------------------------------------- operands
  // Rows of A beyond m are fetched all the same; their results are not written.
  logic [NA*AW+AW-1:0] fetch_q [0:31];
  logic [12:0] operand_q [0:31];
  always_ff @(posedge clk_i) if (issues) fetch_q[place_q] <= {a_addr, b_addr};
  always_ff @(posedge clk_i) if (issues) operand_q[place_q] <= {dtype, hf32, depth};
  logic [2:0] operand_dtype;
  logic [1:0] operand_hf32;
  logic [7:0] operand_depth;
  assign {l0a_addr_o, l0b_addr_o} = fetch_q[place_q - 5'(FetchStage)];
  assign {operand_dtype, operand_hf32, operand_depth} = operand_q[place_q - 5'(FetchStage + 1)];
  assign l0a_ren_o = first_q[FetchStage];
  assign l0b_ren_o = first_q[FetchStage];

  // ---------------------------------------------------------------- accumulators
  // Addressed at a fixed distance from the grant, which belongs to the first slot. Only fused24 cannot
  // wait for an fp32 tile's sum that long, and takes them with the last.
  logic [1:0] source_q [0:31];
  logic [CW-1:0] c_addr_q [0:31];
  logic [BW-1:0] bias_addr_q [0:31];
  always_ff @(posedge clk_i) if (issues) source_q[place_q] <= {from_l0c, from_bias};
  always_ff @(posedge clk_i) if (issues) c_addr_q[place_q] <= c_addr;
  always_ff @(posedge clk_i) if (issues) bias_addr_q[place_q] <= bias_addr;
  logic acc_addressed, acc_captured_q, addressed_l0c, addressed_bias, from_l0c_q, from_bias_q;
  assign acc_addressed = NUMERICS == 1 ? ends_q[AccStage] : first_q[AccStage];
  assign {addressed_l0c, addressed_bias} = source_q[place_q - 5'(AccStage)];
  assign l0c_ren_o   = acc_addressed && addressed_l0c;
  assign l0c_raddr_o = c_addr_q[place_q - 5'(AccStage)];
  assign bt_ren_o    = acc_addressed && addressed_bias;
  assign bt_addr_o   = bias_addr_q[place_q - 5'(AccStage)];
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      acc_captured_q <= 1'b0;
      from_l0c_q   <= 1'b0;
      from_bias_q  <= 1'b0;
    end else begin
      acc_captured_q <= acc_addressed;
      from_l0c_q   <= addressed_l0c;
      from_bias_q  <= addressed_bias;
    end
  end

  // ---------------------------------------------------------------- datapath
  logic out_valid;
  vit_cube_array #(
    .M0      (M0),
    .K0      (K0),
    .N0      (N0),
    .NUMERICS(NUMERICS)
  ) i_array (
    .clk_i,
    .rst_ni,
    .in_first_i     (first_q[FetchStage+1]),
    .in_last_i      (ends_q[FetchStage+1]),
    .in_dtype_i     (operand_dtype),
    .in_hf32_i      (operand_hf32),
    .in_depth_i     (operand_depth),
    .in_a_i         (l0a_data_i),
    .in_b_i         (l0b_data_i),
    .acc_valid_i    (acc_captured_q),
    .acc_from_l0c_i (from_l0c_q),
    .acc_from_bias_i(from_bias_q),
    .acc_l0c_i      (l0c_rdata_i),
    .acc_bias_i     (bt_data_i),
    .out_valid_o    (out_valid),
    .out_word_o     (l0c_wdata_o)
  );

  // ---------------------------------------------------------------- results
  logic [M0+N0-1:0] mask_q [0:31];
  logic [GR:0] flag_q [0:31];
  always_ff @(posedge clk_i) if (issues) mask_q[place_q] <= {row_mask, column_mask};
  always_ff @(posedge clk_i) if (issues) flag_q[place_q] <= {uf_set, uf_mask_o};
  logic raises;
  assign l0c_we_o = out_valid;
  assign l0c_waddr_o = c_addr_q[place_q - 5'(OutStage)];
  assign {l0c_row_mask_o, l0c_column_mask_o} = mask_q[place_q - 5'(OutStage)];
  assign {raises, uf_set_mask_o} = flag_q[place_q - 5'(OutStage)];
  assign uf_set_o = ends_q[OutStage] && raises;
  assign uf_set_addr_o = l0c_waddr_o[CW-1:9];
  assign done_o = done_q[OutStage];

  assign uf_claim_o = fire && uf_set;

  assign dbg_fire_o = fire;
  assign dbg_busy_o = !in_ready_o || ends_q != '0 || done_q != '0;

  `ASSERT(ResultComesWithItsRecord_A, out_valid == ends_q[OutStage])
  `ASSERT(NoReadOfASumInFlight_A, D > OutStage - AccStage)
  `ASSERT(GrantIsForAReader_A, l0c_ren_o |-> acc_addressed)

endmodule
