// SPDX-License-Identifier: Apache-2.0
//
// FIX's walk over the fractals of fixpipe and fixpipe_l1: keeps what has started, and shows the fractal at
// hand, where it stands in L0C and where its part of the output goes, from the cycle it is due. The next is
// due 9 cycles of `time_i` after the cycle in which it was taken. An instruction is at hand two cycles after its
// start at the earliest. Golden twin: models/pipe/fixpipe.h.
`include "vit_assert.svh"
module vit_fixpipe_walk #(
  parameter int InFlight = 16,  // instructions, a power of two
  parameter int CW       = 11,  // bits of an L0C row (64 B)
  parameter int FW       = 8,   // of an FB row (32 B)
  parameter int TW       = 14,  // of a time
  parameter int IdW      = $clog2(InFlight)
) (
  input  logic                        clk_i,
  input  logic                        rst_ni,
  input  logic [TW-1:0]               time_i,
  // an instruction starts
  input  logic                        start_i,
  input  logic [vit_pkg::INSTR_W-1:0] instr_i,
  input  logic [IdW-1:0]              id_i,
  input  logic [TW-1:0]               first_i,      // time of its first read
  input  logic [15:0]                 m_less_i,     // m - 1
  input  logic [11:0]                 n_less_i,     // n - 1
  input  logic [15:0]                 nd_less_i,    // nd_num - 1
  // the fractal at hand
  output logic                        due_o,
  input  logic                        take_i,
  output logic [CW-1:0]               source_o,     // its first row in L0C
  output logic                        check_o,      // its unit flags must be up,
  output logic                        clear_o,      // and are cleared by the read
  output logic                        upper_o,      // rows 8 .. 15 are wanted too
  output logic                        vector_o,     // quantisation words stand in FB
  output logic [FW-1:0]               fb_row_o,
  // how it is converted
  output logic                        float_o,
  output logic [4:0]                  quant_o,
  output logic                        relu_o,
  output logic [46:0]                 scale_o,
  // where it goes
  output logic                        to_gm_o,      // else to L1
  output logic [47:0]                 address_o,    // of its first byte
  output logic [36:0]                 pitch_o,      // to the next row; split: to its right half
  output logic [4:0]                  rows_o,       // wanted: 1 .. 16
  output logic [4:0]                  columns_o,
  output logic [1:0]                  log_size_o,   // of an output element
  output logic                        split_o,
  output logic                        alone_o,      // 8-bit columns: the last, with no neighbour
  output logic                        last_o,       // fractal of the instruction
  output logic [IdW-1:0]              id_o
);

  localparam logic [TW-1:0] Beats = TW'(9);  // a fractal takes

  // ---------------------------------------------------------------- what has started
  localparam int JobW = TW + IdW + 48 + CW + 16 + 12 + CW + 32 + 1 + 5 + 47 + 1 + 2 + 1 + 16 + CW + 32 + 1 + FW + 1;

  logic l1;
  assign l1 = instr_i[vit_pkg::OPCODE_W-1:0] == vit_pkg::OP_FIXPIPE_L1;

  logic [JobW-1:0] job_in, job;
  logic            job_valid, queue_ready, pop;
  logic [IdW:0]    count_unused;
  assign job_in = {
    first_i, id_i,
    l1 ? 48'(instr_i[vit_pkg::FIXPIPE_L1_DST_LSB +: 24]) : instr_i[vit_pkg::FIXPIPE_DST_LSB +: 48],
    l1 ? instr_i[vit_pkg::FIXPIPE_L1_SRC_LSB+6 +: CW]    : instr_i[vit_pkg::FIXPIPE_SRC_LSB+6 +: CW],
    m_less_i, n_less_i,
    l1 ? CW'(instr_i[vit_pkg::FIXPIPE_L1_SRC_STRIDE_LSB +: 16]) : CW'(instr_i[vit_pkg::FIXPIPE_SRC_STRIDE_LSB +: 16]),
    l1 ? instr_i[vit_pkg::FIXPIPE_L1_DST_STRIDE_LSB +: 32] : instr_i[vit_pkg::FIXPIPE_DST_STRIDE_LSB +: 32],
    (l1 ? instr_i[vit_pkg::FIXPIPE_L1_ACC_LSB +: 3]      : instr_i[vit_pkg::FIXPIPE_ACC_LSB +: 3]) == vit_pkg::DATATYPE_F32,
    l1 ? instr_i[vit_pkg::FIXPIPE_L1_QUANT_LSB +: 5]     : instr_i[vit_pkg::FIXPIPE_QUANT_LSB +: 5],
    l1 ? instr_i[vit_pkg::FIXPIPE_L1_SCALE_LSB +: 47]    : instr_i[vit_pkg::FIXPIPE_SCALE_LSB +: 47],
    l1 ? instr_i[vit_pkg::FIXPIPE_L1_RELU_LSB]           : instr_i[vit_pkg::FIXPIPE_RELU_LSB],
    l1 ? instr_i[vit_pkg::FIXPIPE_L1_UNIT_FLAG_LSB +: 2] : instr_i[vit_pkg::FIXPIPE_UNIT_FLAG_LSB +: 2],
    !l1 && instr_i[vit_pkg::FIXPIPE_NZ2ND_LSB],
    nd_less_i,
    CW'({instr_i[vit_pkg::FIXPIPE_SRC_ND_STRIDE_LSB +: 16], 4'b0}),
    instr_i[vit_pkg::FIXPIPE_DST_ND_STRIDE_LSB +: 32],
    l1 ? instr_i[vit_pkg::FIXPIPE_L1_SPLIT_LSB]          : instr_i[vit_pkg::FIXPIPE_SPLIT_LSB],
    l1 ? instr_i[vit_pkg::FIXPIPE_L1_FB_LSB+5 +: FW]     : instr_i[vit_pkg::FIXPIPE_FB_LSB+5 +: FW],
    !l1
  };
  vit_fifo #(
    .Width(JobW),
    .Depth(InFlight)
  ) i_jobs (
    .clk_i,
    .rst_ni,
    .in_valid_i (start_i),
    .in_ready_o (queue_ready),
    .in_data_i  (job_in),
    .out_valid_o(job_valid),
    .out_ready_i(pop),
    .out_data_o (job),
    .count_o    (count_unused)
  );

  logic [TW-1:0] first;
  logic [47:0]   dst;
  logic [CW-1:0] src, src_stride, src_nd_stride;
  logic [15:0]   m_less, nd_less;
  logic [11:0]   n_less;
  logic [31:0]   dst_stride, dst_nd_stride;
  logic [1:0]    unit_flag;
  logic          nd;
  logic [FW-1:0] fb_row;
  assign {first, id_o, dst, src, m_less, n_less, src_stride, dst_stride, float_o, quant_o, scale_o, relu_o,
          unit_flag, nd, nd_less, src_nd_stride, dst_nd_stride, split_o, fb_row, to_gm_o} = job;

  always_comb begin
    log_size_o = 2'd0;
    case (quant_o)
      vit_pkg::QUANT_NONE:     log_size_o = 2'd2;
      vit_pkg::QUANT_F322F16, vit_pkg::QUANT_F322BF16,
      vit_pkg::QUANT_DEQF16, vit_pkg::QUANT_VDEQF16: log_size_o = 2'd1;
      default:                 log_size_o = 2'd0;
    endcase
  end
  assign vector_o = quant_o == vit_pkg::QUANT_VDEQF16 || quant_o == vit_pkg::QUANT_VREQ8 ||
                    quant_o == vit_pkg::QUANT_VQF322B8;

  // ---------------------------------------------------------------- the way through it
  // Fractals of a matrix lie along a fast and a slow direction: columns are fast with nz2nd and where 8-bit
  // columns merge, else rows. `here` is the fractal at hand, `line` the first of its line, `matrix` of its matrix.
  logic merge, columns_fast;
  assign merge        = !nd && log_size_o == 2'd0;
  assign columns_fast = nd || merge;

  logic          loaded_q;
  logic [TW-1:0] due_q;
  logic [11:0]   fast_q, slow_q;
  logic [15:0]   matrix_q;
  logic [CW-1:0] source_here_q, source_line_q, source_matrix_q;
  logic [47:0]   address_here_q, address_line_q, address_matrix_q;
  logic [47:0]   fast_step_q, slow_step_q;

  logic [11:0] column, row;
  logic        odd, last_column, last_row, last_fast, last_slow;
  assign column      = columns_fast ? fast_q : slow_q;
  assign row         = columns_fast ? slow_q : fast_q;
  assign odd         = column[0];
  assign last_column = column == {4'b0, n_less[11:4]};
  assign last_row    = row == m_less[15:4];
  assign last_fast   = columns_fast ? last_column : last_row;
  assign last_slow   = columns_fast ? last_row : last_column;
  assign last_o      = last_fast && last_slow && matrix_q == nd_less;

  // Bytes from a fractal to the next. Merging columns: of two columns, so only from an odd one on; their rows
  // are added below.
  logic [47:0] stride_bytes, fast_step, slow_step;
  assign stride_bytes = nd ? 48'(dst_stride) << log_size_o : 48'({dst_stride, 5'b0});
  always_comb begin
    fast_step = 48'd256 << log_size_o;
    slow_step = stride_bytes;
    if (nd) begin
      fast_step = 48'd16 << log_size_o;
      slow_step = stride_bytes << 4;
    end else if (merge) begin
      fast_step = stride_bytes;
      slow_step = '0;
    end else if (split_o) begin
      fast_step = 48'd512;
      slow_step = stride_bytes << 1;
    end
  end

  logic [CW-1:0] next_source;
  logic [47:0]   next_address;
  always_comb begin
    if (!last_fast) begin
      next_source  = source_here_q + (columns_fast ? src_stride : CW'(16));
      next_address = address_here_q + (merge && !odd ? 48'd0 : fast_step_q);
    end else if (!last_slow) begin
      next_source  = source_line_q + (columns_fast ? CW'(16) : src_stride);
      next_address = address_line_q + slow_step_q;
    end else begin
      next_source  = source_matrix_q + src_nd_stride;
      next_address = address_matrix_q + (48'(dst_nd_stride) << log_size_o);
    end
  end

  logic load;
  assign load = job_valid && !loaded_q;
  assign pop  = take_i && last_o;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) loaded_q <= 1'b0;
    else loaded_q <= load || (loaded_q && !pop);
  end

  always_ff @(posedge clk_i) begin
    if (load) begin
      due_q          <= first;
      fast_q         <= '0;
      slow_q         <= '0;
      matrix_q       <= '0;
      fast_step_q    <= fast_step;
      slow_step_q    <= slow_step;
    end else if (take_i) begin
      due_q          <= due_q + Beats;
      fast_q         <= last_fast ? 12'd0 : fast_q + 12'd1;
      if (last_fast) slow_q <= last_slow ? 12'd0 : slow_q + 12'd1;
      if (last_fast && last_slow) matrix_q <= matrix_q + 16'd1;
    end
    if (load || take_i) begin
      source_here_q  <= load ? src : next_source;
      address_here_q <= load ? dst : next_address;
      if (load || last_fast) begin
        source_line_q  <= load ? src : next_source;
        address_line_q <= load ? dst : next_address;
      end
      if (load || (last_fast && last_slow)) begin
        source_matrix_q  <= load ? src : next_source;
        address_matrix_q <= load ? dst : next_address;
      end
    end
  end

  // ---------------------------------------------------------------- the fractal at hand
  assign due_o    = loaded_q && time_i == due_q;
  assign source_o = source_here_q;
  assign check_o  = unit_flag != vit_pkg::UNITFLAG_OFF;
  assign clear_o  = unit_flag == vit_pkg::UNITFLAG_TOGGLE;
  assign fb_row_o = fb_row + FW'({column, 2'b0});

  assign rows_o    = last_row ? {1'b0, m_less[3:0]} + 5'd1 : 5'd16;
  assign columns_o = last_column ? {1'b0, n_less[3:0]} + 5'd1 : 5'd16;
  assign upper_o   = rows_o > 5'd8;
  assign alone_o   = merge && last_column && !odd;

  // Rows of merged columns are 32 B, of one alone 16 B.
  logic [47:0] beyond;
  assign beyond    = !merge ? 48'd0 : alone_o ? 48'({row, 8'b0}) : 48'({row, 4'b0, odd, 4'b0});
  assign address_o = address_here_q + beyond;
  always_comb begin
    pitch_o = 37'd16 << log_size_o;
    if (nd || split_o) pitch_o = 37'(stride_bytes);
    else if (merge) pitch_o = alone_o ? 37'd16 : 37'd32;
  end

  `ASSERT(StartedFitsTheQueue_A, start_i |-> queue_ready)
  `ASSERT(TakenIsDue_A, take_i |-> due_o)
  `ASSERT(ReadyWhenDue_A, job_valid && !loaded_q |-> time_i != first)

endmodule
