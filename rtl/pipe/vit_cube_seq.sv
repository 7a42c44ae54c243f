// SPDX-License-Identifier: Apache-2.0
//
// The cube's sequencer: takes one mmad, walks its tiles (k outer, output tiles inner) and issues one a
// slot: stage 0 of docs/pipe/cube.md. A slot whose tile may not go freezes everything here. Outputs
// describe the tile of this cycle; vit_cube carries them down the pipeline. Timing twin:
// systemc/pipe/cube.h.
`include "vit_assert.svh"
module vit_cube_seq #(
  parameter int M0 = 16,
  parameter int K0 = 16,
  parameter int N0 = 16,
  parameter int D  = 10,  // an output tile is not revisited sooner
  parameter int AW = 20,  // bits of an L0A or L0B byte address
  parameter int CW = 22,  // of an L0C byte address
  parameter int BW = 14,  // of a BT byte address
  parameter int NA = M0 > 16 ? M0 / 16 : 1,  // fractal rows of A a tile covers
  parameter int GR = M0 > 8 ? M0 / 8 : 1     // unit-flag granules (8 rows) a tile covers
) (
  input  logic                        clk_i,
  input  logic                        rst_ni,
  // instruction
  input  logic                        in_valid_i,
  output logic                        in_ready_o,
  input  logic [vit_pkg::INSTR_W-1:0] in_instr_i,
  // unit flags of a first-step tile, answered in the same cycle
  output logic                        uf_check_o,
  output logic [CW-10:0]              uf_addr_o,
  output logic [GR-1:0]               uf_mask_o,
  input  logic                        uf_ok_i,
  // L0C's read port, answered in the same cycle
  output logic                        l0c_req_o,
  input  logic                        l0c_gnt_i,
  // the slot of this cycle
  output logic                        fire_o,         // a tile is issued (fp32: its first half)
  output logic                        ends_o,         // the last slot of a tile, or its only one
  output logic                        second_o,       // second half of an fp32 tile
  output logic                        last_o,         // the instruction's last slot, tile or not
  output logic [2:0]                  dtype_o,
  output logic [1:0]                  hf32_o,
  output logic [7:0]                  depth_o,        // elements of k that count
  output logic [NA*AW-1:0]            a_addr_o,
  output logic [AW-1:0]               b_addr_o,
  output logic [BW-1:0]               bias_addr_o,
  output logic [CW-1:0]               c_addr_o,
  output logic [M0-1:0]               row_mask_o,
  output logic [N0-1:0]               column_mask_o,
  output logic                        from_l0c_o,     // adds to L0C's value,
  output logic                        from_bias_o,    // or the bias row; neither: to zero
  output logic                        uf_set_o,       // raises the unit flags in its mask
  // for waveforms
  output logic [1:0]                  state_o,
  output logic [11:0]                 tile_i_o,
  output logic [11:0]                 tile_j_o,
  output logic [11:0]                 tile_l_o
);

  localparam logic [1:0] Idle = 2'd0, Decode = 2'd1, Run = 2'd2;
  localparam logic [2:0] F32 = vit_pkg::DATATYPE_F32, S8 = vit_pkg::DATATYPE_S8;
  localparam logic [2:0] S4 = vit_pkg::DATATYPE_S4;

  // The instruction at work.
  logic [CW-1:0] c_q;
  logic [AW-1:0] a_q, b_q;
  logic [BW-1:0] bias_q;
  logic [11:0]   m_q, n_q, k_q;
  logic [2:0]    dtype_q;
  logic [1:0]    init_q, unit_flag_q, hf32_q;
  logic          order_q, k_align_q, no_gemv_q;

  // Decoded once: fractals and tiles in each direction.
  logic [11:0] m1_q, n1_q, k1_q;  // fractals
  logic [11:0] mt_q, nt_q, kt_q;  // tiles
  logic [7:0]  tile_k_q;          // elements of k in a tile

  logic [1:0]  state_q;
  logic [11:0] i_q, j_q;          // tile in the step
  logic [11:0] l_q;               // step
  logic [11:0] slot_q;            // slots of the step done, stays at its largest value
  logic        issued_q;          // every tile of the step has been issued
  logic        half_q;            // the next slot is an fp32 tile's second half

  // ---------------------------------------------------------------- start and decode
  logic start, no_work;
  assign in_ready_o = state_q == Idle;
  assign start      = in_valid_i && in_ready_o;
  assign no_work    = in_instr_i[vit_pkg::MMAD_M_LSB +: 12] == '0 ||
                      in_instr_i[vit_pkg::MMAD_N_LSB +: 12] == '0 ||
                      in_instr_i[vit_pkg::MMAD_K_LSB +: 12] == '0;

  always_ff @(posedge clk_i) begin
    if (start) begin
      c_q         <= in_instr_i[vit_pkg::MMAD_C_LSB +: CW];
      a_q         <= in_instr_i[vit_pkg::MMAD_A_LSB +: AW];
      b_q         <= in_instr_i[vit_pkg::MMAD_B_LSB +: AW];
      bias_q      <= in_instr_i[vit_pkg::MMAD_BIAS_LSB +: BW];
      m_q         <= in_instr_i[vit_pkg::MMAD_M_LSB +: 12];
      n_q         <= in_instr_i[vit_pkg::MMAD_N_LSB +: 12];
      k_q         <= in_instr_i[vit_pkg::MMAD_K_LSB +: 12];
      dtype_q     <= in_instr_i[vit_pkg::MMAD_DTYPE_LSB +: 3];
      init_q      <= in_instr_i[vit_pkg::MMAD_INIT_LSB +: 2];
      unit_flag_q <= in_instr_i[vit_pkg::MMAD_UNIT_FLAG_LSB +: 2];
      order_q     <= in_instr_i[vit_pkg::MMAD_ORDER_LSB];
      hf32_q      <= in_instr_i[vit_pkg::MMAD_HF32_LSB +: 2];
      k_align_q   <= in_instr_i[vit_pkg::MMAD_K_ALIGN_LSB];
      no_gemv_q   <= in_instr_i[vit_pkg::MMAD_NO_GEMV_LSB];
    end
  end

  // ceil(x / 2^bits); the divisors are all powers of two.
  function automatic logic [11:0] ceil_shift(input logic [11:0] x, input logic [2:0] bits);
    logic [12:0] rounded;
    rounded = {1'b0, x} + (13'd1 << bits) - 13'd1;
    rounded = rounded >> bits;
    ceil_shift = rounded[11:0];
  endfunction

  localparam logic [2:0] LogM = 3'($clog2(M0)), LogN = 3'($clog2(N0)), LogK = 3'($clog2(K0));
  logic [2:0] log_tile_k, log_c0;
  assign log_tile_k = dtype_q == F32 ? LogK - 3'd1 :
                      dtype_q == S8  ? LogK + 3'd1 : dtype_q == S4 ? LogK + 3'd2 : LogK;
  assign log_c0     = dtype_q == F32 ? 3'd3 : dtype_q == S8 ? 3'd5 : dtype_q == S4 ? 3'd6 : 3'd4;

  // Two slots a tile: fp32's multiplications are done in halves. hf32's need no more than fp16's.
  logic two_slots;
  assign two_slots = dtype_q == F32 && hf32_q == vit_pkg::HF32_OFF;

  always_ff @(posedge clk_i) begin
    if (state_q == Decode) begin
      m1_q     <= ceil_shift(m_q, 3'd4);
      n1_q     <= ceil_shift(n_q, 3'd4);
      k1_q     <= k_align_q ? ceil_shift(k_q, 3'd4) << 1 : ceil_shift(k_q, log_c0);
      mt_q     <= ceil_shift(m_q, LogM);
      nt_q     <= ceil_shift(n_q, LogN);
      kt_q     <= ceil_shift(k_q, log_tile_k);
      tile_k_q <= 8'd1 << log_tile_k;
    end
  end

  // ---------------------------------------------------------------- the slot at hand
  logic running, tile_due, first_step, last_step, last_i, last_j, last_tile, frozen;
  assign running    = state_q == Run;
  assign tile_due   = running && !issued_q && !half_q;
  assign first_step = l_q == '0;
  assign last_step  = l_q == kt_q - 12'd1;
  assign last_i     = i_q == mt_q - 12'd1;
  assign last_j     = j_q == nt_q - 12'd1;
  assign last_tile  = last_i && last_j;

  assign uf_check_o = tile_due && first_step && unit_flag_q != vit_pkg::UNITFLAG_OFF;
  assign l0c_req_o  = tile_due && from_l0c_o;
  assign frozen     = (uf_check_o && !uf_ok_i) || (l0c_req_o && !l0c_gnt_i);
  assign fire_o     = tile_due && !frozen;
  assign second_o   = running && half_q;
  assign ends_o     = two_slots ? second_o : fire_o;

  // The step is over with this slot: every tile out, the next A column fetched, and the first output
  // tile far enough behind to be visited again.
  logic all_issued, step_over;
  assign all_issued = issued_q || (last_tile && ends_o);
  assign step_over  = running && !frozen && all_issued && slot_q >= mt_q &&
                      (last_step || slot_q >= 12'(D - 1));
  assign last_o     = step_over && last_step;

  // ---------------------------------------------------------------- next state
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q  <= Idle;
      i_q      <= '0;
      j_q      <= '0;
      l_q      <= '0;
      slot_q   <= '0;
      issued_q <= 1'b0;
      half_q   <= 1'b0;
    end else if (state_q == Idle) begin
      state_q <= start && !no_work ? Decode : Idle;
    end else if (state_q == Decode) begin
      state_q <= Run;
    end else if (!frozen) begin
      half_q   <= fire_o && two_slots;
      slot_q   <= step_over ? 12'd0 : &slot_q ? slot_q : slot_q + 12'd1;
      issued_q <= all_issued && !step_over;
      if (ends_o) begin  // to the next tile of the step
        i_q <= order_q ? (last_j ? (last_i ? 12'd0 : i_q + 12'd1) : i_q)
                       : (last_i ? 12'd0 : i_q + 12'd1);
        j_q <= order_q ? (last_j ? 12'd0 : j_q + 12'd1)
                       : (last_i ? (last_j ? 12'd0 : j_q + 12'd1) : j_q);
      end
      if (step_over) begin
        l_q     <= last_step ? 12'd0 : l_q + 12'd1;
        state_q <= last_step ? Idle : Run;
      end
    end
  end

  // ---------------------------------------------------------------- what the tile is
  logic [15:0] row, column;  // first row and column of the tile
  logic [16:0] k_byte;       // where its depth starts, as bytes of a row of A
  assign row    = 16'(i_q) << LogM;
  assign column = 16'(j_q) << LogN;
  assign k_byte = 17'(l_q) * 17'(2 * K0);

  // L0A: fractal (row / 16, k_byte / 32), or a plain row when m is one.
  logic gemv;
  assign gemv = m_q == 12'd1 && !no_gemv_q;
  for (genvar r = 0; r < NA; r++) begin : gen_a_addr
    logic [11:0] fractal_row;
    assign fractal_row = row[15:4] + 12'(r);
    assign a_addr_o[r*AW +: AW] = gemv ? a_q + AW'(k_byte)
        : a_q + AW'(((AW'(fractal_row) * AW'(k1_q)) + AW'(k_byte[16:5])) << 9)
              + AW'({row[3:0], k_byte[4:0]});
  end

  assign b_addr_o = b_q + AW'(((AW'(k_byte[16:5]) * AW'(n1_q)) + AW'(column[15:4])) << 9)
                        + AW'({column[3:0], k_byte[4:0]});
  assign bias_addr_o = bias_q + BW'({column, 2'b0});
  assign c_addr_o = c_q + CW'(((CW'(column[15:4]) * CW'(m1_q)) + CW'(row[15:4])) << 10)
                        + CW'({row[3:0], column[3:0], 2'b0});

  // Lanes that count. The tile's depth is what is left of k, or all of it.
  logic [15:0] k_left;
  assign k_left  = 16'(k_q) - 16'(l_q) * 16'(tile_k_q);
  assign depth_o = k_left < 16'(tile_k_q) ? k_left[7:0] : tile_k_q;
  assign dtype_o = dtype_q;
  assign hf32_o  = hf32_q;

  for (genvar r = 0; r < M0; r++) begin : gen_row_mask
    assign row_mask_o[r] = row + 16'(r) < 16'(m_q);
  end
  for (genvar c = 0; c < N0; c++) begin : gen_column_mask
    assign column_mask_o[c] = column + 16'(c) < 16'(n_q);
  end

  assign from_l0c_o  = !first_step || init_q == vit_pkg::INIT_ACCUMULATE;
  assign from_bias_o = first_step && init_q == vit_pkg::INIT_BIAS;

  // Unit flags: those of granules with a row below m; raised by the tile that completes the columns
  // of its fractals.
  assign uf_addr_o = c_addr_o[CW-1:9];
  for (genvar g = 0; g < GR; g++) begin : gen_uf_mask
    assign uf_mask_o[g] = row + 16'(8 * g) < 16'(m_q);
  end
  assign uf_set_o = last_step && unit_flag_q == vit_pkg::UNITFLAG_TOGGLE &&
                    (N0 == 16 || last_j || j_q[0]);

  assign state_o  = state_q;
  assign tile_i_o = i_q;
  assign tile_j_o = j_q;
  assign tile_l_o = l_q;

  `ASSERT(InstructionIsAnMmad_A,
          in_valid_i |-> in_instr_i[vit_pkg::OPCODE_W-1:0] == vit_pkg::OP_MMAD)
  `ASSERT(OperandTypeIsKnown_A, start |-> in_instr_i[vit_pkg::MMAD_DTYPE_LSB +: 3] <= S8 ||
                                          in_instr_i[vit_pkg::MMAD_DTYPE_LSB +: 3] == S4)
  `ASSERT(Hf32AndKAlignAreForFp32_A,
          start && (in_instr_i[vit_pkg::MMAD_HF32_LSB +: 2] != vit_pkg::HF32_OFF ||
                    in_instr_i[vit_pkg::MMAD_K_ALIGN_LSB])
          |-> in_instr_i[vit_pkg::MMAD_DTYPE_LSB +: 3] == F32)
  `ASSERT(InstructionHeldUntilTaken_A,
          in_valid_i && !in_ready_o |=> in_valid_i && $stable(in_instr_i))
  `ASSERT(DestinationIsAligned_A, start |-> in_instr_i[vit_pkg::MMAD_C_LSB +: 10] == '0)
  `ASSERT(SourcesAreAligned_A, start |-> in_instr_i[vit_pkg::MMAD_A_LSB +: 9] == '0 &&
                                         in_instr_i[vit_pkg::MMAD_B_LSB +: 9] == '0)
  `ASSERT(FrozenTileStays_A, frozen |=> $stable(i_q) && $stable(j_q) && $stable(l_q))
  `ASSERT(TileInsideTheInstruction_A, fire_o |-> i_q < mt_q && j_q < nt_q && l_q < kt_q)

endmodule
