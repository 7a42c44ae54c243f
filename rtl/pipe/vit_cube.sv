// SPDX-License-Identifier: Apache-2.0
//
// The cube (pipe M): one mmad after the other on L0A, L0B, BT and L0C. One tile a cycle (fp32: two
// cycles), 20 stages from a tile's issue to its result in L0C; docs/pipe/cube.md has the stage list.
// Golden twin: models/pipe/cube.h (values), systemc/pipe/cube.h (cycles).
//
// Memories answer a read in the cycle after it. Accumulators are read at stage 12 and written at 20
// (fused24: 5 and 14), so a tile may be revisited after D cycles.
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

  // Stage at which a tile's accumulators are addressed (they arrive one later), its result is written,
  // and its instruction is done.
  localparam int AccStage  = NUMERICS == 1 ? 5 : 12;
  localparam int OutStage  = NUMERICS == 1 ? 14 : 20;
  localparam int DoneStage = 20;

  logic fire, second, last, from_l0c, from_bias, uf_set;
  logic [1:0] dtype;
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
    .second_o     (second),
    .last_o       (last),
    .dtype_o      (dtype),
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
  // An fp32 tile's result belongs to its second half, so its walk down the stages starts there.
  logic tile_ends;
  assign tile_ends = dtype == vit_pkg::DATATYPE_F32[1:0] ? second : fire;

  logic [DoneStage:1] ends_q, last_q;  // bit s: a tile, an instruction's last slot, is at stage s
  logic [2:1]         first_q;
  logic [2*2-1:0]     dtype_q;
  logic [2*8-1:0]     depth_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      ends_q  <= '0;
      last_q  <= '0;
      first_q <= '0;
      dtype_q <= '0;
      depth_q <= '0;
    end else begin
      ends_q  <= {ends_q[DoneStage-1:1], tile_ends};
      last_q  <= {last_q[DoneStage-1:1], last};
      first_q <= {first_q[1], fire};
      dtype_q <= {dtype_q[1:0], dtype};
      depth_q <= {depth_q[7:0], depth};
    end
  end

  // What a tile carries to the stages that access L0C, BT and the unit flags.
  localparam int ColumnLsb = GR;
  localparam int RowLsb    = ColumnLsb + N0;
  localparam int AddrLsb   = RowLsb + M0;
  localparam int BiasLsb   = AddrLsb + CW;
  localparam int FromBias  = BiasLsb + BW;
  localparam int FromL0c   = FromBias + 1;
  localparam int UfSet     = FromL0c + 1;
  localparam int ControlW  = UfSet + 1;
  logic [ControlW-1:0] control [0:DoneStage];
  assign control[0] = {uf_set, from_l0c, from_bias, bias_addr, c_addr, row_mask, column_mask, uf_mask_o};
  for (genvar s = 1; s <= DoneStage; s++) begin : gen_control
    logic enters;
    logic [ControlW-1:0] control_q;
    if (s == 1) begin : gen_first
      assign enters = tile_ends;
    end else begin : gen_rest
      assign enters = ends_q[s-1];
    end
    always_ff @(posedge clk_i) if (enters) control_q <= control[s-1];
    assign control[s] = control_q;
  end

  // ---------------------------------------------------------------- operands, stage 1
  logic             read_q;
  logic [NA*AW-1:0] a_addr_q;
  logic [AW-1:0]    b_addr_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) read_q <= 1'b0;
    else         read_q <= fire;
  end
  always_ff @(posedge clk_i) begin
    if (fire) begin
      a_addr_q <= a_addr;
      b_addr_q <= b_addr;
    end
  end
  assign l0a_ren_o  = read_q;
  assign l0a_addr_o = a_addr_q;
  assign l0b_ren_o  = read_q;
  assign l0b_addr_o = b_addr_q;

  // ---------------------------------------------------------------- accumulators
  assign l0c_ren_o   = ends_q[AccStage] && control[AccStage][FromL0c];
  assign l0c_raddr_o = control[AccStage][AddrLsb +: CW];
  assign bt_ren_o    = ends_q[AccStage] && control[AccStage][FromBias];
  assign bt_addr_o   = control[AccStage][BiasLsb +: BW];

  logic [M0*N0*32-1:0] acc;
  always_comb begin
    acc = '0;
    if (control[AccStage+1][FromL0c]) acc = l0c_rdata_i;
    else if (control[AccStage+1][FromBias]) acc = {M0{bt_data_i}};
  end

  // ---------------------------------------------------------------- stages 2 to 19
  logic out_valid;
  vit_cube_array #(
    .M0      (M0),
    .K0      (K0),
    .N0      (N0),
    .NUMERICS(NUMERICS)
  ) i_array (
    .clk_i,
    .rst_ni,
    .in_first_i (first_q[2]),
    .in_last_i  (ends_q[2]),
    .in_dtype_i (dtype_q[3:2]),
    .in_depth_i (depth_q[15:8]),
    .in_a_i     (l0a_data_i),
    .in_b_i     (l0b_data_i),
    .acc_valid_i(ends_q[AccStage+1]),
    .acc_i      (acc),
    .out_valid_o(out_valid),
    .out_word_o (l0c_wdata_o)
  );

  // ---------------------------------------------------------------- results
  assign l0c_we_o          = out_valid;
  assign l0c_waddr_o       = control[OutStage][AddrLsb +: CW];
  assign l0c_row_mask_o    = control[OutStage][RowLsb +: M0];
  assign l0c_column_mask_o = control[OutStage][ColumnLsb +: N0];
  assign uf_set_o          = ends_q[DoneStage] && control[DoneStage][UfSet];
  assign uf_set_addr_o     = control[DoneStage][AddrLsb + 9 +: CW - 9];
  assign uf_set_mask_o     = control[DoneStage][GR-1:0];
  assign done_o            = last_q[DoneStage];

  assign dbg_fire_o = fire;
  assign dbg_busy_o = !in_ready_o || ends_q != '0 || last_q != '0;

  `ASSERT(ResultComesWhenItsControlDoes_A, out_valid == ends_q[OutStage])
  `ASSERT(NoReadOfASumInFlight_A, D > OutStage - AccStage)
  `ASSERT(FlagsAreRaisedAfterTheWrite_A, OutStage <= DoneStage)

endmodule
