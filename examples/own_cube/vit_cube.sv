// SPDX-License-Identifier: Apache-2.0
//
// A cube of one's own in the place of rtl/pipe/vit_cube.sv: the same ports, parameters and values, other
// cycles. What is different:
//
// * Addresses of L0A and L0B leave a cycle later, and what the memories answer is registered once more on its
//   way into the array. Every stage behind the issue slot is two cycles later: results are written, unit flags
//   raised and instructions done at stage 22, not 20.
// * L0C is read two cycles later as well, so that an output tile may be revisited after D cycles as before.
// * What a tile needs further down is one record in a shift register.
//
// The sequencer and the array are those of rtl/: modules that are not in this folder are taken from there.
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

  localparam int Late       = 2;
  localparam int OutStage   = 20 + Late;  // results are written
  localparam int AccStage   = (NUMERICS == 0 ? 12 : NUMERICS == 1 ? 11 : 16) + Late;  // L0C is addressed
  localparam int FetchStage = (NUMERICS == 0 ? 1 : NUMERICS == 1 ? 8 : 11 - 2 * $clog2(K0)) + 1;
  localparam int EnterStage = FetchStage + 2;  // operands enter the array

  // What a slot carries from its issue to its result.
  typedef struct packed {
    logic             fire;   // a tile's first (or only) slot
    logic             ends;   // its last (or only) slot
    logic             last;   // the instruction's last slot
    logic [2:0]       dtype;
    logic [1:0]       hf32;
    logic [7:0]       depth;
    logic [NA*AW-1:0] a_addr;
    logic [AW-1:0]    b_addr;
    logic             from_l0c;
    logic             from_bias;
    logic [BW-1:0]    bias_addr;
    logic [CW-1:0]    c_addr;
    logic [M0-1:0]    row_mask;
    logic [N0-1:0]    column_mask;
    logic             uf_set;
    logic [GR-1:0]    uf_mask;
  } slot_t;

  slot_t tile, issued;              // the sequencer's, zero where it issues nothing
  slot_t [OutStage:1] at_q;         // at_q[s] is at stage s
  logic second;
  assign issued = tile.fire || second || tile.last ? tile : '0;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) at_q <= '0;
    else at_q <= {at_q[OutStage-1:1], issued};
  end

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
    .fire_o       (tile.fire),
    .ends_o       (tile.ends),
    .second_o     (second),
    .last_o       (tile.last),
    .dtype_o      (tile.dtype),
    .hf32_o       (tile.hf32),
    .depth_o      (tile.depth),
    .a_addr_o     (tile.a_addr),
    .b_addr_o     (tile.b_addr),
    .bias_addr_o  (tile.bias_addr),
    .c_addr_o     (tile.c_addr),
    .row_mask_o   (tile.row_mask),
    .column_mask_o(tile.column_mask),
    .from_l0c_o   (tile.from_l0c),
    .from_bias_o  (tile.from_bias),
    .uf_set_o     (tile.uf_set),
    .state_o      (dbg_state_o),
    .tile_i_o     (dbg_tile_i_o),
    .tile_j_o     (dbg_tile_j_o),
    .tile_l_o     (dbg_tile_l_o)
  );

  assign tile.uf_mask = uf_mask_o;

  // Operands: addressed, answered a cycle later, registered, into the array.
  logic [M0*K0*16-1:0] a_q;
  logic [N0*K0*16-1:0] b_q;
  assign l0a_ren_o  = at_q[FetchStage].fire;
  assign l0b_ren_o  = at_q[FetchStage].fire;
  assign l0a_addr_o = at_q[FetchStage].a_addr;
  assign l0b_addr_o = at_q[FetchStage].b_addr;
  always_ff @(posedge clk_i) if (at_q[FetchStage+1].fire) {a_q, b_q} <= {l0a_data_i, l0b_data_i};

  // Accumulators: fused24 takes an fp32 tile's with its second slot, the others with its first.
  logic acc_addressed, acc_answered;
  assign acc_addressed = NUMERICS == 1 ? at_q[AccStage].ends : at_q[AccStage].fire;
  assign acc_answered  = NUMERICS == 1 ? at_q[AccStage+1].ends : at_q[AccStage+1].fire;
  assign l0c_ren_o   = acc_addressed && at_q[AccStage].from_l0c;
  assign l0c_raddr_o = at_q[AccStage].c_addr;
  assign bt_ren_o    = acc_addressed && at_q[AccStage].from_bias;
  assign bt_addr_o   = at_q[AccStage].bias_addr;

  vit_cube_array #(
    .M0      (M0),
    .K0      (K0),
    .N0      (N0),
    .NUMERICS(NUMERICS)
  ) i_array (
    .clk_i,
    .rst_ni,
    .in_first_i     (at_q[EnterStage].fire),
    .in_last_i      (at_q[EnterStage].ends),
    .in_dtype_i     (at_q[EnterStage].dtype),
    .in_hf32_i      (at_q[EnterStage].hf32),
    .in_depth_i     (at_q[EnterStage].depth),
    .in_a_i         (a_q),
    .in_b_i         (b_q),
    .acc_valid_i    (acc_answered),
    .acc_from_l0c_i (at_q[AccStage+1].from_l0c),
    .acc_from_bias_i(at_q[AccStage+1].from_bias),
    .acc_l0c_i      (l0c_rdata_i),
    .acc_bias_i     (bt_data_i),
    .out_valid_o    (l0c_we_o),
    .out_word_o     (l0c_wdata_o)
  );

  // Results.
  assign l0c_waddr_o       = at_q[OutStage].c_addr;
  assign l0c_row_mask_o    = at_q[OutStage].row_mask;
  assign l0c_column_mask_o = at_q[OutStage].column_mask;
  assign uf_claim_o        = tile.fire && tile.uf_set;
  assign uf_set_o          = at_q[OutStage].ends && at_q[OutStage].uf_set;
  assign uf_set_addr_o     = l0c_waddr_o[CW-1:9];
  assign uf_set_mask_o     = at_q[OutStage].uf_mask;
  assign done_o            = at_q[OutStage].last;

  assign dbg_fire_o = tile.fire;
  assign dbg_busy_o = !in_ready_o || at_q != '0;

  `ASSERT(ResultComesWithItsRecord_A, l0c_we_o == at_q[OutStage].ends)
  `ASSERT(NoReadOfASumInFlight_A, D > OutStage - AccStage)

endmodule
