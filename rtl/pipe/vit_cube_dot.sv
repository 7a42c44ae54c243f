// SPDX-License-Identifier: Apache-2.0
//
// The products of one tile, aligned: M0 x N0 rows of K0 terms, each a signed integer with 24 fraction
// bits relative to the largest exponent of its row. fp32 takes two slots of K0/4 lanes each: dot24
// passes each slot's terms on, fused24 keeps the first slot's products for the second's.
// Latency 3 (stages 6 to 8 of docs/pipe/cube.md), one slot a cycle.
// Golden twin: models/pipe/cube_dot.h, aligned_sum().
module vit_cube_dot #(
  parameter int M0    = 16,
  parameter int K0    = 16,
  parameter int N0    = 16,
  parameter int Fused = 0,   // fused24: the accumulators join the search for the largest exponent
  parameter int Accs  = Fused != 0 ? M0 * N0 : 1  // derived: words of acc_exp_i
) (
  input  logic                     clk_i,
  input  logic                     rst_ni,
  // operands as vit_cube_operand leaves them; they hold still for the second slot of fp32
  input  logic                     in_first_i,  // first (or only) slot of a tile
  input  logic                     in_last_i,   // last (or only) slot of a tile
  input  logic [1:0]               in_dtype_i,
  input  logic                     in_s4_i,     // dtype s8: the lanes hold four s4, not two s8
  input  logic [K0*M0*32-1:0]      in_a_sig_i,
  input  logic [K0*M0*32-1:0]      in_a_exp_i,
  input  logic [K0*N0*32-1:0]      in_b_sig_i,
  input  logic [K0*N0*32-1:0]      in_b_exp_i,
  // the accumulators' exponents + 1024, 0 for zero, one cycle after the last slot (Fused only)
  input  logic [Accs*32-1:0]       acc_exp_i,
  // largest exponents + 1024, word m*N0+n, one cycle before the terms
  output logic [M0*N0*32-1:0]      out_early_exp_o,
  // terms, word (m*K0+k)*N0+n; fp32: of four lanes (Fused: K0/2). s8: sums of a lane's products, exponent 0
  output logic                     out_first_o,
  output logic                     out_last_o,
  output logic [1:0]               out_dtype_o,
  output logic [M0*K0*N0*32-1:0]   out_term_o,
  output logic [M0*N0*32-1:0]      out_exp_o
);

  localparam logic [1:0] F32 = vit_pkg::DATATYPE_F32[1:0];
  localparam logic [1:0] S8 = vit_pkg::DATATYPE_S8[1:0];
  localparam int Groups = K0 / 4;     // of four lanes
  localparam int Half   = K0 / 4;     // fp32 lanes of one slot
  localparam int Row    = K0 * N0;    // products of one row of the tile
  localparam int Tile   = M0 * N0;

  // Control of stages 7 to 9, lowest first.
  logic [2:0] first_q, last_q;
  logic [5:0] dtype_q;
  logic [1:0] dtype_7, dtype_8;
  logic s4_7_q;
  assign {out_dtype_o, dtype_8, dtype_7} = dtype_q;
  assign out_first_o = first_q[2];
  assign out_last_o  = last_q[2];

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      first_q <= '0;
      last_q  <= '0;
      dtype_q <= '0;
      s4_7_q  <= 1'b0;
    end else begin
      first_q <= {first_q[1:0], in_first_i};
      last_q  <= {last_q[1:0], in_last_i};
      dtype_q <= {dtype_q[3:0], in_dtype_i};
      s4_7_q  <= in_s4_i;
    end
  end

  // Stage 6: exponents of the products, and their maximum over each group of four lanes.
  logic [K0*M0*32-1:0] a_sig_7_q, a_exp_7_q;
  logic [K0*N0*32-1:0] b_sig_7_q, b_exp_7_q;
  logic [M0*Groups*N0*32-1:0] group_max_q;

  function automatic logic [31:0] larger(input logic [31:0] x, input logic [31:0] y);
    larger = x > y ? x : y;
  endfunction

  task automatic find_group_maxima();
    int unsigned m, g, n, k;
    logic [31:0] a0, a1, a2, a3;
    logic [31:0] best [0:Groups*N0-1];
    for (m = 0; m < M0; m++) begin
      for (g = 0; g < Groups; g++) begin
        k = 4 * g;
        a0 = in_a_exp_i[(k*M0+m)*32 +: 32];
        a1 = in_a_exp_i[((k+1)*M0+m)*32 +: 32];
        a2 = in_a_exp_i[((k+2)*M0+m)*32 +: 32];
        a3 = in_a_exp_i[((k+3)*M0+m)*32 +: 32];
        for (n = 0; n < N0; n++) begin
          best[g*N0+n] = larger(
              larger(a0 + in_b_exp_i[(k*N0+n)*32 +: 32], a1 + in_b_exp_i[((k+1)*N0+n)*32 +: 32]),
              larger(a2 + in_b_exp_i[((k+2)*N0+n)*32 +: 32],
                     a3 + in_b_exp_i[((k+3)*N0+n)*32 +: 32]));
        end
      end
      for (n = 0; n < Groups * N0; n++) group_max_q[(m*Groups*N0+n)*32 +: 32] <= best[n];
    end
  endtask

  always_ff @(posedge clk_i) begin
    if (in_first_i) begin
      a_sig_7_q <= in_a_sig_i;
      a_exp_7_q <= in_a_exp_i;
      b_sig_7_q <= in_b_sig_i;
      b_exp_7_q <= in_b_exp_i;
    end
  end
  always_ff @(posedge clk_i) if (in_first_i && in_dtype_i != S8) find_group_maxima();

  // Stage 7: the maximum of all, and the products. A float's product keeps 24 fraction bits and two
  // whole ones: fp16, bf16 and hf32 have no more, fp32's lower bits would fall at the alignment anyway.
  logic [M0*Row*32-1:0] product_q;
  logic [K0*M0*32-1:0] a_sig_8_q, a_exp_8_q;
  logic [K0*N0*32-1:0] b_sig_8_q, b_exp_8_q;

  task automatic find_maxima(input logic [1:0] dtype);
    int unsigned m, g, n;
    logic [31:0] top;
    logic [31:0] best [0:Tile-1];
    if (dtype == S8) begin
      for (n = 0; n < Tile; n++) out_early_exp_o[n*32 +: 32] <= 32'b0;
    end else begin
      for (m = 0; m < M0; m++) begin
        for (n = 0; n < N0; n++) begin
          top = Fused != 0 ? acc_exp_i[(m*N0+n)%Accs*32 +: 32] : 32'b0;
          for (g = 0; g < Groups; g++) begin
            top = larger(top, group_max_q[((m*Groups+g)*N0+n)*32 +: 32]);
          end
          best[m*N0+n] = top;
        end
      end
      for (n = 0; n < Tile; n++) out_early_exp_o[n*32 +: 32] <= best[n];
    end
  endtask

  function automatic logic [31:0] fp32_product(input logic [23:0] a, input logic [23:0] b);
    fp32_product = 32'(({40'b0, a} * {40'b0, b}) >> 22);
  endfunction

  function automatic logic [31:0] s8_product(input logic [31:0] a, input logic [31:0] b);
    s8_product = {{16{a[15]}}, a[15:0]} * {{16{b[15]}}, b[15:0]}
               + {{16{a[31]}}, a[31:16]} * {{16{b[31]}}, b[31:16]};
  endfunction

  // Four products of neighbours in k.
  function automatic logic [31:0] s4_product(input logic [15:0] a, input logic [15:0] b);
    s4_product = {{28{a[3]}}, a[3:0]} * {{28{b[3]}}, b[3:0]}
               + {{28{a[7]}}, a[7:4]} * {{28{b[7]}}, b[7:4]}
               + {{28{a[11]}}, a[11:8]} * {{28{b[11]}}, b[11:8]}
               + {{28{a[15]}}, a[15:12]} * {{28{b[15]}}, b[15:12]};
  endfunction

  // Local copies of what every row uses: the simulator's C++ compiler cannot know otherwise that the
  // registers written do not overlap those read, and would not vectorise the columns.
  task automatic multiply(input logic [1:0] dtype, input logic s4, input logic first);
    int unsigned m, k, n, lane;
    logic [31:0] a;
    logic [31:0] b [0:K0*N0-1];
    for (n = 0; n < K0 * N0; n++) b[n] = b_sig_7_q[n*32 +: 32];
    if (dtype == F32) begin
      for (m = 0; m < M0; m++) begin
        for (k = 0; k < Half; k++) begin
          lane = first ? k : Half + k;
          a = a_sig_7_q[(lane*M0+m)*32 +: 32];
          for (n = 0; n < N0; n++) begin
            product_q[(m*Row+(Fused != 0 ? lane : k)*N0+n)*32 +: 32] <=
                fp32_product(a[23:0], b[lane*N0+n][23:0]);
          end
        end
      end
    end else if (s4) begin
      for (m = 0; m < M0; m++) begin
        for (k = 0; k < K0; k++) begin
          a = a_sig_7_q[(k*M0+m)*32 +: 32];
          for (n = 0; n < N0; n++) begin
            product_q[(m*Row+k*N0+n)*32 +: 32] <= s4_product(a[15:0], b[k*N0+n][15:0]);
          end
        end
      end
    end else if (dtype == S8) begin
      for (m = 0; m < M0; m++) begin
        for (k = 0; k < K0; k++) begin
          a = a_sig_7_q[(k*M0+m)*32 +: 32];
          for (n = 0; n < N0; n++) begin
            product_q[(m*Row+k*N0+n)*32 +: 32] <= s8_product(a, b[k*N0+n]);
          end
        end
      end
    end else begin
      for (n = 0; n < K0 * N0; n++) b[n] = {20'b0, b[n][23:12]};
      for (m = 0; m < M0; m++) begin
        for (k = 0; k < K0; k++) begin
          a = a_sig_7_q[(k*M0+m)*32 +: 32];
          a = {18'b0, a[23:12], 2'b0};
          for (n = 0; n < N0; n++) product_q[(m*Row+k*N0+n)*32 +: 32] <= a * b[k*N0+n];
        end
      end
    end
  endtask

  always_ff @(posedge clk_i) begin
    if (first_q[0]) begin
      a_sig_8_q <= a_sig_7_q;
      a_exp_8_q <= a_exp_7_q;
      b_sig_8_q <= b_sig_7_q;
      b_exp_8_q <= b_exp_7_q;
    end
  end
  always_ff @(posedge clk_i) if (Fused != 0 ? last_q[0] : first_q[0]) find_maxima(dtype_7);
  always_ff @(posedge clk_i) if (first_q[0] || last_q[0]) multiply(dtype_7, s4_7_q, first_q[0]);

  // Stage 8: align the magnitudes to the maximum, then apply the signs.
  function automatic logic [31:0] aligned(input logic [31:0] magnitude, input logic [31:0] distance,
                                          input logic negative);
    logic [31:0] sign;
    sign = {32{negative}};
    aligned = ((magnitude >> distance) ^ sign) - sign;
  endfunction

  task automatic align(input logic [1:0] dtype, input logic first);
    int unsigned m, k, n, lane;
    logic [31:0] exp;
    logic negative;
    logic [31:0] b_exp [0:K0*N0-1];
    logic [31:0] b_sig [0:K0*N0-1];
    logic [31:0] top [0:Tile-1];
    for (n = 0; n < K0 * N0; n++) b_exp[n] = b_exp_8_q[n*32 +: 32];
    for (n = 0; n < K0 * N0; n++) b_sig[n] = b_sig_8_q[n*32 +: 32];
    for (n = 0; n < Tile; n++) top[n] = out_early_exp_o[n*32 +: 32];
    if (dtype == F32) begin
      for (m = 0; m < M0; m++) begin
        for (k = 0; k < (Fused != 0 ? 2 * Half : Half); k++) begin
          lane = Fused != 0 || first ? k : Half + k;
          exp = a_exp_8_q[(lane*M0+m)*32 +: 32];
          negative = a_sig_8_q[(lane*M0+m)*32+31];
          for (n = 0; n < N0; n++) begin
            out_term_o[(m*Row+k*N0+n)*32 +: 32] <= aligned(
                product_q[(m*Row+k*N0+n)*32 +: 32], top[m*N0+n] - exp - b_exp[lane*N0+n],
                negative ^ b_sig[lane*N0+n][31]);
          end
        end
      end
    end else if (dtype == S8) begin
      out_term_o <= product_q;
    end else begin
      for (m = 0; m < M0; m++) begin
        for (k = 0; k < K0; k++) begin
          exp = a_exp_8_q[(k*M0+m)*32 +: 32];
          negative = a_sig_8_q[(k*M0+m)*32+31];
          for (n = 0; n < N0; n++) begin
            out_term_o[(m*Row+k*N0+n)*32 +: 32] <= aligned(
                product_q[(m*Row+k*N0+n)*32 +: 32], top[m*N0+n] - exp - b_exp[k*N0+n],
                negative ^ b_sig[k*N0+n][31]);
          end
        end
      end
    end
  endtask

  always_ff @(posedge clk_i) if (last_q[1] || (Fused == 0 && first_q[1])) align(dtype_8, first_q[1]);
  always_ff @(posedge clk_i) if (last_q[1] || first_q[1]) out_exp_o <= out_early_exp_o;

endmodule
