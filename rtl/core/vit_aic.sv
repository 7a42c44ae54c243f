// SPDX-License-Identifier: Apache-2.0
//
// The cube core: one instruction port, S, five queues with their units, the memories between them, and a port
// to GM for each mover. docs/core/aic.md has the picture and every port, docs/timing.md every cycle.
// Golden twins: models/core/core.h (values), systemc/core/core.h (cycles).
//
// Nets marked public are the beats on the ports of the memories: a bench reads them, nothing drives them.
`include "vit_assert.svh"
module vit_aic #(
  parameter int M0        = 16,
  parameter int K0        = 16,
  parameter int N0        = 16,
  parameter int NUMERICS  = 0,       // 0 dot24, 1 fused24, 2 tree
  parameter int D         = 10,
  parameter int L1_BYTES  = 524288,
  parameter int L0A_BYTES = 65536,
  parameter int L0B_BYTES = 65536,
  parameter int L0C_BYTES = 131072,
  parameter int BT_BYTES  = 1024,
  parameter int FB_BYTES  = 7168,
  parameter int L0A_RATE  = 256,
  parameter int L0B_RATE  = 128,
  parameter int W_RATE    = 128,
  parameter int QUEUE     = 32,      // deepest queue, a power of two
  parameter int SETS      = 64       // most pending set_flags of one
) (
  input  logic                        clk_i,
  input  logic                        rst_ni,
  // static: the chip file's numbers. Depths of M, MTE1, MTE2, MTE3, FIX
  input  logic [5*($clog2(QUEUE)+1)-1:0] cfg_depth_i,
  input  logic [$clog2(SETS):0]       cfg_pending_sets_i,
  input  logic [12:0]                 cfg_mte1_setup_i,
  input  logic [12:0]                 cfg_mte1_load_tail_i,
  input  logic [7:0]                  cfg_mte1_latency_i,
  input  logic [12:0]                 cfg_mte2_setup_i,
  input  logic [12:0]                 cfg_mte2_request_i,
  input  logic [12:0]                 cfg_mte2_in_flight_i,
  input  logic [8:0]                  cfg_mte2_outstanding_i,
  input  logic [12:0]                 cfg_mte3_setup_i,
  input  logic [12:0]                 cfg_mte3_latency_i,
  input  logic [12:0]                 cfg_mte3_in_flight_i,
  input  logic [12:0]                 cfg_fix_setup_i,
  input  logic [12:0]                 cfg_fix_latency_i,
  input  logic [12:0]                 cfg_fix_fb_tail_i,
  input  logic [12:0]                 cfg_fix_patience_i,
  input  logic [8:0]                  cfg_gm_read_rate_i,
  input  logic [3:0]                  cfg_gm_read_grain_log2_i,
  // instructions, and the values they ask for
  input  logic                        in_valid_i,
  output logic                        in_ready_o,
  input  logic [vit_pkg::INSTR_W-1:0] in_instr_i,
  output logic                        resp_valid_o,
  output logic [63:0]                 resp_data_o,
  // GM: MTE2 and S read
  output logic                        gm_rd_valid_o,
  input  logic                        gm_rd_ready_i,
  output logic [47:0]                 gm_rd_addr_o,
  output logic [9:0]                  gm_rd_size_o,
  input  logic                        gm_rd_resp_valid_i,
  input  logic [2047:0]               gm_rd_resp_data_i,
  output logic                        gm_rs_valid_o,
  input  logic                        gm_rs_ready_i,
  output logic [47:0]                 gm_rs_addr_o,
  output logic [9:0]                  gm_rs_size_o,
  input  logic                        gm_rs_resp_valid_i,
  input  logic [2047:0]               gm_rs_resp_data_i,
  // GM: FIX and MTE3 write
  output logic                        gm_wf_valid_o,
  input  logic                        gm_wf_ready_i,
  output logic                        gm_wf_last_o,
  output logic [95:0]                 gm_wf_addr_o,
  output logic [13:0]                 gm_wf_size_o,
  output logic [1023:0]               gm_wf_data_o,
  input  logic                        gm_wf_ack_i,
  output logic                        gm_w3_valid_o,
  input  logic                        gm_w3_ready_i,
  output logic                        gm_w3_last_o,
  output logic [47:0]                 gm_w3_addr_o,
  output logic [8:0]                  gm_w3_size_o,
  output logic [W_RATE*8-1:0]         gm_w3_data_o,
  input  logic                        gm_w3_ack_i,
  // what happens in this cycle, for each of S, M, MTE1, MTE2, MTE3, FIX
  output logic [17:0]                 obs_state_o,
  output logic [5:0]                  obs_start_o,
  output logic [5:0]                  obs_noop_o,   // what starts is work that ends with it; S: accepts one
  output logic [5:0]                  obs_end_o,    // the oldest work under way ends; S: one of its own
  output logic [5:0]                  obs_raise_o,  // the oldest pending set_flag raises its event
  output logic [5:0]                  obs_error_o   // that is up
);

  // Widths of row addresses.
  localparam int LW = $clog2(L1_BYTES / 32);
  localparam int AW = $clog2(L0A_BYTES / 32);
  localparam int BW = $clog2(L0B_BYTES / 32);
  localparam int TW = $clog2(BT_BYTES / 32);
  localparam int FW = $clog2(FB_BYTES / 32);
  localparam int CW = $clog2(L0C_BYTES / 64);
  localparam int UW = $clog2(L0C_BYTES / 512);  // of a granule
  localparam int L0_BYTES = L0A_BYTES > L0B_BYTES ? L0A_BYTES : L0B_BYTES;
  localparam int WW = $clog2((L1_BYTES > L0_BYTES ? L1_BYTES : L0_BYTES) / 32);  // MTE2 writes
  // The cube's byte addresses, fractal rows and unit flags of a tile.
  localparam int ByteW0 = 20, ByteWC = 22, ByteWT = 14;
  localparam int Parts = M0 > 16 ? M0 / 16 : 1;
  localparam int Granules = M0 > 8 ? M0 / 8 : 1;
  localparam int DepthW = $clog2(QUEUE) + 1;

  // ---------------------------------------------------------------- S and the queues
  // Queues and units: M 0, MTE1 1, MTE2 2, MTE3 3, FIX 4; with S in front in the vectors of six.
  localparam int M = 0, MTE1 = 1, MTE2 = 2, MTE3 = 3, FIX = 4;
  logic [4:0] push, full, drained, open;
  logic [4:0] unit_valid, unit_ready, unit_noop, unit_done, unit_busy, unit_memory, unit_held;
  logic [9:0] unit_stall;
  logic [vit_pkg::INSTR_W-1:0] unit_instr [0:4];
  logic [5:0] raise, waits, up;
  logic [17:0] raise_to, raise_id, wait_from, wait_id;
  assign obs_raise_o = raise;

  vit_dispatch i_dispatch (
    .clk_i,
    .rst_ni,
    .cfg_rate_i     (cfg_gm_read_rate_i),
    .cfg_grain_log2_i(cfg_gm_read_grain_log2_i),
    .in_valid_i,
    .in_ready_o,
    .in_instr_i,
    .resp_valid_o,
    .resp_data_o,
    .push_o         (push),
    .full_i         (full),
    .drained_i      (drained),
    .raise_o        (raise[0]),
    .raise_to_o     (raise_to[2:0]),
    .raise_id_o     (raise_id[2:0]),
    .wait_o         (waits[0]),
    .wait_from_o    (wait_from[2:0]),
    .wait_id_o      (wait_id[2:0]),
    .up_i           (up[0]),
    .gm_valid_o     (gm_rs_valid_o),
    .gm_ready_i     (gm_rs_ready_i),
    .gm_addr_o      (gm_rs_addr_o),
    .gm_size_o      (gm_rs_size_o),
    .gm_resp_valid_i(gm_rs_resp_valid_i),
    .gm_resp_data_i (gm_rs_resp_data_i),
    .obs_issue_o    (obs_noop_o[0]),
    .obs_start_o    (obs_start_o[0]),
    .obs_end_o      (obs_end_o[0]),
    .obs_state_o    (obs_state_o[2:0])
  );

  for (genvar p = 0; p < 5; p++) begin : gen_pipe
    vit_pipe #(
      .Depth(QUEUE),
      .Sets (SETS)
    ) i_pipe (
      .clk_i,
      .rst_ni,
      .cfg_depth_i  (cfg_depth_i[DepthW*p +: DepthW]),
      .cfg_sets_i   (cfg_pending_sets_i),
      .full_o       (full[p]),
      .in_valid_i   (push[p]),
      .in_instr_i,
      .unit_valid_o (unit_valid[p]),
      .unit_ready_i (unit_ready[p]),
      .unit_instr_o (unit_instr[p]),
      .unit_noop_i  (unit_noop[p]),
      .unit_done_i  (unit_done[p]),
      .unit_busy_i  (unit_busy[p]),
      .unit_memory_i(unit_memory[p]),
      .unit_stall_i (unit_stall[2*p +: 2]),
      .unit_held_i  (unit_held[p]),
      .raise_o      (raise[p+1]),
      .raise_to_o   (raise_to[3*(p+1) +: 3]),
      .raise_id_o   (raise_id[3*(p+1) +: 3]),
      .wait_o       (waits[p+1]),
      .wait_from_o  (wait_from[3*(p+1) +: 3]),
      .wait_id_o    (wait_id[3*(p+1) +: 3]),
      .up_i         (up[p+1]),
      .drained_o    (drained[p]),
      .open_o       (open[p]),
      .obs_start_o  (obs_start_o[p+1]),
      .obs_noop_o   (obs_noop_o[p+1]),
      .obs_state_o  (obs_state_o[3*(p+1) +: 3])
    );
  end
  assign obs_end_o[5:1] = unit_done;

  vit_flags i_flags (
    .clk_i,
    .rst_ni,
    .raise_i    (raise),
    .raise_to_i (raise_to),
    .raise_id_i (raise_id),
    .error_o    (obs_error_o),
    .wait_i     (waits),
    .wait_from_i(wait_from),
    .wait_id_i  (wait_id),
    .up_o       (up)
  );

  // ---------------------------------------------------------------- M
  logic m_l0a_ren /* verilator public_flat_rd */, m_l0b_ren /* verilator public_flat_rd */;
  logic m_bt_ren /* verilator public_flat_rd */, m_l0c_ren /* verilator public_flat_rd */;
  logic m_l0c_we /* verilator public_flat_rd */;
  logic [Parts*ByteW0-1:0] m_l0a_addr /* verilator public_flat_rd */;
  logic [ByteW0-1:0] m_l0b_addr /* verilator public_flat_rd */;
  logic [ByteWT-1:0] m_bt_addr /* verilator public_flat_rd */;
  logic [ByteWC-1:0] m_l0c_raddr /* verilator public_flat_rd */;
  logic [ByteWC-1:0] m_l0c_waddr /* verilator public_flat_rd */;
  logic [M0-1:0] m_row_mask /* verilator public_flat_rd */;
  logic [N0-1:0] m_column_mask /* verilator public_flat_rd */;
  logic [M0*N0*32-1:0] m_l0c_wdata /* verilator public_flat_rd */;
  logic [M0*K0*16-1:0] m_l0a_data;
  logic [N0*K0*16-1:0] m_l0b_data;
  logic [N0*32-1:0] m_bt_data;
  logic [M0*N0*32-1:0] m_l0c_rdata;
  logic m_uf_check, m_uf_down, m_uf_claim, m_uf_set, m_l0c_req, m_l0c_gnt, m_held_by_flag;
  logic [ByteWC-10:0] m_uf_addr, m_uf_set_addr;
  logic [Granules-1:0] m_uf_mask, m_uf_set_mask;

  assign m_held_by_flag   = m_uf_check && !m_uf_down;
  assign unit_noop[M]     = unit_valid[M] && (unit_instr[M][vit_pkg::MMAD_M_LSB +: 12] == '0 ||
                                              unit_instr[M][vit_pkg::MMAD_N_LSB +: 12] == '0 ||
                                              unit_instr[M][vit_pkg::MMAD_K_LSB +: 12] == '0);
  assign unit_busy[M]     = open[M];
  assign unit_memory[M]   = 1'b0;
  assign unit_held[M]     = 1'b0;
  assign unit_stall[2*M +: 2] = m_held_by_flag ? 2'd1 : m_l0c_req && !m_l0c_gnt ? 2'd2 : 2'd0;

  logic [39:0] shown_unused;  // for waveforms, where the block is looked at itself
  vit_cube #(
    .M0      (M0),
    .K0      (K0),
    .N0      (N0),
    .NUMERICS(NUMERICS),
    .D       (D),
    .AW      (ByteW0),
    .CW      (ByteWC),
    .BW      (ByteWT)
  ) i_cube (
    .clk_i,
    .rst_ni,
    .in_valid_i       (unit_valid[M]),
    .in_ready_o       (unit_ready[M]),
    .in_instr_i       (unit_instr[M]),
    .l0a_ren_o        (m_l0a_ren),
    .l0a_addr_o       (m_l0a_addr),
    .l0a_data_i       (m_l0a_data),
    .l0b_ren_o        (m_l0b_ren),
    .l0b_addr_o       (m_l0b_addr),
    .l0b_data_i       (m_l0b_data),
    .bt_ren_o         (m_bt_ren),
    .bt_addr_o        (m_bt_addr),
    .bt_data_i        (m_bt_data),
    .uf_check_o       (m_uf_check),
    .uf_addr_o        (m_uf_addr),
    .uf_mask_o        (m_uf_mask),
    .uf_ok_i          (m_uf_down),
    .uf_claim_o       (m_uf_claim),
    .l0c_req_o        (m_l0c_req),
    .l0c_gnt_i        (m_l0c_gnt),
    .l0c_ren_o        (m_l0c_ren),
    .l0c_raddr_o      (m_l0c_raddr),
    .l0c_rdata_i      (m_l0c_rdata),
    .l0c_we_o         (m_l0c_we),
    .l0c_waddr_o      (m_l0c_waddr),
    .l0c_row_mask_o   (m_row_mask),
    .l0c_column_mask_o(m_column_mask),
    .l0c_wdata_o      (m_l0c_wdata),
    .uf_set_o         (m_uf_set),
    .uf_set_addr_o    (m_uf_set_addr),
    .uf_set_mask_o    (m_uf_set_mask),
    .done_o           (unit_done[M]),
    .dbg_state_o      (shown_unused[1:0]),
    .dbg_tile_i_o     (shown_unused[13:2]),
    .dbg_tile_j_o     (shown_unused[25:14]),
    .dbg_tile_l_o     (shown_unused[37:26]),
    .dbg_fire_o       (shown_unused[38]),
    .dbg_busy_o       (shown_unused[39])
  );

  // ---------------------------------------------------------------- MTE1
  logic [7:0] mte1_l1_ren /* verilator public_flat_rd */;
  logic [8*LW-1:0] mte1_l1_raddr /* verilator public_flat_rd */;
  logic [2047:0] mte1_l1_rdata;
  logic mte1_l0a_we /* verilator public_flat_rd */, mte1_l0b_we /* verilator public_flat_rd */;
  logic mte1_bt_we /* verilator public_flat_rd */;
  logic [AW-1:0] mte1_l0a_waddr /* verilator public_flat_rd */;
  logic [BW-1:0] mte1_l0b_waddr /* verilator public_flat_rd */;
  logic [TW-1:0] mte1_bt_waddr /* verilator public_flat_rd */;
  logic [L0A_RATE*8-1:0] mte1_l0a_wdata /* verilator public_flat_rd */;
  logic [L0B_RATE*8-1:0] mte1_l0b_wdata /* verilator public_flat_rd */;
  logic [255:0] mte1_bt_wdata /* verilator public_flat_rd */;

  vit_mte1 #(
    .L1_BYTES (L1_BYTES),
    .L0A_BYTES(L0A_BYTES),
    .L0B_BYTES(L0B_BYTES),
    .BT_BYTES (BT_BYTES),
    .L0A_RATE (L0A_RATE),
    .L0B_RATE (L0B_RATE)
  ) i_mte1 (
    .clk_i,
    .rst_ni,
    .cfg_setup_i    (cfg_mte1_setup_i),
    .cfg_load_tail_i(cfg_mte1_load_tail_i),
    .cfg_latency_i  (cfg_mte1_latency_i),
    .in_valid_i     (unit_valid[MTE1]),
    .in_ready_o     (unit_ready[MTE1]),
    .in_instr_i     (unit_instr[MTE1]),
    .noop_o         (unit_noop[MTE1]),
    .done_o         (unit_done[MTE1]),
    .busy_o         (unit_busy[MTE1]),
    .memory_o       (unit_memory[MTE1]),
    .stall_o        (unit_stall[2*MTE1 +: 2]),
    .held_o         (unit_held[MTE1]),
    .l1_ren_o       (mte1_l1_ren),
    .l1_raddr_o     (mte1_l1_raddr),
    .l1_rdata_i     (mte1_l1_rdata),
    .l0a_we_o       (mte1_l0a_we),
    .l0a_waddr_o    (mte1_l0a_waddr),
    .l0a_wdata_o    (mte1_l0a_wdata),
    .l0b_we_o       (mte1_l0b_we),
    .l0b_waddr_o    (mte1_l0b_waddr),
    .l0b_wdata_o    (mte1_l0b_wdata),
    .bt_we_o        (mte1_bt_we),
    .bt_waddr_o     (mte1_bt_waddr),
    .bt_wdata_o     (mte1_bt_wdata)
  );

  // ---------------------------------------------------------------- MTE2
  logic mte2_valid;
  logic [1:0] mte2_space /* verilator public_flat_rd */;
  logic [8:0] mte2_en;
  logic [8:0] mte2_we /* verilator public_flat_rd */;
  logic [9*WW-1:0] mte2_waddr /* verilator public_flat_rd */;
  logic [9*32-1:0] mte2_wbe /* verilator public_flat_rd */;
  logic [9*256-1:0] mte2_wdata /* verilator public_flat_rd */;
  assign mte2_we = mte2_valid ? mte2_en : '0;

  vit_mte2 #(
    .L1_BYTES (L1_BYTES),
    .L0A_BYTES(L0A_BYTES),
    .L0B_BYTES(L0B_BYTES)
  ) i_mte2 (
    .clk_i,
    .rst_ni,
    .cfg_setup_i      (cfg_mte2_setup_i),
    .cfg_request_i    (cfg_mte2_request_i),
    .cfg_in_flight_i  (cfg_mte2_in_flight_i),
    .cfg_outstanding_i(cfg_mte2_outstanding_i),
    .cfg_read_rate_i  (cfg_gm_read_rate_i),
    .cfg_read_grain_log2_i(cfg_gm_read_grain_log2_i),
    .in_valid_i       (unit_valid[MTE2]),
    .in_ready_o       (unit_ready[MTE2]),
    .in_instr_i       (unit_instr[MTE2]),
    .noop_o           (unit_noop[MTE2]),
    .done_o           (unit_done[MTE2]),
    .busy_o           (unit_busy[MTE2]),
    .memory_o         (unit_memory[MTE2]),
    .stall_o          (unit_stall[2*MTE2 +: 2]),
    .held_o           (unit_held[MTE2]),
    .gm_rd_valid_o,
    .gm_rd_ready_i,
    .gm_rd_addr_o,
    .gm_rd_size_o,
    .gm_rd_resp_valid_i,
    .gm_rd_resp_data_i,
    .wr_valid_o       (mte2_valid),
    .wr_space_o       (mte2_space),
    .wr_en_o          (mte2_en),
    .wr_addr_o        (mte2_waddr),
    .wr_be_o          (mte2_wbe),
    .wr_data_o        (mte2_wdata)
  );
  // The same rows, as each destination counts them.
  logic [8:0] mte2_l1_we, mte2_l0a_we, mte2_l0b_we;
  logic [9*LW-1:0] mte2_l1_waddr;
  logic [9*AW-1:0] mte2_l0a_waddr;
  logic [9*BW-1:0] mte2_l0b_waddr;
  assign mte2_l1_we  = mte2_space == 2'd0 ? mte2_we : '0;
  assign mte2_l0a_we = mte2_space == 2'd1 ? mte2_we : '0;
  assign mte2_l0b_we = mte2_space == 2'd2 ? mte2_we : '0;
  for (genvar w = 0; w < 9; w++) begin : gen_mte2_rows
    assign mte2_l1_waddr[LW*w +: LW]  = mte2_waddr[WW*w +: LW];
    assign mte2_l0a_waddr[AW*w +: AW] = mte2_waddr[WW*w +: AW];
    assign mte2_l0b_waddr[BW*w +: BW] = mte2_waddr[WW*w +: BW];
  end

  // ---------------------------------------------------------------- MTE3
  logic mte3_l1_ren /* verilator public_flat_rd */;
  logic [LW-1:0] mte3_l1_raddr /* verilator public_flat_rd */;
  logic [W_RATE*8-1:0] mte3_l1_rdata;

  vit_mte3 #(
    .L1_BYTES(L1_BYTES),
    .W_RATE  (W_RATE)
  ) i_mte3 (
    .clk_i,
    .rst_ni,
    .cfg_setup_i    (cfg_mte3_setup_i),
    .cfg_latency_i  (cfg_mte3_latency_i),
    .cfg_in_flight_i(cfg_mte3_in_flight_i),
    .in_valid_i     (unit_valid[MTE3]),
    .in_ready_o     (unit_ready[MTE3]),
    .in_instr_i     (unit_instr[MTE3]),
    .noop_o         (unit_noop[MTE3]),
    .done_o         (unit_done[MTE3]),
    .busy_o         (unit_busy[MTE3]),
    .memory_o       (unit_memory[MTE3]),
    .stall_o        (unit_stall[2*MTE3 +: 2]),
    .held_o         (unit_held[MTE3]),
    .l1_ren_o       (mte3_l1_ren),
    .l1_raddr_o     (mte3_l1_raddr),
    .l1_rdata_i     (mte3_l1_rdata),
    .gm_w3_valid_o,
    .gm_w3_ready_i,
    .gm_w3_last_o,
    .gm_w3_addr_o,
    .gm_w3_size_o,
    .gm_w3_data_o,
    .gm_w3_ack_i
  );

  // ---------------------------------------------------------------- FIX
  logic fix_l0c_req, fix_uf_check, fix_uf_up, fix_uf_clear;
  logic fix_l0c_ren /* verilator public_flat_rd */;
  logic [CW-1:0] fix_l0c_raddr /* verilator public_flat_rd */;
  logic [8191:0] fix_l0c_rdata;
  logic [UW-1:0] fix_uf_addr;
  logic [1:0] fix_uf_mask;
  logic fix_fb_we /* verilator public_flat_rd */, fix_fb_ren /* verilator public_flat_rd */;
  logic [FW-1:0] fix_fb_waddr /* verilator public_flat_rd */;
  logic [FW-1:0] fix_fb_raddr /* verilator public_flat_rd */;
  logic [255:0] fix_fb_wdata /* verilator public_flat_rd */;
  logic [1023:0] fix_fb_rdata;
  logic fix_l1_ren /* verilator public_flat_rd */;
  logic [LW-1:0] fix_l1_raddr /* verilator public_flat_rd */;
  logic [255:0] fix_l1_rdata;
  logic [3:0] fix_l1_we /* verilator public_flat_rd */;
  logic [4*LW-1:0] fix_l1_waddr /* verilator public_flat_rd */;
  logic [4*32-1:0] fix_l1_wbe /* verilator public_flat_rd */;
  logic [4*256-1:0] fix_l1_wdata /* verilator public_flat_rd */;

  vit_fixpipe #(
    .L1_BYTES (L1_BYTES),
    .L0C_BYTES(L0C_BYTES),
    .FB_BYTES (FB_BYTES)
  ) i_fixpipe (
    .clk_i,
    .rst_ni,
    .cfg_setup_i  (cfg_fix_setup_i),
    .cfg_latency_i(cfg_fix_latency_i),
    .cfg_fb_tail_i(cfg_fix_fb_tail_i),
    .in_valid_i   (unit_valid[FIX]),
    .in_ready_o   (unit_ready[FIX]),
    .in_instr_i   (unit_instr[FIX]),
    .noop_o       (unit_noop[FIX]),
    .done_o       (unit_done[FIX]),
    .busy_o       (unit_busy[FIX]),
    .memory_o     (unit_memory[FIX]),
    .stall_o      (unit_stall[2*FIX +: 2]),
    .held_o       (unit_held[FIX]),
    .l0c_req_o    (fix_l0c_req),
    .l0c_gnt_i    (fix_l0c_ren),
    .l0c_raddr_o  (fix_l0c_raddr),
    .l0c_rdata_i  (fix_l0c_rdata),
    .uf_check_o   (fix_uf_check),
    .uf_addr_o    (fix_uf_addr),
    .uf_mask_o    (fix_uf_mask),
    .uf_up_i      (fix_uf_up),
    .uf_clear_o   (fix_uf_clear),
    .fb_we_o      (fix_fb_we),
    .fb_waddr_o   (fix_fb_waddr),
    .fb_wdata_o   (fix_fb_wdata),
    .fb_ren_o     (fix_fb_ren),
    .fb_raddr_o   (fix_fb_raddr),
    .fb_rdata_i   (fix_fb_rdata),
    .l1_ren_o     (fix_l1_ren),
    .l1_raddr_o   (fix_l1_raddr),
    .l1_rdata_i   (fix_l1_rdata),
    .l1_wen_o     (fix_l1_we),
    .l1_waddr_o   (fix_l1_waddr),
    .l1_wbe_o     (fix_l1_wbe),
    .l1_wdata_o   (fix_l1_wdata),
    .gm_wf_valid_o,
    .gm_wf_ready_i,
    .gm_wf_last_o,
    .gm_wf_addr_o,
    .gm_wf_size_o,
    .gm_wf_data_o,
    .gm_wf_ack_i
  );

  // ---------------------------------------------------------------- L1, L0A, L0B, BT, FB
  vit_l1 #(
    .Bytes   (L1_BYTES),
    .Mte3Rows(W_RATE / 32)
  ) i_l1 (
    .clk_i,
    .rst_ni,
    .mte1_ren_i  (mte1_l1_ren),
    .mte1_raddr_i(mte1_l1_raddr),
    .mte1_rdata_o(mte1_l1_rdata),
    .mte3_ren_i  (mte3_l1_ren),
    .mte3_raddr_i(mte3_l1_raddr),
    .mte3_rdata_o(mte3_l1_rdata),
    .fix_ren_i   (fix_l1_ren),
    .fix_raddr_i (fix_l1_raddr),
    .fix_rdata_o (fix_l1_rdata),
    .mte2_we_i   (mte2_l1_we),
    .mte2_waddr_i(mte2_l1_waddr),
    .mte2_wbe_i  (mte2_wbe),
    .mte2_wdata_i(mte2_wdata),
    .fix_we_i    (fix_l1_we),
    .fix_waddr_i (fix_l1_waddr),
    .fix_wbe_i   (fix_l1_wbe),
    .fix_wdata_i (fix_l1_wdata)
  );

  vit_l0 #(
    .Bytes    (L0A_BYTES),
    .BeatBytes(L0A_RATE),
    .Parts    (Parts),
    .PartRows (M0 / Parts),
    .RowBytes (2 * K0),
    .ByteW    (ByteW0)
  ) i_l0a (
    .clk_i,
    .rst_ni,
    .mte1_we_i   (mte1_l0a_we),
    .mte1_waddr_i(mte1_l0a_waddr),
    .mte1_wdata_i(mte1_l0a_wdata),
    .mte2_we_i   (mte2_l0a_we),
    .mte2_waddr_i(mte2_l0a_waddr),
    .mte2_wbe_i  (mte2_wbe),
    .mte2_wdata_i(mte2_wdata),
    .ren_i       (m_l0a_ren),
    .raddr_i     (m_l0a_addr),
    .rdata_o     (m_l0a_data)
  );

  vit_l0 #(
    .Bytes    (L0B_BYTES),
    .BeatBytes(L0B_RATE),
    .PartRows (N0),
    .RowBytes (2 * K0),
    .ByteW    (ByteW0)
  ) i_l0b (
    .clk_i,
    .rst_ni,
    .mte1_we_i   (mte1_l0b_we),
    .mte1_waddr_i(mte1_l0b_waddr),
    .mte1_wdata_i(mte1_l0b_wdata),
    .mte2_we_i   (mte2_l0b_we),
    .mte2_waddr_i(mte2_l0b_waddr),
    .mte2_wbe_i  (mte2_wbe),
    .mte2_wdata_i(mte2_wdata),
    .ren_i       (m_l0b_ren),
    .raddr_i     (m_l0b_addr),
    .rdata_o     (m_l0b_data)
  );

  vit_table #(
    .Bytes   (BT_BYTES),
    .ReadRows(N0 / 8)
  ) i_bt (
    .clk_i,
    .rst_ni,
    .we_i   (mte1_bt_we),
    .waddr_i(mte1_bt_waddr),
    .wdata_i(mte1_bt_wdata),
    .ren_i  (m_bt_ren),
    .raddr_i(TW'(m_bt_addr >> 5)),
    .rdata_o(m_bt_data)
  );

  vit_table #(
    .Bytes   (FB_BYTES),
    .ReadRows(4)
  ) i_fb (
    .clk_i,
    .rst_ni,
    .we_i   (fix_fb_we),
    .waddr_i(fix_fb_waddr),
    .wdata_i(fix_fb_wdata),
    .ren_i  (fix_fb_ren),
    .raddr_i(fix_fb_raddr),
    .rdata_o(fix_fb_rdata)
  );

  // ---------------------------------------------------------------- L0C, shared by M and FIX
  vit_l0c #(
    .Bytes(L0C_BYTES),
    .M0   (M0),
    .N0   (N0),
    .ByteW(ByteWC)
  ) i_l0c (
    .clk_i,
    .rst_ni,
    .m_ren_i        (m_l0c_ren),
    .m_raddr_i      (m_l0c_raddr),
    .m_rdata_o      (m_l0c_rdata),
    .m_we_i         (m_l0c_we),
    .m_waddr_i      (m_l0c_waddr),
    .m_row_mask_i   (m_row_mask),
    .m_column_mask_i(m_column_mask),
    .m_wdata_i      (m_l0c_wdata),
    .fix_ren_i      (fix_l0c_ren),
    .fix_raddr_i    (fix_l0c_raddr),
    .fix_rdata_o    (fix_l0c_rdata)
  );

  vit_l0c_arbiter i_l0c_arbiter (
    .clk_i,
    .rst_ni,
    .cfg_patience_i(cfg_fix_patience_i),
    .m_req_i       (m_l0c_req && !m_held_by_flag),
    .m_gnt_o       (m_l0c_gnt),
    .fix_req_i     (fix_l0c_req),
    .fix_gnt_o     (fix_l0c_ren)
  );

  vit_unit_flags #(
    .Granules    (L0C_BYTES / 512),
    .TileGranules(Granules)
  ) i_unit_flags (
    .clk_i,
    .rst_ni,
    .m_addr_i    (UW'(m_uf_addr)),
    .m_mask_i    (m_uf_mask),
    .m_down_o    (m_uf_down),
    .m_claim_i   (m_uf_claim),
    .m_set_i     (m_uf_set),
    .m_set_addr_i(UW'(m_uf_set_addr)),
    .m_set_mask_i(m_uf_set_mask),
    .fix_addr_i  (fix_uf_addr),
    .fix_mask_i  (fix_uf_mask),
    .fix_up_o    (fix_uf_up),
    .fix_clear_i (fix_uf_clear)
  );

  `ASSERT(FlagsAskedForAreInside_A, m_uf_check |-> 32'(m_uf_addr) < 32'(L0C_BYTES / 512))
  `ASSERT(FlagsRaisedAreInside_A, m_uf_set |-> 32'(m_uf_set_addr) < 32'(L0C_BYTES / 512))
  `ASSERT(FixAsksForL0cOnlyWithItsFlagsUp_A, fix_l0c_req && fix_uf_check |-> fix_uf_up)

endmodule
